"""Search results for a person: a line for each, and below it the matching text with the words marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from supportctl import render
from supportctl.terminal import clean, columns, cut, has_colour

_MARK, _PLAIN = "\x1b[1;33m", "\x1b[0m"


def write_hits(rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows with `match` and `spans` to the terminal."""
    width = columns() or 10_000
    for row in rows:
        place = f"{row['queue']}{'' if row['state'] == 'open' else ', ' + str(row['state'])}"
        parts = [row["id"], render.local_moment(_number(row["date"]))[:10], f"({place})", row["from"], row["subject"]]
        render.write(cut(clean("  ".join(map(str, parts))), width) + "\n")
        if text := str(row["match"]):
            render.write("    " + _mark(text[: max(20, width - 6)], row["spans"]) + "\n")


def _mark(text: str, spans: object) -> str:
    if not has_colour() or not isinstance(spans, list):
        return clean(text)
    marked, place = "", 0
    for start, end in spans:
        marked += f"{clean(text[place:start])}{_MARK}{clean(text[start:end])}{_PLAIN}"
        place = end
    return marked + clean(text[place:])


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
