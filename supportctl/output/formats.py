"""Rows and documents on standard output, in every format; untrusted text is cleaned here."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from supportctl.output.terminal import clean, escape_json, is_terminal, say
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.output.columns import Column, ColumnKind
    from supportctl.output.tables import Shape

Format = Literal["table", "plain", "json", "jsonl", "csv", "ids"]

FORMATS: tuple[Format, ...] = ("table", "plain", "json", "jsonl", "csv", "ids")
JSON_VERSION = 1

_DAY = 86400
_UNITS = ((_DAY, "d"), (3600, "h"), (60, "m"), (1, "s"))
_FIRST_SECOND, _LAST_SECOND = -62135596800, 253402300799  # the years 1 and 9999, as far as ISO 8601 goes


def write_rows(
    items: Iterable[Row],
    fields: Sequence[Column],
    format: str,
    *,
    kind: str = "tickets",
    now: float = 0,
    zone: str = "",
) -> None:
    """Write rows to standard output; `kind` is the name of their list in the json document.

    In plain, jsonl and ids each row is written as it comes. Without rows nothing is written, but for json (an empty
    list) and csv (the header). `ids` writes the first column. Ages count from `now` (seconds since the epoch, by
    default the clock's); days and times in a table are those of the time `zone` ("" is the machine's).
    """
    texts = [field for field in fields if field.kind != "data"]
    # Lazily, each in its turn: what streams (plain, jsonl, ids) must not be read before it is written.
    writers: dict[str, Callable[[], None]] = {
        "table": lambda: _write_table(items, [field for field in texts if field.in_table], now or time.time(), zone),
        "plain": lambda: _write_lines("\t".join(_plain_row(row, texts)) for row in items),
        "json": lambda: write_document({kind: [_data_row(row, fields) for row in items]}),
        "jsonl": lambda: _write_lines(_json(_data_row(row, fields)) for row in items),
        "csv": lambda: _write_csv(items, texts),
        "ids": lambda: _write_lines(clean(str(row[fields[0].name])) for row in items),
    }
    writers[format]()


def write_document(value: Mapping[str, object]) -> None:
    """Write one JSON document with its version: `{"version": 1, …}`."""
    write_text(_json({"version": JSON_VERSION, **value}) + "\n")


def write_outcome(ids: Sequence[str], summary: str, *, quiet: bool = False) -> None:
    """Write the outcome of a verb that changes tickets: the ids to a pipe, one line to a terminal."""
    if is_terminal(sys.stdout):
        say(clean(summary), quiet=quiet or not summary)
    elif not quiet:
        _write_lines(map(clean, ids))


def write_text(text: str) -> None:
    """Write clean text to standard output."""
    if sys.stdout is not None:
        sys.stdout.write(text)


def write_bytes(data: bytes) -> None:
    """Write bytes (a raw message, a path) to standard output unchanged; to a terminal, cleaned as all text is."""
    # To a file or a pipe every byte as it is; a terminal would obey escape sequences in it.
    if is_terminal(sys.stdout):
        write_text(clean(data.decode(errors="replace"), keep_newlines=True))
    elif sys.stdout is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def iso_time(seconds: int) -> str:
    """`2026-11-22T10:00:00Z`, nothing for 0; years outside 1 to 9999 are shown as the nearest of these."""
    if not seconds:
        return ""
    at = time.gmtime(_bounded(seconds))
    return f"{at.tm_year:04}-{at.tm_mon:02}-{at.tm_mday:02}T{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}Z"


def local_moment(seconds: int, zone: str = "") -> str:
    """`2026-11-22 10:00` in a time zone ("" is the machine's), nothing for 0."""
    if not seconds:
        return ""
    at = _clock(seconds, zone) if zone else time.localtime(_bounded(seconds))
    return f"{at.tm_year:04}-{at.tm_mon:02}-{at.tm_mday:02} {at.tm_hour:02}:{at.tm_min:02}"


def short_time(seconds: int, now: float, zone: str = "") -> str:
    """`5m`, `3h`, `6d`, `in 3d`; four weeks from now or more, a day of a time zone like `2026-11-22`."""
    distance = int(abs(now - seconds))
    if not seconds or distance >= 28 * _DAY:
        return local_moment(seconds, zone)[:10]
    size, unit = next((pair for pair in _UNITS if distance >= pair[0]), _UNITS[-1])
    return f"{'in ' if seconds > now else ''}{distance // size}{unit}"


def short_size(size: int) -> str:
    """Bytes for people: `870`, `12k`, `3.4M` (powers of 1,000)."""
    for power, unit in ((9, "G"), (6, "M"), (3, "k")):
        if size >= 10**power:
            return f"{size / 10**power:.{1 if size < 10 ** (power + 1) else 0}f}{unit}"
    return str(size)


def _clock(seconds: int, zone: str) -> time.struct_time:
    from supportctl.values import clock_at  # which loads more than the rest of a list

    return clock_at(_bounded(seconds, _DAY), zone).timetuple()


def _bounded(seconds: int, margin: int = 0) -> int:
    return min(max(seconds, _FIRST_SECOND + margin), _LAST_SECOND - margin)


def _write_lines(lines: Iterable[str]) -> None:
    for line in lines:
        write_text(line + "\n")


def _write_csv(items: Iterable[Row], fields: Sequence[Column]) -> None:
    import csv

    if sys.stdout is None:
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([field.name for field in fields])
    for row in items:
        cells = _plain_row(row, fields)
        writer.writerow([_as_text(cell, field.kind) for cell, field in zip(cells, fields, strict=True)])


def _as_text(cell: str, kind: ColumnKind) -> str:
    """A cell that a spreadsheet takes for text: after an apostrophe where it begins as a formula does (OWASP)."""
    is_formula = kind in ("text", "list") and cell.lstrip().startswith(("=", "+", "-", "@"))
    return f"'{cell}" if is_formula else cell


def _write_table(items: Iterable[Row], fields: Sequence[Column], now: float, zone: str) -> None:
    from supportctl.output.tables import lay_out

    mark = next((field.name for field in fields if field.kind == "mark"), "")
    cells, marked = [], []
    for row in items:
        cells.append([_cell(row.get(field.name), field.kind, now, zone) for field in fields])
        marked.append(bool(mark and row.get(mark)))
    heads = ["" if field.kind == "mark" else field.title or field.name.replace("_", " ") for field in fields]
    write_text(lay_out(heads, cells, [_shape(field.kind) for field in fields], marked))


def _shape(kind: ColumnKind) -> Shape:
    if kind in ("number", "size"):
        return "right"
    return "cut" if kind in ("text", "list") else "left"


def _cell(value: object, kind: ColumnKind, now: float, zone: str) -> str:
    match value, kind:
        case (None, _):
            return ""
        case (int(), "time"):
            return short_time(value, now, zone)
        case (int(), "moment"):
            return local_moment(value, zone)
        case (int(), "size"):
            return short_size(value)
        case (_, "mark"):
            return "*" if value else ""
        case (_, "flag"):
            return "yes" if value else ""
    return _plain(value, kind)


def _plain_row(row: Row, fields: Sequence[Column]) -> list[str]:
    return [_plain(row.get(field.name), field.kind) for field in fields]


def _plain(value: object, kind: ColumnKind) -> str:
    # What most cells are comes first: lists have fifteen columns, and most of them are empty.
    if kind == "text":
        return "" if value is None else clean(str(value))
    if kind in ("flag", "mark"):
        return "yes" if value else "no"
    if value is None or (kind == "list" and not value):
        return ""
    if kind in ("time", "moment") and isinstance(value, int):
        return iso_time(value)
    if kind == "list" and isinstance(value, Iterable):
        return ",".join(clean(str(part)) for part in value)
    return clean(str(value))


def _data_row(row: Row, fields: Sequence[Column]) -> Row:
    return {field.name: _data(row.get(field.name), field.kind) for field in fields}


def _data(value: object, kind: ColumnKind) -> object:
    if kind in ("time", "moment") and isinstance(value, int):
        return iso_time(value) or None
    if kind in ("flag", "mark"):
        return bool(value)
    if kind == "list" and isinstance(value, Iterable):
        return list(value)
    return value


def _json(value: object) -> str:
    import orjson

    try:
        text = orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # lone surrogates, which the escaping below takes out
        import json

        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return escape_json(text)
