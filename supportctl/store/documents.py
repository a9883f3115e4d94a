"""Tickets as JSON documents: how they stand in `tickets.json` and in the log.

A document leaves out what has its default value, so that files and log lines stay short, and a field
that a later version adds costs old desks nothing.
"""

from __future__ import annotations

from typing import Any

from supportctl.errors import DataError
from supportctl.model import Message, Outgoing, Ticket
from supportctl.structs import Struct

Document = dict[str, Any]
LISTS_OF_RECORDS = ("messages", "outgoing")


def pack_ticket(ticket: Ticket) -> Document:
    """A ticket as a document; lists are shared with the ticket, not copied."""
    document = _pack(ticket)
    document["messages"] = [_pack(message) for message in ticket.messages]
    if ticket.outgoing:
        document["outgoing"] = [_pack(mail) for mail in ticket.outgoing]
    return document


def unpack_ticket(document: Document) -> Ticket:
    """A document as a ticket.

    Raises DataError where the document is none of ours.
    """
    try:
        values = {name: _copy(value) for name, value in document.items() if name not in LISTS_OF_RECORDS}
        return Ticket(
            **values,
            messages=[Message(**row) for row in document.get("messages", ())],
            outgoing=[Outgoing(**row) for row in document.get("outgoing", ())],
        )
    except (TypeError, AttributeError) as error:
        name = document.get("id", "?") if isinstance(document, dict) else "?"
        raise DataError(f"ticket {name}: its metadata can't be read: {error}", "supportctl check") from error


def document_number(ticket_id: str) -> int:
    """The TinyDB document id of a ticket: day and counter, `s20261122.17` → 20261122000017.

    Raises DataError for what is no ticket id.
    """
    day, _, counter = ticket_id.lstrip("abcdefghijklmnopqrstuvwxyz-").partition(".")
    if not (len(day) == 8 and day.isdigit() and counter.isdigit()):
        raise DataError(f"{ticket_id!r} is no ticket id", "an id looks like s20261122.17")
    return int(day) * 1_000_000 + int(counter)


def _pack(struct: Struct) -> Document:
    """What has to be told; every default is what is false in Python."""
    defaults = struct._field_defaults
    return {name: value for name, value in vars(struct).items() if value or name not in defaults}


def _copy(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
