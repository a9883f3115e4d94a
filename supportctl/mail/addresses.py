"""Addresses in header fields, read as tolerantly as people's programs demand (RFC 5322, section 3.4)."""

from __future__ import annotations

import re

from supportctl.mail.content import Address
from supportctl.mail.headers import QUOTED, decode_words

# The two usual forms, in which nearly all addresses come; the reader below takes much longer.
_SIMPLE = re.compile(r'\s*(?:"([^"\\<>]*)"|([^"<>@,;:()\\]*?))\s*<\s*([^\s<>@",;:()\\]+@[^\s<>@",;:()\\]+)\s*>\s*\Z')
_BARE = re.compile(r'\s*<?([^\s<>@",;:()\\]+@[^\s<>@",;:()\\]+)>?\s*\Z')
_TOKEN = re.compile(rf'"({QUOTED})"?|<([^<>]*+)>?|([(),;:])|[^"<(),;:]++|.', re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_SPACES = re.compile(r"\s+")
_NEEDLESS_QUOTES = re.compile(r'"([\w.+=-]+)"(@[^@]*)\Z')
_AROUND_AT = re.compile(r"\s*+@\s*+")
_QUOTED_ADDRESS = re.compile(r'"[^"]*+"@[^\s"]++\Z')
# A field with more addresses is hostile.
_MOST = 10_000


def read_addresses(text: str) -> list[Address]:
    """The addresses in a field's text, in which encoded words are not decoded yet; groups are opened."""
    simple = _SIMPLE.match(text)
    if simple:
        return [Address(_tidy(simple[1] or simple[2] or ""), simple[3].lower())]
    bare = _BARE.match(text)
    if bare:
        return [Address("", bare[1].lower())]
    return _Reader().read(text)


class _Reader:
    """Reads a list of addresses token by token, in one pass."""

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self._start()

    def _start(self) -> None:
        self.words: list[str] = []  # as they read in a name
        self.source: list[str] = []  # as written, for an address without brackets
        self.angle: str | None = None
        self.comment: list[str] = []

    def read(self, text: str) -> list[Address]:
        depth = 0
        for token in _TOKEN.finditer(text):
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
        return self.addresses[:_MOST]

    def _take_word(self, whole: str, quoted: str | None) -> None:
        self.words.append(whole if quoted is None else _ESCAPED.sub(r"\1", quoted))
        self.source.append(whole)

    def _open_group(self) -> None:
        """Begin a group after a display name and a colon; a colon within an address is kept."""
        if "@" in "".join(self.source):
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
            name, addr = _split_last(_AROUND_AT.sub("@", source).strip())
            self._add(name.replace('"', "") or comment, addr)
        elif words.strip():
            self._add(words, "")

    def _add(self, name: str, addr: str) -> None:
        name, addr = _tidy(name), _plain_local(addr.strip().lower())
        if name or addr:
            self.addresses.append(Address(name, addr))


def _split_last(source: str) -> tuple[str, str]:
    """The text before an address without brackets, and the address."""
    quoted = _QUOTED_ADDRESS.search(source)
    if quoted:
        return source[: quoted.start()], quoted[0]
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
