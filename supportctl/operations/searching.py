"""Find tickets and messages in the full text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supportctl.index.search import Hit, Order, SearchIndex
from supportctl.query import Query
from supportctl.records import Record, Row

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


class SearchRequest(Record):
    """A query, and which part of its results is wanted; `messages` for messages instead of tickets."""

    query: Query
    limit: int | None = None
    offset: int = 0
    sort: Order = "newest"
    messages: bool = False


def find_rows(snapshot: Snapshot, index: SearchIndex, request: SearchRequest) -> list[Row]:
    """The results of a query, as rows."""
    return [_describe(hit, with_path=request.messages) for hit in _search(snapshot, index, request)]


def find_ids(snapshot: Snapshot, index: SearchIndex, request: SearchRequest) -> list[str]:
    """The ids of the tickets that a query finds, or the id for each message."""
    return [hit.ticket for hit in _search(snapshot, index, request)]


def find_paths(snapshot: Snapshot, index: SearchIndex, request: SearchRequest) -> list[bytes]:
    """The files of the messages that a query finds."""
    return [bytes(path) for hit in _search(snapshot, index, request) if (path := hit.path)]


def count_hits(snapshot: Snapshot, index: SearchIndex, request: SearchRequest) -> int:
    """The number of tickets, or messages, that a query finds in all."""
    messages, tickets = index.count(request.query, snapshot.scope())
    return messages if request.messages else tickets


def explain_parts(snapshot: Snapshot, index: SearchIndex, request: SearchRequest) -> list[Row]:
    """Each part of a query, outermost first: its meaning, and how much it finds by itself."""
    from supportctl.query.explain import describe_parts

    rows: list[Row] = []
    for part in describe_parts(request.query):
        messages, tickets = index.count(Query(part.source, part.node), snapshot.scope())
        rows.append({
            "mails": messages,
            "tickets": tickets,
            "depth": part.depth,
            "part": part.source,
            "meaning": part.meaning,
        })  # fmt: skip
    return rows


def _search(snapshot: Snapshot, index: SearchIndex, request: SearchRequest) -> Iterator[Hit]:
    return index.search(
        request.query,
        snapshot.scope(),
        limit=request.limit,
        offset=request.offset,
        sort=request.sort,
        messages=request.messages,
    )


def _describe(hit: Hit, *, with_path: bool) -> Row:
    snippet = hit.snippet
    row: Row = {
        "id": hit.ticket,
        "date": hit.date,
        "queue": hit.queue,
        "state": hit.state,
        "from": hit.sender,
        "subject": hit.subject,
        "match": snippet.text,
        "spans": [list(span) for span in snippet.spans],
    }
    if with_path:
        row["path"] = bytes(hit.path).decode(errors="replace") if hit.path else ""
    return row
