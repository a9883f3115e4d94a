"""Follow-ups: the ticket that a message joins, and whether the message reopens or wakes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from supportctl.intake.conversations import KnownConversations
from supportctl.mail.content import MessageContent
from supportctl.mail.failures import is_final
from supportctl.mail.threads import Thread, find_thread
from supportctl.model import Ticket
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import go_back
from supportctl.policy.access import decide
from supportctl.policy.agents import THE_ROBOT
from supportctl.records import Record

if TYPE_CHECKING:
    from collections.abc import Sequence


class Belonging(Record):
    """Where a message belongs: to a `ticket`, as a copy to change, or to a new one (None) with `links` to others.

    `stranger` is whether the writer takes no part in the ticket so far, `own` whether it is the desk's own mail.
    `others` are tickets to link with the one that the message is in.
    """

    ticket: Ticket | None
    links: Sequence[str] = ()
    others: Sequence[str] = ()
    stranger: bool = False
    own: bool = False


NOWHERE = Belonging(None)


def find_where_it_belongs(
    content: MessageContent,
    draft: Draft,
    known: KnownConversations,
    *,
    is_archived: bool,
    is_open: Callable[[str], bool],
) -> Belonging:
    """Where a message belongs, with its ticket reopened or awake if the message does that.

    An archived message, taken in with its closed ticket, reopens nothing. A ticket in a queue that is not open to
    whoever brings the message (`is_open` of its id) is neither joined nor linked, as if there were none.
    """
    thread, own = _find_thread(content, draft, known)
    others = [name for name in thread.others if is_open(name)]
    found = thread.ticket or thread.link
    if not found or not is_open(found):
        return NOWHERE
    if not thread.ticket:
        return Belonging(None, [thread.link])
    ticket = draft.find(thread.ticket)
    stranger = not own and not known.takes_part(content, ticket.id)
    is_joined = may_join(ticket, draft) and (
        own or is_archived or _join(ticket, content, draft, known, stranger=stranger, is_named=thread.is_named)
    )
    if is_joined:
        return Belonging(ticket, (), others, stranger, own)
    linked = _find_linked(content, draft, known, ticket, others)
    if linked and is_open(linked.id):
        return Belonging(linked, (), others)
    return Belonging(None, [thread.ticket], others)


def _find_thread(content: MessageContent, draft: Draft, known: KnownConversations) -> tuple[Thread, bool]:
    """The thread that a message belongs to, and whether it is the desk's own mail that comes back to its ticket."""
    is_by_desk = _is_by_desk(content, draft)
    if is_by_desk and known.is_sent(content.mid) and not known.has(content.mid):
        return Thread(known.ticket_with(content.mid) or ""), True
    thread = find_thread(content, known)
    return thread, is_by_desk and thread.is_named and bool(thread.ticket)


def _find_linked(
    content: MessageContent, draft: Draft, known: KnownConversations, ticket: Ticket, others: Sequence[str]
) -> Ticket | None:
    """The ticket that an earlier message of the writer has opened instead of joining this one, if it is still open.

    Another system tells of each step, and names the same message every time.
    """
    for name in dict.fromkeys([*others, *known.tickets_answering(content.references)]):
        linked = draft.find(name)
        if (
            linked.state == "open"
            and ticket.id in linked.links
            and may_join(linked, draft)
            and known.takes_part(content, name)
        ):
            return linked
    return None


def may_join(ticket: Ticket, draft: Draft) -> bool:
    """Whether the robot has access to the ticket's queue; without it, a follow-up becomes a new ticket."""
    if ticket.queue not in draft.config.queues:
        return False
    return decide(draft.config, THE_ROBOT, "access", ticket.queue).answer == "yes"


def _is_by_desk(content: MessageContent, draft: Draft) -> bool:
    """Whether the desk wrote a message: what it sends comes back by a copy, a list, or a client's folder of sent mail.

    A form on a website that writes in the desk's name has somebody else in Reply-To. A list that writes in the name of
    its writers has them there.
    """
    own = {*draft.config.desk.addresses, draft.config.desk.sender}
    answers_to = {address.addr for address in content.reply_to}
    if content.sender.addr in own:
        return answers_to <= own or content.automatic == "list"
    return content.automatic == "list" and not answers_to.isdisjoint(own)


def _join(
    ticket: Ticket, content: MessageContent, draft: Draft, known: KnownConversations, *, stranger: bool, is_named: bool
) -> bool:
    """Let a message join a ticket, reopening or waking it where a person takes part; False for a new ticket instead.

    Whatever may be a person's must be seen. A closed ticket hides what joins it; a pending one shows it as unread.
    """
    if content.automatic == "notification":
        return ticket.state != "closed"
    if _changes_nothing(content, known):
        return True
    if stranger and content.automatic != "bounce":
        # What only others say belongs here would wait for the ticket's date without having asked for that.
        return ticket.state == "open" or (ticket.state == "pending" and is_named)
    if ticket.state == "pending":
        go_back(ticket, draft)
    if ticket.state == "closed":
        follow_up = draft.queue(ticket.queue).follow_up
        if draft.now > follow_up.reopen_within.after(ticket.closed, draft.config.desk.timezone):
            return False
        ticket.state, ticket.closed, ticket.queue = "open", 0, follow_up.queue
    return True


def _changes_nothing(content: MessageContent, known: KnownConversations) -> bool:
    """Whether no person wrote a message for certain, and nobody has to know of it.

    What is only likely to be automatic counts as a person's.
    """
    if content.automatic == "bounce":
        return not (known.is_sent(content.original) and is_final(content.text))
    return content.automatic == "reply"
