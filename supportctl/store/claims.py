"""Claim a message of the outbox, so that one process sends it (`contract.Claim`)."""

from __future__ import annotations

import os
import stat

from supportctl.errors import UnreadableMessageError
from supportctl.store.lock import try_lock

_PIECE = 1 << 20


class FileClaim:
    """A message that is locked by its own descriptor.

    The lock belongs to the file and not to its name: it stays when a mail client renames the message, and goes when
    the process dies.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self) -> bytes:
        """All bytes of the message."""
        pieces = []
        offset = 0
        while piece := os.pread(self._descriptor, _PIECE, offset):
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)

    def release(self) -> None:
        """Let others send the message."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def claim_file(path: str) -> FileClaim | None:
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
    if try_lock(descriptor):
        return FileClaim(descriptor)
    os.close(descriptor)
    return None
