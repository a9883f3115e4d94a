"""Tickets as JSON documents, in `tickets.json` and in the log.

A document leaves out every field with its default value, so that files and log lines stay short, and a field that a
later version adds costs old desks nothing.
"""

from __future__ import annotations

from typing import Any

from supportctl.errors import DataError
from supportctl.model import Dispatch, Message, Note, Outgoing, Ticket
from supportctl.records import Record

Document = dict[str, Any]
LISTS_OF_RECORDS: dict[str, type[Record]] = {"messages": Message, "outgoing": Outgoing, "notes": Note}


def pack_ticket(ticket: Ticket) -> Document:
    """A ticket as a document; its lists are shared, not copied."""
    document = pack_fields(ticket)
    # Messages also where there are none, as every ticket has had some.
    lists = {name: [pack_row(row) for row in getattr(ticket, name)] for name in LISTS_OF_RECORDS}
    return document | {name: rows for name, rows in lists.items() if rows or name == "messages"}


def pack_fields(ticket: Ticket) -> Document:
    """A ticket as a document without its lists of records."""
    document = pack_record(ticket)
    for name in LISTS_OF_RECORDS:
        document.pop(name, None)
    return document


def pack_value(name: str, value: Any) -> Any:
    """A field's value in a document, None where the document leaves it out."""
    return value if value or name not in Ticket._field_defaults else None


def pack_record(record: Record) -> Document:
    """A record as a document; every default value is false in a boolean context."""
    defaults = record._field_defaults
    return {name: value for name, value in vars(record).items() if value or name not in defaults}


def pack_row(row: Record) -> Document:
    """A record of one of a ticket's lists as a document."""
    document = pack_record(row)
    if isinstance(row, Outgoing) and row.progress:
        document["progress"] = [pack_record(dispatch) for dispatch in row.progress]
    return document


def unpack_outgoing(document: Document) -> Outgoing:
    """An outgoing message from its document; raises TypeError for a document of another shape."""
    progress = [Dispatch(**row) for row in document.get("progress", ())]
    return Outgoing(**{**document, "progress": progress})


def unpack_ticket(document: Document) -> Ticket:
    """A ticket from its document; raises DataError for a document of another shape."""
    try:
        values: Document = {name: value[:] if isinstance(value, list) else value for name, value in document.items()}
        values |= {
            name: [record(**row) for row in document[name]]
            for name, record in LISTS_OF_RECORDS.items()
            if name in document
        }
        if "outgoing" in document:  # whose progress is a list of records, too
            values["outgoing"] = list(map(unpack_outgoing, document["outgoing"]))
        return Ticket(**values)
    except (TypeError, AttributeError) as error:
        name = document.get("id", "?") if isinstance(document, dict) else "?"
        raise DataError(f"can't read the metadata of ticket {name}: {error}", "run supportctl check") from error


def document_number(ticket_id: str) -> int:
    """The TinyDB document id of a ticket, from day and counter: `s20261122.17` → 20261122000017.

    Raises DataError for text that is not a ticket id.
    """
    day, _, counter = ticket_id.lstrip("abcdefghijklmnopqrstuvwxyz-").partition(".")
    if not (len(day) == 8 and day.isdigit() and counter.isdigit()):
        raise DataError(f"not a valid ticket id: {ticket_id!r}", "an id looks like s20261122.17")
    return int(day) * 1_000_000 + int(counter)
