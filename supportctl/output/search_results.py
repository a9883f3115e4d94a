"""What a search shows of what it finds: rows, files, a number, or how it understood the query."""

from __future__ import annotations

from typing import Literal

from supportctl.desk.desk import Desk
from supportctl.operations import searching
from supportctl.operations.searching import Wanted
from supportctl.output import columns, formats
from supportctl.output.terminal import say

ResultKind = Literal["", "paths", "count", "parts"]


def show(desk: Desk, wanted: Wanted, view: ResultKind, format: str, *, end: bytes = b"\n", quiet: bool = False) -> bool:
    """Search, and show what is found, as rows or as the `view` says, each path with this `end`; was anything found?"""
    match view:
        case "count":
            return _show_count(desk, wanted)
        case "paths":
            return _show_paths(desk, wanted, end)
        case "parts":
            return _show_parts(desk, wanted, format, quiet)
    return _show_ids(desk, wanted) if format == "ids" else _show_rows(desk, wanted, format)


def _show_rows(desk: Desk, wanted: Wanted, format: str) -> bool:
    rows = desk.search(lambda snapshot, index: searching.find(snapshot, index, wanted))
    if format == "table":
        from supportctl.output import excerpts

        excerpts.write_hits(rows)
    elif wanted.messages:
        formats.rows(rows, columns.FOUND_MESSAGE, format, kind="messages")
    else:
        formats.rows(rows, columns.FOUND_TICKET, format)
    return bool(rows)


def _show_ids(desk: Desk, wanted: Wanted) -> bool:
    """Ids alone: nothing is read of the mails that are found."""
    ids = desk.search(lambda snapshot, index: searching.find_ids(snapshot, index, wanted))
    formats.rows([{"id": name} for name in ids], columns.FOUND_TICKET[:1], "ids")
    return bool(ids)


def _show_paths(desk: Desk, wanted: Wanted, end: bytes) -> bool:
    files = desk.search(lambda snapshot, index: searching.find_paths(snapshot, index, wanted))
    formats.write_bytes(b"".join(file + end for file in files))
    return bool(files)


def _show_count(desk: Desk, wanted: Wanted) -> bool:
    number = desk.search(lambda snapshot, index: searching.count(snapshot, index, wanted))
    formats.write(f"{number}\n")
    return number > 0


def _show_parts(desk: Desk, wanted: Wanted, format: str, quiet: bool) -> bool:
    rows = desk.search(lambda snapshot, index: searching.explain(snapshot, index, wanted))
    if format == "table":
        from supportctl.output import excerpts

        excerpts.write_explanation(rows)
    else:
        formats.rows(rows, columns.QUERY_PART, format, kind="parts")
    closed = [key for key in desk.config.queues if key not in desk.readable_queues]
    say(f"not looked through, as you may not read them: {', '.join(closed)}", quiet=quiet or not closed)
    return bool(rows[0]["mails"])
