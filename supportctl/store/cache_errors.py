"""What goes wrong with a cache: damage, after which the cache is rebuilt, or passing trouble.

All SQLite calls run inside `translate_sqlite_errors`. Damage is repaired in one place, `with_sound_caches`, around a
whole step and never inside it: a step that only looks changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from supportctl.errors import DataError, TemporaryError

T = TypeVar("T")

#: How SQLite's messages begin where a table is missing or has another shape; they have no error code of their own. The
#: last one is about a table that FTS5 keeps for itself.
_MISSHAPED = ("no such table", "no such column", "vtable constructor failed", "SQL logic error")
#: How often a step is repeated: once for each of the two caches.
_REBUILDS = 2
_HINT = "free some space, or let this account write there: the file is rebuilt from the log"


class Cache(Protocol):
    """A file that can be rebuilt from the log; `name` is what error messages call it."""

    name: str

    def discard(self) -> None:
        """Remove the damaged file; the next step rebuilds it."""


class CacheDamageError(DataError):
    """A cache is damaged, or does not match what is to be added."""

    def __init__(self, cache: Cache, message: str) -> None:
        super().__init__(f"{cache.name} can't be used: {message}", "run supportctl check --repair")
        self.cache = cache


class CacheTroubleError(TemporaryError):
    """A cache can't be used now: the disk is full, another process holds it, a permission is missing."""


def with_sound_caches(step: Callable[[], T]) -> T:
    """Run a step; where a cache turns out to be damaged, discard the cache and run the step again.

    Raises CacheDamageError for a cache that is damaged each time.
    """
    for _ in range(_REBUILDS):
        try:
            return step()
        except CacheDamageError as error:
            error.cache.discard()
    return step()


@contextmanager
def translate_sqlite_errors(cache: Cache) -> Iterator[None]:
    """Turn SQLite's errors about a cache into CacheDamageError (a damaged file) or CacheTroubleError."""
    from sqlite3 import Error

    try:
        yield
    except Error as error:
        if _is_damage(error):
            raise CacheDamageError(cache, str(error)) from error
        raise CacheTroubleError(f"{cache.name} can't be used: {error}", _HINT) from error
    except OSError as error:
        raise CacheTroubleError(f"{cache.name} can't be used: {error.strerror or error}", _HINT) from error


def _is_damage(error: Exception) -> bool:
    """Whether the file is at fault: no database, torn, or without the tables that it should have."""
    from sqlite3 import SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_IOERR_SHORT_READ, SQLITE_NOTADB

    code = getattr(error, "sqlite_errorcode", 0)
    is_misshaped = code == SQLITE_ERROR and str(error).startswith(_MISSHAPED)
    return is_misshaped or code & 0xFF in (SQLITE_CORRUPT, SQLITE_NOTADB) or code == SQLITE_IOERR_SHORT_READ
