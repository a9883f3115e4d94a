"""Tickets as rows, for `ls` and `search`; and the counts of `queues` and `stats`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from supportctl.model import Ticket, list_strangers
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


def list_open(snapshot: Snapshot, queues: Iterable[str]) -> list[Row]:
    """The open and pending tickets of queues, oldest change first."""
    rows = [
        describe_ticket(ticket, is_unread=snapshot.is_unread(ticket))
        for queue in queues
        for ticket in snapshot.tickets_in(queue)
    ]
    return sorted(rows, key=lambda row: (row["changed"], row["id"]))


def list_waiting(snapshot: Snapshot, queues: Iterable[str]) -> list[Row]:
    """The pending tickets of queues, earliest due date first."""
    rows = [row for row in list_open(snapshot, queues) if row["state"] == "pending"]
    return sorted(rows, key=lambda row: (row["due"], row["id"]))


def describe_ticket(ticket: Ticket, *, is_unread: bool) -> Row:
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
        "strangers": list_strangers(ticket),
        "links": ticket.links,
    }


def count_unread(snapshot: Snapshot, queue: str) -> int:
    """The number of tickets in a queue with a message that nobody has seen."""
    return sum(map(snapshot.is_unread, snapshot.tickets_in(queue)))


COUNTABLE = ("queue", "type", "state", "month", "owner")
"""What tickets can be counted by."""


def count_tickets(snapshot: Snapshot, by: list[str], since: int) -> Iterator[Row]:
    """The number of tickets for each combination of values, largest first."""
    for *values, number in snapshot.count_tickets(by, since):
        yield {**dict(zip(by, values, strict=True)), "tickets": number}
