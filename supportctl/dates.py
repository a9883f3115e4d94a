"""Dates as people type them → moments: in queries, after `--until` and `--since`, in one time zone.

A date is read in a direction. Looking back, `friday` is the last one, today included, and `3m` is three months ago;
looking ahead, `friday` is the next one after today, and `3m` is in three months. Not here: spans and time zones
(values.py), and the dates in messages (mail/dates.py).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from re import fullmatch
from typing import Literal

from supportctl.values import InvalidValueError, Span, parse_span, tzinfo_of

Direction = Literal["back", "ahead"]
Interval = tuple[int, int]
"""The first second, and the first one after the interval, since the epoch; equal for a moment."""
Days = tuple[date, date]
"""The first day, and the first one after the last."""

_HINTS = {
    "back": (
        "for example 2026, 2026-01, 2026-01-31, 31.1.2026, 31-jan, yesterday, monday, last-month, 30d, 3m (h d w m y)"
    ),
    "ahead": "for example tomorrow, friday, 24.12., 31.12.2026, 2026-12-31, next-month, 90d, 3m (h d w m y)",
}
# As texts: a query needs one or two of these, and compiling all of them takes as long as a search.
_EPOCH = r"@(\d{1,11})"
_DAY_FIRST = r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4})?)?"
_YEAR_FIRST = r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?"
_COMPACT = r"(\d{4})(\d{2})(\d{2})?"
_CLOCK = r"(.+?)[t ](\d{1,2}):(\d{2})(?::(\d{2}))?(z)?"
# `nov`, `nov-2026`, `22 nov`, `nov 22, 2026`, `2026-nov-22`.
_MONTH = (
    r"(?:(\d{4})[- ])?(?:(\d{1,2})(?:st|nd|rd|th|\.)?[- ]?)?([a-z]{3,9})"
    r"(?:[- ]?(\d{1,2})(?:st|nd|rd|th)?)?(?:,?[- ]?(\d{4}))?"
)
_THIS = r"(this|last|next)[- ](week|month|year)"
_WEEKDAY = r"(?:(last|next)[- ])?([a-z]{3,9})"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ONE_DAY = timedelta(days=1)
_MIDNIGHT = time()


def read_date(value: str, now: int, zone: str, direction: Direction = "back") -> Interval:
    """The interval that a date names, in a time zone ("" is the machine's); `now` is in seconds since the epoch.

    Raises InvalidValueError for anything but a date.
    """
    text = _plain(value)
    try:
        interval = _moment(text, now, zone, direction) or _interval(text, now, zone, direction)
    except (ValueError, OverflowError) as error:
        raise InvalidValueError("no such date", value, _HINTS[direction]) from error
    if interval is None:
        raise InvalidValueError("not a valid date", value, _HINTS[direction])
    return interval


def read_ago(value: str, now: int, zone: str) -> int:
    """The moment that is a span before now: `30d`, `2 weeks`, `2 weeks ago`; raises InvalidValueError."""
    return parse_span(_plain(value).removesuffix(" ago")).before(now, zone)


def read_until(value: str, now: int, zone: str) -> int:
    """The moment at which a future date begins: `tomorrow`, `friday`, `24.12.`, or `3m` from now.

    Raises InvalidValueError for anything but a date, and for a date that has begun.
    """
    due = read_date(value, now, zone, "ahead")[0]
    if due <= now:
        raise InvalidValueError("the date is in the past", value, f"give a date in the future, {_HINTS['ahead']}")
    return due


def read_since(value: str, now: int, zone: str) -> int:
    """The moment at which a past date began: `yesterday`, `last-week`, `24.12.`, or `3m` before now.

    Raises InvalidValueError for anything but a date.
    """
    return read_date(value, now, zone, "back")[0]


def _plain(value: str) -> str:
    """A date in lower case, with single spaces for all spaces and for `_`, which notmuch writes."""
    return " ".join(value.lower().replace("_", " ").split())


def _moment(text: str, now: int, zone: str, direction: Direction) -> Interval | None:
    at = now if text == "now" else None
    if match := fullmatch(_EPOCH, text):
        at = int(match[1])
    elif span := _span(text.removesuffix(" ago")):
        at = span.after(now, zone) if direction == "ahead" and not text.endswith(" ago") else span.before(now, zone)
    return None if at is None else (at, at)


def _span(text: str) -> Span | None:
    try:
        return parse_span(text)
    except InvalidValueError:
        return None


def _interval(text: str, now: int, zone: str, direction: Direction) -> Interval | None:
    today = datetime.fromtimestamp(now, tzinfo_of(zone)).date()
    calendar = _Calendar(today, is_ahead=direction == "ahead")
    if days := calendar.find(text):
        return _begin(days[0], zone), _begin(days[1], zone)
    return _clock(text, now, zone, calendar)


def _begin(day: date, zone: str, clock: time = _MIDNIGHT) -> int:
    """The moment at which the clock shows a time on a day: the first such moment, where the clock is put back."""
    # A time that the clock skips is the moment at which it is put forward, plus the rest. So where clocks are changed
    # at midnight, a day begins when the day before ends.
    return int(datetime.combine(day, clock, tzinfo_of(zone)).timestamp())


def _clock(text: str, now: int, zone: str, calendar: _Calendar) -> Interval | None:
    """A minute or a second of a day; looking ahead, of today where that is still to come."""
    match = fullmatch(_CLOCK, text)
    if not match or not (days := calendar.with_today().find(match[1])):
        return None
    clock = time(int(match[2]), int(match[3]), int(match[4] or 0))
    where = "UTC" if match[5] else zone
    first = _begin(days[0], where, clock)
    if calendar.is_ahead and first <= now:
        first = _begin((calendar.find(match[1]) or days)[0], where, clock)
    return first, first + (1 if match[4] else 60)


class _Calendar:
    """The days that texts name, seen from today.

    `edge` is the first day that a text without year or week can name looking ahead (tomorrow, or today where today may
    be meant), and the last such day looking back (today).
    """

    def __init__(self, today: date, *, is_ahead: bool, edge: date | None = None) -> None:
        self.today = today
        self.is_ahead = is_ahead
        self.edge = edge or (today + _ONE_DAY if is_ahead else today)

    def with_today(self) -> _Calendar:
        """The same calendar, with today among the days ahead."""
        return _Calendar(self.today, is_ahead=self.is_ahead, edge=self.today)

    def find(self, text: str) -> Days | None:
        """The days that a text names, or None; raises ValueError for a day that does not exist."""
        return self._written(text) or self._named(text)

    def _written(self, text: str) -> Days | None:
        if match := fullmatch(_COMPACT, text):
            year, month = int(match[1]), int(match[2])
            return _day(date(year, month, int(match[3]))) if match[3] else _month(year, month)
        if match := fullmatch(_DAY_FIRST, text):
            return _day(self._dated(match[3], int(match[2]), int(match[1])))
        if not (match := fullmatch(_YEAR_FIRST, text)):
            return None
        if match[4]:
            return _day(date(int(match[1]), int(match[3]), int(match[4])))
        return _month(int(match[1]), int(match[3])) if match[3] else _year(int(match[1]))

    def _named(self, text: str) -> Days | None:
        days = {"today": 0, "yesterday": -1, "tomorrow": 1}
        if text in days:
            return _day(self.today + timedelta(days=days[text]))
        if match := fullmatch(_THIS, text):
            return self._current(match[2], {"last": -1, "this": 0, "next": 1}[match[1]])
        return self._weekday(text) or self._named_month(text)

    def _dated(self, year: str | None, month: int, day: int) -> date:
        """A day; without a year the nearest one, counted from the edge."""
        if year:
            return date(int(year), month, day)
        step = 1 if self.is_ahead else -1
        for candidate in range(self.edge.year, self.edge.year + 9 * step, step):
            with suppress(ValueError):  # the 29th of February, which is up to eight years away (1896 to 1904)
                nearest = date(candidate, month, day)
                if nearest == self.edge or (nearest > self.edge) == self.is_ahead:
                    return nearest
        raise ValueError("a day of no year")

    def _weekday(self, text: str) -> Days | None:
        """The nearest day of this name, counted from the edge; never today after `last` or `next`."""
        match = fullmatch(_WEEKDAY, text)
        number = next((n for n, name in enumerate(_DAYS) if match and name.startswith(match[2])), None)
        if not match or number is None:
            return None
        edges = {"last": self.today - _ONE_DAY, "next": self.today + _ONE_DAY}
        edge, is_ahead = edges.get(match[1], self.edge), match[1] == "next" or (not match[1] and self.is_ahead)
        away = (number - edge.weekday()) % 7 if is_ahead else -((edge.weekday() - number) % 7)
        return _day(edge + timedelta(days=away))

    def _current(self, unit: str, step: int) -> Days:
        if unit == "week":
            first = self.today - timedelta(days=self.today.weekday() - 7 * step)
            return first, first + timedelta(days=7)
        if unit == "year":
            return _year(self.today.year + step)
        year, month = divmod(self.today.year * 12 + self.today.month - 1 + step, 12)
        return _month(year, month + 1)

    def _named_month(self, text: str) -> Days | None:
        match = fullmatch(_MONTH, text)
        number = next((n for n, name in enumerate(_MONTHS, 1) if match and name.startswith(match[3])), 0)
        if not match or not number or (match[1] and match[5]) or (match[2] and match[4]):
            return None
        year, day = match[1] or match[5], match[2] or match[4]
        if day:
            return _day(self._dated(year, number, int(day)))
        return _month(self._dated(year, number, 1).year, number)


def _day(day: date) -> Days:
    return day, day + _ONE_DAY


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    # Four days after the 28th are in the next month, whatever the month.
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def _year(year: int) -> Days:
    return date(year, 1, 1), date(year + 1, 1, 1)
