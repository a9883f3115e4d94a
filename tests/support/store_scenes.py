"""Tickets, mails and operations to try a store with, through its contract alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, TypeVar

from supportctl.model import Ids, Message, RawMessage, Ticket
from supportctl.store.changes import Change
from supportctl.store.contract import Planning, Snapshot, Store, Writer
from supportctl.store.exchange import Delivery
from supportctl.store.log import Operation
from tests.support.desks import make_mail

NOW = 1795341600  # 2026-11-22, 10:00 UTC
DAY, MONTH = "20261122", "2026-11"
QUEUES = ("triage", "junk", "disputes")
QUEUE_FOLDERS = {queue: queue for queue in QUEUES}
MINE = ("triage", "junk")
"""What an agent may read here; `disputes` is closed to it."""

T = TypeVar("T")


def mail_of(number: int) -> bytes:
    """The bytes of a message by its number."""
    return make_mail(f"Subject {number}", text=f"Word{number} common.\n", mid=f"{number}@example.org")


def make_message(number: int, **fields: Any) -> Message:
    """The message with this number, as its ticket has it."""
    raw = mail_of(number)
    key, digest = f"{NOW + number}.M{number}P1.test", sha256(raw).hexdigest()
    known = Message(number, key, f"{number}@example.org", len(raw), digest, NOW + number, "ann@example.org")
    return known._replace(**fields)


def make_ticket(number: int, queue: str = "triage", *messages: int, **fields: Any) -> Ticket:
    """An open ticket with messages of these numbers."""
    known = Ticket(ticket_id(number), queue, "open", f"Subject {number}", "ann@example.org", NOW, NOW)
    return known._replace(messages=list(map(make_message, messages)))._replace(**fields)


def ticket_id(number: int) -> str:
    """The id of the ticket with this number."""
    return f"s{DAY}.{number}"


def deliver(ticket: Ticket) -> list[Delivery]:
    """All messages of a ticket on their way in."""
    return [Delivery(message.key, ticket.id, raw=mail_of(message.number)) for message in ticket.messages]


def an_operation() -> Operation:
    """An operation before it is committed."""
    return Operation(0, 0, NOW, "ann", "triage", "test", "", [], [], Ids())


def commit(writer: Writer, changes: Iterable[Change], deliveries: Iterable[Delivery] = (), **fields: Any) -> Operation:
    """Commit changes and deliveries as the draft does: filed, settled, with the ids that are given by then."""
    changes = list(changes)
    for change in changes:
        writer.planning.file(change, NOW)
    settled = writer.planning.settle(changes, deliveries)
    tickets = [change.after for change in changes if change.after is not None]
    ids = writer.planning.ids_at(NOW)
    last = max([ids.message, *(message.number for ticket in tickets for message in ticket.messages)])
    given = ids._replace(day=DAY, counter=max(ids.counter, len(tickets)), message=last)
    known = an_operation()._replace(ids=given)
    return writer.commit(known._replace(**fields), changes, settled)


def arrive(store: Store, *tickets: Ticket, **fields: Any) -> Operation:
    """Let tickets come with all their messages."""
    with store.writing() as writer:
        mails = [mail for ticket in tickets for mail in deliver(ticket)]
        return commit(writer, [Change(None, ticket) for ticket in tickets], mails, **fields)


def change_of(planning: Planning, number: int, **fields: Any) -> Change:
    """The change that gives a ticket other values."""
    change = planning.change_of(planning.find(ticket_id(number)))
    change.after = change.ticket._replace(**fields)
    return change


def rewrite(store: Store, *numbers: int, of_operation: dict[str, Any] | None = None, **fields: Any) -> Operation:
    """Give tickets other values, as one operation."""
    with store.writing() as writer:
        changes = [change_of(writer.planning, number, **fields) for number in numbers]
        return commit(writer, changes, **(of_operation or {}))


def close(store: Store, *numbers: int) -> Operation:
    """Close tickets."""
    return rewrite(store, *numbers, state="closed", closed=NOW)


def remove(store: Store, number: int) -> Operation:
    """Let a ticket go, as when its intake is undone."""
    with store.writing() as writer:
        change = writer.planning.change_of(writer.planning.find(ticket_id(number)))
        change.after = None
        return commit(writer, [change])


def see(store: Store, look: Callable[[Snapshot], T], readable: Iterable[str] = MINE, account: str = "ann") -> T:
    """What an agent sees that may read some queues."""
    return store.read(look, frozenset(readable), account)


def contents(store: Store, number: int) -> list[bytes | None]:
    """The bytes of a ticket's messages."""

    def look(planning: Planning) -> list[bytes | None]:
        ticket = planning.find(ticket_id(number))
        return [planning.read_message(ticket, message) for message in ticket.messages]

    return store.plan(look)


def waiting_in(store: Store) -> list[RawMessage]:
    """The messages in the INBOX, each of which can be read."""
    waiting = list(store.inbox())
    readable = [message for message in waiting if isinstance(message, RawMessage)]
    assert readable == waiting
    return readable
