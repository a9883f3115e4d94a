"""What is wrong with a cache: damage, so that its owner throws it away and builds it anew, or a passing trouble."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from supportctl.errors import DataError, TemporaryError

#: What SQLite says when a table is not what it was made as.
_MISSHAPED = ("no such table", "no such column", "vtable constructor failed")


class UnusableIndexError(DataError):
    """The index is damaged, or does not fit what is to be added: throw it away and build it anew."""

    def __init__(self, message: str) -> None:
        super().__init__(f"the full text can't be used: {message}", "supportctl check --repair")


def database_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """What SQLite raises, and `others`, for an `except` that imports it only when there is something to catch."""
    from sqlite3 import Error

    return (Error, *others)


@contextmanager
def trouble_told() -> Iterator[None]:
    """Turn what SQLite says of the full text: a damaged file into UnusableIndexError, the rest into TemporaryError."""
    from sqlite3 import Error

    try:
        yield
    except Error as error:
        if is_damage(error):
            raise UnusableIndexError(str(error)) from error
        raise TemporaryError(f"the full text can't be used: {error}", "is the disk full?") from error


def is_damage(error: Exception) -> bool:
    """Is the file at fault: no database, torn, or without the tables that it should have?"""
    from sqlite3 import SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_IOERR_SHORT_READ, SQLITE_NOTADB

    code = getattr(error, "sqlite_errorcode", 0)
    is_misshaped = code == SQLITE_ERROR and str(error).startswith(_MISSHAPED)
    return is_misshaped or code & 0xFF in (SQLITE_CORRUPT, SQLITE_NOTADB) or code == SQLITE_IOERR_SHORT_READ
