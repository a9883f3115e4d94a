"""Repair by an operation: tickets follow what mail clients did to their messages, or note a loss."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from supportctl.model import Message, Ticket, note_of_loss
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import enter_queue, note_left_open, try_to_close
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.contract import Planning
    from supportctl.store.exchange import Stray


def repair_messages(draft: Draft) -> None:
    """Let tickets follow messages that a mail client has moved to another queue; note what is gone for good.

    A message is recognised by its content, as clients may rename it when they move it.
    """
    by_digest = _read_digests(draft.planning, draft.planning.strays())
    for ticket_id, lost in list(draft.planning.lost_messages()):
        strays_by_number = {
            message.number: by_digest[message.digest] for message in lost if message.digest in by_digest
        }
        _repair_ticket(draft, draft.find(ticket_id), strays_by_number, lost)


def _repair_ticket(draft: Draft, ticket: Ticket, strays_by_number: dict[int, Stray], lost: list[Message]) -> None:
    """Bring stray messages back to their ticket, or the ticket to the queue where all its messages are."""
    gone = [note_of_loss(message.key) for message in lost if message.number not in strays_by_number]
    ticket.problems = list(dict.fromkeys([*ticket.problems, *gone]))
    ticket.messages = [
        m._replace(key=strays_by_number[m.number].waits.key) if m.number in strays_by_number else m
        for m in ticket.messages
    ]
    # Each stray once: two lost messages with the same bytes are found in one file.
    strays = set(strays_by_number.values())
    for stray in sorted(strays, key=lambda stray: stray.waits):
        draft.deliveries.bring(stray.waits, ticket.id)
    queues = {stray.queue for stray in strays}
    # Only a whole conversation in one queue was moved by a person; parts are brought back.
    if len(strays_by_number) == len(ticket.messages) and len(queues) == 1 and queues <= draft.config.queues.keys():
        _follow(draft, ticket, queues.pop(), is_closed=any(stray.is_closed for stray in strays))
    elif strays_by_number:
        count = count_of(len(strays_by_number), "message")
        draft.put(ticket, notes=[f"brought {count} back from {', '.join(sorted(queues))}"])
    else:
        draft.put(ticket)


def _read_digests(planning: Planning, strays: Iterable[Stray]) -> dict[str, Stray]:
    by_digest = {}
    for stray in strays:
        raw = planning.read_waiting(stray.waits)
        if raw is not None:
            by_digest[sha256(raw).hexdigest()] = stray
    return by_digest


def _follow(draft: Draft, ticket: Ticket, key: str, *, is_closed: bool) -> None:
    queue = draft.queue(key)
    reason = enter_queue(ticket, queue, draft.now)
    if is_closed and ticket.state != "closed":
        reason = try_to_close(ticket, queue, draft.now)
    draft.put(ticket, why="moved by a mail client", notes=note_left_open(reason))
