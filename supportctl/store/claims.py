"""Claim a message of the outbox, so that one process sends it (`exchange.Claim`).

The lock belongs to the file and not to its name: it stays when a mail client renames the message, and goes when the
process dies.
"""

from __future__ import annotations

import os
import stat
from functools import partial

from supportctl.errors import UnreadableMessageError
from supportctl.store.exchange import Claim
from supportctl.store.lock import try_lock

_PIECE = 1 << 20


def claim_file(path: str) -> Claim | None:
    """Claim the message at a path; None where another process has it.

    Raises FileNotFoundError where it is gone, UnreadableMessageError for what can't be sent: a link, a folder, a file
    that is closed to this account.
    """
    try:
        # A link may lead to any file; a fifo would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableMessageError(path, error.strerror or str(error)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableMessageError(path, "it is not a regular file")
    if not try_lock(descriptor):
        os.close(descriptor)
        return None
    return Claim(partial(_read, descriptor), partial(os.close, descriptor))


def _read(descriptor: int) -> bytes:
    pieces = []
    offset = 0
    while piece := os.pread(descriptor, _PIECE, offset):
        pieces.append(piece)
        offset += len(piece)
    return b"".join(pieces)
