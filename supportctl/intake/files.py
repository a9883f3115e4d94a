"""Mail in files that somebody names: `.eml` files, mboxes, Maildirs; read one after the other, never changed.

What can't be read is passed on as a `LeftMessage`, and the rest is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from supportctl.errors import DataError, NotFoundError, UnreadableMessageError
from supportctl.intake.mbox import Extent, Mbox, open_mbox
from supportctl.intake.window import Window
from supportctl.mail.dates import is_sane
from supportctl.mail.envelope import split_envelope
from supportctl.model import Incoming, LeftMessage, RawMessage, SourceRemark
from supportctl.store import maildir, message_files
from supportctl.values import count_of


class ReadingOptions(NamedTuple):
    """How mboxes are read: with the quoting of an mboxrd undone, with the messages that Thunderbird has deleted."""

    is_mboxrd: bool = False
    with_deleted: bool = False


def read_files(paths: Iterable[str], options: ReadingOptions = ReadingOptions()) -> Iterator[Incoming]:  # noqa: B008
    """The messages of `.eml` files, mboxes and Maildirs, in their order.

    Raises NotFoundError or DataError, before anything is read, for a path without mail.
    """
    # All of them before the first is read: a mistyped name must not be found after half of an import.
    readers = [_reader_of(Path(path)) for path in paths]
    for reader, path in readers:
        yield from reader(path, options)


def _reader_of(path: Path) -> tuple[Callable[[Path, ReadingOptions], Iterator[Incoming]], Path]:
    if not os.path.lexists(path):
        raise NotFoundError(f"no such file: {path}", "name .eml files, mboxes or Maildirs, or - for standard input")
    if path.is_dir():
        if not maildir.is_folder(path):
            hint = f"for a folder of single messages, run supportctl ingest {path}/*.eml"
            raise DataError(f"not a Maildir (no cur/ and new/): {path}", hint)
        return _read_maildir, path
    return _read_file, path


def _read_maildir(path: Path, _: ReadingOptions) -> Iterator[Incoming]:
    return (_without_envelope(message) for message in maildir.read_messages(path))


def _without_envelope(message: RawMessage | LeftMessage) -> RawMessage | LeftMessage:
    """A message that is copied, without the `From ` line that a delivery agent put before it."""
    if isinstance(message, LeftMessage) or not message.raw.startswith(b"From "):
        return message
    line, start = split_envelope(message.raw)
    if line is None:
        return message
    path, size = message.whole.path, message.whole.size
    try:
        with message_files.opened(path) as (descriptor, _):  # again: of a large message, another part is read
            raw, whole = message_files.read_extent(descriptor, path, start, size - start)
    except (UnreadableMessageError, FileNotFoundError) as error:
        return LeftMessage(message.name, _reason(error))
    received = _choose_receipt(line.date, message.received)
    return message._replace(raw=raw, whole=whole, envelope=line.text, received=received)


def _choose_receipt(delivered: int | None, written: int) -> int:
    """The time of delivery by the envelope, or else that of the file."""
    # A clock that was far ahead would make every Date of the message count.
    return delivered if delivered and is_sane(delivered, written) else written


def _read_file(path: Path, options: ReadingOptions) -> Iterator[Incoming]:
    """The messages of an mbox, or the one message of any other file."""
    name = str(path)
    try:
        with message_files.opened(name) as (descriptor, status):
            mbox = None if path.suffix.lower() == ".eml" else open_mbox(Window(descriptor))
            written = int(status.st_mtime)
            if mbox is None:
                message = message_files.read_extent(descriptor, name, 0, status.st_size)
                yield _without_envelope(RawMessage(name, *message, written))
            else:
                yield from _read_mbox(mbox, descriptor, name, written, options)
    except (UnreadableMessageError, FileNotFoundError) as error:
        yield LeftMessage(name, _reason(error))


def _read_mbox(mbox: Mbox, descriptor: int, name: str, written: int, options: ReadingOptions) -> Iterator[Incoming]:
    deleted = 0
    for number, extent in enumerate(mbox.messages(), 1):
        label = f"{name}:{number}"
        if not extent.header:
            yield LeftMessage(label, _describe_rest(extent))
        elif number == 1 and extent.is_folder_data:
            yield SourceRemark(label, "left out the data that an IMAP server keeps about the folder")
        elif extent.is_deleted and not options.with_deleted:
            deleted += 1
        else:
            # Nothing of one message is held while the next one is read.
            yield _read_extent(extent, descriptor, label, name, written, is_quoted=options.is_mboxrd)
    if deleted:
        count = count_of(deleted, "message")
        yield SourceRemark(name, f"left out {count} that Thunderbird has deleted; --with-deleted takes them in")
    for at in mbox.quoted[:1]:
        more = f" (and {len(mbox.quoted) - 1} more)" if mbox.quoted[1:] else ""
        text = f"the From line at byte {at}{more} has no header behind it, and was taken for text of the message before"
        yield SourceRemark(name, text)


def _read_extent(
    extent: Extent, descriptor: int, label: str, name: str, written: int, *, is_quoted: bool
) -> RawMessage:
    start, size = extent.start, extent.end - extent.start
    message = RawMessage(label, *message_files.read_extent(descriptor, name, start, size, is_quoted=is_quoted), written)
    if extent.line:
        message.envelope = extent.line.text
        message.received = _choose_receipt(extent.line.date, written)
    return message


def _describe_rest(extent: Extent) -> str:
    size = extent.end - extent.start
    if not size:
        return "there is nothing but a From line"
    where = f"{count_of(size, 'byte')} from byte {extent.start} on"
    return f"it has no header ({where})"


def _reason(error: UnreadableMessageError | FileNotFoundError) -> str:
    return error.reason if isinstance(error, UnreadableMessageError) else "it is gone"
