"""What an operation does to one ticket: as a change to make, and as the record of the change in the log.

A record holds every changed field, old and new, so that all metadata can be rebuilt from the log alone and a change
can be inverted. Messages and outgoing messages are recorded as added and dropped, not as whole lists: the thousandth
follow-up of a ticket costs what the first did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supportctl.model import Message, Note, Outgoing, Ticket
from supportctl.records import Record
from supportctl.store.documents import (
    LISTS_OF_RECORDS,
    Document,
    pack_fields,
    pack_row,
    pack_ticket,
    pack_value,
    unpack_ticket,
)
from supportctl.store.layout import queue_of
from supportctl.store.log import LoggedChange

_LOGGED_AS = {"messages": "messages", "outgoing": "outgoing", "notes": "noted"}
"""The lists of records by their names in the log, where `notes` say what a change could not do."""


class Change(Record, frozen=False):
    """A ticket before and after; `before` is None for a new ticket, `after` for one whose intake is undone.

    `source` and `target` are the folders before and after; `Planning.file` chooses the target. `notes` say what was
    not done, and why.
    """

    before: Ticket | None = None
    after: Ticket | None = None
    source: str = ""
    target: str = ""
    why: str = ""
    notes: list[str] = []
    undone: list[tuple[str, str]] = []

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is afterwards, or as it last was."""
        ticket = self.after or self.before
        assert ticket is not None
        return ticket

    @property
    def is_empty(self) -> bool:
        """Whether the change makes no difference and has nothing to note."""
        return self.before == self.after and self.source == self.target and not self.notes


def record(change: Change) -> LoggedChange:
    """The record of a change in the log."""
    entry: LoggedChange = {
        "ticket": change.ticket.id,
        "from": change.source if change.before else None,
        "to": change.target if change.after else None,
        "set": _compare_fields(change.before, change.after),
    }
    for name, logged in _LOGGED_AS.items():
        if parts := _compare(getattr(change.before, name, []), getattr(change.after, name, [])):
            entry[logged] = parts
    if change.why:
        entry["why"] = change.why
    if change.notes:
        entry["notes"] = change.notes
    if change.undone:
        entry["undone"] = dict(change.undone)
    return entry


def replay(entry: LoggedChange, document: Document | None) -> Document | None:
    """The document after a recorded change; None for a ticket that is gone after it."""
    if entry["to"] is None:
        return None
    after = dict(document or {})
    for name, (_, new) in entry["set"].items():
        if new is None:
            after.pop(name, None)
        else:
            after[name] = new
    for name, logged in _LOGGED_AS.items():
        _replay_records(after, name, entry.get(logged))
    after.setdefault("messages", [])  # which a document has even where it is empty
    return after


def invert(entry: LoggedChange) -> LoggedChange:
    """The inverse of a recorded change."""
    turned: LoggedChange = {
        "ticket": entry["ticket"],
        "from": entry["to"],
        "to": entry["from"],
        "set": {name: [new, old] for name, (old, new) in entry["set"].items()},
    }
    for logged in _LOGGED_AS.values():
        if parts := entry.get(logged):
            turned[logged] = {"add": parts.get("drop", []), "drop": parts.get("add", [])}
    return turned


def take_back(entry: LoggedChange, ticket: Ticket | None) -> Ticket | None:
    """The ticket (None: gone) as it was before a recorded change, given the ticket as the change left it."""
    document = replay(invert(entry), pack_ticket(ticket) if ticket is not None else None)
    return unpack_ticket(document) if document is not None else None


def queues_of(entry: LoggedChange) -> set[str]:
    """The queues of a ticket before and after a recorded change; whoever may read one of them may see the change."""
    return {queue_of(folder) for folder in (entry["from"], entry["to"]) if folder is not None}


def queue_before(entry: LoggedChange) -> str | None:
    """The queue of a ticket before a recorded change; None for a ticket that is new."""
    return queue_of(entry["from"]) if entry["from"] is not None else None


def queue_after(entry: LoggedChange) -> str | None:
    """The queue of a ticket after a recorded change; None for a ticket that is gone after it."""
    return queue_of(entry["to"]) if entry["to"] is not None else None


def _compare_fields(before: Ticket | None, after: Ticket | None) -> LoggedChange:
    if before is None:
        return {name: [None, value] for name, value in pack_fields(after).items()} if after else {}
    if after is None:
        return {name: [value, None] for name, value in pack_fields(before).items()}
    old = vars(before)
    return {
        name: [pack_value(name, old[name]), pack_value(name, value)]
        for name, value in vars(after).items()
        if value != old[name] and name not in LISTS_OF_RECORDS
    }


def _compare(before: Sequence[Message | Outgoing | Note], after: Sequence[Message | Outgoing | Note]) -> LoggedChange:
    if before == after:
        return {}
    old, new = ({row.key: row for row in rows} for rows in (before, after))
    parts = {
        "add": [pack_row(row) for row in after if old.get(row.key) != row],
        "drop": [pack_row(row) for row in before if new.get(row.key) != row],
    }
    return {name: rows for name, rows in parts.items() if rows}


def _replay_records(document: Document, name: str, parts: LoggedChange | None) -> None:
    if not parts:
        return
    added = {row["key"]: row for row in parts.get("add", ())}
    gone = _keys(parts.get("drop", ())) - added.keys()
    # What is dropped and added again keeps its place: only messages have a number to be sorted by.
    kept = [added.pop(row["key"], row) for row in document.get(name, ()) if row["key"] not in gone]
    rows = sorted([*kept, *added.values()], key=lambda row: row.get("number", 0))
    if rows:
        document[name] = rows
    else:
        document.pop(name, None)


def _keys(rows: Iterable[Document]) -> set[str]:
    return {row["key"] for row in rows}
