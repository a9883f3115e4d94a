"""Mail in files that somebody names: `.eml` files, mboxes, Maildirs, folders; read in order, never changed.

What can't be read is passed on as a `LeftMessage`, and the rest is read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from supportctl.errors import DataError, NotFoundError, UnreadableMessageError
from supportctl.intake.folders import Folder, is_desk
from supportctl.intake.mbox import Extent, Mbox, open_mbox
from supportctl.intake.window import Window
from supportctl.mail.envelope import split_envelope
from supportctl.model import ByteRange, Incoming, LeftMessage, RawMessage, SourceRemark
from supportctl.store import maildir, message_files
from supportctl.values import count_of


class ReadingOptions(NamedTuple):
    """How mboxes are read: with the quoting of an mboxrd undone, with the messages that Thunderbird has deleted."""

    is_mboxrd: bool = False
    with_deleted: bool = False


class OpenFile(NamedTuple):
    """A file that is open for reading, unpacked: its name, the time that it was written, how it is compressed."""

    descriptor: int
    name: str
    written: int
    compression: str

    def read(self, start: int, size: int, *, is_quoted: bool = False) -> tuple[bytes, ByteRange]:
        """The beginning of a message in the file, and where the whole lies."""
        raw, whole = message_files.read_extent(self.descriptor, self.name, start, size, is_quoted=is_quoted)
        return raw, whole._replace(compression=self.compression)


def read_files(paths: Iterable[str], options: ReadingOptions) -> Iterator[Incoming]:
    """The messages of `.eml` files, mboxes, Maildirs, and folders with these, in their order.

    Raises NotFoundError or DataError, before anything is read, for a path without mail.
    """
    # All of them before the first is read: a mistyped name must not be found after half of an import.
    sources = [Path(path) for path in paths]
    for source in sources:
        _require_mail(source)
    for source in sources:
        yield from _read_folder(source, options) if source.is_dir() else _read_file(source, options)


def _require_mail(path: Path) -> None:
    if not os.path.lexists(path):
        hint = "name .eml files, mboxes, Maildirs or folders with these, or - for standard input"
        raise NotFoundError(f"no such file: {path}", hint)
    if not path.is_dir():
        return
    if is_desk(path):
        hint = f"name one of its folders, such as {path}/.QUEUE; the INBOX of this desk is taken in without a name"
        raise DataError(f"{path} is a desk", hint)
    folder = Folder(path)
    if next(folder.mailboxes(), None) is None and not folder.closed:
        raise DataError(f"no mail in {path}", "name a Maildir, or a folder of .eml files or mboxes")


def _read_folder(root: Path, options: ReadingOptions) -> Iterator[Incoming]:
    folder = Folder(root)
    for path in folder.mailboxes():
        if not path.is_dir():
            yield from _read_file(path, options)
        elif is_desk(path):
            yield LeftMessage(str(path), "it is a desk")
        else:
            yield from map(_without_envelope, maildir.read_messages(path))
    yield from (LeftMessage(str(path), reason) for path, reason in folder.closed)
    if folder.skipped:
        count = count_of(len(folder.skipped), "file")
        yield SourceRemark(str(root), f"left out {count} without mail, such as {folder.skipped[0].name}")


def _read_file(path: Path, options: ReadingOptions) -> Iterator[Incoming]:
    """The messages of an mbox, or the one message of any other file."""
    name = str(path)
    try:
        with _open(name) as file:
            window = Window(file.descriptor)
            mbox = None if path.suffix.lower() == ".eml" else open_mbox(window)
            if mbox is None:
                yield _without_envelope(RawMessage(name, *file.read(0, window.size), file.written))
            else:
                yield from _read_mbox(mbox, file, options)
    except (UnreadableMessageError, FileNotFoundError) as error:
        yield LeftMessage(name, _reason(error))


@contextmanager
def _open(name: str) -> Iterator[OpenFile]:
    """A file, opened; a compressed one is unpacked into a file that nobody else sees, as an mbox is read anywhere."""
    with message_files.opened(name) as (descriptor, status):
        written = int(status.st_mtime)
        if not (compression := message_files.compression_of(descriptor)):
            yield OpenFile(descriptor, name, written, "")
            return
        with tempfile.TemporaryFile() as whole:
            for piece in message_files.unpacked(descriptor, ByteRange(name, 0, 0, compression=compression)):
                whole.write(piece)
            whole.flush()
            yield OpenFile(whole.fileno(), name, written, compression)


def _read_mbox(mbox: Mbox, file: OpenFile, options: ReadingOptions) -> Iterator[Incoming]:
    deleted = 0
    for number, extent in enumerate(mbox.messages(), 1):
        label = f"{file.name}:{number}"
        if not extent.header:
            yield LeftMessage(label, _describe_rest(extent))
        elif number == 1 and extent.is_folder_data:
            yield SourceRemark(label, "left out the data that an IMAP server keeps about the folder")
        elif extent.is_deleted and not options.with_deleted:
            deleted += 1
        else:
            # Nothing of one message is held while the next one is read.
            yield _read_extent(extent, file, label, is_quoted=options.is_mboxrd)
    if deleted:
        count = count_of(deleted, "message")
        yield SourceRemark(file.name, f"left out {count} that Thunderbird has deleted; --with-deleted takes them in")
    for at in mbox.quoted[:1]:
        more = f" (and {len(mbox.quoted) - 1} more)" if mbox.quoted[1:] else ""
        text = f"the From line at byte {at}{more} has no header behind it, and was taken for text of the message before"
        yield SourceRemark(file.name, text)


def _read_extent(extent: Extent, file: OpenFile, label: str, *, is_quoted: bool) -> RawMessage:
    found = file.read(extent.start, extent.end - extent.start, is_quoted=is_quoted)
    message = RawMessage(label, *found, file.written)
    if extent.line:
        message.envelope, message.delivered = extent.line.text, extent.line.date
    return message


def _without_envelope(message: RawMessage | LeftMessage) -> RawMessage | LeftMessage:
    """A message that is copied, without the `From ` line that a delivery agent put before it."""
    if isinstance(message, LeftMessage) or not message.raw.startswith(b"From "):
        return message
    line, length = split_envelope(message.raw)
    if line is None:
        return message
    whole = message.whole
    try:
        # Again: of a large message, the beginning goes on behind what was read of it.
        raw, whole = message_files.read_part(whole._replace(start=whole.start + length, size=whole.size - length))
    except (UnreadableMessageError, FileNotFoundError) as error:
        return LeftMessage(message.name, _reason(error))
    from supportctl.mail.message import digest_of  # not at the top: few messages have such a line

    twin = digest_of(message.raw) if message.is_held else ""
    return message._replace(raw=raw, whole=whole, envelope=line.text, delivered=line.date, twin=twin)


def _describe_rest(extent: Extent) -> str:
    size = extent.end - extent.start
    if not size:
        return "there is nothing but a From line"
    return f"it has no header ({count_of(size, 'byte')} from byte {extent.start} on)"


def _reason(error: UnreadableMessageError | FileNotFoundError) -> str:
    return error.reason if isinstance(error, UnreadableMessageError) else "it is gone"
