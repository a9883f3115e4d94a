"""An mbox (RFC 4155): where its messages begin and end, found without holding any of them in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

# `From`, a sender, and a date as ctime(3) writes it: people begin sentences with that word, too.
_SEPARATOR = re.compile(rb"From .{0,998}\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.{0,40}\d:\d\d")

_LONGEST_LINE = 1 << 16
"""The number of bytes of a line that are read at once."""


def find_messages(descriptor: int) -> Iterator[tuple[int, int]]:
    """The messages of an open mbox, each as its offsets (start, end).

    The lines that separate the messages, `From ` and an empty one before it, belong to none.
    """
    start, end, empty = -1, 0, 0
    for line, is_begun in _read_lines(descriptor):
        # The first line, whatever its date looks like: it made the file an mbox.
        if line.startswith(b"From ") and not is_begun and (start < 0 or _SEPARATOR.match(line)):
            if start >= 0:
                yield start, end - empty
            start = end + len(line)
        empty = len(line) if line in (b"\n", b"\r\n") and not is_begun else 0
        end += len(line)
    if start >= 0:
        yield start, end - empty


def _read_lines(descriptor: int) -> Iterator[tuple[bytes, bool]]:
    """The lines of an open file, a long one in pieces, and whether the line has begun before the piece."""
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        stream.seek(0)
        is_begun = False
        while line := stream.readline(_LONGEST_LINE):
            yield line, is_begun
            is_begun = not line.endswith(b"\n")
