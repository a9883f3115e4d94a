"""Finding tickets and mails in the full text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from supportctl.index.search import Hit, Order, Scope, TextIndex
from supportctl.query import Query
from supportctl.records import Record
from supportctl.store import maildir
from supportctl.store.layout import queue_of
from supportctl.store.snapshot import Snapshot

Row = dict[str, object]


class Wanted(Record):
    """A query, the queues to look through, and which part of what it finds is wanted."""

    query: Query
    queues: Sequence[str]
    limit: int | None = None
    offset: int = 0
    sort: Order = "newest"
    messages: bool = False

    def scope(self, state: Snapshot) -> Scope:
        """What is looked through in one state of the desk."""

        def is_unread(folder: str, key: str) -> bool:
            place = state.places(folder).get(key)
            return place is not None and maildir.is_unread(place)

        return Scope(self.queues, is_unread)


def find(state: Snapshot, index: TextIndex, wanted: Wanted) -> list[Row]:
    """What a query finds, as rows."""
    return [_describe(state, hit, with_path=wanted.messages) for hit in _search(state, index, wanted)]


def find_ids(state: Snapshot, index: TextIndex, wanted: Wanted) -> list[str]:
    """The tickets that a query finds, or that of each mail."""
    return [hit.ticket for hit in _search(state, index, wanted)]


def find_paths(state: Snapshot, index: TextIndex, wanted: Wanted) -> list[bytes]:
    """The files of the mails that a query finds."""
    return [path for hit in _search(state, index, wanted) if (path := _path(state, hit))]


def count(state: Snapshot, index: TextIndex, wanted: Wanted) -> int:
    """How many tickets, or messages, a query finds, whatever part of it is wanted."""
    messages, tickets = index.count(wanted.query, wanted.scope(state))
    return messages if wanted.messages else tickets


def explain(state: Snapshot, index: TextIndex, wanted: Wanted) -> list[Row]:
    """Each part of a query, outermost first: what it means, and what it would find by itself."""
    from supportctl.query.explain import describe

    scope = wanted.scope(state)
    rows: list[Row] = []
    for part in describe(wanted.query):
        mails, tickets = index.count(Query(part.source, part.node), scope)
        said = {"depth": part.depth, "part": part.source, "meaning": part.meaning}
        rows.append({"mails": mails, "tickets": tickets, **said})
    return rows


def _search(state: Snapshot, index: TextIndex, wanted: Wanted) -> Iterator[Hit]:
    return index.search(
        wanted.query,
        wanted.scope(state),
        limit=wanted.limit,
        offset=wanted.offset,
        sort=wanted.sort,
        messages=wanted.messages,
    )


def _describe(state: Snapshot, hit: Hit, *, with_path: bool) -> Row:
    snippet = hit.snippet
    row: Row = {
        "id": hit.ticket,
        "date": hit.date,
        "queue": queue_of(hit.folder),
        "state": hit.state,
        "from": hit.sender,
        "subject": hit.subject,
        "match": snippet.text,
        "spans": [list(span) for span in snippet.spans],
    }
    if with_path:
        path = _path(state, hit)
        row["path"] = path.decode(errors="replace") if path else ""
    return row


def _path(state: Snapshot, hit: Hit) -> bytes | None:
    path = state.path_of(hit.folder, hit.key)
    return bytes(path) if path else None
