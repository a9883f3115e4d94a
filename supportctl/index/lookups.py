"""What the tables can look up without reading all messages: tickets by their fields, messages by their Message-ID.

Each lookup selects the numbers of messages, sometimes more than the query finds, never fewer.
"""

from __future__ import annotations

from supportctl.query import fields
from supportctl.query.ast import And, Name, Node, Not, Or, Pattern, Presence, Query, Status, Words
from supportctl.query.fold import list_spellings

Lookup = tuple[str, list[object]]

_BY_TICKET = "SELECT x.number FROM desk.ticket y CROSS JOIN desk.message x ON x.ticket = y.id WHERE "
_BY_TAG = "SELECT x.number FROM desk.tag y CROSS JOIN desk.message x ON x.ticket = y.ticket WHERE "
_NOTED = "SELECT x.number FROM desk.note y CROSS JOIN desk.message x ON x.ticket = y.ticket"
#: The last character of all: what begins with a text is between the text and the text with this character added.
_LAST = "\U0010ffff"


def find_lookups(query: Query) -> list[Lookup]:
    """A lookup for each part of a query that has to be true and can be looked up."""
    parts = query.root.parts if isinstance(query.root, And) else (query.root,)
    return [lookup for part in parts if (lookup := _lookup(part))]


def _lookup(node: Node) -> Lookup | None:
    match node:
        case And():
            return next((lookup for part in node.parts if (lookup := _lookup(part))), None)
        case Or():
            return _any(list(map(_lookup, node.parts)))
        case Name() if node.field in _NAMES:
            return _name(node)
        case Words(field=fields.NOTE) | Pattern(field=fields.NOTE):
            return _NOTED, []
        case Status() if node.state != "unread":
            return _BY_TICKET + _STATES[node.state], []
        case Not(part=Status(state="closed")):
            return f"{_BY_TICKET}y.state <> 'closed'", []
        case Presence() if node.thing in _THINGS:
            return _THINGS[node.thing], []
    return None


def _any(lookups: list[Lookup | None]) -> Lookup | None:
    known = [lookup for lookup in lookups if lookup]
    if len(known) < len(lookups):
        return None
    return " UNION ".join(text for text, _ in known), [value for _, values in known for value in values]


# `ticket_state` leaves closed tickets out, so both sides have to.
_STATES = {
    "open": "y.state <> 'closed' AND y.state = 'open'",
    "pending": "y.state <> 'closed' AND y.state = 'pending'",
    "closed": "y.state = 'closed'",
    "undelivered": "y.id IN (SELECT ticket FROM outgoing WHERE has_failed)",
}
_THINGS = {
    "type": f"{_BY_TICKET}y.issue_type <> ''",
    "owner": f"{_BY_TICKET}y.owner <> ''",
    "tag": f"{_BY_TAG}1",
}


#: For each field of names, the beginning of its SELECT and its column.
_NAMES = {
    "id": ("SELECT x.number FROM desk.message x WHERE ", "x.ticket"),
    "mid": ("SELECT number FROM document WHERE ", "mid"),
    "in": (_BY_TICKET, "y.queue"),
    "type": (f"{_BY_TICKET}y.issue_type <> '' AND ", "lower(y.issue_type)"),
    "owner": (f"{_BY_TICKET}y.owner <> '' AND ", "lower(y.owner)"),
    "tag": (_BY_TAG, "y.name"),
}


def _name(term: Name) -> Lookup:
    start, column = _NAMES[term.field]
    if term.is_prefix:
        return f"{start}{column} >= ? AND {column} < ?", [term.value, term.value + _LAST]
    if term.field == "id":
        return f"{start}{column} IN (?, ?, ?)", [*list_spellings(term.value)]
    return f"{start}{column} = ?", [term.value]
