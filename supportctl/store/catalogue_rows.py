"""One operation of the log as rows of the catalogue: tickets, messages, operations."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from supportctl.store.changes import queues_of
from supportctl.store.documents import unpack_outgoing

if TYPE_CHECKING:
    import sqlite3

    from supportctl.store.documents import Document
    from supportctl.store.log import LinePosition, LoggedChange, Operation

_FIELDS = ("queue", "state", "owner", "issue_type", "tags", "requester", "subject", "created", "changed", "due")
_NUMBERS = {"created", "changed", "due"}
_COLUMNS: dict[str, object] = {name: 0 if name in _NUMBERS else "" for name in ("folder", *_FIELDS, "op")}
_INSERT = f"INSERT OR REPLACE INTO ticket (id, {', '.join(_COLUMNS)}) VALUES (?{', ?' * len(_COLUMNS)})"


def enter(connection: sqlite3.Connection, position: LinePosition, operation: Operation) -> None:
    """Enter one operation, with its position in the log."""
    number = operation.op
    connection.execute(
        "INSERT INTO op VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0,"
        " EXISTS (SELECT 1 FROM op WHERE op = ? AND NOT takes_back))",
        (number, position.log, position.offset, operation.at, operation.account, operation.role, operation.verb,
         operation.why, operation.group, operation.bookkeeping, next(iter(operation.undoes), 0)),
    )  # fmt: skip
    undone = [(number, op) for op in operation.undoes]
    connection.executemany("UPDATE op SET undone_by = ? WHERE op = ?", undone)
    connection.executemany("INSERT OR IGNORE INTO undoing (op, undone) VALUES (?, ?)", undone)
    # Before the tickets: a message aside was about its ticket where that was then.
    _enter_queues(connection, operation)
    _enter_tickets(connection, operation)
    _enter_messages(connection, operation.changes)
    _enter_outgoing(connection, operation.changes)
    _enter_notes(connection, operation.changes)
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [("op", number), ("hash", operation.hash)])


def _enter_queues(connection: sqlite3.Connection, operation: Operation) -> None:
    """Enter which queues an operation is about; an undo that changes nothing is about what it undoes."""
    number = operation.op
    about = {queue for entry in operation.changes for queue in queues_of(entry)}
    connection.executemany("INSERT INTO op_queue VALUES (?, ?)", [(number, queue) for queue in about])
    connection.executemany(
        "INSERT OR IGNORE INTO op_queue SELECT ?, queue FROM ticket WHERE id = ?",
        [(number, aside["ticket"]) for aside in operation.asides],
    )
    if not (operation.changes or operation.asides):
        connection.executemany(
            "INSERT OR IGNORE INTO op_queue SELECT ?, queue FROM op_queue WHERE op = ?",
            [(number, op) for op in operation.undoes],
        )


def _enter_tickets(connection: sqlite3.Connection, operation: Operation) -> None:
    counts: dict[str, int] = {}
    for entry in operation.changes:
        for folder, step in ((entry["from"], -1), (entry["to"], 1)):
            if folder is not None:
                counts[folder] = counts.get(folder, 0) + step
        if "tags" in entry["set"]:
            _enter_tags(connection, entry["ticket"], *entry["set"]["tags"])
    for sql, rows in _ticket_rows(operation).items():
        connection.executemany(sql, rows)
    connection.executemany(
        "INSERT INTO folder VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET tickets = tickets + excluded.tickets, op = excluded.op",
        [(folder, count, operation.op) for folder, count in counts.items()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO history VALUES (?, ?)",
        [(entry["ticket"], operation.op) for entry in operation.changes],
    )


def _ticket_rows(operation: Operation) -> dict[str, list[list[object]]]:
    """The statements that bring the ticket table up to an operation, each with the values of its tickets."""
    statements: dict[str, list[list[object]]] = defaultdict(list)
    for entry in operation.changes:
        ticket, fields = entry["ticket"], entry["set"]
        if entry["to"] is None:
            statements["DELETE FROM ticket WHERE id = ?"].append([ticket])
            continue
        values: dict[str, object] = {"folder": entry["to"], "op": operation.op}
        values |= {name: _column_value(name, new) for name, (_, new) in fields.items() if name in _FIELDS}
        if entry["from"] is None:
            statements[_INSERT].append([ticket, *(values.get(name, default) for name, default in _COLUMNS.items())])
        else:
            settings = ", ".join([f"{name} = ?" for name in values])
            statements[f"UPDATE ticket SET {settings} WHERE id = ?"].append([*values.values(), ticket])
    return statements


def _enter_tags(connection: sqlite3.Connection, ticket: str, old: list[str] | None, new: list[str] | None) -> None:
    connection.executemany("DELETE FROM tag WHERE name = lower(?) AND ticket = ?", [(tag, ticket) for tag in old or ()])
    connection.executemany("INSERT OR IGNORE INTO tag VALUES (lower(?), ?)", [(tag, ticket) for tag in new or ()])


def _enter_messages(connection: sqlite3.Connection, changes: list[LoggedChange]) -> None:
    parts = [(entry["ticket"], entry["messages"]) for entry in changes if "messages" in entry]
    dropped = [(row["number"],) for _, part in parts for row in part.get("drop", ())]
    added = [(ticket, row) for ticket, part in parts for row in part.get("add", ())]
    connection.executemany("DELETE FROM message WHERE number = ?", dropped)
    connection.executemany("DELETE FROM mention WHERE number = ?", dropped)
    connection.executemany(
        "INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (row["number"], ticket, row["key"], row["mid"], row["digest"], row["date"], row.get("brought_by", ""))
            for ticket, row in added
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO mention VALUES (?, ?)",
        [(mid, row["number"]) for _, row in added for mid in row.get("references", ())],
    )


def _enter_outgoing(connection: sqlite3.Connection, changes: list[LoggedChange]) -> None:
    parts = [(entry["ticket"], entry["outgoing"]) for entry in changes if "outgoing" in entry]
    connection.executemany(
        "DELETE FROM outgoing WHERE key = ?", [(row["key"],) for _, part in parts for row in part.get("drop", ())]
    )
    connection.executemany(
        "INSERT OR REPLACE INTO outgoing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_outgoing_row(ticket, row) for ticket, part in parts for row in part.get("add", ())],
    )


def _outgoing_row(ticket: str, document: Document) -> tuple[object, ...]:
    row = unpack_outgoing(document)
    recipient = (row.recipients or [""])[0]
    return row.key, row.mid, ticket, row.kind, recipient, row.at, row.is_open, row.has_failed, row.due


def _enter_notes(connection: sqlite3.Connection, changes: list[LoggedChange]) -> None:
    parts = [(entry["ticket"], entry["noted"]) for entry in changes if "noted" in entry]
    dropped = [(ticket, row["key"]) for ticket, part in parts for row in part.get("drop", ())]
    added = [(ticket, row["key"], row["text"]) for ticket, part in parts for row in part.get("add", ())]
    connection.executemany("DELETE FROM note WHERE ticket = ? AND key = ?", dropped)
    connection.executemany("INSERT OR REPLACE INTO note VALUES (?, ?, ?)", added)


def _column_value(name: str, value: Any) -> object:
    if not value:
        return _COLUMNS[name]
    return f" {' '.join(value)} " if name == "tags" else value
