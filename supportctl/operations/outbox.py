"""What a person asks of the outbox: which messages are there, let them go, take them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from supportctl.config import Config
from supportctl.errors import NotFoundError, UsageError
from supportctl.model import Dispatch, Outgoing, Ticket
from supportctl.operations.dispatching import NO_TRANSPORT, free, is_to_send, take_out
from supportctl.operations.draft import Draft
from supportctl.operations.naming import resolve
from supportctl.operations.outgoing import replace_row
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.store.contract import Planning, Snapshot


class OutboxEntry(NamedTuple):
    """An outgoing message, its ticket, and that ticket's queue; `tried` are the recipients that it is about, or all."""

    ticket: str
    queue: str
    outgoing: Outgoing
    tried: tuple[str, ...] = ()

    @property
    def dispatches(self) -> list[Dispatch]:
        """What has become of the message, for each recipient that this is about."""
        return [each for each in self.outgoing.dispatches if not self.tried or each.to in self.tried]


_ID = re.compile(r"([^/@]{1,80})/([0-9A-Za-z+_-]{1,40})")
_TOKEN = 6
Chosen = dict[str, list[str]]
"""The keys of outgoing messages by ticket."""


def id_of(ticket_id: str, outgoing: Outgoing) -> str:
    """What people call an outgoing message: `s20261122.17/a1b2c3`, from its Message-ID."""
    return f"{ticket_id}/{_token_of(outgoing)[:_TOKEN]}"


def list_outbox(snapshot: Snapshot, config: Config) -> Iterator[Row]:
    """What is still to be done, one row for each message and recipient, the oldest message first."""
    for name in snapshot.tickets_with_outgoing():
        ticket = snapshot.find(name)
        for outgoing in ticket.outgoing:
            if outgoing.is_open and _is_ours(snapshot, outgoing):
                yield from _rows(snapshot, config, ticket, outgoing)


def count_stuck(snapshot: Snapshot) -> tuple[int, int]:
    """How many messages have failed, and how many others are held."""
    failed = held = 0
    for name in snapshot.tickets_with_outgoing():
        for outgoing in snapshot.find(name).outgoing:
            if outgoing.is_open and _is_ours(snapshot, outgoing):
                failed += outgoing.has_failed
                held += not outgoing.has_failed and any(each.state == "held" for each in outgoing.dispatches)
    return failed, held


def choose(draft: Draft, names: Iterable[str]) -> Chosen:
    """The messages that names mean: one by its id or Message-ID, all open ones of a ticket by the ticket's name.

    Names that mean none are refused, and so are tickets that the agent may not work on.
    """
    chosen: Chosen = {}
    for name in names:
        try:
            ticket_id, is_meant = _resolve(draft.planning, draft.config, name, draft.now)
            # The right first: that there is no message would reveal something of the ticket.
            if error := draft.objection_to(ticket_id):
                draft.refuse(ticket_id, error)
                continue
            found = [row.key for row in draft.find(ticket_id).outgoing if row.is_open and is_meant(row)]
        except NotFoundError as missing:
            draft.refuse(name, missing)
            continue
        if not found:
            error = NotFoundError(f"no message in the outbox named {name}", "list them with supportctl outbox")
            draft.refuse(name, error)
        else:
            keys = chosen.setdefault(ticket_id, [])
            keys += [key for key in found if key not in keys]
    return chosen


def free_held(draft: Draft, names: Sequence[str]) -> None:
    """Let messages go that are held or have failed."""

    def step(ticket: Ticket, outgoing: Outgoing) -> Outgoing:
        freed = free(outgoing, draft.now)
        if freed == outgoing and not is_to_send(outgoing, draft.now, at_once=True):
            raise UsageError(f"{id_of(ticket.id, outgoing)} is neither held nor failed")
        return freed

    for ticket in _change(draft, names, step):
        queue = draft.queue(ticket.queue)
        if queue.outgoing.transport.kind == "maildir":
            hint = f"set transport under outgoing in {draft.config.file.name}"
            draft.refuse(ticket.id, UsageError(f"{ticket.id}: {NO_TRANSPORT} for {queue.title}", hint))


