"""Messages on their way in, and what they say."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from supportctl.mail.content import MessageContent, of_beginning, of_compressed
from supportctl.mail.provenance import servers_trusted_for
from supportctl.model import Incoming, LeftMessage, RawMessage, SourceRemark
from supportctl.records import Record

LARGEST_HELD = 256 << 10
"""The number of bytes up to which a message that is copied is held in memory; a larger one is read twice."""


class ParsedMessage(Record):
    """A message on its way in, and what it says."""

    incoming: RawMessage
    content: MessageContent

    @property
    def weight(self) -> int:
        """The number of bytes that a message takes or may take in memory while its operation is made."""
        content = self.content
        texts = (content.text, content.written, content.quoted, content.more, content.hidden, content.attached)
        return max(content.size, len(self.incoming.raw) + sum(map(sys.getsizeof, texts)))


Arrival = ParsedMessage | LeftMessage | SourceRemark


def weigh(arrival: Arrival) -> int:
    """The number of bytes that a message may take in memory."""
    return arrival.weight if isinstance(arrival, ParsedMessage) else 0


def parse_all(messages: Iterable[Incoming], trusted: frozenset[str]) -> Iterator[Arrival]:
    """The messages with their contents, in order; bytes that can be had again are not kept."""
    for message in messages:
        if not isinstance(message, RawMessage):
            yield message
            continue
        content = _parse(message, trusted)
        if message.waits and message.raw.startswith(b"From "):
            _note_envelope(message)
        # Bytes that are on the desk, or many, need not pass the pipe from the worker, nor fill the memory until the
        # commit; those of others are held, as whoever owns them may take them away.
        # From the middle of a compressed file, they can be had again only by unpacking what stands before.
        is_costly = message.whole.compression and message.whole.start
        if message.waits or (content.size > LARGEST_HELD and not is_costly):
            message.raw, message.whole = b"", message.whole._replace(digest=content.digest)
        yield ParsedMessage(message, content)


def _note_envelope(message: RawMessage) -> None:
    """Note the envelope's line where it stays in the message, and what the message would be without it."""
    from supportctl.mail.envelope import split_envelope
    from supportctl.mail.message import digest_of

    line, start = split_envelope(message.raw)
    if line:
        message.envelope = message.envelope or line.text
        message.twin = digest_of(message.raw[start:]) if message.is_held else ""


def _parse(message: RawMessage, trusted: frozenset[str]) -> MessageContent:
    from supportctl.mail.dates import is_sane
    from supportctl.mail.message import parse_message

    servers = servers_trusted_for(message.brought_by, trusted)
    content = parse_message(message.raw, received=message.received, trusted=servers)
    # Only for want of a Date: some programs write any time into the envelope.
    if content.date == message.received and message.delivered and is_sane(message.delivered, message.received):
        content = content._replace(date=message.delivered)
    whole = message.whole
    if message.waits and whole.compression:
        return of_compressed(content, whole.size, whole.digest, whole.compression)
    return content if message.is_held else of_beginning(content, whole.size, whole.digest)
