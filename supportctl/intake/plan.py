"""Take messages in: each joins its ticket or opens a new one; none is lost, none comes twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from supportctl.intake.conversations import KnownConversations
from supportctl.intake.duplicates import Duplicates, Original
from supportctl.intake.follow_up import NOWHERE, Belonging, find_where_it_belongs, may_join
from supportctl.intake.sources import ParsedMessage
from supportctl.mail.content import MessageContent
from supportctl.mail.threads import put_ancestors_first
from supportctl.model import DUPLICATES, INBOX, Message, Ticket, Waiting, is_left_to_rules
from supportctl.operations.draft import Draft
from supportctl.operations.rule_actions import apply_rules
from supportctl.operations.transitions import enter_queue, note_left_open, try_to_close
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.config import On
    from supportctl.store.exchange import KnownMessage

LARGEST_OPERATION = 500
"""The largest number of messages in one operation: more would delay the writer, and take more memory."""

HEAVIEST_OPERATION = 64 << 20
"""The largest number of bytes of the messages in one operation that has more than one."""

_MOST_PEOPLE, _MOST_REFERENCES, _MOST_PROBLEMS = 50, 30, 10
_LONGEST_FIELD = 998
"""The number of characters of a header field kept in the metadata (RFC 5322, 2.1.1); hostile ones have a million."""


@dataclass(slots=True)
class IngestOptions:
    """How messages are taken in: with the rules, into which queue, as a closed archive, with which issue type.

    Without `rules` none acts, on a follow-up either; without `threads` each message opens a new ticket.
    """

    classify: bool = False
    queue: str = ""
    closed: bool = False
    issue_type: str = ""
    rules: bool = True
    threads: bool = True


@dataclass(slots=True)
class Receipt:
    """What became of one message; `number` is 0 for a duplicate."""

    source: str
    mid: str
    ticket: str
    outcome: Literal["new", "follow-up", "duplicate"]
    number: int = 0


@dataclass(slots=True)
class Intake:
    """The messages of one operation, and what became of them once they are planned.

    `is_open` is whether a queue is open to the person who brings messages; what the robot brings may join any ticket.
    `own` are the numbers of the desk's own messages that have come back, by ticket.
    """

    messages: list[ParsedMessage]
    options: IngestOptions
    is_open: Callable[[str], bool] = lambda _queue: True
    receipts: list[Receipt] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    read: list[tuple[int, MessageContent]] = field(default_factory=list)
    own: dict[str, set[int]] = field(default_factory=dict)

    def plan(self, draft: Draft) -> None:
        """Enter what the messages do to the desk; those that another process has taken from the INBOX are skipped."""
        # A plan may be made again (`Desk.write`).
        self.receipts.clear()
        self.read.clear()
        self.own.clear()
        contents = [message.content for message in self.messages]
        known = KnownConversations(draft, contents)
        messages = [self.messages[place] for place in put_ancestors_first(contents, known)]
        # In that order, so that all comparisons are asked for before anything is planned.
        duplicates = Duplicates(draft, messages, known)
        for message in messages:
            if message.incoming.waits is None or draft.planning.is_waiting(message.incoming.waits):
                self._take(draft, known, duplicates, message)
        self.rows = [_describe(receipt, draft.find(receipt.ticket)) for receipt in self.receipts]

    def _take(self, draft: Draft, known: KnownConversations, duplicates: Duplicates, message: ParsedMessage) -> None:
        content = message.content
        may_know = partial(self._may_know, draft, message.incoming.brought_by)
        if original := duplicates.find_original(message, may_know):
            self._take_copy(draft, message, original)
            self.receipts.append(Receipt(message.incoming.name, content.mid, original.ticket, "duplicate"))
            return
        place = self._find_place(message, draft, known)
        is_new = place.ticket is None
        ticket = place.ticket or _new_ticket(content, draft, place.links, self.options.issue_type)
        left_open = note_left_open(_file(ticket, draft, self.options)) if is_new else []
        _link(ticket, place.others, draft)
        record = _enter_message(draft, ticket, message, left_open, place)
        # Before the next message, which may answer this one or be the same.
        known.add(record, ticket)
        duplicates.add(message, record, ticket.id)
        # The rules last: a forward sends the messages that the ticket has by then.
        outcome: On = "new" if is_new else "follow-up"
        if self._has_rules(outcome) and not place.own:
            draft.readings.know(content)
            apply_rules(draft, ticket, content, outcome)
        if place.own:
            self.own.setdefault(ticket.id, set()).add(record.number)
        self.receipts.append(Receipt(message.incoming.name, content.mid, ticket.id, outcome, record.number))
        self.read.append((record.number, content))

    def _take_copy(self, draft: Draft, message: ParsedMessage, original: Original) -> None:
        """Keep a duplicate aside; one that is better authenticated lets the rules act as if it had come first."""
        _keep_aside(draft, message, original.ticket)
        if better := [domain for domain in message.content.auth if domain not in original.auth]:
            ticket, number = draft.find(original.ticket), original.number
            ticket.messages = [
                row._replace(vouched=[*row.vouched, *better]) if row.number == number else row
                for row in ticket.messages
            ]
            draft.put(ticket, notes=[f"a copy is authenticated for {', '.join(better)}"], at=ticket.changed,
                      is_arrival=True)  # fmt: skip
            on: On = "new" if ticket.messages[0].number == number else "follow-up"
            if is_left_to_rules(ticket) and self._has_rules(on):
                apply_rules(draft, ticket, message.content, on)

    def _find_place(self, message: ParsedMessage, draft: Draft, known: KnownConversations) -> Belonging:
        if not self.options.threads:
            return NOWHERE
        is_open = partial(self._may_read, draft, message.incoming.brought_by)
        return find_where_it_belongs(message.content, draft, known, is_archived=self.options.closed, is_open=is_open)

    def _may_read(self, draft: Draft, brought_by: str, ticket_id: str) -> bool:
        """Whether a ticket is open to whoever brings a message; to the robot each is."""
        return not brought_by or self.is_open(draft.find(ticket_id).queue)

    def _may_know(self, draft: Draft, brought_by: str, known: KnownMessage) -> bool:
        """Whether whoever brings a message may learn that the desk has it: a person who may read or has brought it."""
        return known.brought_by == brought_by or self._may_read(draft, brought_by, known.ticket)

    def _has_rules(self, on: On) -> bool:
        """Whether the rules for an occasion act at once."""
        return self.options.rules and not self.options.closed and (self.options.classify or on == "follow-up")


def _keep_aside(draft: Draft, message: ParsedMessage, ticket_id: str) -> None:
    waits = message.incoming.waits
    key = draft.planning.free_key(DUPLICATES, waits.key if waits else "")
    draft.deliveries.keep_aside(message.incoming, ticket_id, message.content.digest, key)


def _link(ticket: Ticket, others: Sequence[str], draft: Draft) -> None:
    """Link a ticket with others of the same conversation, in both directions; they stay apart.

    Merging them is for a person to decide: one forged reference would bring strangers together.
    """
    for name in others:
        if name == ticket.id or name in ticket.links or not may_join(other := draft.find(name), draft):
            continue
        ticket.links = [*ticket.links, name]
        # What is closed stays as it is.
        if other.state != "closed" and ticket.id not in other.links:
            other.links = [*other.links, ticket.id]
            draft.put(other, at=other.changed, is_arrival=True)


def _enter_message(draft: Draft, ticket: Ticket, message: ParsedMessage, notes: list[str], place: Belonging) -> Message:
    """Add a message to its ticket, with notes on the ticket; return the ticket's row for it."""
    content = message.content
    record = _message_of(message, draft, _key_for(draft, ticket, message.incoming.waits), is_stranger=place.stranger)
    ticket.messages = [*ticket.messages, record]
    ticket.problems = list(dict.fromkeys([*ticket.problems, *content.problems]))[:_MOST_PROBLEMS]
    # A date in the future would keep the ticket at the top of every list.
    at = min(content.date, draft.now)
    draft.put(ticket, notes=notes, at=max(at, ticket.changed) if place.ticket else at, is_arrival=True)
    for note in notes:
        draft.warn(ticket.id, note)
    draft.deliveries.arrive(message.incoming, ticket.id, record.key)
    return record


