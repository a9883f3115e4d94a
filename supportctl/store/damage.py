"""What is wrong with a cache, so that its owner throws it away and builds it anew."""

from __future__ import annotations


class UnusableIndexError(Exception):
    """The index is damaged, or does not fit what is to be added: throw it away and build it anew."""


def database_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """What SQLite raises, and `others`, for an `except` that imports it only when there is something to catch."""
    from sqlite3 import Error

    return (Error, *others)
