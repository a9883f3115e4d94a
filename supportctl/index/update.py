"""Bring the full text up to the log; what is cut short is done by the next command that searches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
"""The number of bytes of messages beyond which a batch has fewer of them."""


class Missing(NamedTuple):
    """Messages that the index lacks, and its position after them, None where nothing is missing.

    Each has its bytes, and their number in all; or neither, as its content is known. Those of the numbers `unread`
    exist and can't be read.
    """

    messages: list[tuple[StoredMessage, tuple[bytes, int] | None]]
    unread: list[int]
    position: Position | None


def read_missing(feed: MessageFeed, index: SearchIndex, known: Collection[int]) -> Missing:
    """The next messages that the index lacks, with their bytes unless they are `known`; what is gone is skipped."""
    # In batches, so that memory stays flat.
    return _read_all(islice(feed.messages_after(_last_number(feed, index)), INDEX_BATCH), known)


def read_again(feed: MessageFeed, number: int) -> Missing:
    """The message with this number, if a ticket still has it."""
    following = islice(feed.messages_after(number - 1), 1)
    return _read_all((message for message in following if message.number == number), ())


def parse_missing(
    missing: Missing, known: Mapping[int, MessageContent], trusted: frozenset[str]
) -> list[tuple[int, MessageContent]]:
    """What the messages say that the index lacks; where many write, this takes too long for a snapshot or a lock."""
    return [
        (message.number, _parse(message, *found, trusted) if found else known[message.number])
        for message, found in missing.messages
    ]


def _read_all(stored: Iterable[StoredMessage], known: Collection[int]) -> Missing:
    missing = Missing([], [], None)
    weight = 0
    for message in stored:
        try:
            found = None if message.number in known else message.read()
        except UnreadableMessageError:
            missing.unread.append(message.number)
        else:
            if found or message.number in known:
                missing.messages.append((message, found))
                weight += len(found[0]) if found else 0
        # Also of a message that is gone or can't be read: else the index would ask for it for ever.
        missing = missing._replace(position=(message.number, message.digest))
        if weight > HEAVIEST_BATCH:
            break
    return missing


def _last_number(feed: MessageFeed, index: SearchIndex) -> int:
    """The number of the last message in the index; raises CacheDamageError for an index that does not match."""
    # By digest as well: after a restore the desk may have given the number to another message.
    number, digest = index.position()
    known = feed.digest_of(number)
    if number > feed.last_number() or (known is not None and known != digest):
        raise index.misfit(f"its last message, {number}, is another one on this desk")
    return number


def _parse(message: StoredMessage, raw: bytes, size: int, trusted: frozenset[str]) -> MessageContent:
    from supportctl.mail.content import of_beginning
    from supportctl.mail.message import parse_message
    from supportctl.mail.provenance import servers_trusted_for

    servers = servers_trusted_for(message.brought_by, trusted)
    content = parse_message(raw, received=message.date, trusted=servers)
    if size > len(raw):
        return of_beginning(content, size, message.digest)
    # Somebody has changed the file: it is found by what it says now, but no message is known by that.
    return content if content.digest == message.digest else content._replace(digest="")
