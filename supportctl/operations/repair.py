"""Repair by an operation: tickets follow what other programs did to their messages, or note a loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import TYPE_CHECKING

from supportctl.errors import NotFoundError
from supportctl.model import Message, RawMessage, Ticket, note_of_loss
from supportctl.operations.draft import Draft
from supportctl.operations.lost_mail import measure_stray
from supportctl.operations.transitions import enter_queue, note_left_open, try_to_close
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.operations.lost_mail import Candidate, Loss

LARGEST_REPAIR = 500
"""The largest number of tickets that are repaired by one operation."""

Found = dict[int, "Candidate"]
"""The files that are messages of a ticket, by the messages' numbers."""


def split_by_ticket(losses: Iterable[Loss]) -> Iterator[list[Loss]]:
    """The losses in parts of some hundred tickets, each ticket in one of them."""
    tickets = (list(each) for _, each in groupby(losses, key=lambda loss: loss.lost.ticket))
    while part := list(islice(tickets, LARGEST_REPAIR)):
        yield [loss for ticket in part for loss in ticket]


def repair_messages(draft: Draft, losses: Iterable[Loss]) -> None:
    """Let tickets follow their messages, take over what a client has rewritten, and note what is gone for good."""
    for ticket_id, those in groupby(losses, key=lambda loss: loss.lost.ticket):
        try:
            ticket = draft.find(ticket_id)
        except NotFoundError:  # undone meanwhile
            continue
        # What has changed since the losses were found is left for the next time.
        current = [loss for loss in those if _still_holds(draft, ticket, loss)]
        if current:
            _repair_ticket(draft, ticket, current)


def _still_holds(draft: Draft, ticket: Ticket, loss: Loss) -> bool:
    if loss.lost.message not in ticket.messages:
        return False
    return loss.found is None or measure_stray(draft.planning, loss.found.stray) == loss.found


def _repair_ticket(draft: Draft, ticket: Ticket, losses: list[Loss]) -> None:
    found = {loss.lost.message.number: loss.found for loss in losses if loss.found}
    moved = {number: each for number, each in found.items() if each.stray.kind != "ticket"}
    ticket.problems = _problems_after(ticket, losses)
    keys = _keys_after(ticket, moved)
    for number, each in moved.items():
        _bring(draft, ticket, each, keys[number])
    ticket.messages = [_as_found(message, keys, found.get(message.number)) for message in ticket.messages]
    queue = _queue_of_all(draft, ticket, found)
    notes = _note_rewritten(losses)
    if queue is not None:
        _follow(draft, ticket, queue, notes, is_closed=any(each.stray.is_closed for each in moved.values()))
    elif moved:
        draft.put(ticket, notes=[*notes, *_note_moved(moved)])
    else:  # no person has worked on the ticket
        draft.put(ticket, notes=notes, at=ticket.changed, is_arrival=True)


def _problems_after(ticket: Ticket, losses: list[Loss]) -> list[str]:
    """The problems of a ticket with a note for each message that is gone, and without those of what is back."""
    back = {note_of_loss(loss.lost.message.key) for loss in losses if loss.found}
    # What lies under the name of a message may still be the message, to a person who looks: `check` tells of that.
    gone = [note_of_loss(loss.lost.message.key) for loss in losses if not loss.found and not loss.lost.instead]
    return list(dict.fromkeys([*(text for text in ticket.problems if text not in back), *gone]))


def _keys_after(ticket: Ticket, moved: Found) -> dict[int, str]:
    """The keys of messages that come back: the name that a client gave them, which the client knows."""
    taken = {message.key for message in ticket.messages if message.number not in moved}
    keys = {}
    for message in ticket.messages:
        if each := moved.get(message.number):
            name = message.key if each.stray.kind == "foreign" else each.stray.waits.key
            # But no two messages of a ticket have one key.
            keys[message.number] = message.key if name in taken else name
            taken.add(keys[message.number])
    return keys


def _bring(draft: Draft, ticket: Ticket, found: Candidate, key: str) -> None:
    waits = found.stray.waits
    if found.stray.kind != "foreign":
        draft.deliveries.bring(waits, ticket.id, key)
    elif isinstance(message := draft.planning.find_waiting(waits), RawMessage):
        # What somebody else has put away stays there: the ticket gets a copy.
        message.waits = None
        draft.deliveries.arrive(message, ticket.id, key)


def _as_found(message: Message, keys: dict[int, str], found: Candidate | None) -> Message:
    if found is None:
        return message
    return message._replace(key=keys.get(message.number, message.key), size=found.size, digest=found.digest)


def _note_rewritten(losses: list[Loss]) -> list[str]:
    rewritten = [loss for loss in losses if loss.found and loss.found.digest != loss.lost.message.digest]
    count = count_of(len(rewritten), "message")
    return [f"took over {count} that another program has rewritten"] if rewritten else []


def _note_moved(moved: Found) -> list[str]:
    sources: dict[bool, set[str]] = {}
    for each in moved.values():
        name = each.stray.queue or each.stray.waits.folder or "the INBOX"
        sources.setdefault(each.stray.kind == "foreign", set()).add(name)
    return [
        f"{'copied' if is_foreign else 'brought'} back from {', '.join(sorted(names))}"
        for is_foreign, names in sources.items()
    ]


def _queue_of_all(draft: Draft, ticket: Ticket, found: Found) -> str | None:
    """The queue that a ticket follows its messages to; None where it stays, and they are brought back."""
    queues = {each.stray.queue for each in found.values()}
    # Only a whole conversation in one queue was moved by a person; parts are brought back.
    if len(found) < len(ticket.messages) or len(queues) != 1 or not queues <= draft.config.queues.keys():
        return None
    queue = draft.queue(queues.pop())
    is_closed = any(each.stray.is_closed for each in found.values())
    if queue.key == ticket.queue and (ticket.state == "closed" or not is_closed):
        return None
    if queue.needs == "due":
        draft.warn(ticket.id, f"brought back from {queue.title}, where it needs a due date: use pend --until")
        return None
    return queue.key


def _follow(draft: Draft, ticket: Ticket, key: str, notes: list[str], *, is_closed: bool) -> None:
    queue = draft.queue(key)
    reason = enter_queue(ticket, queue, draft.now)
    if is_closed and ticket.state != "closed":
        reason = try_to_close(ticket, queue, draft.now)
    left_open = note_left_open(reason)
    for note in left_open:
        draft.warn(ticket.id, note)
    draft.put(ticket, why="moved by a mail client", notes=[*notes, *left_open])
