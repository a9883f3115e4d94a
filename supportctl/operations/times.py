"""When something is due: a day, or a span from now."""

from __future__ import annotations

import calendar
import re
import time

from supportctl.config.durations import parse_duration
from supportctl.errors import UsageError

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def read_due(text: str, now: int) -> int:
    """The time of a day (its beginning, UTC) or of a span from now, in seconds since the epoch.

    Raises UsageError for what is neither, or past.
    """
    due = _read_day(text) or _read_span(text, now)
    if due is None:
        raise UsageError(f"{text!r} is neither a day nor a span", "a day is 2027-02-01, a span is 90d, 3m or 1y")
    if due <= now:
        raise UsageError(f"{text} is past", "say a day to come")
    return due


def read_since(text: str, now: int) -> int:
    """The time of a day (its beginning, UTC) or of a span before now, in seconds since the epoch.

    Raises UsageError for what is neither.
    """
    day = _read_day(text)
    span = _read_span(text, 0)
    if day is None and span is None:
        raise UsageError(f"{text!r} is neither a day nor a span", "a day is 2026-02-01, a span is 30d, 3m or 1y")
    return day if day is not None else now - (span or 0)


def _read_day(text: str) -> int | None:
    found = _DAY.fullmatch(text.strip())
    if not found:
        return None
    try:
        return calendar.timegm(time.strptime("-".join(found.groups()), "%Y-%m-%d"))
    except ValueError:
        raise UsageError(f"there is no day {text}", "a day is 2027-02-01") from None


def _read_span(text: str, now: int) -> int | None:
    try:
        return now + parse_duration(text.strip())
    except ValueError:
        return None
