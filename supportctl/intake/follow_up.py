"""Follow-ups: the ticket that a message joins, which the message may reopen or wake."""

from __future__ import annotations

from collections.abc import Callable

from supportctl.intake.conversations import KnownConversations
from supportctl.mail.content import MessageContent
from supportctl.mail.threads import find_thread
from supportctl.model import Ticket
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import go_back
from supportctl.policy.access import decide
from supportctl.policy.agents import THE_ROBOT


def find_ticket_to_join(
    content: MessageContent,
    draft: Draft,
    known: KnownConversations,
    *,
    is_archived: bool,
    is_open: Callable[[str], bool],
) -> tuple[Ticket | None, str]:
    """The ticket that a message joins, as a copy to change; None for a new one, with the id of a ticket to link or "".

    An archived message, taken in with its closed ticket, reopens nothing. A ticket in a queue that is not open to
    whoever brings the message (`is_open` of its id) is neither joined nor linked, as if there were none.
    """
    thread = find_thread(content, known)
    found = thread.ticket or thread.link
    if not found or not is_open(found):
        return None, ""
    if not thread.ticket:
        return None, thread.link
    ticket = draft.find(thread.ticket)
    is_joined = _may_join(ticket, draft) and _join(ticket, content, draft, known, is_archived)
    return (ticket, "") if is_joined else (None, thread.ticket)


def _may_join(ticket: Ticket, draft: Draft) -> bool:
    """Whether the robot has access to the ticket's queue; without it, a follow-up becomes a new ticket."""
    if ticket.queue not in draft.config.queues:
        return False
    return decide(draft.config, THE_ROBOT, "access", ticket.queue).answer == "yes"


def _join(ticket: Ticket, content: MessageContent, draft: Draft, known: KnownConversations, is_archived: bool) -> bool:
    """Let a message join a ticket, reopening or waking it for a person; False where a new ticket must be opened."""
    # What no person wrote, what the desk wrote itself, and an archive change nothing about the ticket.
    if content.automatic in ("bounce", "reply") or known.is_own(content.mid) or is_archived:
        return True
    if ticket.state == "pending":
        go_back(ticket, draft)
    if ticket.state == "closed":
        follow_up = draft.queue(ticket.queue).follow_up
        if draft.now > follow_up.reopen_within.after(ticket.closed, draft.config.desk.timezone):
            return False
        ticket.state, ticket.closed, ticket.queue = "open", 0, follow_up.queue
    return True
