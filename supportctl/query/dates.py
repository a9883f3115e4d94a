"""Dates as people type them → spans of time, in UTC."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, date, datetime, timedelta

from supportctl.query.errors import ValueProblem

Span = tuple[int, int]
_HINT = "such as 2026, 2026-01, 2026-01-31, 31.01.2026, today, yesterday, monday, last-month, 30d (d w m y h)"
_AGO = re.compile(r"(\d{1,6})\s*(h|d|w|m|y)")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(r"(.+?)[T ](\d{1,2}):(\d{2})(?::(\d{2}))?Z?", re.IGNORECASE)
_MONTH = re.compile(r"([a-z]{3,9})(?:[- ](\d{4}))?")
_THIS = re.compile(r"(this|last)[- ](week|month|year)")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def read_date(value: str, now: int) -> Span:
    """Return the first second of what a date names, and the first one after it; equal for a moment.

    `now` is in seconds since the epoch. Raises ValueProblem for what is no date.
    """
    text = value.strip().lower()
    try:
        span = _read(text, now)
    except (ValueError, OverflowError) as error:
        raise ValueProblem("there is no such date", hint=_HINT) from error
    if span is None:
        raise ValueProblem("expected a date", hint=_HINT)
    return span


def ago(value: str, now: int) -> int:
    """Return the moment that lies this long ago: `30d`, also in h, w, m (months) and y."""
    match = _AGO.fullmatch(value.strip().lower())
    if not match:
        raise ValueProblem("expected a length of time", hint="such as older:30d (h, d, w, m for months, y)")
    try:
        return _before(now, int(match[1]), match[2])
    except (ValueError, OverflowError) as error:
        raise ValueProblem("that is longer ago than dates go", hint="such as older:30d") from error


def _read(text: str, now: int) -> Span | None:
    if _AGO.fullmatch(text):
        moment = ago(text, now)
        return moment, moment
    return _written(text) or _named(text, now) or _clock(text, now)


def _before(now: int, count: int, unit: str) -> int:
    if unit in "hdw":
        moment = now - count * {"h": 3600, "d": 86400, "w": 7 * 86400}[unit]
        datetime.fromtimestamp(moment, UTC)
        return moment
    here = datetime.fromtimestamp(now, UTC)
    year, month = divmod(here.year * 12 + here.month - 1 - count * (12 if unit == "y" else 1), 12)
    length = _month(year, month + 1)
    last = (length[1] - length[0]) // 86400
    return timegm(here.replace(year=year, month=month + 1, day=min(here.day, last)).timetuple())


def _seconds(day: date) -> int:
    return timegm(day.timetuple())


def _day(day: date) -> Span:
    return _seconds(day), _seconds(day) + 86400


def _month(year: int, month: int) -> Span:
    first = _seconds(date(year, month, 1))
    length = (date(year, month, 28) + timedelta(days=4)).replace(day=1) - date(year, month, 1)
    return first, first + length.days * 86400


def _year(year: int) -> Span:
    return _seconds(date(year, 1, 1)), _month(year, 12)[1]


def _written(text: str) -> Span | None:
    if match := _COMPACT.fullmatch(text):
        return _day(date(int(match[1]), int(match[2]), int(match[3])))
    if match := _DAY_FIRST.fullmatch(text):
        return _day(date(int(match[3]), int(match[2]), int(match[1])))
    if not (match := _YEAR_FIRST.fullmatch(text)):
        return None
    if match[4]:
        return _day(date(int(match[1]), int(match[3]), int(match[4])))
    return _month(int(match[1]), int(match[3])) if match[3] else _year(int(match[1]))


def _named(text: str, now: int) -> Span | None:
    today = datetime.fromtimestamp(now, UTC).date()
    days = {"today": 0, "yesterday": 1, "tomorrow": -1}
    days |= {name: (today.weekday() - number) % 7 for number, name in enumerate(_DAYS)}
    if text in days:
        return _day(today - timedelta(days=days[text]))
    if text == "now":
        return now, now
    if match := _THIS.fullmatch(text):
        return _current(match[2], match[1] == "last", today)
    return _named_month(text, today)


def _current(unit: str, is_last: bool, today: date) -> Span:
    if unit == "week":
        first = _seconds(today - timedelta(days=today.weekday() + 7 * is_last))
        return first, first + 7 * 86400
    if unit == "year":
        return _year(today.year - is_last)
    day = today.replace(day=1) - timedelta(days=1) if is_last else today
    return _month(day.year, day.month)


def _named_month(text: str, today: date) -> Span | None:
    match = _MONTH.fullmatch(text)
    number = next((n for n, name in enumerate(_MONTHS, 1) if match and match[1] in (name, name[:3])), 0)
    if not match or not number:
        return None
    return _month(int(match[2]) if match[2] else today.year - (number > today.month), number)


def _clock(text: str, now: int) -> Span | None:
    match = _CLOCK.fullmatch(text)
    if not match or not (day := _written(match[1]) or _named(match[1], now)):
        return None
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueProblem("there is no such time of day", hint="such as 2026-01-31T09:30")
    first = day[0] + hour * 3600 + minute * 60 + second
    return first, first + (1 if match[4] else 60)
