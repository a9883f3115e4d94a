"""The file of the full text (SQLite, FTS5): its tables, how it is opened, and how it is discarded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from supportctl.store.cache_errors import CacheDamageError

if TYPE_CHECKING:
    from supportctl.store.catalogue import Catalogue

INDEX_VERSION = 8
#: Each table has one row for a message; its slot (`slot_of`) gives the rows the order of the messages' dates.
#: A page is heading, body, hidden text and attached messages in UTF-8: the body begins with byte `start` (counted from
#: 1) and ends before `rest`, the attached messages begin with byte `attached`. `written` is NULL where it equals the
#: body. An address column has each address between line ends. A digest is "" where the file had been changed before it
#: was read.
# `words` keeps no texts (`content = ''`), which are in the table `content`, and no lengths of columns (`columnsize`),
# by which no search ranks. `hashsize`: FTS5 collects this many bytes before it writes a segment.
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE document (
  slot INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE,
  date INTEGER NOT NULL, size INTEGER NOT NULL, has_attachment INTEGER NOT NULL,
  is_signed INTEGER NOT NULL, is_encrypted INTEGER NOT NULL, has_text INTEGER NOT NULL,
  automatic TEXT NOT NULL, likely TEXT NOT NULL,
  digest TEXT NOT NULL, mid TEXT NOT NULL, auth TEXT NOT NULL, subject TEXT NOT NULL, sender TEXT NOT NULL,
  sender_addresses TEXT NOT NULL, receivers TEXT NOT NULL, receivers_addresses TEXT NOT NULL,
  copies TEXT NOT NULL, copies_addresses TEXT NOT NULL, others TEXT NOT NULL, others_addresses TEXT NOT NULL,
  names TEXT NOT NULL
);
CREATE INDEX document_mid ON document (mid);
CREATE TABLE content (
  slot INTEGER PRIMARY KEY, start INTEGER NOT NULL, rest INTEGER NOT NULL, attached INTEGER NOT NULL,
  page BLOB NOT NULL, written BLOB
);
CREATE TABLE header (slot INTEGER PRIMARY KEY, block TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
  subject, sender, receivers, copies, others, written, quoted, names, attached, hidden, marks,
  content = '', columnsize = 0, tokenize = 'ascii'
);
INSERT INTO words (words, rank) VALUES ('hashsize', 2097152);
"""
_PRAGMAS = (
    "page_size = 16384",  # set before the first table: pages of a message's size, of which fewer overflow
    "journal_mode = WAL",  # readers go on while the writer writes
    "synchronous = NORMAL",  # a power failure may cost the last transactions, which follow from the log again
    "cache_size = -16000",
)
_MAPPED = 1 << 30
"""The number of bytes that a search maps into memory; a writer maps none, since they would count as its own memory."""
_NUMBERS = 30  # bits of a slot: a thousand million messages
_LAST_DATE = (1 << 33) - 1  # in the year 2242; what lies beyond is sorted there


def slot_of(date: int, number: int = 0) -> int:
    """The row of a message: ordered by date, whenever the message came, and within a second by number."""
    # By date, so that the newest hits of a search are its first rows, and nothing has to be sorted.
    return min(max(date, 0), _LAST_DATE) << _NUMBERS | number


def slots_between(first: int | None, end: int | None) -> tuple[int, int]:
    """The slots (low, high) with low <= slot < high of all messages with first <= date < end; None is no limit."""
    low = 0 if first is None else slot_of(first)
    return low, (1 << 63) - 1 if end is None or end > _LAST_DATE else slot_of(max(end, 1))


class TextFile:
    """The file, opened by the first query, and the catalogue that is attached to it."""

    name = "the index"

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self._path = path
        self._catalogue = catalogue
        self._connection: sqlite3.Connection | None = None
        self._is_attached = False

    def exists(self) -> bool:
        """Whether the file exists."""
        return self._connection is not None or self._path.exists()

    def open(self) -> sqlite3.Connection:
        """A connection to the file, which is created if it is missing; raises CacheDamageError for another version."""
        if self._connection is None:
            if not self._path.exists():
                self._path.touch()  # a file that SQLite makes is not for the group, whatever the umask
            # Without transactions of Python's own, which would begin one at each INSERT.
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            self._connection = connection
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            self._check_version(connection)
        return self._connection

    def attach(self) -> sqlite3.Connection:
        """A connection to the file with the catalogue attached (as `desk`) and the functions of queries."""
        connection = self.open()
        if not self._is_attached:
            from supportctl.index.functions import register

            connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
            connection.execute("ATTACH ? AS desk", (str(self._catalogue.path),))
            register(connection)
            self._is_attached = True
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing."""
        connection = self.open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._is_attached = None, False

    def discard(self) -> None:
        """Remove what is damaged: the catalogue, where that is the damaged one of the two, else this file."""
        self.close()
        # One query reads both files, and SQLite does not say which one is damaged.
        if not self._catalogue.is_sound():
            self._catalogue.discard()
            return
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _check_version(self, connection: sqlite3.Connection) -> None:
        """Create the tables in a new file; raise CacheDamageError for a file of another version."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == INDEX_VERSION:
            return
        # Asked again under the lock: two processes may have found an empty file.
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {INDEX_VERSION}")
            version = INDEX_VERSION
        connection.execute("COMMIT")
        if version != INDEX_VERSION:
            raise CacheDamageError(self, f"the file has version {version}, not {INDEX_VERSION}")
