"""Finding tickets and mails in the full text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supportctl.query import Query
from supportctl.render import Column
from supportctl.store import maildir
from supportctl.store.layout import queue_of
from supportctl.store.state import State
from supportctl.store.text import Hit, Order, TextIndex

TICKET = (
    Column("id", "ticket"),
    Column("date", kind="time"),
    Column("queue"),
    Column("state"),
    Column("from"),
    Column("subject"),
    Column("match", in_table=False),
    Column("spans", kind="data"),
)
MESSAGE = (*TICKET[:-2], Column("path"), *TICKET[-2:])

Row = dict[str, object]


@dataclass(slots=True, frozen=True)
class Wanted:
    """A query, and which part of what it finds is wanted."""

    query: Query
    limit: int | None = None
    offset: int = 0
    sort: Order = "newest"
    messages: bool = False


def find(state: State, wanted: Wanted, queues: Sequence[str]) -> list[Row]:
    """What a query finds in queues, as rows."""
    hits = list(_search(state, wanted, queues))
    states = state.catalogue.states_of([hit.ticket for hit in hits])
    return [_describe(state, hit, states.get(hit.ticket, ""), with_path=wanted.messages) for hit in hits]


def find_paths(state: State, wanted: Wanted, queues: Sequence[str]) -> list[bytes]:
    """The files of the mails that a query finds."""
    return [path for hit in _search(state, wanted, queues) if (path := _path(state, hit))]


def count(state: State, wanted: Wanted, queues: Sequence[str]) -> int:
    """How many tickets, or messages, a query finds."""
    index = TextIndex(state.layout.text, state.layout.catalogue)
    return index.count(wanted.query, queues, _unread_test(state), messages=wanted.messages)


def _search(state: State, wanted: Wanted, queues: Sequence[str]) -> Iterator[Hit]:
    index = TextIndex(state.layout.text, state.layout.catalogue)
    return index.search(
        wanted.query,
        queues,
        _unread_test(state),
        limit=wanted.limit,
        offset=wanted.offset,
        sort=wanted.sort,
        messages=wanted.messages,
    )


def _unread_test(state: State):  # type: ignore[no-untyped-def]
    def is_unread(folder: str, key: str) -> bool:
        place = state.places(folder).get(key)
        return place is not None and maildir.is_unread(place)

    return is_unread


def _describe(state: State, hit: Hit, ticket_state: str, *, with_path: bool) -> Row:
    snippet = hit.snippet
    row: Row = {
        "id": hit.ticket,
        "date": hit.date,
        "queue": queue_of(hit.folder),
        "state": ticket_state,
        "from": hit.sender,
        "subject": hit.subject,
        "match": snippet.text,
        "spans": [list(span) for span in snippet.spans],
    }
    if with_path:
        path = _path(state, hit)
        row["path"] = path.decode(errors="replace") if path else ""
    return row


def _path(state: State, hit: Hit) -> bytes | None:
    path = state.path_of(hit.folder, hit.key)
    return bytes(path) if path else None
