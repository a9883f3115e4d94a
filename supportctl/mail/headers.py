"""Header fields: the block at the top of a message or a part → names and decoded values (RFC 5322, 2047)."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from supportctl.mail import charset
from supportctl.mail.allowance import Allowance
from supportctl.values import make_encodable

# Possessive quantifiers follow single characters and classes only, here and everywhere: after a group they match too
# little before Python 3.11.5 (https://github.com/python/cpython/issues/106052), and Debian 12 has 3.11.2.
# A line of the block: a field, or the continuation of one; any other line ends it, as in Python's `email`.
_LINE = re.compile(rb"[!-9;-~]++[ \t]*+:|[ \t]")
_END = re.compile(rb"\n(?![!-9;-~]++[ \t]*+:|[ \t])")
# Continuations that a program did not indent.
_UNINDENTED = (b"boundary=", b"charset=", b"filename=", b"name=")
# One field with its continuation lines.
_FIELD = re.compile(r"^([!-9;-~]++)[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*)", re.M)
_USUAL = 30_000  # bytes of a block whose fields are found all at once, which is faster

# Fields by which a header is known to go on behind what is no field.
_KNOWN = re.compile(
    rb"(?:(received|from|to|cc|bcc|subject|date|message-id|mime-version|return-path|reply-to|in-reply-to|references|sender"
    rb"|delivered-to|authentication-results|dkim-signature|user-agent|precedence|importance|auto-submitted)"
    rb"|(?:x|content|list|arc|resent|thread)-[a-z0-9-]{1,60})[ \t]{0,9}:",
    re.I,
)
_ONCE = {"from", "subject", "date", "message-id", "mime-version"}
_BLANKS = " \t\r\v\f"
_NUL = "\ufffd".encode().decode("ascii", "surrogateescape")
_MARK = b"\xef\xbb\xbf"
_FIRST_LINES = 5  # lines before a header that are no fields
_STRAY_LINES = 16  # such lines within one, as of a long field that lost its indentation
_LONGEST_STRAY = 1_000
_MOST_STRAYS = 50
_BARE_END = re.compile(rb"\r(?=[!-9;-~]{1,76}[ \t]{0,9}:|[ \t])")

RawFields = list[tuple[str, str]]
"""The names and values of fields as written, in which bytes beyond ASCII are lone surrogates (PEP 383)."""


class Block(NamedTuple):
    """The offsets of a header block, the number of places in it where lines are no fields, and whether it is regular.

    It ends before the empty line, or with the body if there is none.
    """

    start: int
    end: int
    strays: int = 0
    is_regular: bool = True


def find_end(raw: bytes, start: int, end: int) -> int:
    """The end of the fields that begin at `start`: the offset of the empty line, or of whatever else follows."""
    if not _LINE.match(raw, start, end):
        return start
    line_end = _END.search(raw, start, end)
    return line_end.end() if line_end else end


def find_part_block(raw: bytes, start: int, end: int) -> Block:
    """The header block of a part."""
    stop = find_end(raw, start, end)
    if stop >= end or raw[stop] in b"\r\n" or not raw.startswith(_UNINDENTED, stop):
        return Block(start, stop)
    while raw.startswith(_UNINDENTED, stop, end):
        line_end = _END.search(raw, stop, end)
        stop = line_end.end() if line_end else end
    return Block(start, stop, is_regular=False)


def find_message_block(raw: bytes, start: int, end: int) -> Block:
    """The header block of a message.

    It goes on behind a few lines that are no fields if a well-known field follows, unless that can be only the header
    of another message that the text quotes.
    """
    block = find_part_block(raw, start, end)
    while (
        block.end < end
        and raw[block.end] not in b"\r\n"
        and block.strays < _MOST_STRAYS
        and not is_blank_before(raw, block.end)
    ):
        behind = _find_field(raw, start, block.end, end)
        if behind is None:
            break
        block = Block(start, find_part_block(raw, behind, end).end, block.strays + 1, is_regular=False)
    return block


def is_blank_before(raw: bytes, at: int) -> bool:
    """Whether the line before an offset is empty, or looks so."""
    before = raw.rfind(b"\n", max(0, at - _LONGEST_STRAY), max(0, at - 1))
    return before >= 0 and not raw[before:at].strip()


def _find_field(raw: bytes, start: int, stop: int, end: int) -> int | None:
    """The offset of the first well-known field behind the lines at `stop`, which are none."""
    at = stop
    for _ in range(1 + (_FIRST_LINES if stop == start else _STRAY_LINES)):
        at += len(_MARK) * raw.startswith(_MARK, at)
        if (known := _KNOWN.match(raw, at, end)) and _may_go_on(raw, start, stop, known, end):
            return at
        line = raw.find(b"\n", at, min(end, at + _LONGEST_STRAY))
        if line < 0 or raw[line + 1 : line + 2] in {b"\n", b"\r"}:
            return None
        at = line + 1
    return None


def _may_go_on(raw: bytes, start: int, stop: int, known: re.Match[bytes], end: int) -> bool:
    """Whether a field belongs to the header that began at `start`: it is not there yet, or, at the begin, not alone."""
    name = _read_raw(known[1] or b"").lower()
    if stop == start:
        following = find_end(raw, known.start(), end)
        return sum(1 for _ in islice(_FIELD.finditer(_read_raw(raw[known.start() : following][:_USUAL])), 2)) == 2
    seen = {field[1].lower() for field in _FIELD.finditer(_read_raw(raw[start:stop][:_USUAL]))}
    return name not in _ONCE or name not in seen


def read_fields(raw: bytes, extent: Block, allowance: Allowance) -> RawFields:
    """The fields of a header block, as many as are allowed, unfolded."""
    start, end, _, is_regular = extent
    end = start + allowance.take("header", end - start)
    block, most = raw[start:end].replace(b"\r\n", b"\n"), allowance.left("fields")
    if b"\r" in block:
        block = _BARE_END.sub(b"\n", block)
    if not is_regular:
        block = _indent(block)
    # All at once: most fields are ASCII, of which nothing has to be decoded once more.
    text = _read_raw(block)
    if len(text) > _USUAL:
        fields = [(match[1], match[2]) for match in islice(_FIELD.finditer(text), most + 1)]
    else:
        fields = _FIELD.findall(text)
    if "\0" in text:
        fields = [(name, value.replace("\0", _NUL) if value.isascii() else value) for name, value in fields]
    return [
        (name, _unfold(value) if "\n" in value else value.rstrip(_BLANKS))
        for name, value in fields[: allowance.take("fields", len(fields))]
    ]


def _read_raw(data: bytes) -> str:
    return data.decode("ascii", "surrogateescape")


def _indent(block: bytes) -> bytes:
    """A block whose continuations are indented, without byte order marks."""
    block = block.replace(b"\n" + _MARK, b"\n")
    for begin in _UNINDENTED:
        block = block.replace(b"\n" + begin, b"\n " + begin)
    return block


def _unfold(value: str) -> str:
    return " ".join([line.strip(" \t") for line in value.split("\n")]).strip(_BLANKS)


def decode_value(value: str, label: str = "") -> str:
    """A raw value as text, encoded words left as they are; `label` is the charset of raw 8-bit bytes.

    Bytes that are valid UTF-8 are read as that (RFC 6532), whatever the label.
    """
    if value.isascii():
        return value
    data = value.encode("ascii", "surrogateescape")
    try:
        return make_encodable(data.decode("utf-8"))
    except UnicodeDecodeError:
        return charset.decode_text(data, label)


QUOTED = r'[^"\\]*+(?:\\.[^"\\]*+)*'
"""The content of a quoted string (RFC 5322, 3.2.4), as a pattern for re.S that matches in one way only."""
