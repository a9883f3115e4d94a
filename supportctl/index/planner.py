"""The path of a search through the tables: from the words, from a lookup, or through all messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supportctl.index.schema import slots_between
from supportctl.records import Record

if TYPE_CHECKING:
    import sqlite3

    from supportctl.index.lookups import Lookup
    from supportctl.index.sql import QueryPlan


class AccessPath(Record):
    """The tables in the order of reading, the test of the first one, and the column that gives the order of dates."""

    tables: str
    test: str
    values: list[object]
    order: str


# CROSS JOIN, since SQLite then keeps the order of the tables: without statistics it guesses, and often wrong.
_FROM_WORDS = """words CROSS JOIN document d ON d.slot = words.rowid
  CROSS JOIN desk.message m ON m.number = d.number CROSS JOIN desk.ticket t ON t.id = m.ticket"""
_FROM_NUMBERS = """desk.message m CROSS JOIN desk.ticket t ON t.id = m.ticket
  CROSS JOIN document d ON d.number = m.number"""
_FROM_MAIL = """document d CROSS JOIN desk.message m ON m.number = d.number
  CROSS JOIN desk.ticket t ON t.id = m.ticket"""

#: Up to this many rows are tested one by one for the words; beyond, all rows with the words are listed first.
_HANDFUL = 100


def choose_access_path(connection: sqlite3.Connection, plan: QueryPlan, few: int) -> AccessPath:
    """The path with the fewest rows, where one has only a `few`; else one that meets rows in the order of dates."""
    words = _words(plan)
    if not plan.lookups:
        return _long_path(plan, words)
    # Counted, not estimated: one tag may be on three tickets or on half of the archive.
    counted = [(_count(connection, *lookup, few + 1), lookup) for lookup in plan.lookups]
    rows, lookup = min(counted, key=lambda pair: pair[0])
    if rows > few or (words and _count(connection, *words, rows) < rows):
        return _long_path(plan, words)
    test, values = f"m.number IN ({lookup[0]})", lookup[1]
    if words:
        has_words = "EXISTS ({} AND rowid = d.slot)" if rows <= _HANDFUL else "d.slot IN ({})"
        test, values = f"{test} AND {has_words.format(words[0])}", [*values, *words[1]]
    return AccessPath(_FROM_NUMBERS, test, values, "d.slot")


def _long_path(plan: QueryPlan, words: Lookup | None) -> AccessPath:
    if words is None:
        return AccessPath(_FROM_MAIL, *_dated("d.slot", plan), "d.slot")
    test, values = _dated("words.rowid", plan)
    return AccessPath(_FROM_WORDS, f"words MATCH ? AND {test}", [plan.match, *values], "words.rowid")


def _words(plan: QueryPlan) -> Lookup | None:
    """The lookup of messages by the words of a query."""
    if plan.match is None:
        return None
    test, values = _dated("rowid", plan)
    return f"SELECT rowid FROM words WHERE words MATCH ? AND {test}", [plan.match, *values]


def _dated(column: str, plan: QueryPlan) -> Lookup:
    if plan.first is None and plan.end is None:
        return "1", []
    return f"{column} >= ? AND {column} < ?", [*slots_between(plan.first, plan.end)]


def _count(connection: sqlite3.Connection, select: str, values: list[object], limit: int) -> int:
    """The number of rows of a lookup, counted up to a limit."""
    (rows,) = connection.execute(f"SELECT count(*) FROM ({select} LIMIT {limit})", values).fetchone()
    return int(rows)