def _key_for(draft: Draft, ticket: Ticket, waits: Waiting | None) -> str:
    """The key that a message has in the INBOX, unless another message of its ticket has it; else a new one."""
    if waits is not None and all(message.key != waits.key for message in ticket.messages):
        return waits.key
    return draft.planning.free_key(INBOX)


def _message_of(message: ParsedMessage, draft: Draft, key: str, *, is_stranger: bool) -> Message:
    content = message.content
    # Without the desk's own addresses: everybody writes to those, so they make nobody take part.
    own = set(draft.config.desk.addresses)
    people = dict.fromkeys(address.addr for address in (content.sender, *content.reply_to, *content.to, *content.cc))
    return Message(
        number=draft.numbers.next_message_number(),
        key=key,
        mid=content.mid if len(content.mid) <= _LONGEST_FIELD else "",
        size=content.size,
        digest=content.digest,
        date=content.date,
        sender=content.sender.addr[:_LONGEST_FIELD],
        people=[address for address in people if address and len(address) <= _LONGEST_FIELD and address not in own][
            :_MOST_PEOPLE
        ],
        references=[mid for mid in content.references if len(mid) <= _LONGEST_FIELD][:_MOST_REFERENCES],
        automatic=content.automatic,
        likely=content.likely,
        brought_by=message.incoming.brought_by,
        envelope=message.incoming.envelope[:_LONGEST_FIELD],
        stranger=is_stranger,
    )


def _new_ticket(content: MessageContent, draft: Draft, links: Sequence[str], issue_type: str) -> Ticket:
    at = min(content.date, draft.now)
    return Ticket(
        id=draft.numbers.next_ticket_id(),
        queue=draft.config.desk.intake,
        state="open",
        subject=content.subject[:_LONGEST_FIELD],
        requester=content.sender.addr[:_LONGEST_FIELD],
        created=at,
        changed=at,
        issue_type=issue_type,
        links=list(links),
    )


def _file(ticket: Ticket, draft: Draft, options: IngestOptions) -> str:
    """Put a new ticket into its queue; return why it does not close although it should, "" for nothing."""
    queue = draft.queue(options.queue or ticket.queue)
    reason = enter_queue(ticket, queue, draft.now) if options.queue else ""
    return try_to_close(ticket, queue, ticket.created) if options.closed else reason


def _describe(receipt: Receipt, ticket: Ticket) -> Row:
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
