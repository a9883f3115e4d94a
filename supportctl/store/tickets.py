"""The metadata of one folder: `tickets.json`, a TinyDB file, read and written as a whole.

A new version is written beside the old one, and the operation renames it over the old one. Readers do without TinyDB,
whose import takes as long as a whole `ls`.

Beside the tickets, the file says which operation wrote it, and has a checksum: metadata that come back from a backup,
or were edited, are not taken for those of today.
"""

from __future__ import annotations

import stat
from binascii import crc32
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from supportctl.errors import DataError
from supportctl.store.documents import Document, document_number
from supportctl.store.maildir import MISSING

FILE = "tickets.json"
TABLE = "tickets"
WRITTEN = "written"

_START, _END = b'{"tickets":', b',"written":{"1":{"op":'


class Table(NamedTuple):
    """The documents of a `tickets.json` by TinyDB document id, and the operation that wrote the file.

    `op` is None where there is no file, or one of a program that did not note it (before version 3 of the format).
    """

    documents: dict[str, Document]
    op: int | None

    def by_ticket(self) -> dict[str, Document]:
        """The documents by ticket id."""
        return {document["id"]: document for document in self.documents.values()}


def read_table(path: Path) -> Table:
    """A `tickets.json`; an empty one where there is no file.

    Raises DataError for a file that is damaged or not ours.
    """
    try:
        # Before it is opened: a fifo would wait for somebody who writes.
        if not stat.S_ISREG(path.stat().st_mode):
            raise DataError(f"{path} is not a file", "run supportctl check --repair")
        content = path.read_bytes()
    except OSError as error:
        if error.errno in MISSING:
            return Table({}, None)
        raise
    try:
        return _decode(content)
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise DataError(f"{path}: damaged metadata: {error}", "run supportctl check --repair") from error


def rewrite(documents: dict[str, Document], changed: Mapping[str, Document], removed: set[str], op: int) -> bytes:
    """The bytes of a `tickets.json` after an operation changes, adds or removes documents.

    `documents` are by TinyDB document id, and are changed in place; `changed` and `removed` are by ticket id. TinyDB's
    own update passes over the whole table for every call; this takes one pass for each of the three.
    """
    from tinydb import TinyDB
    from tinydb.table import Document as Row

    from supportctl.store.storage import FolderStorage

    with TinyDB(storage=FolderStorage, content={TABLE: documents}) as database:
        table = database.table(TABLE, cache_size=0)  # queries by id alone, so a cache of queries holds nothing
        rows = {document_number(name): document for name, document in changed.items()}
        present = {int(number) for number in documents}
        if gone := [number for name in removed if (number := document_number(name)) in present]:
            table.remove(doc_ids=gone)
        if fresh := [Row(document, doc_id=number) for number, document in rows.items() if number not in present]:
            table.insert_multiple(fresh)
        if known := [number for number in rows if number in present]:
            table.update(lambda row: _become(row, rows[document_number(row["id"])]), doc_ids=known)
        content: dict[str, Any] = database.storage.read() or {}
    body = orjson.dumps(content.get(TABLE, {}))
    return b'%s%s%s%d,"crc":"%08x"}}}\n' % (_START, body, _END, op, crc32(body))


def encode_table(documents: Mapping[str, Document], op: int) -> bytes:
    """The bytes of a new `tickets.json` with these documents, which are by ticket id."""
    return rewrite({}, documents, set(), op)


def _decode(content: bytes) -> Table:
    end = content.rfind(_END)
    if end < 0:
        return _decode_unchecked(content)
    body = memoryview(content)[len(_START) : end]
    written = orjson.loads(content[end:].removeprefix(b',"written":')[:-2])["1"]
    if not content.startswith(_START) or written["crc"] != f"{crc32(body):08x}":
        raise ValueError("the checksum is wrong")
    return Table(orjson.loads(body), written["op"])


def _decode_unchecked(content: bytes) -> Table:
    """A file of an older program, which has no checksum."""
    tables = orjson.loads(content)
    documents = tables.get(TABLE, {})
    if WRITTEN in tables or not isinstance(documents, dict):
        raise ValueError("the checksum is gone" if WRITTEN in tables else f"no table {TABLE!r}")
    return Table(documents, None)


def _become(row: Any, document: Document) -> None:
    row.clear()
    row.update(document)
