"""What is known of conversations while messages come in: by the desk, and by this very plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from supportctl.errors import NotFoundError
from supportctl.mail.content import MessageContent
from supportctl.model import Message
from supportctl.operations.draft import Draft


class KnownConversations:
    """The conversations that new messages may belong to (see `mail.threads.Conversations`)."""

    def __init__(self, draft: Draft, contents: Sequence[MessageContent]) -> None:
        self._draft = draft
        planning = draft.planning
        # All at once: a question to the catalogue for each message takes as long as all else together.
        mids = list(
            {mid for content in contents for mid in (content.mid, content.original, *content.references)} - {""}
        )
        self._by_mid = planning.tickets_with_mids(mids)
        self._by_own_mid = planning.tickets_that_sent(mids)
        self._mentioning: dict[str, dict[str, None]] = defaultdict(dict)
        for mid, ticket in planning.mentions_of(mids):
            self._mentioning[mid][ticket] = None

    def add(self, message: Message, ticket: str) -> None:
        """Add a message that this plan takes in."""
        if message.mid:
            self._by_mid.setdefault(message.mid, ticket)
        for mid in message.references:
            self._mentioning[mid][ticket] = None

    def ticket_with(self, mid: str) -> str | None:
        """The ticket that has, or has sent, a message."""
        return self._by_mid.get(mid) or self._by_own_mid.get(mid)

    def is_own(self, mid: str) -> bool:
        """Whether the desk wrote the message with this Message-ID."""
        return bool(mid) and mid in self._by_own_mid

    def tickets_mentioning(self, mid: str) -> Sequence[str]:
        """The tickets whose messages name a message as an ancestor."""
        return list(self._mentioning.get(mid, ()))

    def takes_part(self, address: str, ticket: str) -> bool:
        """Whether an address takes part in a ticket: as a writer, a recipient, or by a copy."""
        try:
            known_ticket = self._draft.find(ticket)
        except NotFoundError:
            return False
        return (
            address == known_ticket.requester
            or any(address in message.people for message in known_ticket.messages)
            or any(address in outgoing.recipients for outgoing in known_ticket.outgoing)
        )

    def exists(self, ticket: str) -> bool:
        """Whether there is such a ticket."""
        try:
            self._draft.find(ticket)
        except NotFoundError:
            return False
        return True
