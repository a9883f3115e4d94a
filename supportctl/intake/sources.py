"""Where mail comes from: the INBOX, files, mboxes, Maildirs; read one after the other, never changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from supportctl.errors import DataError, NotFoundError
from supportctl.mail.content import MessageContent
from supportctl.model import RawMessage
from supportctl.records import Record
from supportctl.store import maildir


class ParsedMessage(Record):
    """A message on its way in, and what it says."""

    incoming: RawMessage
    content: MessageContent


def read_files(paths: Iterable[str]) -> Iterator[RawMessage]:
    """The messages of `.eml` files, mboxes and Maildirs, in their order.

    Raises NotFoundError or DataError, before anything is read, for a path without mail.
    """
    # All of them before the first is read: a mistyped name must not be found after half of an import.
    readers = [_reader_of(Path(path)) for path in paths]
    for reader, path in readers:
        yield from reader(path)


def parse_all(messages: Iterable[RawMessage], trusted: frozenset[str]) -> Iterator[ParsedMessage]:
    """The messages with their contents, in order; bytes that are on the desk already are not kept."""
    from supportctl.mail.message import parse_message

    for message in messages:
        content = parse_message(message.raw, received=message.received, trusted=trusted)
        # Bytes that are on the desk need not pass the pipe from the worker, nor fill the memory until the commit.
        if message.waits:
            message.raw = b""
        yield ParsedMessage(message, content)


def _reader_of(path: Path):  # type: ignore[no-untyped-def]
    if not path.exists():
        raise NotFoundError(f"no such file: {path}", "name .eml files, mboxes or Maildirs, or - for standard input")
    if path.is_dir():
        if not maildir.is_folder(path):
            hint = f"for a folder of single messages, run supportctl ingest {path}/*.eml"
            raise DataError(f"not a Maildir (no cur/ and new/): {path}", hint)
        return maildir.read_messages, path
    if not os.access(path, os.R_OK):
        raise DataError(f"can't read {path}", "check the permissions of the file")
    with path.open("rb") as stream:
        return (_read_mbox if stream.read(5) == b"From " else _read_file), path


def _read_file(path: Path) -> Iterator[RawMessage]:
    yield RawMessage(str(path), path.read_bytes(), int(path.stat().st_mtime))


def _read_mbox(path: Path) -> Iterator[RawMessage]:
    import mailbox

    box = mailbox.mbox(path, create=False)
    try:
        received = int(path.stat().st_mtime)
        for number, key in enumerate(box.iterkeys(), 1):
            yield RawMessage(f"{path}:{number}", box.get_bytes(key), received)
    finally:
        box.close()
