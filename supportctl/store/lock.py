"""The lock of a desk: at most one process writes at a time. And that of one message, which one process sends.

The kernel releases a lock when its holder dies, so no lock is ever left behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supportctl.errors import TemporaryError


@contextmanager
def locked(folder: Path, wait: float) -> Iterator[None]:
    """Hold the lock on a folder; raises TemporaryError when another process has held it for `wait` seconds."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _await_lock(descriptor, wait)
        yield
    finally:
        os.close(descriptor)


def _await_lock(descriptor: int, wait: float) -> None:
    deadline = time.monotonic() + wait
    pause = 0.001
    while not try_lock(descriptor):
        # flock(2) has no time limit of its own, and a signal to end the wait would disturb the rest of the program.
        if time.monotonic() >= deadline:
            raise TemporaryError(
                f"the desk is busy: another supportctl has been writing for {wait:g} s",
                "try again, or wait longer with --wait SECONDS",
            )
        time.sleep(pause)
        pause = min(pause * 2, 0.05)


def try_lock(descriptor: int) -> bool:
    """Lock an open file or folder, until the descriptor is closed; False where another process has done so."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR):
            raise
        return False
    return True