def drop_messages(draft: Draft, names: Sequence[str], reason: str) -> None:
    """Take messages out of the outbox."""
    month = draft.planning.ids_at(draft.now).month
    for ticket in _change(draft, names, lambda _, outgoing: take_out(outgoing, draft.now, month, reason)):
        for outgoing in ticket.outgoing:
            if outgoing.progress and any(each.interrupted for each in outgoing.progress if each.state == "dropped"):
                draft.warn(ticket.id, f"{id_of(ticket.id, outgoing)} was being sent: it may have arrived")


def reopen_undelivered(draft: Draft, entries: Iterable[OutboxEntry]) -> None:
    """Open the tickets again that were closed together with a message that was not delivered: somebody has to know.

    An operation of its own, which undo does not look through: the ticket is not as the reply or forward has left it.
    """
    for entry in entries:
        for ticket in draft.find_many([entry.ticket]):
            if ticket.state == "closed" and ticket.closed == entry.outgoing.at and entry.outgoing.kind != "notice":
                ticket.state, ticket.closed = "open", 0
                draft.put(ticket, at=draft.now, notes=[f"{entry.outgoing.kind} not delivered"])


def _change(draft: Draft, names: Sequence[str], step: Callable[[Ticket, Outgoing], Outgoing]) -> Iterator[Ticket]:
    """The tickets of messages, once their messages are changed; the agent must be allowed to work on them."""
    chosen = choose(draft, names)
    for ticket in draft.find_many(list(chosen)):
        try:
            for row in [row for row in ticket.outgoing if row.key in chosen[ticket.id]]:
                replace_row(draft, ticket, row, step(ticket, row))
        except UsageError as error:
            draft.refuse(ticket.id, error)
            continue
        draft.put(ticket)
        yield ticket


def _resolve(planning: Planning, config: Config, name: str, now: int) -> tuple[str, Callable[[Outgoing], bool]]:
    """The ticket that a name is about, and which of its messages are meant."""
    if found := _ID.fullmatch(name):
        return resolve(planning, config, found[1], now), lambda row: _token_of(row).startswith(found[2])
    mid = name.strip().removeprefix("<").removesuffix(">")
    if ticket_id := planning.tickets_that_sent([mid]).get(mid):
        return ticket_id, lambda row: row.mid == mid
    return resolve(planning, config, name, now), lambda _: True


def _rows(snapshot: Snapshot, config: Config, ticket: Ticket, outgoing: Outgoing) -> Iterator[Row]:
    is_there = snapshot.is_in_outbox(outgoing.key)
    for dispatch in outgoing.dispatches:
        if dispatch.state in ("sent", "dropped"):
            continue
        reason = dispatch.reason or (why_held(config, ticket.queue) if dispatch.state == "held" else "")
        yield {
            "id": id_of(ticket.id, outgoing),
            "at": outgoing.at,
            "kind": outgoing.kind,
            "to": dispatch.to,
            "state": dispatch.state,
            "due": dispatch.due,
            "reason": reason if is_there else "its file is not in the outbox; supportctl check",
            "subject": ticket.subject,
            "ticket": ticket.id,
            "tries": dispatch.tries,
            "message_id": outgoing.mid,
        }


def why_held(config: Config, queue: str) -> str:
    """Why a message for a ticket in a queue is held, where nothing else is recorded."""
    if (config.queues.get(queue) or config.desk).outgoing.transport.kind == "maildir":
        return NO_TRANSPORT
    return "written before a transport was configured"


def _is_ours(snapshot: Snapshot, outgoing: Outgoing) -> bool:
    """Whether a message is the desk's to send: not one of an earlier version that another program has taken."""
    return bool(outgoing.digest) or snapshot.is_in_outbox(outgoing.key)


def _token_of(outgoing: Outgoing) -> str:
    """The part of a Message-ID that tells the messages of a ticket apart."""
    return re.sub(r"[^0-9A-Za-z+_-]", "-", outgoing.mid.partition("@")[0].rpartition(".")[2])
