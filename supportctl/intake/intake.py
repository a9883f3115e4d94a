"""Taking mail in: each mail joins the ticket it belongs to, or opens a new one; none is lost, none comes twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from supportctl.intake.conversations import KnownConversations
from supportctl.intake.sources import Arrival
from supportctl.mail.threads import Thread, find_thread
from supportctl.model import Mail, Message, Source, Ticket
from supportctl.operations.classification import apply_rules
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import end, enter_queue, go_back
from supportctl.policy.access import decide, robot
from supportctl.store import maildir

LARGEST_OPERATION = 500
"""So many mails at most are one operation: with more the writer begins later, and holds more in memory."""

_PEOPLE, _REFERENCES, _PROBLEMS = 50, 30, 10
_LINE = 998
"""No more characters of a header field are kept in the metadata (RFC 5322, 2.1.1): a hostile one has a million."""


@dataclass(slots=True)
class IngestOptions:
    """How mail is taken in: with the rules at once, into which queue, as an archive of what is closed."""

    classify: bool = False
    queue: str = ""
    closed: bool = False


@dataclass(slots=True)
class Receipt:
    """What became of one mail."""

    source: str
    mid: str
    ticket: str
    outcome: Literal["new", "follow-up", "duplicate"]
    number: int = 0


@dataclass(slots=True)
class Intake:
    """One operation's worth of mail, and what became of it once it is planned."""

    arrivals: list[Arrival]
    manner: IngestOptions
    receipts: list[Receipt] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    read: list[tuple[int, Mail]] = field(default_factory=list)

    def plan(self, draft: Draft) -> None:
        """Enter what the mails do to the desk; mails that are gone from the INBOX are left to who took them."""
        self.receipts.clear()
        self.read.clear()
        known = KnownConversations(draft, [arrival.mail for arrival in self.arrivals])
        for arrival in self.arrivals:
            path = _path_of(arrival.source, draft)
            if path is not None:
                self._take(draft, known, arrival, path)
        self.rows = [_describe(receipt, draft.find(receipt.ticket)[0]) for receipt in self.receipts]

    def release(self) -> None:
        """Let go of the mails; before the next ones are read, whoever else has a hold of this."""
        self.arrivals.clear()
        self.read.clear()

    def _take(self, draft: Draft, known: KnownConversations, arrival: Arrival, path: str) -> None:
        mail = arrival.mail
        if ticket_id := known.duplicate_of(mail.digest, mail.size):
            draft.keep_aside(arrival.source, path, ticket_id, mail)
            self.receipts.append(Receipt(arrival.source.name, mail.mid, ticket_id, "duplicate"))
            return
        message = _message_of(mail, draft, arrival.source.key)
        ticket, is_new = _ticket_for(mail, draft, known, self.manner)
        if message.key in {known_message.key for known_message in ticket.messages}:
            # A name that was there before, given again to another mail.
            message = message._replace(key=maildir.make_key())
        ticket.messages = [*ticket.messages, message]
        ticket.problems = list(dict.fromkeys([*ticket.problems, *mail.problems]))[:_PROBLEMS]
        at = min(mail.date, draft.now)
        draft.put(ticket, at=at if is_new else max(at, ticket.changed), is_arrival=True)
        draft.deliver(arrival.source, path, ticket.id, message.key)
        known.add(message, ticket.id)
        outcome: Literal["new", "follow-up"] = "new" if is_new else "follow-up"
        if not self.manner.closed and (self.manner.classify or not is_new):
            apply_rules(draft, ticket, mail, outcome)
        self.receipts.append(Receipt(arrival.source.name, mail.mid, ticket.id, outcome, message.number))
        self.read.append((message.number, mail))


def _path_of(source: Source, draft: Draft) -> str | None:
    """Where a mail of the desk lies now, "" for one that is copied; None for one that is gone."""
    if not source.key:
        return ""
    place = draft.state.places(source.folder).get(source.key)
    return maildir.relative_path(source.folder) + place if place else None


def _message_of(mail: Mail, draft: Draft, key: str) -> Message:
    own = set(draft.config.desk.addresses)
    people = dict.fromkeys(address.addr for address in (mail.sender, *mail.to, *mail.cc))
    return Message(
        number=draft.next_message_number(),
        key=key if maildir.is_safe_key(key) else maildir.make_key(),
        mid=mail.mid if len(mail.mid) <= _LINE else "",
        size=mail.size,
        digest=mail.digest,
        date=mail.date,
        sender=mail.sender.addr[:_LINE],
        people=[address for address in people if address and len(address) <= _LINE and address not in own][:_PEOPLE],
        references=[mid for mid in mail.references if len(mid) <= _LINE][:_REFERENCES],
        automatic=mail.automatic,
    )


def _ticket_for(mail: Mail, draft: Draft, known: KnownConversations, manner: IngestOptions) -> tuple[Ticket, bool]:
    """The ticket that a mail joins, or a new one (True)."""
    thread = find_thread(mail, known, draft.config.desk.ticket_prefix)
    if thread.ticket:
        ticket, _ = draft.find(thread.ticket)
        if _follow_up(ticket, mail, draft, known, manner):
            return ticket, False
        thread = Thread(link=thread.ticket)
    return _new_ticket(mail, draft, thread.link, manner), True


def _follow_up(ticket: Ticket, mail: Mail, draft: Draft, known: KnownConversations, manner: IngestOptions) -> bool:
    """Let a mail join a ticket: a person's opens it again or wakes it. False where a new one must be opened."""
    if not _may_join(ticket, draft):
        return False
    if mail.automatic in ("bounce", "reply") or known.is_own(mail.mid) or manner.closed:
        return True
    if ticket.state == "pending":
        go_back(ticket, draft)
    if ticket.state == "closed":
        follow_up = draft.queue(ticket.queue).follow_up
        if draft.now - ticket.closed > follow_up.reopen_within:
            return False
        ticket.state, ticket.closed, ticket.queue = "open", 0, follow_up.queue
    return True


def _may_join(ticket: Ticket, draft: Draft) -> bool:
    """Whether the robot has access to where the ticket is; else its follow-ups are tickets of their own."""
    if ticket.queue not in draft.config.queues:
        return False
    return decide(draft.config, robot(draft.config), "access", ticket.queue).answer == "yes"


def _new_ticket(mail: Mail, draft: Draft, link: str, manner: IngestOptions) -> Ticket:
    at = min(mail.date, draft.now)
    ticket = Ticket(
        id=draft.next_ticket_id(),
        queue=draft.config.desk.intake,
        state="open",
        subject=mail.subject[:_LINE],
        requester=mail.sender.addr[:_LINE],
        created=at,
        changed=at,
        links=[link] if link else [],
    )
    if manner.queue:
        enter_queue(ticket, draft.queue(manner.queue), draft.now)
    if manner.closed:
        end(ticket, at)
    return ticket


def _describe(receipt: Receipt, ticket: Ticket) -> dict[str, object]:
    return {
        "ticket": ticket.id,
        "source": receipt.source,
        "message_id": receipt.mid,
        "queue": ticket.queue,
        "state": ticket.state,
        "outcome": receipt.outcome,
        "subject": ticket.subject,
        "rules": ticket.rules,
    }
