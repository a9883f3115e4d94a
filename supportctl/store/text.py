"""The full text of all mail (SQLite FTS5): a cache that follows the log, searched with the catalogue."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from supportctl.query import Query
from supportctl.store.damage import UnusableIndexError as UnusableIndexError

if TYPE_CHECKING:
    from supportctl.model import Mail
    from supportctl.query.highlight import Snippet

Order = Literal["newest", "oldest"]
Position = tuple[int, str]
IsUnread = Callable[[str, str], bool]

VERSION = 1
#: A page is heading and body in UTF-8, the body from byte `start` (of 1) on. `written` is NULL
#: where it is the body. An address column holds each address between line ends.
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE document (
  number INTEGER PRIMARY KEY, date INTEGER NOT NULL, size INTEGER NOT NULL, has_attachment INTEGER NOT NULL,
  is_signed INTEGER NOT NULL, is_encrypted INTEGER NOT NULL, has_text INTEGER NOT NULL, automatic TEXT NOT NULL,
  digest TEXT NOT NULL, mid TEXT NOT NULL, auth TEXT NOT NULL, subject TEXT NOT NULL, sender TEXT NOT NULL,
  sender_addresses TEXT NOT NULL, receivers TEXT NOT NULL, receivers_addresses TEXT NOT NULL,
  copies TEXT NOT NULL, copies_addresses TEXT NOT NULL, others TEXT NOT NULL, others_addresses TEXT NOT NULL,
  names TEXT NOT NULL
);
CREATE TABLE content (number INTEGER PRIMARY KEY, start INTEGER NOT NULL, page BLOB NOT NULL, written BLOB);
CREATE TABLE header (number INTEGER PRIMARY KEY, block TEXT NOT NULL);
CREATE TABLE discarded (number INTEGER PRIMARY KEY, digest TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
  subject, sender, receivers, copies, others, written, quoted, names, marks,
  content = '', columnsize = 0, tokenize = 'ascii'
);
INSERT INTO words (words, rank) VALUES ('hashsize', 2097152);
"""
_COLUMNS = "d.number, t.id, t.folder, m.key, d.date, d.subject, d.sender"
#: In which order the tables are read, newest message first: by words, by ticket, or through all of them.
_BY_WORDS = """words CROSS JOIN document d ON d.number = words.rowid
  CROSS JOIN desk.message m ON m.number = d.number CROSS JOIN desk.ticket t ON t.id = m.ticket"""
_BY_TICKET = """desk.message m CROSS JOIN desk.ticket t ON t.id = m.ticket
  CROSS JOIN document d ON d.number = m.number"""
_BY_MAIL = """document d CROSS JOIN desk.message m ON m.number = d.number
  CROSS JOIN desk.ticket t ON t.id = m.ticket"""
