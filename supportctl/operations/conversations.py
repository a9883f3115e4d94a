"""What is known of tickets while mail comes in: the catalogue, and what this very plan has added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from supportctl.errors import NotFoundError
from supportctl.model import Message
from supportctl.operations.draft import Draft


class KnownConversations:
    """The conversations of a draft (see `mail.threads.Conversations`)."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._catalogue = draft.state.catalogue
        self._by_mid: dict[str, str] = {}
        self._by_digest: dict[str, str] = {}
        self._mentioning: dict[str, list[str]] = defaultdict(list)

    def add(self, message: Message, ticket: str) -> None:
        """Let a message that this plan takes in be known."""
        if message.mid:
            self._by_mid.setdefault(message.mid, ticket)
        self._by_digest.setdefault(message.digest, ticket)
        for mid in message.references:
            self._mentioning[mid].append(ticket)

    def ticket_with(self, mid: str) -> str | None:
        """The ticket that has, or has sent, a message."""
        if mid in self._by_mid:
            return self._by_mid[mid]
        known = self._catalogue.with_mid(mid)
        return known[0].ticket if known else self._catalogue.sent_with_mid(mid)

    def is_own(self, mid: str) -> bool:
        """Whether the desk has written a mail with this Message-ID itself."""
        return bool(mid) and self._catalogue.sent_with_mid(mid) is not None

    def tickets_mentioning(self, mid: str) -> Sequence[str]:
        """The tickets whose messages name a message as an ancestor."""
        return [*self._catalogue.mentioning(mid), *self._mentioning.get(mid, ())]

    def takes_part(self, address: str, ticket: str) -> bool:
        """Whether an address takes part in a ticket: it wrote, it was written to, or it got a copy."""
        try:
            found, _ = self._draft.find(ticket)
        except NotFoundError:
            return False
        return (
            address == found.requester
            or any(address in message.people for message in found.messages)
            or any(address in mail.recipients for mail in found.outgoing)
        )

    def exists(self, ticket: str) -> bool:
        """Whether there is such a ticket."""
        try:
            self._draft.find(ticket)
        except NotFoundError:
            return False
        return True

    def duplicate_of(self, digest: str, size: int) -> str | None:
        """The ticket that has this very content, with the file still there."""
        if digest in self._by_digest:
            return self._by_digest[digest]
        for known in self._catalogue.with_digest(digest):
            folder = self._catalogue.folder_of(known.ticket)
            path = self._draft.state.path_of(folder, known.key) if folder is not None else None
            if path is not None and path.stat().st_size == size:
                return known.ticket
        return None
