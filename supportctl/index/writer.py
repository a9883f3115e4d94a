"""How a mail enters the text index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from supportctl.index.boolean_terms import marks_of
from supportctl.index.schema import slot_of
from supportctl.model import MessageContent
from supportctl.query import document
from supportctl.query.fold import fold, has_words, make_storable

_DOCUMENT = f"INSERT OR IGNORE INTO document VALUES ({', '.join('?' * 22)})"
_WORDS = (
    "INSERT INTO words (rowid, subject, sender, receivers, copies, others, written, quoted, names, marks)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_CONTENT = "INSERT INTO content VALUES (?, ?, ?, ?)"
_HEADER = "INSERT INTO header VALUES (?, ?)"


class MisfitError(Exception):
    """What is to be added does not fit what is there."""


def enter(connection: sqlite3.Connection, rows: Iterable[tuple[int, MessageContent]]) -> None:
    """Add messages by their numbers; those that are there already are left alone.

    Raises MisfitError where a number stands for another message.
    """
    # In order, since FTS5 writes out what it has gathered whenever a row comes before the last one.
    slots = [(slot_of(mail.date, number), number, mail) for number, mail in rows]
    for slot, number, mail in sorted(slots, key=lambda row: row[0]):
        _enter(connection, slot, number, mail)


def _enter(connection: sqlite3.Connection, slot: int, number: int, mail: MessageContent) -> None:
    columns = [document.column(mail, name) for name in document.HEADING]
    written, body = make_storable(mail.written), make_storable(mail.text)
    words = [*map(fold, columns[:5]), fold(written), fold(make_storable(mail.quoted)), fold(columns[5])]
    row = (slot, number, mail.date, mail.size, *_properties(mail, words[5]), *_text_columns(mail, columns))
    if connection.execute(_DOCUMENT, row).rowcount != 1:
        known = connection.execute("SELECT digest FROM document WHERE number = ?", (number,)).fetchone()
        return _expect(mail, known[0], number)
    connection.execute(_WORDS, (slot, *words, marks_of(mail)))
    page, start = document.page(columns, body)
    start = len(page[:start].encode()) + 1
    connection.execute(_CONTENT, (slot, start, page.encode(), None if written == body else written.encode()))
    connection.execute(_HEADER, (slot, document.header_block(mail)))
    return None


def _expect(mail: MessageContent, digest: str, number: int) -> None:
    if mail.digest != digest:
        raise MisfitError(f"message {number} was another one before")


def _properties(mail: MessageContent, written_words: str) -> tuple[object, ...]:
    return (
        bool(mail.attachments),
        mail.is_signed,
        mail.is_encrypted,
        has_words(written_words),
        mail.automatic,
        mail.digest,
        make_storable(mail.mid),
        make_storable(f" {' '.join(mail.auth)} ") if mail.auth else "",
    )


def _text_columns(mail: MessageContent, columns: list[str]) -> list[str]:
    subject, *people, names = columns
    row = [subject]
    for name, text in zip(("sender", "receivers", "copies", "others"), people, strict=True):
        row += [text, _listed(document.addresses(mail, name))]
    return [*row, names]


def _listed(addresses: list[str]) -> str:
    """Return addresses in a form in which each can be found whole."""
    if not addresses:
        return ""
    return make_storable("\n" + "\n".join([address.replace("\n", " ") for address in addresses]) + "\n")
