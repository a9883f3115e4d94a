"""Tickets as rows, for `ls` and `search`; and the counts of `queues` and `stats`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from supportctl.model import Ticket
from supportctl.store.layout import is_archive, queue_of
from supportctl.store.snapshot import Snapshot

Row = dict[str, object]


def list_open(state: Snapshot, queues: Iterable[str]) -> list[Row]:
    """The open and waiting tickets of queues, oldest change first."""
    rows = [
        describe(ticket, is_unread=state.is_unread(queue, ticket))
        for queue in queues
        for ticket in state.tickets_in(queue)
    ]
    return sorted(rows, key=lambda row: (row["changed"], row["id"]))


def list_waiting(state: Snapshot, queues: Iterable[str]) -> list[Row]:
    """The waiting tickets of queues, those that are due first on top."""
    rows = [row for row in list_open(state, queues) if row["state"] == "pending"]
    return sorted(rows, key=lambda row: (row["due"], row["id"]))


def describe(ticket: Ticket, *, is_unread: bool) -> Row:
    """A ticket as a row."""
    return {
        "id": ticket.id,
        "unread": is_unread,
        "changed": ticket.changed,
        "queue": ticket.queue,
        "state": ticket.state,
        "requester": ticket.requester,
        "subject": ticket.subject,
        "tags": ticket.tags,
        "issue_type": ticket.issue_type,
        "owner": ticket.owner,
        "due": ticket.due,
        "created": ticket.created,
        "messages": len(ticket.messages),
    }


def count_queues(state: Snapshot) -> dict[str, tuple[int, int]]:
    """For each queue that has tickets: how many are open or waiting, how many are closed."""
    counts: dict[str, tuple[int, int]] = {}
    for folder, number in state.catalogue.count_by_folder().items():
        active, closed = counts.get(queue_of(folder), (0, 0))
        is_closed = is_archive(folder)
        counts[queue_of(folder)] = (active + number * (not is_closed), closed + number * is_closed)
    return counts


def count_unread(state: Snapshot, queue: str) -> int:
    """How many tickets of a queue have a message that nobody has seen."""
    return sum(state.is_unread(queue, ticket) for ticket in state.tickets_in(queue))


STATS_COLUMNS = {
    "queue": "queue",
    "type": "issue_type",
    "state": "state",
    "month": "strftime('%Y-%m', created, 'unixepoch')",
    "owner": "owner",
}
"""By what tickets can be counted, and the catalogue's expression for it."""


def count_tickets(state: Snapshot, by: list[str], queues: list[str], since: int) -> Iterator[Row]:
    """The number of tickets for each combination of what they are counted by, largest first."""
    marks = ", ".join("?" * len(queues))
    where = f"queue IN ({marks}) AND created >= ?"
    columns = [STATS_COLUMNS[name] for name in by]
    for *values, number in state.catalogue.count_tickets(columns, where, [*queues, since]):
        yield {**dict(zip(by, values, strict=True)), "tickets": number}
