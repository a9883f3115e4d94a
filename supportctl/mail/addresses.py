"""Addresses in header fields, read as tolerantly as people's programs demand (RFC 5322, section 3.4).

An address is what a mail server would send to; a display name is none, whatever it looks like.
"""

from __future__ import annotations

import re

from supportctl.mail.content import Address
from supportctl.mail.encoded_words import decode_words
from supportctl.mail.headers import QUOTED

_SPECIAL = re.compile(r'["<>@,;:()\\]')
_ATOM = r"[^\s<>@\",;:()\\\[\]]++"
_USUAL = re.compile(rf"(?!'){_ATOM}@{_ATOM}(?<![.'])\Z")
_ROUTABLE = re.compile(rf'(?:"{QUOTED}"|{_ATOM})@(?:\[[^\s<>@"()\\\[\]]*+\]|{_ATOM})\Z', re.S)
_LOCAL = re.compile(rf"{_ATOM}\Z")  # `<MAILER-DAEMON>`, on the same machine
# A token outside comments; the same where a quote is a character like others; one within comments.
_TOKEN = re.compile(rf'"(?P<quoted>{QUOTED})"|<(?P<angle>[^<>]*+)>?|(?P<special>[(),;:])|[^"<(),;:]++|.', re.S)
_LOOSE = re.compile(r"(?P<quoted>(?!))|<(?P<angle>[^<>]*+)>?|(?P<special>[(),;:])|[^<(),;:]++")
_IN_COMMENT = re.compile(r"(?P<special>[()])|(?P<quoted>(?!))|(?P<angle>(?!))|\\.|[^()\\]++|.", re.S)
_SEPARATOR = re.compile(r"[,;]")
_ESCAPED = re.compile(r"\\(.)", re.S)
_SPACES = re.compile(r"\s+")
_SCHEME = re.compile(r"(?:mailto|smtp)\s{0,9}:", re.I)
_IN_WORDS = re.compile(r"([\w.+-]{1,64}) at ([\w-]{1,63}(?:\.[\w-]{1,63}){1,9})\Z")
_NEEDLESS_QUOTES = re.compile(r'"([\w.+=-]{1,200})"(@[^@]{0,300})\Z')
_SPACE_OR_QUOTE = re.compile(r'[\s"]')


def read_addresses(text: str, most: int = 10_000) -> list[Address]:
    """The addresses in a field's text, in which encoded words are not decoded yet; groups are opened.

    Beyond `most` of them (and one, by which the caller knows) the rest is not read.
    """
    # The usual forms first, in which nearly all addresses come: the reader takes much longer.
    usual = _read_usual(text.strip())
    return [usual] if usual else _read_usual_list(text)[: most + 1] or _Reader(text).read(most)


def _read_usual_list(text: str) -> list[Address]:
    """The addresses in a list of such as `_read_usual` reads, in which every comma is one of the list; else none."""
    if "," not in text or any(special in text for special in '"(:;\\'):
        return []
    pieces = [piece for piece in map(str.strip, text.split(",")) if piece]
    found = [address for piece in pieces if ("<" in piece) == (">" in piece) and (address := _read_usual(piece))]
    return found if len(found) == len(pieces) else []


