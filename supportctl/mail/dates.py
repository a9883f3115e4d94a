"""Dates of messages in seconds since the epoch (RFC 5322, section 3.3, and what programs write instead)."""

from __future__ import annotations

import calendar
import re

_MONTHS = {
    name: at
    for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_USUAL = re.compile(
    r"\s{0,9}(?:[A-Za-z]{3},\s{0,9})?(\d{1,2})\s{1,9}([A-Za-z]{3})\s{1,9}(\d{4})\s{1,9}(\d\d):(\d\d):(\d\d)\s{1,9}([+-])(\d\d)(\d\d)(?!\d)"
)
_YEAR = 366 * 86400
_CENTURY = 4_102_444_800  # 2100-01-01


def read_mail_date(text: str) -> int | None:
    """Seconds since the epoch, or None for text that is no date; a date without a zone is UTC."""
    usual = _USUAL.match(text)
    if usual and usual[2].lower() in _MONTHS:
        day, month, year, hour, minute, second, sign, east, minutes = usual.groups()
        shift = (int(east) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1)
        numbers = (int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second))
        return _seconds(numbers, shift)
    return _read_unusual(text[:200])


def _read_unusual(text: str) -> int | None:
    from email.utils import parsedate_tz

    try:
        fields = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):  # CPython's parser raises on some garbage
        return None
    if fields is None:
        return None
    return _seconds((fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]), fields[9] or 0)


def _seconds(numbers: tuple[int, int, int, int, int, int], shift: int) -> int | None:
    year, month, day, hour, minute, second = numbers
    if not (1900 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    if not (hour <= 24 and minute <= 59 and second <= 60 and abs(shift) <= 86400):
        return None
    return calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0)) - shift


def is_sane(date: int, received: int) -> bool:
    """Whether a message received then may have been written at `date`: not before 1970, not a year ahead.

    Where the time of receipt is unknown (0), any date before the year 2100 will do.
    """
    return 0 <= date <= (received + _YEAR if received > 0 else _CENTURY)
