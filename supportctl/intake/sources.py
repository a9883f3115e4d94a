"""Where mail comes from: the INBOX, files, mboxes, Maildirs; read one after the other, never changed.

What can't be read is passed on as a `LeftMessage`, and the rest is read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from supportctl.errors import DataError, NotFoundError, UnreadableMessageError
from supportctl.intake.mbox import find_messages
from supportctl.mail.content import MessageContent, of_beginning
from supportctl.mail.provenance import servers_trusted_for
from supportctl.model import LeftMessage, RawMessage
from supportctl.records import Record
from supportctl.store import maildir, message_files

LARGEST_HELD = 256 << 10
"""The number of bytes up to which a message that is copied is held in memory; a larger one is read twice."""


class ParsedMessage(Record):
    """A message on its way in, and what it says; `copy_of` is the ticket that has it already, in other bytes."""

    incoming: RawMessage
    content: MessageContent
    copy_of: str = ""

    @property
    def weight(self) -> int:
        """The number of bytes that a message takes or may take in memory while its operation is made."""
        content = self.content
        texts = (content.text, content.written, content.quoted)
        return max(content.size, len(self.incoming.raw) + sum(map(sys.getsizeof, texts)))


Arrival = ParsedMessage | LeftMessage


def weigh(arrival: Arrival) -> int:
    """The number of bytes that a message may take in memory."""
    return arrival.weight if isinstance(arrival, ParsedMessage) else 0


def read_files(paths: Iterable[str]) -> Iterator[RawMessage | LeftMessage]:
    """The messages of `.eml` files, mboxes and Maildirs, in their order.

    Raises NotFoundError or DataError, before anything is read, for a path without mail.
    """
    # All of them before the first is read: a mistyped name must not be found after half of an import.
    readers = [_reader_of(Path(path)) for path in paths]
    for reader, path in readers:
        yield from reader(path)


def parse_all(messages: Iterable[RawMessage | LeftMessage], trusted: frozenset[str]) -> Iterator[Arrival]:
    """The messages with their contents, in order; bytes that can be had again are not kept."""
    for message in messages:
        if isinstance(message, LeftMessage):
            yield message
            continue
        content = _parse(message, trusted)
        # Bytes that are on the desk, or many, need not pass the pipe from the worker, nor fill the memory until the
        # commit; those of others are held, as whoever owns them may take them away.
        if message.waits or content.size > LARGEST_HELD:
            message.raw, message.whole = b"", message.whole._replace(digest=content.digest)
        yield ParsedMessage(message, content)


def _parse(message: RawMessage, trusted: frozenset[str]) -> MessageContent:
    from supportctl.mail.message import parse_message

    servers = servers_trusted_for(message.brought_by, trusted)
    content = parse_message(message.raw, received=message.received, trusted=servers)
    return content if message.is_held else of_beginning(content, message.whole.size, message.whole.digest)


def _reader_of(path: Path) -> tuple[Callable[[Path], Iterator[RawMessage | LeftMessage]], Path]:
    if not os.path.lexists(path):
        raise NotFoundError(f"no such file: {path}", "name .eml files, mboxes or Maildirs, or - for standard input")
    if path.is_dir():
        if not maildir.is_folder(path):
            hint = f"for a folder of single messages, run supportctl ingest {path}/*.eml"
            raise DataError(f"not a Maildir (no cur/ and new/): {path}", hint)
        return maildir.read_messages, path
    return _read_file, path


def _read_file(path: Path) -> Iterator[RawMessage | LeftMessage]:
    """The messages of an mbox, or the one message of any other file."""
    name = str(path)
    try:
        with message_files.opened(name) as (descriptor, status):
            is_mbox = message_files.read_bytes(descriptor, 0, 5) == b"From "
            extents = find_messages(descriptor) if is_mbox else [(0, status.st_size)]
            for number, (start, end) in enumerate(extents, 1):
                label = f"{name}:{number}" if is_mbox else name
                # Nothing of one message is held while the next one is read.
                yield RawMessage(
                    label, *message_files.read_extent(descriptor, name, start, end - start), int(status.st_mtime)
                )
    except (UnreadableMessageError, FileNotFoundError) as error:
        yield LeftMessage(name, error.reason if isinstance(error, UnreadableMessageError) else "it is gone")
