"""Header fields: the block at the top of a message or a part → names and decoded values (RFC 5322, 2047)."""

from __future__ import annotations

import re
from itertools import islice

from supportctl.mail import charset
from supportctl.mail.allowance import Allowance
from supportctl.values import make_encodable

# Possessive quantifiers follow single characters and classes only, here and everywhere: after a group they match too
# little before Python 3.11.5 (https://github.com/python/cpython/issues/106052), and Debian 12 has 3.11.2.
# A line of the block: a field, or the continuation of one; any other line ends it, as in Python's `email`.
_LINE = re.compile(rb"[!-9;-~]++[ \t]*+:|[ \t]")
_END = re.compile(rb"\n(?![!-9;-~]++[ \t]*+:|[ \t])")
# One field with its continuation lines.
_FIELD = re.compile(rb"^([!-9;-~]++)[ \t]*+:[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*)", re.M)
_USUAL = 30_000  # bytes of a block whose fields are found all at once, which is faster

RawFields = list[tuple[str, bytes]]


def find_end(raw: bytes, start: int, end: int) -> int:
    """The end of the header block that begins at `start`: the offset of the empty line, or of the body."""
    if not _LINE.match(raw, start, end):
        return start
    line_end = _END.search(raw, start, end)
    return line_end.end() if line_end else end


def read_fields(raw: bytes, start: int, end: int, allowance: Allowance) -> RawFields:
    """The fields between two offsets, as many as are allowed: names as written, values as bytes, unfolded."""
    end = start + allowance.take("header", end - start)
    block, most = raw[start:end].replace(b"\r\n", b"\n"), allowance.left("fields")
    if len(block) > _USUAL:
        fields = [(match[1], match[2]) for match in islice(_FIELD.finditer(block), most + 1)]
    else:
        fields = _FIELD.findall(block)
    return [
        (name.decode("ascii"), _unfold(value) if b"\n" in value else value.rstrip())
        for name, value in fields[: allowance.take("fields", len(fields))]
    ]


def _unfold(value: bytes) -> bytes:
    return b" ".join([line.strip(b" \t") for line in value.split(b"\n")]).rstrip()


def decode_value(value: bytes, label: str = "") -> str:
    """A raw value as text, encoded words left as they are; `label` is the charset of raw 8-bit bytes.

    Bytes that are valid UTF-8 are read as that (RFC 6532), whatever the label.
    """
    if value.isascii():
        text = value.decode("ascii")
        return text.replace("\0", "\ufffd") if "\0" in text else text
    try:
        return make_encodable(value.decode("utf-8"))
    except UnicodeDecodeError:
        return charset.decode_text(value, label)


QUOTED = r'[^"\\]*+(?:\\.[^"\\]*+)*'
"""The content of a quoted string (RFC 5322, 3.2.4), as a pattern for re.S that matches in one way only."""
