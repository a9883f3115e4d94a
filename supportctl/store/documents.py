"""Tickets as JSON documents: how they stand in `tickets.json` and in the log.

A document leaves out what has its default value, so that files and log lines stay short, and a field
that a later version adds costs old desks nothing.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from supportctl.errors import DataError
from supportctl.model import Message, Outgoing, Ticket

Document = dict[str, Any]


def _defaults(kind: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(kind):
        if field.default is not MISSING:
            found[field.name] = field.default
        elif field.default_factory is not MISSING:
            found[field.name] = field.default_factory()
        else:
            found[field.name] = MISSING
    return found


_TICKET = _defaults(Ticket)
_MESSAGE = _defaults(Message)
_OUTGOING = _defaults(Outgoing)
LISTS_OF_RECORDS = ("messages", "outgoing")


def pack_ticket(ticket: Ticket) -> Document:
    """A ticket as a document; lists are shared with the ticket, not copied."""
    document = _pack(ticket, _TICKET)
    document["messages"] = [_pack(message, _MESSAGE) for message in ticket.messages]
    if ticket.outgoing:
        document["outgoing"] = [_pack(mail, _OUTGOING) for mail in ticket.outgoing]
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


def _pack(record: Any, defaults: dict[str, Any]) -> Document:
    return {name: value for name, default in defaults.items() if (value := getattr(record, name)) != default}


def _copy(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
