"""Bring the full text up to the log; what is cut short is done by the next command that searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from supportctl.errors import UnreadableMessageError

if TYPE_CHECKING:
    from supportctl.index.search import Position, SearchIndex
    from supportctl.mail.content import MessageContent
    from supportctl.store.contract import MessageFeed
    from supportctl.store.exchange import StoredMessage

INDEX_BATCH = 500
HEAVIEST_BATCH = 16 << 20
"""The number of characters of text beyond which a batch has fewer messages."""


class Missing(NamedTuple):
    """Messages that the index lacks, and its position after them, None where nothing is missing.

    Those of the numbers `unread` exist and can't be read.
    """

    rows: list[tuple[int, MessageContent]]
    unread: list[int]
    position: Position | None


def read_missing(
    feed: MessageFeed, index: SearchIndex, known: Mapping[int, MessageContent], trusted: frozenset[str]
) -> Missing:
    """The next messages that the index lacks.

    Contents come from `known` or from the bytes; a message whose bytes are gone is skipped.
    """
    missing = feed.messages_after(_last_number(feed, index))
    # In batches, so that memory stays flat.
    return _read_all(islice(missing, INDEX_BATCH), known, trusted)


def read_again(feed: MessageFeed, number: int, trusted: frozenset[str]) -> Missing:
    """The message with this number, if a ticket still has it."""
    return _read_all(islice(feed.messages_after(number - 1), 1), {}, trusted)


def _read_all(
    messages: Iterable[StoredMessage], known: Mapping[int, MessageContent], trusted: frozenset[str]
) -> Missing:
    rows, unread, position, weight = [], [], None, 0
    for message in messages:
        try:
            content = known.get(message.number) or _read(message, trusted)
        except UnreadableMessageError:
            unread.append(message.number)
            content = None
        if content is not None:
            rows.append((message.number, content))
            weight += len(content.text)
        # Also of a message that is gone or can't be read: else the index would ask for it for ever.
        position = (message.number, message.digest)
        if weight > HEAVIEST_BATCH:
            break
    return Missing(rows, unread, position)


def _last_number(feed: MessageFeed, index: SearchIndex) -> int:
    """The number of the last message in the index; raises CacheDamageError for an index that does not match."""
    # By digest as well: after a restore the desk may have given the number to another message.
    number, digest = index.position()
    known = feed.digest_of(number)
    if number > feed.last_number() or (known is not None and known != digest):
        raise index.misfit(f"its last message, {number}, is another one on this desk")
    return number


def _read(message: StoredMessage, trusted: frozenset[str]) -> MessageContent | None:
    from supportctl.mail.content import of_beginning
    from supportctl.mail.message import parse_message

    found = message.read()
    if found is None:
        return None
    raw, size = found
    content = parse_message(raw, received=message.date, trusted=trusted)
    if size > len(raw):
        return of_beginning(content, size, message.digest)
    # Somebody has changed the file: it is found by what it says now, but no message is known by that.
    return content if content.digest == message.digest else content._replace(digest="")
