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
        _repair_ticket(draft, draft.find(ticket_id), _match(lost, by_digest), lost)


def _match(lost: list[Message], by_digest: dict[str, list[Stray]]) -> dict[int, Stray]:
    """The strays that are lost messages, by the messages' numbers; they are taken out of `by_digest`."""
    found: dict[int, Stray] = {}
    # Each stray once: of several messages with the same bytes, one file is one; if possible, that of its name.
    for is_of_its_name in (True, False):
        for message in lost:
            strays = by_digest.get(message.digest, [])
            fits = [stray for stray in strays if stray.waits.key == message.key or not is_of_its_name]
            if fits and message.number not in found:
                found[message.number] = fits[0]
                strays.remove(fits[0])
    return found


def _repair_ticket(draft: Draft, ticket: Ticket, strays_by_number: dict[int, Stray], lost: list[Message]) -> None:
    """Bring stray messages back to their ticket, or the ticket to the queue where all its messages are."""
    gone = [note_of_loss(message.key) for message in lost if message.number not in strays_by_number]
    ticket.problems = list(dict.fromkeys([*ticket.problems, *gone]))
    others = {message.key for message in ticket.messages if message.number not in strays_by_number}
    keys = {}
    for message in (message for message in lost if message.number in strays_by_number):
        # The name that the client gave it, which the client knows; but no two messages of a ticket have one key.
        name = strays_by_number[message.number].waits.key
        keys[message.number] = message.key if name in others else name
    ticket.messages = [m._replace(key=keys.get(m.number, m.key)) for m in ticket.messages]
    for number, stray in strays_by_number.items():
        draft.deliveries.bring(stray.waits, ticket.id, keys[number])
    queues = {stray.queue for stray in strays_by_number.values()}
    # Only a whole conversation in one queue was moved by a person; parts are brought back.
    if len(strays_by_number) == len(ticket.messages) and len(queues) == 1 and queues <= draft.config.queues.keys():
        _follow(draft, ticket, queues.pop(), is_closed=any(stray.is_closed for stray in strays_by_number.values()))
    elif strays_by_number:
        count = count_of(len(strays_by_number), "message")
        draft.put(ticket, notes=[f"brought {count} back from {', '.join(sorted(queues))}"])
    else:
        draft.put(ticket)


def _read_digests(planning: Planning, strays: Iterable[Stray]) -> dict[str, list[Stray]]:
    by_digest: dict[str, list[Stray]] = {}
    for stray in strays:
        raw = planning.read_waiting(stray.waits)
        if raw is not None:
            by_digest.setdefault(sha256(raw).hexdigest(), []).append(stray)
    return by_digest


def _follow(draft: Draft, ticket: Ticket, key: str, *, is_closed: bool) -> None:
    queue = draft.queue(key)
    reason = enter_queue(ticket, queue, draft.now)
    if is_closed and ticket.state != "closed":
        reason = try_to_close(ticket, queue, draft.now)
    draft.put(ticket, why="moved by a mail client", notes=note_left_open(reason))