_PRAGMAS = (
    "page_size = 16384",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "cache_size = -16000",
    "mmap_size = 1073741824",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that a search found, its ticket, and where its file is; the snippet is read when wanted."""

    ticket: str
    number: int
    key: str
    folder: str
    date: int
    subject: str
    sender: str
    _read: Callable[[int], Snippet] = field(repr=False, compare=False)

    @property
    def snippet(self) -> Snippet:
        """A line of the matching text, with the places of the matches."""
        return self._read(self.number)


class TextIndex:
    """The index's file, opened when it is first asked; `catalogue` is the file of the catalogue."""

    def __init__(self, path: Path, catalogue: Path) -> None:
        self._path = path
        self._catalogue = catalogue
        self._connection: sqlite3.Connection | None = None
        self._is_attached = False

    def position(self) -> Position:
        """The last operation that the index has seen, and its hash; (0, "") for a new or unusable one."""
        if not self._path.exists():
            return 0, ""
        try:
            rows = dict(self._open().execute("SELECT name, value FROM meta"))
        except sqlite3.OperationalError:
            raise  # locked, not permitted, a full disk: no fault of the file
        except (sqlite3.DatabaseError, UnusableIndexError):
            self.reset()
            return 0, ""
        return rows.get("op", 0), rows.get("hash", "")

    def reset(self) -> None:
        """Throw the index away; the next addition starts a new one."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._is_attached = None, False

    def add(self, rows: Iterable[tuple[int, Mail]], position: Position) -> None:
        """Add messages by their numbers, and note the position, in one transaction.

        A message that is there already is left alone. Raises UnusableIndexError where a number stands for
        another message, or the file is damaged.
        """
        from supportctl.store.entries import enter

        self._write(lambda connection: enter(connection, rows), position)

    def discard(self, numbers: Iterable[int], position: Position) -> None:
        """Forget messages, and note the position, in one transaction."""
        from supportctl.store.entries import leave

        self._write(lambda connection: leave(connection, numbers), position)

    def search(
        self,
        query: Query,
        queues: Sequence[str],
        is_unread: IsUnread,
        *,
        limit: int | None = None,
        offset: int = 0,
        sort: Order = "newest",
        messages: bool = False,
    ) -> Iterator[Hit]:
        """Find tickets (or each message) in queues, by the order of their messages' arrival.

        Raises UnusableIndexError, on the way, where the file is damaged.
        """
        hits = self._hits(query, queues, is_unread, sort)
        found = hits if messages else _unique(hits)
        return islice(found, offset, None if limit is None else offset + limit)

    def count(self, query: Query, queues: Sequence[str], is_unread: IsUnread, *, messages: bool = False) -> int:
        """Return how many tickets (or messages) a search would find."""
        counted = "count(*)" if messages else "count(DISTINCT m.ticket)"
        with _damage_told():
            row = next(self._rows(query, queues, is_unread, counted, None), (0,))
        return int(row[0])

    def _hits(self, query: Query, queues: Sequence[str], is_unread: IsUnread, sort: Order) -> Iterator[Hit]:
        from supportctl.query.highlight import Highlighter

        highlighter = Highlighter(query)

        def read(number: int) -> Snippet:
            return highlighter.snippet(*self._page(number))

        with _damage_told():
            for row in self._rows(query, queues, is_unread, _COLUMNS, sort):
                number, ticket, folder, key, date, subject, sender = row
                yield Hit(ticket, number, key, folder, date, subject, sender, read)

    def _page(self, number: int) -> tuple[str, str]:
        sql = "SELECT start, page FROM content WHERE number = ?"
        start, page = next(self._open().execute(sql, (number,)), (1, b""))
        return page[: start - 1].decode(), page[start - 1 :].decode()

    def _rows(
        self, query: Query, queues: Sequence[str], is_unread: IsUnread, columns: str, sort: Order | None
    ) -> sqlite3.Cursor:
        from supportctl.query.sql import plan

        connection = self._attach()
        connection.create_function("is_unread", 2, is_unread)
        it = plan(query)
        places = ", ".join("?" * len(queues))
        tables = _BY_WORDS if it.match else _BY_TICKET if it.about_tickets else _BY_MAIL
        sql = f"SELECT {columns} FROM {tables} WHERE t.queue IN ({places}) AND {it.where}"
        parameters = [*queues, *it.parameters]
        if it.match:
            sql, parameters = f"{sql} AND words MATCH ?", [*parameters, it.match]
        if sort:
            first = "words.rowid" if it.match else "m.number" if it.about_tickets else "d.number"
            sql += f" ORDER BY {first} {'DESC' if sort == 'newest' else 'ASC'}"
        return connection.execute(sql, parameters)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self._path.exists():
                self._path.touch()  # a file that SQLite makes is not for the group, whatever the umask
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            self._connection = connection
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            _check_version(connection)
        return self._connection

    def _attach(self) -> sqlite3.Connection:
        connection = self._open()
        if not self._is_attached:
            from supportctl.query.functions import register

            connection.execute("ATTACH ? AS desk", (str(self._catalogue),))
            register(connection)
            self._is_attached = True
        return connection

    def _write(self, work: Callable[[sqlite3.Connection], None], position: Position) -> None:
        with _damage_told():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                work(connection)
                _note(connection, position)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turn what SQLite says of a damaged file into UnusableIndexError; other troubles (locked, full) pass."""
    try:
        yield
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise UnusableIndexError(str(error)) from error


def _check_version(connection: sqlite3.Connection) -> None:
    """Make a new file the index's own; raise UnusableIndexError for one of another version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
    if version not in (0, VERSION):
        raise UnusableIndexError(f"the index is of version {version}, not {VERSION}")


def _note(connection: sqlite3.Connection, position: Position) -> None:
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", (("op", position[0]), ("hash", position[1])))


def _unique(hits: Iterable[Hit]) -> Iterator[Hit]:
    seen: set[str] = set()
    for hit in hits:
        if hit.ticket not in seen:
            seen.add(hit.ticket)
            yield hit
