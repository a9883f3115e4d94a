"""Search results for a person: the hits with their text, the words marked in it, and how a query was understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from supportctl.output import formats
from supportctl.output.terminal import clean, columns, cut, has_colour, width

_MARK, _PLAIN = "\x1b[1;33m", "\x1b[0m"
_INDENT = "    "
_NARROWEST = 10
#: What is shown before the first match, of a line's width, where the terminal is too narrow for all.
_LEAD = 4

Row = Mapping[str, object]
Piece = tuple[str, bool]


def write_hits(rows: Iterable[Row]) -> None:
    """Write rows with `match` and `spans` to the terminal: a line for each, and below it the matching text."""
    limit = columns() or 10_000
    for row in rows:
        place = f"{row['queue']}{'' if row['state'] == 'open' else ', ' + str(row['state'])}"
        parts = [row["id"], formats.local_moment(_number(row["date"]))[:10], f"({place})", row["from"], row["subject"]]
        formats.write(cut(clean("  ".join(map(str, parts))), limit) + "\n")
        if text := str(row["match"]):
            line = _fit(list(_pieces(text, row["spans"])), max(_NARROWEST, limit - len(_INDENT)))
            formats.write(_INDENT + "".join(map(_show, line)).rstrip() + "\n")


def write_explanation(rows: Iterable[Row]) -> None:
    """Write the parts of a query: how many mails each finds, how it was written, what it means."""
    lines = [(row, clean("  " * _number(row["depth"]) + str(row["part"]))) for row in rows]
    limit = columns() or 10_000
    room = min(max(width(part) for _, part in lines), max(_NARROWEST, limit // 3))
    formats.write("  mails  tickets\n")
    for row, part in lines:
        part = cut(part, room)
        gap = " " * (room - width(part))
        text = f"{row['mails']:>7}  {row['tickets']:>7}  {part}{gap}  {clean(str(row['meaning']))}".rstrip()
        formats.write(_show((cut(text, limit), not row["mails"])) + "\n")


def _pieces(text: str, spans: object) -> Iterator[Piece]:
    """The parts of a text in turn, clean, and whether each is a match."""
    place = 0
    for start, end in spans if isinstance(spans, list) else []:
        yield clean(text[place:start]), False
        yield clean(text[start:end]), True
        place = end
    yield clean(text[place:]), False


def _fit(pieces: list[Piece], room: int) -> list[Piece]:
    """Pieces that fit a line, the first match among them."""
    lead, *rest = pieces
    if rest and width(lead[0]) + width(rest[0][0]) > room:
        lead = (cut(lead[0][::-1], room // _LEAD)[::-1], False)
    fitted = []
    for text, is_match in [lead, *rest]:
        if room > 0:
            fitted.append((cut(text, room), is_match))
        room -= width(text)
    return fitted


def _show(piece: Piece) -> str:
    text, is_marked = piece
    return f"{_MARK}{text}{_PLAIN}" if is_marked and text and has_colour() else text


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
