"""Repair by an operation: what mail clients did to the messages of tickets is followed, or noted."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from supportctl.model import Message, Ticket, note_of_loss
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import end, enter_queue, note_left_open

if TYPE_CHECKING:
    from supportctl.store.contract import Planning
    from supportctl.store.exchange import Stray


def mend_mail(draft: Draft) -> None:
    """Let tickets follow messages that a mail client has moved to another queue; note what is gone for good.

    A message is known by its content: clients may give it another name when they move it.
    """
    by_digest = _read_digests(draft.planning, draft.planning.strays())
    for ticket_id, lost in list(draft.planning.lost_messages()):
        found = {message.number: by_digest[message.digest] for message in lost if message.digest in by_digest}
        _mend(draft, draft.find(ticket_id), found, lost)


def _mend(draft: Draft, ticket: Ticket, found: dict[int, Stray], lost: list[Message]) -> None:
    """Bring what was found to its ticket, or the ticket to where all of its messages are."""
    gone = [note_of_loss(message.key) for message in lost if message.number not in found]
    ticket.problems = list(dict.fromkeys([*ticket.problems, *gone]))
    ticket.messages = [m._replace(key=found[m.number].waits.key) if m.number in found else m for m in ticket.messages]
    strays = set(found.values())
    for stray in sorted(strays, key=lambda stray: stray.waits):
        draft.deliveries.bring(stray.waits, ticket.id)
    queues = {stray.queue for stray in strays}
    if len(found) == len(ticket.messages) and len(queues) == 1 and queues <= draft.config.queues.keys():
        _follow(draft, ticket, queues.pop(), is_closed=any(stray.is_closed for stray in strays))
    elif found:
        draft.put(ticket, notes=[f"{len(found)} mails were brought back from {', '.join(sorted(queues))}"])
    else:
        draft.put(ticket)


def _read_digests(planning: Planning, strays: Iterable[Stray]) -> dict[str, Stray]:
    found = {}
    for stray in strays:
        raw = planning.read_waiting(stray.waits)
        if raw is not None:
            found[sha256(raw).hexdigest()] = stray
    return found


def _follow(draft: Draft, ticket: Ticket, key: str, *, is_closed: bool) -> None:
    queue = draft.queue(key)
    reason = enter_queue(ticket, queue, draft.now)
    if is_closed and ticket.state != "closed":
        reason = end(ticket, queue, draft.now)
    draft.put(ticket, why="its mail was moved by a mail client", notes=note_left_open(reason))
