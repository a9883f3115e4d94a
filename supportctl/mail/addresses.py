"""Addresses in header fields, read as tolerantly as people's programs demand (RFC 5322, section 3.4)."""

from __future__ import annotations

import re

from supportctl.mail.content import Address
from supportctl.mail.encoded_words import decode_words
from supportctl.mail.headers import QUOTED

_SPECIAL = re.compile(r'["<>@,;:()\\]')
_ADDRESS = re.compile(r'[^\s<>@",;:()\\]++@[^\s<>@",;:()\\]++\Z')
_TOKEN = re.compile(rf'"({QUOTED})"?|<([^<>]*+)>?|([(),;:])|[^"<(),;:]++|.', re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_SPACES = re.compile(r"\s+")
_NEEDLESS_QUOTES = re.compile(r'"([\w.+=-]{1,200})"(@[^@]{0,300})\Z')
_SPACE_OR_QUOTE = re.compile(r'[\s"]')


def read_addresses(text: str, most: int = 10_000) -> list[Address]:
    """The addresses in a field's text, in which encoded words are not decoded yet; groups are opened.

    Beyond `most` of them (and one, by which the caller knows) the rest is not read.
    """
    # The two usual forms first, in which nearly all addresses come: the reader takes much longer.
    usual = _read_usual(text.strip())
    return [usual] if usual else _Reader().read(text, most)


def _read_usual(text: str) -> Address | None:
    """The address in `a@b`, `Name <a@b>` and `"Name" <a@b>`; None for any other text."""
    bare = text.removeprefix("<").removesuffix(">")
    if _ADDRESS.match(bare):
        return Address("", bare.lower())
    name, bracket, addr = text.partition("<")
    addr = addr.removesuffix(">").strip()
    if not bracket or not text.endswith(">") or not _ADDRESS.match(addr):
        return None
    name = name.rstrip()
    if name[:1] == '"' == name[-1:] and len(name) > 1:
        name = name[1:-1]
        is_usual = '"' not in name and "\\" not in name and ">" not in name
    else:
        is_usual = not _SPECIAL.search(name)
    return Address(_tidy(name), addr.lower()) if is_usual else None


class _Reader:
    """Reads a list of addresses token by token, in one pass."""

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self._start()

    def _start(self) -> None:
        self.has_at = False
        self.words: list[str] = []  # as they read in a name
        self.source: list[str] = []  # as written, for an address without brackets
        self.angle: str | None = None
        self.comment: list[str] = []

    def read(self, text: str, most: int) -> list[Address]:
        depth = 0
        for token in _TOKEN.finditer(text):
            if len(self.addresses) > most:
                break
            quoted, angle, special = token.groups()
            if special == "(":
                depth += 1
            elif special == ")":
                depth = max(0, depth - 1)
            elif depth:
                self.comment.append(token[0])
            elif special in {",", ";"}:
                self._finish()
            elif special == ":":
                self._open_group()
            elif angle is not None:
                self.angle = angle if self.angle is None else self.angle
            else:
                self._take_word(token[0], quoted)
        self._finish()
        return self.addresses

    def _take_word(self, whole: str, quoted: str | None) -> None:
        self.words.append(whole if quoted is None else _ESCAPED.sub(r"\1", quoted))
        self.source.append(whole)
        self.has_at = self.has_at or "@" in whole

    def _open_group(self) -> None:
        """Begin a group after a display name and a colon; a colon within an address is kept."""
        if self.has_at:
            self._take_word(":", None)
        else:
            self._start()

    def _finish(self) -> None:
        words, source, comment = "".join(self.words), "".join(self.source), "".join(self.comment)
        angle = self.angle
        self._start()
        if angle is not None:
            addr = angle.rpartition(":")[2] if angle.startswith("@") else angle
            self._add(words if words.strip() else comment, addr)
        elif "@" in source:
            name, addr = _split_last("@".join(piece.strip() for piece in source.split("@")))
            self._add(name.replace('"', "") or comment, addr)
        elif words.strip():
            self._add(words, "")

    def _add(self, name: str, addr: str) -> None:
        name, addr = _tidy(name), _plain_local(addr.strip().lower())
        if name or addr:
            self.addresses.append(Address(name, addr))


def _split_last(source: str) -> tuple[str, str]:
    """The text before an address without brackets, and the address."""
    at = source.rfind('"@')
    start = source.rfind('"', 0, max(at, 0))
    if start >= 0 and len(source) > at + 2 and not _SPACE_OR_QUOTE.search(source, at + 2):
        return source[:start], source[start:]
    name, _, addr = source.rpartition(" ")
    return name, addr


def _tidy(name: str) -> str:
    return _SPACES.sub(" ", decode_words(name)).strip(" '\"")


def _plain_local(addr: str) -> str:
    """`"john"@example.org` is `john@example.org`; white space counts in quotes only."""
    match = _NEEDLESS_QUOTES.match(addr)
    if match:
        return match[1] + match[2]
    return addr if addr.startswith('"') else _SPACES.sub("", addr)
