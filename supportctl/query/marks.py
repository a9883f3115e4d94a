"""Words of the index that no one can type: they let a date range take part in the search for words."""

from __future__ import annotations

from time import gmtime

from supportctl.query.fold import BARRIER

#: Years that have a mark; what lies outside counts as the nearest of them.
FIRST, LAST = 1970, 2100
_END = 4133980800  # 2101-01-01


def date_marks(date: int) -> str:
    """Return the marks of a date: its year and its month."""
    year, month = _month(date)
    return f"{BARRIER}y{year} {BARRIER}m{year}{month:02}"


def range_marks(low: int | None, high: int | None) -> list[str]:
    """Return marks of which each mail with low <= date < high has one; whole years where possible."""
    start = _month(0 if low is None else low)
    end = _month(_END if high is None else high - 1)
    found = []
    for year in range(start[0], end[0] + 1):
        first = start[1] if year == start[0] else 1
        last = end[1] if year == end[0] else 12
        if (first, last) == (1, 12):
            found.append(f"{BARRIER}y{year}")
        else:
            found.extend(f"{BARRIER}m{year}{month:02}" for month in range(first, last + 1))
    return found


def _month(date: int) -> tuple[int, int]:
    when = gmtime(min(max(date, 0), _END - 1))
    return when.tm_year, when.tm_mon
