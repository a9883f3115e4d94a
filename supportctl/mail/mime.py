"""The parts of a message (RFC 2045, 2046) as offsets into its bytes: one pass a level, no recursion, no copies.

Python's own `email` takes more than twice the time, recurses for each level, and takes time quadratic in the depth. A
test compares the two on real messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from supportctl.mail import charset, headers
from supportctl.mail.allowance import DEEPEST, Allowance
from supportctl.mail.parameters import read_content_type, read_parameters
from supportctl.mail.transfer import PIECE, decode, decode_base64_text, decode_pieces, read_encoding

MESSAGES = {"message/rfc822", "message/global", "message/news"}
"""The types of parts that are messages themselves."""

_OPAQUE = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_FILES = {"application/octet-stream", "application/x-message", "application/eml", "message/x-rfc822"}
_OF_MESSAGES = {"from", "date", "subject", "received", "message-id"}
_LINE_ENDS = re.compile(rb"[\r\n]*+")
# A line that begins a part, as a field of MIME stands behind it.
_BOUNDARY_LINE = re.compile(rb"^(--[!-~](?:[ -~]{0,197}[!-~])?)[ \t]{0,9}\r?\nContent-[A-Za-z-]{1,40}:", re.M | re.I)
# A byte order mark, and one that was taken for Latin-1 and encoded once more.
_MARKS = ("\ufeff".encode(), "\ufeff".encode().decode("latin-1").encode())
_MOST_FROM_LINES = 20
_UNUSUAL_BEGINS = b"\xef\xc3\r\n>F"  # the first byte of what may stand before a header
_BARE_CR = re.compile(rb"\r(?!\n)")


@dataclass(slots=True)
class Part:
    """A part: its fields, type and parameters, the offsets of its body in `raw`, and the parts within."""

    raw: bytes
    start: int
    end: int
    fields: headers.RawFields
    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    disposition: str = ""
    name: str = ""
    parts: list[Part] = field(default_factory=list)
    is_cut: bool = False

    @property
    def pieces(self) -> Iterator[bytes]:
        """The body with its transfer encoding decoded, as far as possible, piece by piece."""
        return decode_pieces(self.raw, self.start, self.end, self.encoding)

    @property
    def data(self) -> bytes:
        """The body with its transfer encoding decoded, as far as possible."""
        if self.end - self.start <= PIECE:
            return decode(self.raw[self.start : self.end], self.encoding)
        return b"".join(self.pieces)

    @property
    def head(self) -> bytes:
        """The first bytes of `data`, without decoding the rest."""
        return decode(self.raw[self.start : min(self.end, self.start + 512)], self.encoding)

    @property
    def size(self) -> int:
        """The number of bytes of `data`."""
        if not self.encoding:
            return self.end - self.start
        return len(self.data) if self.end - self.start <= PIECE else sum(map(len, self.pieces))

    def beginning(self, most: int) -> tuple[bytes, bool]:
        """The first bytes of `data`, `most` of them at most, and whether that leaves out any."""
        if self.end - self.start <= PIECE and len(data := self.data) <= most:
            return data, False
        pieces: list[bytes] = []
        length = 0
        for piece in self.pieces:
            pieces.append(piece)
            length += len(piece)
            if length > most:
                return _cut(b"".join(pieces), most), True
        return b"".join(pieces), False

    def text(self, most: int) -> tuple[str, bool]:
        """The body as text, by its charset or by a guess, with plain line ends.

        At most `most` bytes of it are read; the second value is whether that leaves out any.
        """
        data, is_cut = self.beginning(most)
        if self.encoding == "base64" and not is_cut and self.end - self.start <= PIECE:
            data = decode_base64_text(self.raw[self.start : self.end])
        declared = charset.find_declared(data) if self.type == "text/html" and not data.isascii() else ""
        return plain_lines(charset.decode_text(data, self.parameters.get("charset", ""), declared)), is_cut


def _cut(data: bytes, most: int) -> bytes:
    """The first bytes of a text, up to a line end or at least to the end of a character of UTF-8."""
    line = data.rfind(b"\n", max(0, most - 1000), most)
    end = most if line < 0 else line + 1
    while end > most - 4 and data[end] & 0xC0 == 0x80:
        end -= 1
    return data[: max(0, end)]


def plain_lines(text: str) -> str:
    """`text` with `\\n` for every line end."""
    if "\r" in text:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def read_parts(raw: bytes, allowance: Allowance) -> Part:
    """The tree of a message's parts, as far as it is allowed; what is wrong with the message is noted."""
    root = _read_message(raw, 0, len(raw), allowance, allowance.problems)
    # A list of parts to read instead of recursion: a message may nest deeper than Python's stack.
    waiting = [(root, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth >= DEEPEST or not allowance.left("parts"):
            if part.type.startswith(("multipart/", "message/")):
                allowance.note("parts")
            part.is_cut = part.type.startswith("multipart/")
            continue
        part.parts = _read_inner(part, allowance)
        waiting.extend((inner, depth + 1) for inner in part.parts)
    return root


def _read_message(raw: bytes, start: int, end: int, allowance: Allowance, problems: list[str]) -> Part:
    """The message between two offsets, without what is within; what is wrong with its header is noted in `problems`."""
    start = _skip_prologue(raw, start, end, problems)
    block = headers.find_message_block(raw, start, end)
    stop = block.end
    if block.strays:
        problems.append("lines in the header that are no fields")
    if start < stop < end and not raw.startswith((b"\n", b"\r"), stop) and not headers.is_blank_before(raw, stop):
        problems.append("no empty line after the header")
    return _read_part(raw, block, end, "text/plain", allowance)


def _skip_prologue(raw: bytes, start: int, end: int, problems: list[str]) -> int:
    """The offset of the header, after a byte order mark, empty lines and mbox `From ` lines."""
    at = start
    if raw[at : at + 1] not in _UNUSUAL_BEGINS:
        return at
    for mark in _MARKS:
        if raw.startswith(mark, at, end):
            problems.append("a byte order mark before the header")
            at += len(mark)
    if raw.startswith((b"\n", b"\r"), at, end):
        behind = _skip_line_ends(raw, at, end)
        if headers.find_message_block(raw, behind, end).end == behind and not raw.startswith(b"From ", behind, end):
            return at
        problems.append("empty lines before the header")
        at = behind
    for _ in range(_MOST_FROM_LINES):
        if not raw.startswith((b"From ", b">From "), at, end):
            break
        line = raw.find(b"\n", at, end)
        at = line + 1 if line >= 0 else end
    return at + len(_MARKS[0]) * raw.startswith(_MARKS[0], at, end)


def _skip_line_ends(raw: bytes, start: int, end: int) -> int:
    line_ends = _LINE_ENDS.match(raw, start, end)
    stop = line_ends.end() if line_ends else start
    bare = _BARE_CR.search(raw, start, stop)
    return bare.start() if bare else stop


def _read_part(raw: bytes, block: headers.Block, end: int, default: str, allowance: Allowance) -> Part:
    """The part that begins with a header block and ends at an offset."""
    fields, stop = headers.read_fields(raw, block, allowance), block.end
    if raw.startswith(b"\n", stop, end):
        stop += 1
    elif raw.startswith(b"\r\n", stop, end):
        stop += 2
    part = Part(raw, min(stop, end), end, fields, default)
    _read_content(part, allowance)
    return part


def _read_content(part: Part, allowance: Allowance) -> None:
    seen: set[str] = set()
    for name, value in part.fields:
        # The first field of a name that says anything counts, as in most programs.
        if name[0] not in "Cc" or (low := name.lower())[:8] != "content-" or low in seen or not value:
            continue
        seen.add(low)
        text = allowance.cut(headers.decode_value(value))
        if low == "content-type":
            part.type, part.parameters = read_content_type(text)
            part.name = part.name or part.parameters.get("name", "")
        elif low == "content-transfer-encoding":
            part.encoding = read_encoding(text)
        elif low == "content-disposition":
            disposition, parameters = read_parameters(text)
            part.disposition = "attachment" if disposition.startswith("attach") else disposition
            part.name = parameters.get("filename", "") or part.name


def is_opaque(part: Part) -> bool:
    """Whether a part is an S/MIME message in one piece: signed, compressed or encrypted."""
    return part.type in _OPAQUE or (part.name[-4:].lower() == ".p7m" and not part.type.startswith("multipart/"))


def _read_inner(part: Part, allowance: Allowance) -> list[Part]:
    if part.type.startswith("multipart/"):
        return _read_multipart(part, allowance)
    if part.type in MESSAGES and allowance.take("parts", 1):
        return [_read_embedded(part, allowance)]
    if part.name:
        if part.type in _FILES and part.name[-4:].lower() == ".eml" and allowance.left("parts"):
            return _read_file(part, allowance)
        if is_opaque(part) and allowance.left("parts"):
            return _read_enclosed(part, allowance)
    elif part.type in _OPAQUE and allowance.left("parts"):
        return _read_enclosed(part, allowance)
    return []


def _read_embedded(part: Part, allowance: Allowance) -> Part:
    """The message within a part; an encoded one is forbidden (RFC 2046, 5.2.1), sent, and read here."""
    if part.encoding in {"base64", "quoted-printable"}:
        data, is_cut = part.beginning(allowance.left("embedded"))
        allowance.take("embedded", len(data) + is_cut)
        return _read_message(data, 0, len(data), allowance, [])
    return _read_message(part.raw, part.start, part.end, allowance, [])


def _read_file(part: Part, allowance: Allowance) -> list[Part]:
    """The message in a file that is attached as `x.eml`, if it is one."""
    message = _read_embedded(part, allowance)
    names = {name.lower() for name, _ in message.fields[:100]}
    if len(_OF_MESSAGES & names) < 2:
        return []
    allowance.take("parts", 1)
    return [message]


def _read_enclosed(part: Part, allowance: Allowance) -> list[Part]:
    """What an opaque signature encloses (RFC 8551, 3.5.2): a MIME entity."""
    from supportctl.mail.cms import read_content

    data, is_cut = part.beginning(allowance.left("embedded"))
    allowance.take("embedded", len(data) + is_cut)
    content = read_content(data, allowance.left("embedded"))
    if content is None:
        return []
    allowance.take("embedded", len(content))
    allowance.take("parts", 1)
    return [
        _read_part(content, headers.find_part_block(content, 0, len(content)), len(content), "text/plain", allowance)
    ]


def _read_multipart(part: Part, allowance: Allowance) -> list[Part]:
    extents, is_closed = _find_extents(part, allowance)
    part.is_cut = not extents
    if extents and not is_closed:
        allowance.problems.append("a multipart without an end")
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    extents = extents[: allowance.take("parts", len(extents))]
    raw = part.raw
    return [
        _read_part(raw, headers.find_part_block(raw, start, end), end, default, allowance) for start, end in extents
    ]


def _find_extents(part: Part, allowance: Allowance) -> tuple[list[tuple[int, int]], bool]:
    """The offsets of the parts, by the boundary that is given, or else by what looks like one in the body."""
    boundary = part.parameters.get("boundary", "").rstrip()
    for given in dict.fromkeys((boundary, boundary.strip("' \t"))):
        if given:
            extents, is_closed = _find_parts(part, b"--" + given.encode("utf-8", "replace"), allowance)
            if extents:
                return extents, is_closed
    allowance.problems.append(
        "a multipart whose boundary never appears" if boundary else "a multipart without a boundary"
    )
    seen = _BOUNDARY_LINE.search(part.raw, part.start, part.end)
    return _find_parts(part, seen[1], allowance) if seen else ([], False)


def _find_parts(part: Part, delimiter: bytes, allowance: Allowance) -> tuple[list[tuple[int, int]], bool]:
    """The offsets of the parts between the delimiter lines, and whether the last line closes the multipart."""
    raw, at, begun, most = part.raw, part.start, -1, allowance.left("parts")
    extents: list[tuple[int, int]] = []
    while len(extents) <= most and (at := raw.find(delimiter, at, part.end)) >= 0 and allowance.take("boundaries", 1):
        line = raw.find(b"\n", at, part.end)
        line = part.end if line < 0 else line + 1
        # A delimiter is a line of its own, with white space after it at most (RFC 2046, 5.1.1).
        rest = raw[at + len(delimiter) : line].strip() if line - at - len(delimiter) < 200 else b"no"
        if rest in {b"", b"--"} and (at == part.start or raw[at - 1] == 10):
            if begun >= 0:
                extents.append((begun, max(begun, _before_line_end(raw, at))))
            begun = line
            if rest:
                return extents, True
        at = line
    if begun >= 0 and len(extents) <= most:
        extents.append((begun, part.end))
    return extents, False


def _before_line_end(raw: bytes, at: int) -> int:
    """The offset before a delimiter's line end, which belongs to the delimiter (RFC 2046, 5.1.1)."""
    return at - 2 if raw[at - 2 : at] == b"\r\n" else at - 1
