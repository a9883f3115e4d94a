"""Search results, for people and for scripts: the hits, their files or their number, or how a query was understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from supportctl.desk.desk import Desk
from supportctl.operations import searching
from supportctl.operations.searching import SearchRequest
from supportctl.output import columns, formats
from supportctl.output.terminal import clean, has_colour, line_width, say, shorten, width
from supportctl.records import Row

ResultKind = Literal["", "paths", "count", "parts"]
#: A part of a line, and whether it is marked.
Piece = tuple[str, bool]

_MARK, _PLAIN = "\x1b[1;33m", "\x1b[0m"
_INDENT = "    "
_UNLIMITED = 10_000
_NARROWEST = 10
#: Where a line is too narrow for all, a fourth of it shows the text before the first match.
_LEAD = 4


def show_results(
    desk: Desk, request: SearchRequest, view: ResultKind, format: str, *, end: bytes = b"\n", quiet: bool = False
) -> bool:
    """Search, and write the results as rows or as the `view` says, each path with this `end`; whether there are any."""
    match view:
        case "count":
            return _show_count(desk, request)
        case "paths":
            return _show_paths(desk, request, end)
        case "parts":
            return _show_parts(desk, request, format, quiet)
    return _show_ids(desk, request) if format == "ids" else _show_hits(desk, request, format)


def _show_count(desk: Desk, request: SearchRequest) -> bool:
    number = desk.search(lambda snapshot, index: searching.count_hits(snapshot, index, request))
    formats.write_text(f"{number}\n")
    return number > 0


def _show_paths(desk: Desk, request: SearchRequest, end: bytes) -> bool:
    files = desk.search(lambda snapshot, index: searching.find_paths(snapshot, index, request))
    formats.write_bytes(b"".join(file + end for file in files))
    return bool(files)


def _show_ids(desk: Desk, request: SearchRequest) -> bool:
    """Ids alone, without reading the messages."""
    ids = desk.search(lambda snapshot, index: searching.find_ids(snapshot, index, request))
    formats.write_rows([{"id": name} for name in ids], columns.FOUND_TICKET[:1], "ids")
    return bool(ids)


def _show_hits(desk: Desk, request: SearchRequest, format: str) -> bool:
    rows = desk.search(lambda snapshot, index: searching.find_rows(snapshot, index, request))
    if format == "table":
        _write_hits(rows, desk.config.desk.timezone)
    elif request.messages:
        formats.write_rows(rows, columns.FOUND_MESSAGE, format, kind="messages")
    else:
        formats.write_rows(rows, columns.FOUND_TICKET, format)
    return bool(rows)


def _write_hits(rows: Iterable[Row], zone: str) -> None:
    """A line for each hit, and below it the matching text with its matches marked."""
    limit = line_width() or _UNLIMITED
    for row in rows:
        filed = f"{row['queue']}{'' if row['state'] == 'open' else ', ' + str(row['state'])}"
        day = formats.local_moment(_number(row["date"]), zone)[:10]
        parts = [row["id"], day, f"({filed})", row["from"], row["subject"]]
        formats.write_text(shorten(clean("  ".join(map(str, parts))), limit) + "\n")
        if text := str(row["match"]):
            line = _fit(list(_split(text, row["spans"])), max(_NARROWEST, limit - len(_INDENT)))
            formats.write_text(_INDENT + "".join(map(_mark, line)).rstrip() + "\n")


def _split(text: str, spans: object) -> Iterator[Piece]:
    """The parts of a text in turn, cleaned, and whether each is a match."""
    at = 0
    for start, end in spans if isinstance(spans, list) else []:
        yield clean(text[at:start]), False
        yield clean(text[start:end]), True
        at = end
    yield clean(text[at:]), False


def _fit(pieces: list[Piece], room: int) -> list[Piece]:
    """Pieces that fit a line, the first match among them."""
    (lead, _), *rest = pieces
    if rest and width(lead) + width(rest[0][0]) > room:
        lead = _cut_beginning(lead, room // _LEAD)
    fitted = []
    for text, is_match in [(lead, False), *rest]:
        if room > 0:
            fitted.append((shorten(text, room), is_match))
        room -= width(text)
    return fitted


def _cut_beginning(text: str, room: int) -> str:
    """As much of the end of a text as fits."""
    return shorten(text[::-1], room)[::-1]


def _show_parts(desk: Desk, request: SearchRequest, format: str, quiet: bool) -> bool:
    rows = desk.search(lambda snapshot, index: searching.explain_parts(snapshot, index, request))
    if format == "table":
        _write_parts(rows)
    else:
        formats.write_rows(rows, columns.QUERY_PART, format, kind="parts")
    closed = [key for key in desk.config.queues if key not in desk.rights.readable_queues]
    say(f"not searched, since you may not read these queues: {', '.join(closed)}", quiet=quiet or not closed)
    return bool(rows[0]["mails"])


def _write_parts(rows: Iterable[Row]) -> None:
    """A line for each part of a query: how many messages it finds, how it was written, what it means."""
    lines = [(row, clean("  " * _number(row["depth"]) + str(row["part"]))) for row in rows]
    limit = line_width() or _UNLIMITED
    room = min(max(width(part) for _, part in lines), max(_NARROWEST, limit // 3))
    formats.write_text("  mails  tickets\n")
    for row, part in lines:
        part = shorten(part, room)
        gap = " " * (room - width(part))
        text = f"{row['mails']:>7}  {row['tickets']:>7}  {part}{gap}  {clean(str(row['meaning']))}".rstrip()
        formats.write_text(_mark((shorten(text, limit), not row["mails"])) + "\n")


def _mark(piece: Piece) -> str:
    text, is_marked = piece
    return f"{_MARK}{text}{_PLAIN}" if is_marked and text and has_colour() else text


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
