"""Where mail comes from: the INBOX, files, mboxes, Maildirs; read one after the other, never changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from supportctl.errors import DataError, NotFoundError
from supportctl.model import Mail, Source
from supportctl.records import Record
from supportctl.store import maildir


class Arrival(Record):
    """A mail to take in that has been read."""

    source: Source
    mail: Mail


def read_inbox(root: Path) -> Iterator[Source]:
    """The mail of the desk's INBOX, oldest first; what another process takes away in between is left out."""
    for place, raw, received in maildir.read_inbox(root):
        yield _from_folder(place, place, raw, received, key=maildir.key_of(place.partition("/")[2]))


def read_files(paths: Iterable[str]) -> Iterator[Source]:
    """The mail of `.eml` files, mboxes and Maildirs, in their order.

    Raises NotFoundError or DataError, before anything is read, for a path where there is no mail.
    """
    readers = [_reader_of(Path(path)) for path in paths]
    for reader, path in readers:
        yield from reader(path)


def parse_all(sources: Iterable[Source], trusted: frozenset[str]) -> Iterator[Arrival]:
    """The mails, read, in their order; the bytes of what lies on the desk already are not kept."""
    from supportctl.mail.message import parse

    for source in sources:
        mail = parse(source.raw, received=source.received, trusted=trusted)
        if source.key:
            source.raw = b""
        yield Arrival(source, mail)


def _reader_of(path: Path):  # type: ignore[no-untyped-def]
    if not path.exists():
        raise NotFoundError(f"{path}: no such file", "name .eml files, mboxes or Maildirs, or - for standard input")
    if path.is_dir():
        if not maildir.is_folder(path):
            raise DataError(f"{path} is no Maildir: it has no cur/ and new/", f"supportctl ingest {path}/*.eml")
        return _read_maildir, path
    if not os.access(path, os.R_OK):
        raise DataError(f"{path} can't be read", "check its permissions")
    with path.open("rb") as stream:
        return (_read_mbox if stream.read(5) == b"From " else _read_file), path


def _read_file(path: Path) -> Iterator[Source]:
    yield Source(str(path), path.read_bytes(), int(path.stat().st_mtime))


def _read_mbox(path: Path) -> Iterator[Source]:
    import mailbox

    box = mailbox.mbox(path, create=False)
    try:
        received = int(path.stat().st_mtime)
        for number, key in enumerate(box.iterkeys(), 1):
            yield Source(f"{path}:{number}", box.get_bytes(key), received)
    finally:
        box.close()


def _read_maildir(path: Path) -> Iterator[Source]:
    for place, raw, received in maildir.read_inbox(path, is_foreign=True):
        yield _from_folder(f"{path}/{place}", place, raw, received)


def _from_folder(name: str, place: str, raw: bytes, received: int, key: str = "") -> Source:
    part, _, file = place.partition("/")
    flags = "".join(flag for flag in maildir.flags_of(file) if flag.isascii() and flag.isalpha())
    return Source(name, raw, min(received, int(time.time())), key, part, flags)
