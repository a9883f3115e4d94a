"""Messages that the desk has already, recognised by their content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportctl.mail.content import MessageContent
    from supportctl.store.contract import Planning
    from supportctl.store.exchange import KnownMessage


class Duplicates:
    """The messages of the desk, and of this very plan, that new messages may be duplicates of."""

    def __init__(self, planning: Planning, contents: Sequence[MessageContent]) -> None:
        self._planning = planning
        self._taken: dict[str, str] = {}
        self._stored: dict[str, list[KnownMessage]] = defaultdict(list)
        # All at once, as in `KnownConversations`.
        for digest, known in planning.with_digests([content.digest for content in contents]):
            self._stored[digest].append(known)

    def add(self, digest: str, ticket: str) -> None:
        """Add a message that this plan takes in."""
        self._taken.setdefault(digest, ticket)

    def ticket_with(self, content: MessageContent, may_know: Callable[[KnownMessage], bool]) -> str | None:
        """The ticket of a message with the same bytes whose file still exists, or None.

        `may_know` is whether the first of two copies is none of a secret to whoever brings the second one.
        """
        if content.digest in self._taken:
            return self._taken[content.digest]
        for known in self._stored.get(content.digest, ()):
            # With its file: were the first copy lost, keeping the second one aside would lose the message.
            if may_know(known) and self._planning.has_file(known, content.size):
                return known.ticket
        return None
