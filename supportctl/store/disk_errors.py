"""What the operating system refuses, in the words of an error: what, where, and what to do.

The one place that knows what an `errno` means for a desk. The store's errors leave it through `explained`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from supportctl.errors import DataError, DeniedError, DeskError, TemporaryError

T = TypeVar("T")

_FULL = "free some space; then go on where you were"
_AGAIN = "try again"
_FILES = "raise the limit of open files (ulimit -n), or close other programs"
_IN_THE_WAY = "move what is there somewhere else; then run supportctl check --repair"
_TEMPORARY = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "free some space of this account's quota; then go on where you were",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f)",
    errno.EROFS: "the file system is mounted read-only: look into the system's log why, and mount it for writing",
    errno.EIO: "the disk may be failing: look into the system's log, and have a backup at hand",
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOMEM: _AGAIN,
    errno.EAGAIN: _AGAIN,
    errno.EINTR: _AGAIN,
    errno.EBUSY: _AGAIN,
    errno.ETXTBSY: _AGAIN,
    errno.ENOLCK: _AGAIN,
    errno.ESTALE: "a network file system is not supported: keep the desk on a local one",
}
_DENIED = {errno.EACCES, errno.EPERM}
_HINTS = {
    errno.EXDEV: "mail is moved by rename: the whole Maildir must be on one file system",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOENT: "supportctl check --repair makes missing folders again",
}


def is_of_the_system(error: OSError) -> bool:
    """Whether an error is about the state of the machine, and not about a name or a kind of file."""
    return error.errno in _TEMPORARY or error.errno in _DENIED


def explain(error: OSError) -> DeskError:
    """The same error for a person to read; its class says whether to come again, to ask for a right, or to repair."""
    message = ": ".join([*_paths_of(error), error.strerror or str(error)])
    if error.errno in _TEMPORARY:
        return TemporaryError(message, _TEMPORARY[error.errno])
    if error.errno in _DENIED:
        return DeniedError(message, "let this account write there, or run the command as the desk's owner")
    return DataError(message, _HINTS.get(error.errno or 0, _IN_THE_WAY))


@contextmanager
def explained() -> Iterator[None]:
    """Turn every error of the operating system into one of ours."""
    try:
        yield
    except OSError as error:
        raise explain(error) from error


def explained_each(items: Iterable[T]) -> Iterator[T]:
    """The same items, whose errors of the operating system are ours."""
    with explained():
        yield from items


def _paths_of(error: OSError) -> list[str]:
    named = [name for name in (error.filename, error.filename2) if isinstance(name, str | bytes | os.PathLike)]
    return [" → ".join(map(os.fsdecode, named))] if named else []
