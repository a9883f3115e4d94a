"""The functions that `index.sql` calls in SQLite: each answers 1 or 0."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from supportctl.query import document
from supportctl.query.fold import fold, make_words_finder
from supportctl.query.patterns import make_finder

if TYPE_CHECKING:
    import sqlite3


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to a connection."""
    # Deterministic: SQLite may call a function once for equal arguments.
    for function in (
        *(has_match, has_match_among, has_header_match, has_header_words, has_words_in_order, has_amount),
        has_any_address,
    ):
        connection.create_function(function.__name__, -1, function, deterministic=True)


def has_match(pattern: str, text: str | bytes, *more: str) -> bool:
    """Whether a pattern matches a text, or any line of several texts."""
    return make_finder(pattern)(document.list_texts((str(text), *more)) if more else text)


def has_match_among(pattern: str, names: str) -> bool:
    """Whether a pattern matches one of several names, which spaces separate."""
    return any(map(make_finder(pattern), names.split()))


def has_header_match(name: str, pattern: str, block: str) -> bool:
    """Whether a header of this name has a value that a pattern matches."""
    return any(map(make_finder(pattern), document.find_header_values(block, name)))


def has_header_words(name: str, words: str, block: str) -> bool:
    """Whether a header of this name has a value with these words (`*` leaves the last one open)."""
    return any(_words(words)(fold(value)) for value in document.find_header_values(block, name))


def has_words_in_order(words: str, text: str) -> bool:
    """Whether a text has these words one after the other (`*` leaves the last one open)."""
    return _words(words)(fold(text))


@lru_cache(maxsize=64)
def _words(words: str) -> document.Test:
    return make_words_finder(tuple(words.removesuffix("*").split()), words.endswith("*"))


def has_amount(value: str, subject: str, body: bytes) -> bool:
    """Whether a message names this amount of money."""
    from supportctl.query.money import make_amount_finder

    is_named = make_amount_finder(value)
    return is_named(subject) or is_named(body)


def has_any_address(addresses: str, *columns: str) -> bool:
    """Whether one of these addresses (one a line) is in one of the columns."""
    wanted = _lines(addresses)
    return any(not wanted.isdisjoint(column.split("\n")) for column in columns)


@lru_cache(maxsize=16)
def _lines(text: str) -> frozenset[str]:
    return frozenset(text.split("\n"))
