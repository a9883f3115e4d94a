"""Which ticket a message belongs to: by its references, never by the words of its subject alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from supportctl.mail.content import MessageContent
from supportctl.values import TICKET_ID


class Conversations(Protocol):
    """What is known of the tickets and their messages."""

    def ticket_with(self, mid: str) -> str | None:
        """The ticket that has, or has sent, a message."""

    def tickets_mentioning(self, mid: str) -> Sequence[str]:
        """The tickets whose messages name a message as an ancestor."""

    def takes_part(self, address: str, ticket: str) -> bool:
        """Whether an address takes part in a ticket."""

    def exists(self, ticket: str) -> bool:
        """Whether there is such a ticket."""


@dataclass(slots=True, frozen=True)
class Thread:
    """The ticket that a message joins (or ""), and one that it is only linked to (or "")."""

    ticket: str = ""
    link: str = ""


def find_thread(content: MessageContent, known: Conversations) -> Thread:
    """The ticket that a message belongs to, by the first of these signs that holds.

    1. its In-Reply-To or References name a message of a ticket;
    2. they name one that a ticket's messages only mention (or those mention this very message), and the sender
       takes part in that ticket;
    3. it is a bounce or an automatic reply, and names the original;
    4. the same Message-ID is there with other content, and the sender takes part;
    5. the subject has a ticket's tag, `[s20261122.17]`, and the sender takes part; else the ticket is only linked.
    """
    for mid in content.references:
        if ticket := known.ticket_with(mid):
            return Thread(ticket)
    for mid in [*content.references, *([content.mid] if content.mid else [])]:
        if ticket := _with_sender(content, known.tickets_mentioning(mid), known):
            return Thread(ticket)
    if content.original and (ticket := known.ticket_with(content.original)):
        return Thread(ticket)
    if content.mid and (ticket := _with_sender(content, [known.ticket_with(content.mid)], known)):
        return Thread(ticket)
    tagged = [name for name in find_ticket_ids(content.subject) if known.exists(name)]
    if ticket := _with_sender(content, tagged, known):
        return Thread(ticket)
    return Thread(link=tagged[0] if tagged else "")


def find_ticket_ids(subject: str) -> list[str]:
    """What is in square brackets in a subject and has the form of a ticket's id."""
    return re.findall(rf"\[({TICKET_ID})\]", subject.lower())


def _with_sender(content: MessageContent, tickets: Iterable[str | None], known: Conversations) -> str | None:
    # Whoever knows a ticket's id or Message-ID could otherwise write into the conversation of others.
    address = content.sender.addr
    return next((name for name in tickets if name and address and known.takes_part(address, name)), None)
