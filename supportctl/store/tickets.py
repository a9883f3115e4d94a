"""The metadata of one folder: `tickets.json`, a TinyDB file, read and written as a whole.

A new version is written beside the old one, and the operation renames it over the old one. Readers do without TinyDB,
whose import takes as long as a whole `ls`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from supportctl.errors import DataError
from supportctl.store.documents import Document, document_number

FILE = "tickets.json"
TABLE = "tickets"


def read_documents(path: Path) -> dict[str, Document]:
    """The documents of a `tickets.json` by TinyDB document id; none where there is no file.

    Raises DataError for a file that is damaged or not ours.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        table = orjson.loads(content).get(TABLE, {})
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise DataError(f"{path}: damaged metadata: {error}", "run supportctl check --repair") from error
    if not isinstance(table, dict):
        raise DataError(f"{path}: damaged metadata: no table {TABLE!r}", "run supportctl check --repair")
    return table


def read_tickets(path: Path) -> dict[str, Document]:
    """The documents of a `tickets.json` by ticket id, in the order of the ids."""
    return {document["id"]: document for document in read_documents(path).values()}


def rewrite(documents: dict[str, Document], changed: Mapping[str, Document], removed: set[str]) -> bytes:
    """The bytes of a `tickets.json` after documents are changed, added or removed.

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
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def encode_table(documents: Mapping[str, Document]) -> bytes:
    """The bytes of a new `tickets.json` with these documents, which are by ticket id."""
    return rewrite({}, documents, set())


def _become(row: Any, document: Document) -> None:
    row.clear()
    row.update(document)
