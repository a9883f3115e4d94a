"""The catalogue (SQLite): which ticket lies in which folder, which message belongs to which ticket.

A cache: every row follows from the log, and `catch_up` brings it up to the log, from nothing if need be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supportctl.store import durable
from supportctl.store.cache_errors import CacheDamageError, translate_sqlite_errors

if TYPE_CHECKING:
    import sqlite3

    from supportctl.store.exchange import KnownMessage
    from supportctl.store.log import LinePosition, Operation

# Raised with every change of the tables (`catalogue_tables`).
CATALOGUE_VERSION = 8
# SQLite takes 999 parameters in a statement before version 3.32.
_CHUNK = 500
# Seconds until SQLite gives up on another process that writes the file.
_PATIENCE = 30
# Bytes of write-ahead log that a start may read without being noticed.
_LONGEST_JOURNAL = 1 << 20

_COUNTED = {
    "queue": "queue",
    "type": "issue_type",
    "state": "state",
    "month": "strftime('%Y-%m', created, 'unixepoch')",
    "owner": "owner",
}


class Catalogue:
    """The catalogue's file at `path`, opened by the first query."""

    name = "the catalogue"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def position(self) -> tuple[int, str]:
        """The last operation in the catalogue, and its hash; (0, "") for a new one."""
        rows = dict(self._query("SELECT name, value FROM meta"))
        op, digest = rows.get("op", 0), rows.get("hash", "")
        if not (isinstance(op, int) and isinstance(digest, str)):
            raise CacheDamageError(self, f"it says operation {op!r}")
        return op, digest

    def last_operation(self) -> int:
        """The number of the last operation in the catalogue; 0 for one that can't be read."""
        try:
            return self.position()[0]
        except CacheDamageError:
            return 0

    def is_sound(self) -> bool:
        """Whether the whole file is readable as SQLite wrote it, with the tables that it was created with."""
        from supportctl.store.catalogue_tables import list_statements

        try:
            made = {sql for (sql,) in self._query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
            return made == set(list_statements()) and bool(self._query("PRAGMA quick_check(1)") == [("ok",)])
        except CacheDamageError:
            return False

    def discard(self) -> None:
        """Remove the file; the next query starts a new, empty one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def catch_up(self, operations: Iterable[tuple[LinePosition, Operation]]) -> None:
        """Enter the operations that follow the position, in one transaction."""
        from supportctl.store.catalogue_rows import enter

        with translate_sqlite_errors(self):
            connection = self._open()
            # One transaction with the position in it, so that the rows are never ahead of the position or behind it.
            with connection:
                for position, operation in operations:
                    enter(connection, position, operation)
            self._shorten_journal(connection)

    def offset_of(self, op: int) -> tuple[str, int] | None:
        """Log file and byte offset of an operation's line."""
        position: tuple[str, int] | None = self._first("SELECT log, offset FROM op WHERE op = ?", op)
        return position

    def has_elsewhere(self, op: int, offset: int) -> bool:
        """Whether the line of an operation is known to begin at another byte; False where nothing is known of it."""
        try:
            known = self.offset_of(op)
        except CacheDamageError:
            return False
        return known is not None and known[1] != offset

    def folder_of(self, ticket: str) -> str | None:
        """The folder of a ticket, or None for a ticket that does not exist."""
        row = self._first("SELECT folder FROM ticket WHERE id = ?", ticket)
        return row[0] if row else None

    def folders_of(self, tickets: Sequence[str]) -> dict[str, str]:
        """The folders of many tickets, without those that do not exist."""
        return dict(self._in_chunks("SELECT id, folder FROM ticket WHERE id IN ({})", tickets))

    def history_of(self, ticket: str) -> list[tuple[int, int]]:
        """The operations that changed a ticket, oldest first, each with the one that undid it there (or 0).

        An operation that was undone several times comes several times, and one of bookkeeping never.
        """
        sql = (
            "SELECT h.op, ifnull(u.op, 0) FROM history h"
            " JOIN op ON op.op = h.op AND NOT op.bookkeeping LEFT JOIN undoing u ON u.undone = h.op"
            " AND EXISTS (SELECT 1 FROM history t WHERE t.ticket = h.ticket AND t.op = u.op)"
            " WHERE h.ticket = ? ORDER BY h.op, u.op"
        )
        return self._query(sql, ticket)

    def reasons_on(self, ticket: str) -> list[tuple[int, str, str, str]]:
        """The reasons of the operations on a ticket that are not undone, as (at, account, verb, reason), in order."""
        sql = (
            "SELECT o.at, o.account, o.verb, o.why FROM history h JOIN op o USING (op)"
            " WHERE h.ticket = ? AND o.why <> '' AND NOT o.undone_by ORDER BY o.op"
        )
        return self._query(sql, ticket)

    def operations_on(self, ticket: str) -> list[int]:
        """The operations that changed a ticket, oldest first."""
        return [row[0] for row in self._query("SELECT op FROM history WHERE ticket = ? ORDER BY op", ticket)]

    def operations_of_group(self, group: int) -> list[int]:
        """The operations of one group, oldest first."""
        return [row[0] for row in self._query("SELECT op FROM op WHERE grp = ? AND op >= ? ORDER BY op", group, group)]

    def last_undoable(self, account: str, robot: str) -> int | None:
        """An account's last operation that is about tickets, undoes nothing and has not been undone.

        An operation that undoes an undo does work again, so it counts. What the account's cron did in the role of the
        `robot` is chosen only where the account did nothing itself.
        """
        sql = (
            "SELECT op FROM op WHERE account = ? AND undone_by = 0 AND takes_back = 0 AND NOT bookkeeping"
            " AND EXISTS (SELECT 1 FROM op_queue WHERE op_queue.op = op.op) {}"
            " ORDER BY op DESC LIMIT 1"
        )
        row = self._first(sql.format("AND role <> ?"), account, robot) or self._first(sql.format(""), account)
        return row[0] if row else None

    def undone_by(self, op: int) -> int:
        """The last operation that undid another one, or part of that one; 0 where none did."""
        row = self._first("SELECT undone_by FROM op WHERE op = ?", op)
        return row[0] if row else 0

    def redone_by(self, op: int) -> list[int]:
        """The operations that redid another one, or part of that one, and have not been undone."""
        sql = (
            "WITH RECURSIVE chain (op, depth) AS (SELECT ?, 0"
            " UNION SELECT u.op, depth + 1 FROM chain JOIN undoing u ON u.undone = chain.op)"
            " SELECT DISTINCT op FROM chain JOIN op USING (op) WHERE depth > 0 AND depth % 2 = 0 AND undone_by = 0"
        )
        return [row[0] for row in self._query(sql, op)]

    def last_offsets(self, queues: Collection[str] | None, account: str) -> Iterator[tuple[str, int]]:
        """Log file and byte offset of operations, newest first, looked up one by one.

        Those about some queues (None: all), and those of an account.
        """
        if queues is None:
            return self._each("SELECT log, offset FROM op ORDER BY op DESC")
        if not queues:
            return self._each("SELECT log, offset FROM op WHERE account = ? ORDER BY op DESC", account)
        sql = (
            "SELECT log, offset FROM op WHERE account = ? OR EXISTS (SELECT 1 FROM op_queue q WHERE q.op = op.op"
            f" AND q.queue IN ({', '.join('?' * len(queues))})) ORDER BY op DESC"
        )
        return self._each(sql, account, *queues)

    def ticket_with_mid(self, mid: str) -> str | None:
        """The ticket of the oldest message with a Message-ID."""
        row = self._first("SELECT ticket FROM message WHERE mid = ? ORDER BY number LIMIT 1", mid)
        return row[0] if row else None

    def with_digests(self, digests: Sequence[str]) -> Iterator[tuple[str, KnownMessage]]:
        """The messages with any of these digests, as (digest, message), oldest first."""
        from supportctl.store.exchange import KnownMessage

        sql = "SELECT digest, number, ticket, key, brought_by FROM message WHERE digest IN ({}) ORDER BY number"
        return ((digest, KnownMessage(*row)) for digest, *row in self._in_chunks(sql, digests))

    def with_mid(self, mid: str, most: int) -> list[KnownMessage]:
        """The first messages with a Message-ID, oldest first."""
        from supportctl.store.exchange import KnownMessage

        sql = "SELECT number, ticket, key, brought_by FROM message WHERE mid = ? ORDER BY number LIMIT ?"
        return [KnownMessage(*row) for row in self._query(sql, mid, most)]

    def tickets_with_mids(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets of messages by Message-ID; where messages share one, the ticket of the oldest."""
        return dict(self._in_chunks("SELECT mid, ticket FROM message WHERE mid IN ({}) ORDER BY number DESC", mids))

    def tickets_that_sent(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets that outgoing messages were written for, by Message-ID."""
        return dict(self._in_chunks("SELECT mid, ticket FROM outgoing WHERE mid IN ({})", mids))

    def tickets_with_outgoing(self, due_by: int | None = None) -> list[str]:
        """The tickets with outgoing messages that are open; with `due_by`, those that are to be tried by then."""
        open_now = "SELECT ticket FROM outgoing WHERE is_open GROUP BY ticket ORDER BY min(at), ticket"
        due = "SELECT ticket FROM outgoing WHERE due > 0 AND due <= ? GROUP BY ticket ORDER BY min(due), ticket"
        rows = self._query(open_now) if due_by is None else self._query(due, due_by)
        return [row[0] for row in rows]

    def mentions_of(self, mids: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The tickets whose messages mention these Message-IDs, as (id, ticket), oldest message first."""
        return self._in_chunks(
            "SELECT r.mid, m.ticket FROM mention r JOIN message m USING (number) WHERE r.mid IN ({})"
            " GROUP BY r.mid, m.ticket ORDER BY min(number)",
            mids,
        )

    def noticed_since(self, recipient: str, since: int) -> bool:
        """Whether a notice was written to an address at or after a time (seconds since the epoch)."""
        sql = "SELECT 1 FROM outgoing WHERE recipient = ? AND kind = 'notice' AND at >= ? LIMIT 1"
        return self._first(sql, recipient, since) is not None

    def count_by_folder(self) -> dict[str, int]:
        """The number of tickets in each folder that has any."""
        return dict(self._query("SELECT name, tickets FROM folder WHERE tickets > 0"))

    def count_in(self, folder: str) -> int:
        """The number of tickets in one folder."""
        row = self._first("SELECT tickets FROM folder WHERE name = ?", folder)
        return row[0] if row else 0

    def last_change_in(self, folder: str) -> tuple[int, int]:
        """The last operation that changed a folder's tickets, and their number; (0, 0) for a folder without any."""
        return self._first("SELECT op, tickets FROM folder WHERE name = ?", folder) or (0, 0)

    def messages_after(self, number: int) -> Iterator[tuple[int, str, str, str, int, str]]:
        """The messages with higher numbers, in order, as (number, folder, key, digest, date, brought by)."""
        sql = (
            "SELECT m.number, t.folder, m.key, m.digest, m.date, m.brought_by"
            " FROM message m JOIN ticket t ON t.id = m.ticket WHERE m.number > ? ORDER BY m.number"
        )
        return self._each(sql, number)

    def messages_of(self, tickets: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
        """The messages of many tickets, as (folder, key, ticket, digest)."""
        sql = "SELECT folder, key, t.id, digest FROM message m JOIN ticket t ON t.id = m.ticket WHERE t.id IN ({})"
        return self._in_chunks(sql, tickets)

    def digest_of(self, number: int) -> str | None:
        """The digest of a message by its number, or None where no ticket has it."""
        row = self._first("SELECT digest FROM message WHERE number = ?", number)
        return row[0] if row else None

    def count_tickets(self, by: Sequence[str], queues: Collection[str] | None, since: int) -> list[tuple[Any, ...]]:
        """Counts of tickets by some of `_COUNTED`, as (value …, number), largest first.

        Only tickets of these queues (None: of all), created at or after `since` (seconds since the epoch), are
        counted.
        """
        where = "created >= ?" if queues is None else f"created >= ? AND queue IN ({', '.join('?' * len(queues))})"
        columns = ", ".join(_COUNTED[name] for name in by)
        sql = (
            f"SELECT {columns}, count(*) FROM ticket WHERE {where} GROUP BY {columns} ORDER BY count(*) DESC, {columns}"
        )
        return self._query(sql, since, *(queues or ()))

    def all_tickets(self) -> dict[str, str]:
        """Every ticket: id → folder."""
        return dict(self._query("SELECT id, folder FROM ticket"))

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            import sqlite3

            durable.clear_database(self.path)
            if not self.path.exists():
                self.path.touch()  # a file that SQLite makes is not for the group, whatever the umask
            # IMMEDIATE: a transaction that begins by reading could not wait for the lock once it writes.
            self._connection = connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level="IMMEDIATE")
            # WAL: readers go on while the writer writes. NORMAL: a power failure may cost the last transactions, and
            # the next writer enters them again from the log.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            if connection.execute("PRAGMA user_version").fetchone()[0] != CATALOGUE_VERSION:
                from supportctl.store.catalogue_tables import create  # few commands find no tables

                create(connection, CATALOGUE_VERSION)
        return self._connection

    def _shorten_journal(self, connection: sqlite3.Connection) -> None:
        """Write a long write-ahead log back into the file and truncate it; put off while somebody reads.

        Whoever opens the file next reads the whole write-ahead log first.
        """
        from sqlite3 import OperationalError

        # SQLite does this when the last connection is closed, but our processes leave without closing (`main._leave`).
        # The next process does not know how much of the log is in the file already, so the log would grow for ever.
        journal = self.path.with_name(self.path.name + "-wal")
        if journal.exists() and journal.stat().st_size > _LONGEST_JOURNAL:
            connection.execute("PRAGMA busy_timeout = 0")  # a reader may stay for minutes, and the next writer will do
            with suppress(OperationalError):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.execute(f"PRAGMA busy_timeout = {1000 * _PATIENCE}")

    def _query(self, sql: str, *values: object) -> list[Any]:
        with translate_sqlite_errors(self):
            return self._open().execute(sql, values).fetchall()

    def _first(self, sql: str, *values: object) -> Any:
        with translate_sqlite_errors(self):
            return self._open().execute(sql, values).fetchone()

    def _each(self, sql: str, *values: object) -> Iterator[Any]:
        """The rows one by one, looked up as they are consumed."""
        with translate_sqlite_errors(self):
            yield from self._open().execute(sql, values)

    def _in_chunks(self, sql: str, values: Sequence[str]) -> Iterator[Any]:
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK]
            yield from self._query(sql.format(",".join("?" * len(chunk))), *chunk)


class MemoryCatalogue(Catalogue):
    """A catalogue for one process, where the file is behind the log and nobody can write it."""

    def __init__(self) -> None:
        super().__init__(Path(":memory:"))

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            import sqlite3

            from supportctl.store.catalogue_tables import create

            self._connection = sqlite3.connect(":memory:", isolation_level="IMMEDIATE")
            create(self._connection, CATALOGUE_VERSION)
        return self._connection
