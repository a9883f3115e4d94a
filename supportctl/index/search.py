"""The full text of all messages: a cache that follows the log, searched together with the catalogue of the store.

The two are a pair: the index has the texts, the catalogue has the tickets and their folders. One query reads both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from supportctl.index.schema import TextFile
from supportctl.query import Query
from supportctl.records import Record
from supportctl.store.cache_errors import CacheDamageError, translate_sqlite_errors

if TYPE_CHECKING:
    import sqlite3

    from supportctl.mail.content import MessageContent
    from supportctl.query.highlight import Snippet
    from supportctl.store.catalogue import Catalogue
    from supportctl.store.exchange import Scope

Order = Literal["newest", "oldest"]
Position = tuple[int, str]

_BEGINNING = 16_384
"""The number of bytes of a body that are enough to show a match, for most bodies that have one."""

_LONGEST = 1_000_000_000
"""The largest number of bytes in a value of SQLite."""

_COLUMNS = "d.number, t.id, t.queue, t.folder, t.state, m.key, d.date, d.subject, d.sender"


class Hit(Record):
    """A message that a search found, and its ticket; snippet and path are looked up when they are asked for."""

    ticket: str
    queue: str
    state: str
    number: int
    date: int
    subject: str
    sender: str
    read: Callable[[int], Snippet]
    locate: Callable[[], Path | None]

    @property
    def snippet(self) -> Snippet:
        """A line of the matching text, with the offsets of the matches."""
        return self.read(self.number)

    @property
    def path(self) -> Path | None:
        """The file of the message, or None where it is gone."""
        return self.locate()


class SearchIndex:
    """The index in its file, and the catalogue that is read together with it.

    Up to `few` rows (or `many`, where all hits are wanted) are found first and then sorted; beyond that number it is
    faster to go through the messages in the order of dates.
    """

    def __init__(self, path: Path, catalogue: Catalogue, *, few: int = 2_000, many: int = 50_000) -> None:
        self._file = TextFile(path, catalogue)
        self._few, self._many = few, many

    def position(self) -> Position:
        """The number of the last message in the index, and its digest; (0, "") for a new index."""
        if not self._file.exists():
            return 0, ""
        with translate_sqlite_errors(self._file):
            rows = dict(self._file.open().execute("SELECT name, value FROM meta"))
        return rows.get("op", 0), rows.get("hash", "")

    def misfit(self, what: str) -> CacheDamageError:
        """The error for an index that does not match the desk."""
        return CacheDamageError(self._file, what)

    def close(self) -> None:
        """Close the file, if it is open."""
        self._file.close()

    def unread(self) -> list[int]:
        """The numbers of the messages that the index lacks because they could not be read or added."""
        if not self._file.exists():
            return []
        with translate_sqlite_errors(self._file):
            row = self._file.open().execute("SELECT value FROM meta WHERE name = 'unread'").fetchone()
        return list(map(int, row[0].split())) if row else []

    def add(self, rows: Iterable[tuple[int, MessageContent]], position: Position, unread: Iterable[int] = ()) -> None:
        """Add messages by their numbers, and set the position and which ones are `unread`, in one transaction.

        A message that is in the index already is left alone; one that can't be added is an unread one from then on.
        Raises CacheDamageError where a number belongs to another message, or the file is damaged.
        """
        from supportctl.index.writer import MisfitError, add_messages

        try:
            with translate_sqlite_errors(self._file), self._file.transaction() as connection:
                numbers = " ".join(map(str, [*unread, *add_messages(connection, rows)]))
                noted = (("op", position[0]), ("hash", position[1]), ("unread", numbers))
                connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", noted)
        except MisfitError as error:
            raise self.misfit(str(error)) from error

    def search(
        self,
        query: Query,
        scope: Scope,
        *,
        limit: int | None = None,
        offset: int = 0,
        sort: Order = "newest",
        messages: bool = False,
    ) -> Iterator[Hit]:
        """Find tickets (or each message), in the order of their messages' dates; a ticket comes with its first hit.

        Raises CacheDamageError while hits are consumed, where the file is damaged.
        """
        hits = self._hits(query, scope, sort, is_partial=limit is not None)
        wanted = hits if messages else _unique(hits)
        end = None if limit is None else min(offset + limit, sys.maxsize)
        return islice(wanted, min(offset, sys.maxsize), end)

    def count(self, query: Query, scope: Scope) -> tuple[int, int]:
        """The number of messages that a search would find, and of tickets."""
        with translate_sqlite_errors(self._file):
            rows = self._rows(query, scope, "count(*), count(DISTINCT m.ticket)", None, is_partial=False)
            messages, tickets = next(rows)
        return messages, tickets

    def identities(self, numbers: Iterable[int]) -> dict[int, str]:
        """What messages are known by where mail clients rewrite them (`mail.sameness`), by number.

        Left out are messages that the index has not read as they were; the index is taken as it is.
        """
        from supportctl.query.document import identity_in

        if not self._file.exists():
            return {}
        sql = """SELECT d.mid, d.date, c.page, h.block FROM document d JOIN content c USING (slot)
            JOIN header h USING (slot) WHERE d.number = ? AND d.digest <> ''"""
        found = {}
        with translate_sqlite_errors(self._file):
            for number in numbers:
                for mid, date, page, block in self._file.open().execute(sql, (number,)):
                    found[number] = identity_in(mid, date, page.decode(), block)
        return found

    def _hits(self, query: Query, scope: Scope, sort: Order, is_partial: bool) -> Iterator[Hit]:
        from supportctl.query.highlight import Highlighter

        highlighter = Highlighter(query)

        def read(number: int) -> Snippet:
            # The beginning first: reading and folding a whole body takes longer than finding the message.
            heading, body, is_whole = self._page(number, _BEGINNING)
            snippet = highlighter.snippet(heading if is_whole else "", body)
            return snippet if snippet.spans or is_whole else highlighter.snippet(*self._page(number)[:2])

        with translate_sqlite_errors(self._file):
            for row in self._rows(query, scope, _COLUMNS, sort, is_partial):
                number, ticket, queue, folder, state, key, date, subject, sender = row
                locate = partial(scope.path_of, folder, key)
                yield Hit(ticket, queue, state, number, date, subject, sender, read, locate)

    def _page(self, number: int, size: int = _LONGEST) -> tuple[str, str, bool]:
        """The heading of a message, the lines of its body within `size` bytes, and whether these are all lines."""
        sql = """SELECT c.start, substr(c.page, 1, c.start - 1 + ?), length(c.page)
            FROM document d JOIN content c USING (slot) WHERE d.number = ?"""
        with translate_sqlite_errors(self._file):
            start, page, length = next(self._file.open().execute(sql, (size, number)), (1, b"", 0))
        is_whole = len(page) == length
        # Cut at a line, since a cut within a character would not decode.
        end = len(page) if is_whole else page.rfind(b"\n") + 1
        return page[: start - 1].decode(), page[start - 1 : end].decode(), is_whole

    def _rows(self, query: Query, scope: Scope, columns: str, sort: Order | None, is_partial: bool) -> sqlite3.Cursor:
        from supportctl.index.planner import choose_access_path
        from supportctl.index.sql import plan_query

        connection = self._file.attach()
        connection.create_function("is_unread", 2, scope.is_unread)
        plan = plan_query(query)
        path = choose_access_path(connection, plan, self._few if is_partial else self._many)
        # The plus keeps SQLite from starting with the index on queues, which would find most of the archive first.
        marks = ", ".join("?" * len(scope.queues))
        sql = f"SELECT {columns} FROM {path.tables} WHERE {path.test} AND +t.queue IN ({marks}) AND {plan.where}"
        if sort:
            sql += f" ORDER BY {path.order} {'DESC' if sort == 'newest' else 'ASC'}"
        return connection.execute(sql, [*path.values, *scope.queues, *plan.parameters])


def _unique(hits: Iterable[Hit]) -> Iterator[Hit]:
    seen: set[str] = set()
    for hit in hits:
        if hit.ticket not in seen:
            seen.add(hit.ticket)
            yield hit
