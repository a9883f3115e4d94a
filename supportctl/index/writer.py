"""Messages → rows of the index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from supportctl.index.boolean_terms import join_boolean_terms
from supportctl.index.schema import slot_of
from supportctl.mail.content import MessageContent
from supportctl.query import document
from supportctl.query.fold import fold, has_words
from supportctl.values import make_encodable

_DOCUMENT = f"INSERT OR IGNORE INTO document VALUES ({', '.join('?' * 23)})"
_WORDS = (
    "INSERT INTO words"
    " (rowid, subject, sender, receivers, copies, others, written, quoted, names, attached, hidden, marks)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_CONTENT = "INSERT INTO content VALUES (?, ?, ?, ?, ?, ?)"
_HEADER = "INSERT INTO header VALUES (?, ?)"


class MisfitError(Exception):
    """A message does not match the one that the index has under its number."""


def add_messages(connection: sqlite3.Connection, rows: Iterable[tuple[int, MessageContent]]) -> list[int]:
    """Add messages by their numbers; those that are in the index already are left alone.

    Returns the numbers of those that can't be added. Raises MisfitError where a number belongs to another message.
    """
    failed = []
    # In the order of slots: FTS5 writes out what it has collected whenever a row comes before the last one.
    slots = [(slot_of(content.date, number), number, content) for number, content in rows]
    for slot, number, content in sorted(slots, key=lambda row: row[0]):
        try:
            _add(connection, slot, number, content)
        except (sqlite3.Error, MisfitError):
            raise
        except Exception:  # noqa: BLE001 - a fault of ours with this message must not keep the others out
            failed.append(number)
    return failed


def _add(connection: sqlite3.Connection, slot: int, number: int, content: MessageContent) -> None:
    # All values before the first statement: a message that can't be added leaves no part of it.
    columns = [document.read_column(content, name) for name in document.HEADING]
    written, *others = (document.read_column(content, name) for name in ("written", "quoted", "attached", "hidden"))
    quoted, attached, hidden = map(fold, others)
    words = [*map(fold, columns[:5]), fold(written), quoted, fold(columns[5]), attached, hidden]
    has_text = any(map(has_words, (words[5], attached, hidden)))
    row = (slot, number, content.date, content.size, *_properties(content, has_text), *_text_columns(content, columns))
    terms = join_boolean_terms(content)
    pages = (slot, *_page(document.page_of(content, columns), written))
    header = (slot, document.make_header_block(content))
    if connection.execute(_DOCUMENT, row).rowcount != 1:
        known = connection.execute("SELECT digest FROM document WHERE number = ?", (number,)).fetchone()
        return _require_same(content, known[0], number)
    connection.execute(_WORDS, (slot, *words, terms))
    connection.execute(_CONTENT, pages)
    connection.execute(_HEADER, header)
    return None


def _page(page: document.Page, written: str) -> tuple[object, ...]:
    # SQLite's substr counts the bytes of a blob, from 1.
    offsets = [len(page.text[:offset].encode()) + 1 for offset in (page.body, page.rest, page.attached)]
    is_body = written == page.text[page.body : page.rest]
    return (*offsets, page.text.encode(), None if is_body else written.encode())


def _require_same(content: MessageContent, digest: str, number: int) -> None:
    if content.digest != digest:
        raise MisfitError(f"message {number} was another one before")


def _properties(content: MessageContent, has_text: bool) -> tuple[object, ...]:
    return (
        bool(content.attachments),
        content.is_signed,
        content.is_encrypted,
        has_text,
        content.automatic,
        content.likely,
        content.digest,
        make_encodable(content.mid),
        make_encodable(f" {' '.join(content.auth)} ") if content.auth else "",
    )


def _text_columns(content: MessageContent, columns: list[str]) -> list[str]:
    subject, *people, names = columns
    row = [subject]
    for name, text in zip(("sender", "receivers", "copies", "others"), people, strict=True):
        row += [text, _listed(document.list_addresses(content, name))]
    return [*row, names]


def _listed(addresses: list[str]) -> str:
    """Addresses in a form in which each can be found whole."""
    if not addresses:
        return ""
    return make_encodable("\n" + "\n".join([address.replace("\n", " ") for address in addresses]) + "\n")
