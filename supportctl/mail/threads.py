"""Which ticket a message belongs to: by its references, never by the words of its subject alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from supportctl.mail.content import MessageContent
from supportctl.values import TICKET_ID


class Conversations(Protocol):
    """What is known of the tickets and their messages."""

    def ticket_with(self, mid: str) -> str | None:
        """The ticket that has, or has sent, a message."""

    def tickets_mentioning(self, mid: str) -> Collection[str]:
        """The tickets whose messages name a message as an ancestor, oldest message first."""

    def takes_part(self, content: MessageContent, ticket: str) -> bool:
        """Whether the writer of a message takes part in a ticket."""

    def is_in_touch(self, content: MessageContent, ticket: str) -> bool:
        """Whether a message and a ticket have anything in common besides what they mention.

        That is its writer, somebody whom it is written to and who has written in the ticket, or a mailing list that
        has distributed both.
        """

    def exists(self, ticket: str) -> bool:
        """Whether there is such a ticket."""


@dataclass(slots=True, frozen=True)
class Thread:
    """The ticket that a message joins (or ""), and one that it is only linked to (or "").

    `is_named` is whether the message itself names what it belongs to; else only the ticket's messages name it.
    `others` are further tickets that turn out to be of the same conversation.
    """

    ticket: str = ""
    link: str = ""
    is_named: bool = True
    others: tuple[str, ...] = ()


MOST_OTHERS = 10
"""The number of further tickets of a conversation that are linked: an answer to a newsletter may have thousands."""


def find_thread(content: MessageContent, known: Conversations) -> Thread:
    """The ticket that a message belongs to, by the first of these signs that holds.

    1. Its In-Reply-To or References name a message of a ticket, or one that the ticket has sent.
    2. A ticket's messages answer this very message, which the desk lacks: it has come after its answers. Whoever gives
       a message that Message-ID knows it from the conversation, as by sign 1.
    3. In-Reply-To or References name what a ticket's messages only mention, and the message and the ticket have
       something else in common. Without that, all answers to a newsletter would be one conversation of strangers.
    4. It is a bounce or an automatic reply, and names the original.
    5. The same Message-ID is there with other content, and the writer takes part.
    6. The subject has a ticket's tag, `[s20261122.17]`, and the writer takes part; else the ticket is only linked.
    """
    named = [ticket for mid in content.references if (ticket := known.ticket_with(mid))]
    answering = known.tickets_mentioning(content.mid) if not known.ticket_with(content.mid) else ()
    if named or answering:
        first, *others = dict.fromkeys([*named, *answering])
        return Thread(first, is_named=bool(named), others=tuple(others[:MOST_OTHERS]))
    if ticket := _find_by_mention(content, known) or (content.original and known.ticket_with(content.original)):
        return Thread(ticket)
    if content.mid and (ticket := _with_writer(content, [known.ticket_with(content.mid)], known)):
        return Thread(ticket)
    tagged = [name for name in find_ticket_ids(content.subject) if known.exists(name)]
    if ticket := _with_writer(content, tagged, known):
        return Thread(ticket)
    return Thread(link=tagged[0] if tagged else "")


def put_ancestors_first(contents: Sequence[MessageContent], known: Conversations) -> list[int]:
    """The order in which to take in messages that come together: as they are, but each behind those that it answers.

    Returns their places in `contents`. What the desk has already, and messages that name each other in a circle, stay
    in order.
    """
    fresh = [(content.mid, place) for place, content in enumerate(contents) if not known.ticket_with(content.mid)]
    places = dict(reversed(fresh))
    places.pop("", None)
    order: dict[int, None] = {}
    begun: set[int] = set()
    for first, content in enumerate(contents):
        if not content.references:
            order[first] = None
            continue
        waiting = [first]  # instead of recursion: a conversation may be deeper than Python's stack
        while waiting:
            place = waiting[-1]
            missing = []
            if place not in begun:
                begun.add(place)
                ancestors = (places.get(mid) for mid in contents[place].references)
                missing = [other for other in ancestors if other is not None and other not in begun]
            if missing:
                waiting += missing
            else:
                order[waiting.pop()] = None
    return list(order)


def find_ticket_ids(subject: str) -> list[str]:
    """What is in square brackets in a subject and has the form of a ticket's id."""
    return re.findall(rf"\[({TICKET_ID})\]", subject.lower())


def _find_by_mention(content: MessageContent, known: Conversations) -> str | None:
    for mid in content.references:
        for ticket in known.tickets_mentioning(mid):
            if known.is_in_touch(content, ticket):
                return ticket
    return None


def _with_writer(content: MessageContent, tickets: Iterable[str | None], known: Conversations) -> str | None:
    # Whoever knows a ticket's id or Message-ID could otherwise write into the conversation of others.
    return next((name for name in tickets if name and known.takes_part(content, name)), None)
