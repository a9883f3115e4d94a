"""What is known of conversations while messages come in: by the desk, and by this very plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from supportctl.errors import NotFoundError
from supportctl.mail.content import MessageContent
from supportctl.model import Message, Ticket, list_participants
from supportctl.operations.draft import Draft
from supportctl.records import Record

_MOST_ANSWERING = 20
"""The number of tickets that answer the same message and are looked at: of a newsletter there may be thousands."""


class People(Record):
    """The addresses of a conversation: who has written, and who takes part (`model.list_participants`).

    `strangers` have written into it without that, or were written to by such. `lists` are addresses that messages which
    a mailing list has distributed were written to.
    """

    writers: set[str]
    participants: set[str]
    strangers: set[str]
    lists: set[str]


class KnownConversations:
    """The conversations that new messages may belong to (see `mail.threads.Conversations`)."""

    def __init__(self, draft: Draft, contents: Sequence[MessageContent]) -> None:
        self._draft = draft
        self._people: dict[str, People] = {}
        planning = draft.planning
        # All at once: a question to the catalogue for each message takes as long as all else together.
        mids = _once(mid for content in contents for mid in (content.mid, content.original, *content.references))
        self._by_mid = planning.tickets_with_mids(mids)
        self._by_own_mid = planning.tickets_that_sent(mids)
        self._mentioning: dict[str, dict[str, None]] = defaultdict(dict)
        for mid, ticket in planning.mentions_of(_once(self._to_look_for(contents))):
            self._mentioning[mid][ticket] = None

    def _to_look_for(self, contents: Sequence[MessageContent]) -> Iterable[str]:
        """The Message-IDs whose mentions may count: those of ancestors only where none of them is on the desk.

        In a conversation of thousands every message mentions the first one.
        """
        for content in contents:
            yield content.mid
            if not any(map(self.ticket_with, content.references)):
                yield from content.references

    def add(self, message: Message, ticket: Ticket) -> None:
        """Add a message that this plan takes in."""
        if message.mid:
            self._by_mid.setdefault(message.mid, ticket.id)
        for mid in message.references:
            self._mentioning[mid][ticket.id] = None
        if ticket.id in self._people:
            _enter(message, self._people[ticket.id])

    def ticket_with(self, mid: str) -> str | None:
        """The ticket that has, or has sent, a message."""
        return self._by_mid.get(mid) or self._by_own_mid.get(mid)

    def has(self, mid: str) -> bool:
        """Whether a message with this Message-ID has been taken in."""
        return mid in self._by_mid

    def is_sent(self, mid: str) -> bool:
        """Whether the desk wrote the message with this Message-ID."""
        return bool(mid) and mid in self._by_own_mid

    def tickets_mentioning(self, mid: str) -> Collection[str]:
        """The tickets whose messages name a message as an ancestor, oldest message first."""
        return self._mentioning.get(mid, ())

    def tickets_answering(self, mids: Sequence[str]) -> list[str]:
        """The last tickets whose messages name one of these messages as an ancestor, some of them at most.

        Looked up for one message, as only few ask.
        """
        stored = [ticket for _, ticket in self._draft.planning.mentions_of(mids)]
        taken = [ticket for mid in mids for ticket in self.tickets_mentioning(mid)]
        return list(dict.fromkeys(reversed([*stored, *taken])))[:_MOST_ANSWERING]

    def takes_part(self, content: MessageContent, ticket: str) -> bool:
        """Whether the writer of a message, or who would get the answer, takes part in a ticket."""
        return not self._people_of(ticket).participants.isdisjoint(_writers(content))

    def is_in_touch(self, content: MessageContent, ticket: str) -> bool:
        """Whether a message and a ticket have people in common (see `mail.threads.Conversations`)."""
        people, writers = self._people_of(ticket), _writers(content)
        if not (people.participants.isdisjoint(writers) and people.strangers.isdisjoint(writers)):
            return True
        readers = {address.addr for address in (*content.to, *content.cc)}
        return not (
            people.writers.isdisjoint(readers) and (content.automatic != "list" or people.lists.isdisjoint(readers))
        )

    def exists(self, ticket: str) -> bool:
        """Whether there is such a ticket."""
        try:
            self._draft.find(ticket)
        except NotFoundError:
            return False
        return True

    def _people_of(self, ticket: str) -> People:
        # Once for a ticket: each message of a conversation asks for them, and there may be thousands.
        if ticket not in self._people:
            self._people[ticket] = self._list_people(ticket)
        return self._people[ticket]

    def _list_people(self, name: str) -> People:
        people = People(set(), set(), set(), set())
        try:
            ticket = self._draft.find(name)
        except NotFoundError:
            return people
        for message in ticket.messages:
            _enter(message, people)
        people.participants.update(list_participants(ticket))
        # Everybody writes to the desk.
        for addresses in (people.writers, people.participants, people.lists):
            addresses.difference_update(self._draft.config.desk.addresses, {""})
        return people


def _enter(message: Message, people: People) -> None:
    people.writers.add(message.sender)
    (people.strangers if message.stranger else people.participants).update(message.people)
    if message.automatic == "list":
        people.lists.update(message.people)


def _writers(content: MessageContent) -> set[str]:
    """Who writes a message, and who would get the answer."""
    return {content.sender.addr, *(address.addr for address in content.reply_to)} - {""}


def _once(mids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, mids)))
