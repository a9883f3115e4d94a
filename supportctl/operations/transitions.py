"""Move tickets between queues and states: move, close, reopen, put on hold, wake."""

from __future__ import annotations

from supportctl.config import Queue
from supportctl.errors import UsageError
from supportctl.model import Ticket
from supportctl.operations.draft import Draft


def move(draft: Draft, names: list[str], queue: Queue, *, with_closed: bool = False) -> None:
    """Move tickets to a queue; one that closes on arrival closes them, and refuses those that may not close there.

    A closed ticket is refused unless `with_closed`: then it stays closed in its new queue.
    """
    require_open_entry(queue)
    for ticket in draft.find_many(names):
        # Nothing to do, unless the ticket is on hold in this very queue: then moving it here wakes it.
        if ticket.queue == queue.key and ticket.state != "pending":
            continue
        if ticket.state == "closed" and not with_closed:
            draft.refuse(ticket.id, UsageError(f"{ticket.id} is closed", "move closed tickets with --closed"))
            continue
        if reason := enter_queue(ticket, queue, draft.now):
            types = ", ".join(draft.config.issue_types)
            hint = f"set one with supportctl tag {ticket.id} --type TYPE, one of {types}"
            draft.refuse(ticket.id, UsageError(f"{ticket.id} {reason}", hint))
        else:
            draft.put(ticket)


def require_open_entry(queue: Queue) -> None:
    """Raise UsageError for the waiting queue, which no ticket enters without a date."""
    if queue.needs == "due":
        raise UsageError(f"a ticket in {queue.title} needs a due date", "use supportctl pend TICKET --until DATE")


def require_closed_entry(queue: Queue, issue_type: str) -> None:
    """Raise UsageError for a queue where a new ticket of an issue type ("" for none) may not close."""
    if reason := reason_not_to_close(issue_type, queue):
        raise UsageError(f"a new ticket {reason}", "set one with --type TYPE, or leave out --closed")


def enter_queue(ticket: Ticket, queue: Queue, now: int) -> str:
    """Put a ticket into a queue: it is no longer pending, and closes where the queue closes on arrival.

    Returns why the ticket does not close although it should; "" for nothing.
    """
    ticket.queue = queue.key
    ticket.due, ticket.return_to = 0, ""
    if ticket.state == "pending":
        ticket.state = "open"
    if queue.on_arrival == "close" and ticket.state != "closed":
        return try_to_close(ticket, queue, now)
    return ""


def try_to_close(ticket: Ticket, queue: Queue, now: int) -> str:
    """Close a ticket if its queue lets it; return why not, "" for a closed ticket."""
    reason = reason_not_to_close(ticket.issue_type, queue)
    if not reason:
        ticket.state, ticket.closed = "closed", now
        ticket.due, ticket.return_to = 0, ""
    return reason


def reason_not_to_close(issue_type: str, queue: Queue) -> str:
    """Why a ticket of an issue type ("" for none) may not close in a queue, as a predicate; "" where it may.

    Everything that closes tickets asks this. What a person does is then refused; what happens by itself leaves the
    ticket open, with a note that says why.
    """
    if queue.needs_at_close == "issue_type" and not issue_type:
        return f"needs an issue type to close in {queue.title}"
    return ""


def note_left_open(reason: str) -> list[str]:
    """The note on a ticket that a rule or a queue would have closed; none without a reason."""
    return [f"left open: {reason}"] if reason else []


def close(draft: Draft, names: list[str], issue_type: str = "") -> None:
    """Close tickets, giving them an issue type first; a queue may need one."""
    for ticket in draft.find_many(names):
        if ticket.state == "closed":
            continue
        ticket.issue_type = issue_type or ticket.issue_type
        # What a pending ticket's own queue needs, not what the waiting queue needs.
        home = _home_of(ticket, draft) if ticket.state == "pending" else ticket.queue
        if reason := try_to_close(ticket, draft.queue(home), draft.now):
            hint = f"set one with --type TYPE, one of {', '.join(draft.config.issue_types)}"
            draft.refuse(ticket.id, UsageError(f"{ticket.id} {reason}", hint))
        else:
            draft.put(ticket)


def reopen(draft: Draft, names: list[str]) -> None:
    """Open closed tickets again, in the queue that they are in."""
    for ticket in draft.find_many(names):
        if ticket.state == "closed":
            ticket.state, ticket.closed = "open", 0
            draft.put(ticket)


def pend(draft: Draft, names: list[str], due: int) -> None:
    """Put tickets on hold until a time: in the desk's waiting queue where there is one, else in their own."""
    waiting = draft.config.waiting
    for ticket in draft.find_many(names):
        if ticket.state == "closed":
            draft.refuse(ticket.id, UsageError(f"{ticket.id} is closed", f"run supportctl reopen {ticket.id} first"))
            continue
        put_on_hold(ticket, waiting, due)
        draft.put(ticket)


def put_on_hold(ticket: Ticket, waiting: Queue | None, due: int) -> None:
    """Let an open ticket wait until a time, in the waiting queue where there is one."""
    # A ticket that is put on hold again still goes back to where it was first.
    ticket.return_to = ticket.return_to or ticket.queue
    ticket.queue = waiting.key if waiting else ticket.queue
    ticket.state, ticket.due = "pending", due


def wake(draft: Draft, names: list[str]) -> None:
    """Move pending tickets back to their queues."""
    for ticket in draft.find_many(names):
        if ticket.state == "pending":
            go_back(ticket, draft)
            draft.put(ticket)


def wake_due(draft: Draft) -> None:
    """Move the pending tickets that are due back to their queues."""
    waiting = draft.config.waiting
    queues = [waiting.key] if waiting else list(draft.config.queues)
    for queue in queues:
        for ticket in draft.find_in(queue):
            if ticket.state == "pending" and 0 < ticket.due <= draft.now:
                go_back(ticket, draft)
                draft.put(ticket, why="due")


def go_back(ticket: Ticket, draft: Draft) -> None:
    """Let a pending ticket go back to its queue, or to the intake queue where that queue no longer exists."""
    ticket.queue, ticket.state = _home_of(ticket, draft), "open"
    ticket.due, ticket.return_to = 0, ""


def _home_of(ticket: Ticket, draft: Draft) -> str:
    """The queue that a pending ticket belongs to, whose rules still apply."""
    return ticket.return_to if ticket.return_to in draft.config.queues else draft.config.desk.intake
