"""Bring the full text up to the log; what is cut short is done by the next command that searches."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportctl.index.search import Position, SearchIndex
    from supportctl.mail.content import MessageContent
    from supportctl.store.contract import MessageFeed
    from supportctl.store.exchange import StoredMessage

INDEX_BATCH = 500
Rows = list[tuple[int, "MessageContent"]]


def read_missing(
    feed: MessageFeed, index: SearchIndex, known: Mapping[int, MessageContent], trusted: frozenset[str]
) -> tuple[Rows, Position | None]:
    """The next messages that the index lacks, with the index's position after them.

    Contents come from `known` or from the bytes; a message whose bytes are gone is skipped. The position is None where
    nothing is missing.
    """
    rows: Rows = []
    position = None
    missing = feed.messages_after(_last_number(feed, index))
    # In batches, so that memory stays flat.
    for message in islice(missing, INDEX_BATCH):
        content = known.get(message.number) or _read(message, trusted)
        if content is not None:
            rows.append((message.number, content))
        # Also of a message that is gone: else the index would ask for it for ever.
        position = (message.number, message.digest)
    return rows, position


def _last_number(feed: MessageFeed, index: SearchIndex) -> int:
    """The number of the last message in the index; raises CacheDamageError for an index that does not match."""
    # By digest as well: after a restore the desk may have given the number to another message.
    number, digest = index.position()
    known = feed.digest_of(number)
    if number > feed.last_number() or (known is not None and known != digest):
        raise index.misfit(f"its last message, {number}, is another one on this desk")
    return number


def _read(message: StoredMessage, trusted: frozenset[str]) -> MessageContent | None:
    from supportctl.mail.message import parse_message

    raw = message.read()
    return parse_message(raw, received=message.date, trusted=trusted) if raw is not None else None
