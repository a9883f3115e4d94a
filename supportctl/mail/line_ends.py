"""The bytes of a message with one kind of line ends, as far as they can be read only so."""

from __future__ import annotations

import re

_DOUBLED = re.compile(rb"(?<!\r)\r++\n")
_HEAD = 2_000
"""The number of bytes in which doubled line ends show; farther on they may be part of a file."""

_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def with_plain_line_ends(raw: bytes, problems: list[str]) -> bytes:
    """`raw`, with LF where the header has bare or doubled CR, and UTF-8 for UTF-16; all else stays as it is."""
    if raw[:2] in _WIDE or b"\0" in raw[:2]:
        raw = _with_narrow_characters(raw, problems)
    first = raw.find(b"\r")
    if first < 0:
        return raw
    if raw.find(b"\r\r\n", first, _HEAD) >= 0:
        problems.append("doubled carriage returns")
        return _DOUBLED.sub(b"\n", raw)
    if raw.startswith(b"\r\n", first) or raw.find(b"\n", 0, first) >= 0:
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _with_narrow_characters(raw: bytes, problems: list[str]) -> bytes:
    """A message that an editor saved in UTF-16, with a byte order mark or without."""
    codec = _WIDE.get(raw[:2], "utf-16-be" if raw[:1] == b"\0" else "utf-16-le")
    if raw[:2] not in _WIDE and raw[:8].count(0) != 4:
        return raw
    problems.append("the message is in UTF-16")
    return raw.decode(codec, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