def _read_usual(text: str) -> Address | None:
    """The address in `a@b`, `Name <a@b>` and `"Name" <a@b>`; None for any other text."""
    bare = text.removeprefix("<").removesuffix(">")
    if _USUAL.match(bare):
        return Address("", bare.lower())
    name, bracket, addr = text.partition("<")
    addr = addr.removesuffix(">").strip()
    if not bracket or not text.endswith(">") or not _USUAL.match(addr):
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

    def __init__(self, text: str) -> None:
        self.text = text
        self.addresses: list[Address] = []
        self.depth = 0  # of comments
        self.pattern = _TOKEN
        self.has_comments = ")" in text
        self._start()

    def _start(self) -> None:
        self.words: list[str] = []  # as they read in a name
        self.source: list[str] = []  # as written, for an address without brackets
        self.angle: str | None = None
        self.named = 0  # the number of words before the brackets
        self.comment: list[str] = []

    def read(self, most: int) -> list[Address]:
        at = 0
        while at < len(self.text) and len(self.addresses) <= most:
            at = self._take(self._next_token(at))
        self._finish()
        return self.addresses

    def _next_token(self, at: int) -> re.Match[str]:
        token = (_IN_COMMENT if self.depth else self.pattern).match(self.text, at)
        if token is None or (token[0] == '"' and not self.depth):
            # What no quote closes is no quotation, nor is what stands behind it.
            self.pattern = _LOOSE
            token = _LOOSE.match(self.text, at)
        assert token is not None  # one of the alternatives takes any character
        return token

    def _take(self, token: re.Match[str]) -> int:
        """Take a token; returns the offset where to go on."""
        special, angle = token["special"], token["angle"]
        if special in {"(", ")"} and self.has_comments:
            self._take_parenthesis(special, token.end())
        elif self.depth:
            self.comment.append(token[0])
        elif special in {",", ";"}:
            self._finish()
        elif special == ":":
            self._open_group()
        elif angle is not None and token[0] != "<":
            return self._take_angle(angle, token)
        elif token[0].strip() not in {"<", ">"}:
            self.words.append(token[0] if token["quoted"] is None else _ESCAPED.sub(r"\1", token["quoted"]))
            self.source.append(token[0])
        return token.end()

    def _take_parenthesis(self, special: str, end: int) -> None:
        if special == "(":
            self.has_comments = self.depth > 0 or self.text.find(")", end) >= 0
            self.depth += self.has_comments
        else:
            self.depth = max(0, self.depth - 1)

    def _take_angle(self, angle: str, token: re.Match[str]) -> int:
        """Take what stands in brackets; without the second bracket, it ends before the next address."""
        end = token.end()
        comma = None if token[0].endswith(">") else _SEPARATOR.search(self.text, token.start(), end)
        if comma:
            end = comma.start()
            angle = self.text[token.start() + 1 : end]
        if self.angle is not None:
            # Two of them: which one counts is not certain, so both do. Python's `email` encodes the comma between.
            later = self.words[self.named :]
            del self.words[self.named :]
            self._finish()
            self.words = later
        self.angle, self.named = angle, len(self.words)
        return end

    def _open_group(self) -> None:
        """Begin a group after a display name and a colon; a colon within an address is kept."""
        if any("@" in word for word in self.source):
            self.words.append(":")
            self.source.append(":")
        else:
            self._start()

    def _finish(self) -> None:
        words, source, comment = "".join(self.words), "".join(self.source), "".join(self.comment)
        angle = self.angle
        self._start()
        if angle is not None:
            route = angle.rpartition(":")[2] if angle.lstrip().startswith("@") else angle.strip()
            addr = _find_address(route) or (route.lower() if _LOCAL.match(route) else "")
            self._add(words if words.strip() else comment or ("" if addr else angle), addr)
        elif "@" in source:
            self._add_bare(source, words, comment)
        elif in_words := _IN_WORDS.match(words.strip()):
            # How list archives write an address, so that no program finds it.
            self._add(comment, f"{in_words[1]}@{in_words[2]}".lower())
        elif words.strip():
            self._add(words, "")

    def _add_bare(self, source: str, words: str, comment: str) -> None:
        """Add the addresses of a text without brackets, or the text as a name."""
        whole = words.strip() if source.strip().startswith('"') and source.strip().endswith('"') else ""
        if addr := _find_address(whole or source):
            self._add(comment, addr)
            return
        name, last = _split_last("@".join(piece.strip() for piece in source.split("@")))
        found = [addr for word in [*name.split(), last] if "@" in word and (addr := _find_address(word))]
        if not found:
            self._add(words or comment, "")
        for addr in found:
            self._add(name.replace('"', "") if len(found) == 1 else comment, addr)

    def _add(self, name: str, addr: str) -> None:
        name = _tidy(name)
        if name or addr:
            self.addresses.append(Address(name, addr))


def _find_address(text: str) -> str:
    """The address that a text is, in lower case and without needless quotes; "" if no server could send to it."""
    text = _without_comments(text) if "(" in text else text.strip()
    text = _SCHEME.sub("", text, count=1) if ":" in text else text
    if not text.startswith('"'):
        text = text.strip("<> \t'").removesuffix(".")
        text = text if "[" in text else text.removesuffix("]")
        if _SPACES.search(text):
            # White space may stand around a dot and an at sign (RFC 5322, section 4.4).
            text = ".".join(piece.strip() for piece in text.split("."))
            text = "@".join(piece.strip() for piece in text.split("@"))
    if not _ROUTABLE.match(text):
        return ""
    addr = text.lower()
    needless = _NEEDLESS_QUOTES.match(addr)
    return needless[1] + needless[2] if needless else addr


def _without_comments(text: str) -> str:
    kept, depth = [], 0
    for piece in _IN_COMMENT.finditer(text):
        if piece["special"]:
            depth = max(0, depth + (1 if piece[0] == "(" else -1))
        elif not depth:
            kept.append(piece[0])
    return "".join(kept).strip()


def _split_last(source: str) -> tuple[str, str]:
    """The text before an address without brackets, and the address."""
    at = source.rfind('"@')
    start = source.rfind('"', 0, max(at, 0))
    if start >= 0 and len(source) > at + 2 and not _SPACE_OR_QUOTE.search(source, at + 2):
        return source[:start], source[start:]
    name, _, addr = source.rpartition(" ")
    return name, addr


def _tidy(name: str) -> str:
    return _SPACES.sub(" ", decode_words(name)).strip(" '\"").lstrip(", ")
