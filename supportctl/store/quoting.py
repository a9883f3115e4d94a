"""The quoting of an mboxrd, undone: its writer puts one `>` before each line that begins with `From ` or `>From `."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_QUOTED = re.compile(rb"(?<=[\r\n])>(>{0,500}From )")
_LONGEST_LINE = 1 << 20
"""The number of bytes of a line that are held."""


def undo_quoting(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a message in an mboxrd as they were before; the pieces may end anywhere."""
    held = b"\n"  # one byte that belongs to no piece, and after that a line that may go on
    for piece in pieces:
        held += piece
        last = max(held.rfind(b"\n"), held.rfind(b"\r"))
        # Within a very long line, nothing is quoted.
        cut = last if last > 0 or len(held) < _LONGEST_LINE else len(held) - 1
        if cut > 0:
            yield _undo(held[: cut + 1])
            held = held[cut:]
    if len(held) > 1:
        yield _undo(held)


def _undo(data: bytes) -> bytes:
    return _QUOTED.sub(rb"\1", data)[1:]
