"""The `From ` line that a delivery agent puts before what it pipes: kept beside the message, not in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

_ENOUGH = 4096
"""The number of bytes in which the line and the begin of a header are."""


def take_off_envelope(pieces: Iterable[bytes]) -> tuple[str, Iterator[bytes]]:
    """What stands behind `From ` in the line before a message, "" for none, and the bytes of the message alone."""
    rest = iter(pieces)
    first = b""
    while len(first) < _ENOUGH and (piece := next(rest, b"")):
        first += piece
    if not first.startswith(b"From "):
        return "", chain([first], rest)
    from supportctl.mail.envelope import split_envelope  # not at the top: few messages have such a line

    line, start = split_envelope(first)
    return (line.text if line else ""), chain([first[start:]], rest)
