"""Dates as people type them → spans of time.

They are read as if clocks showed UTC; what comes of that is moved to the time zone of who asks, at the end.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from re import fullmatch

from supportctl.query.errors import ValueProblem

Span = tuple[int, int]
_HINT = "such as 2026, 2026-01, 2026-01-31, 31.1.2026, 31-jan, yesterday, monday, last-month, 30d (h d w m y), 2weeks"
# As texts: of these a query needs one or two, and compiling all takes as long as a search.
_AGO = r"(\d{1,6}) ?(h|d|w|m|y|hour|day|week|month|year)s?(?: ago)?"
_EPOCH = r"@(\d{1,11})"
_DAY_FIRST = r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4})?)?"
_YEAR_FIRST = r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?"
_COMPACT = r"(\d{4})(\d{2})(\d{2})?"
_CLOCK = r"(.+?)[t ](\d{1,2}):(\d{2})(?::(\d{2}))?z?"
#: `nov`, `nov-2026`, `22 nov`, `nov 22, 2026`, `2026-nov-22`.
_MONTH = (
    r"(?:(\d{4})[- ])?(?:(\d{1,2})(?:st|nd|rd|th|\.)?[- ]?)?([a-z]{3,9})"
    r"(?:[- ]?(\d{1,2})(?:st|nd|rd|th)?)?(?:,?[- ]?(\d{4}))?"
)
_THIS = r"(this|last)[- ](week|month|year)"
_WEEKDAY = r"(last[- ])?([a-z]{3,9})"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def read_date(value: str, now: int, *, is_local: bool = False) -> Span:
    """Return the first second of what a date names, and the first one after it; equal for a moment.

    Days are those of UTC, or (`is_local`) of the time zone of the process. `now` is in seconds since the epoch.
    Raises ValueProblem for what is no date.
    """
    try:
        span = _read(_plain(value), now, is_local)
    except (ValueError, OverflowError) as error:
        raise ValueProblem("there is no such date", hint=_HINT) from error
    if span is None:
        raise ValueProblem("expected a date", hint=_HINT)
    return span


def ago(value: str, now: int) -> int:
    """Return the moment that lies this long ago: `30d`, also in h, w, m (months) and y, and `2 weeks`."""
    match = fullmatch(_AGO, _plain(value))
    if not match:
        hint = "such as older:30d (h, d, w, m for months, y); before: takes a date"
        raise ValueProblem("expected a length of time", hint=hint)
    try:
        return _before(now, int(match[1]), match[2][0])
    except (ValueError, OverflowError) as error:
        raise ValueProblem("that is longer ago than dates go", hint="such as older:30d") from error


def _plain(value: str) -> str:
    """Return a date in lower case, with single spaces (or `_`, as notmuch has it) in it."""
    return " ".join(value.lower().replace("_", " ").split())


def _read(text: str, now: int, is_local: bool) -> Span | None:
    if (moment := _moment(text, now)) is not None:
        return moment, moment
    today = datetime.fromtimestamp(now, None if is_local else UTC).date()
    span = _days(text, today) or _clock(text, today)
    return (_here(span[0]), _here(span[1])) if span and is_local and not text.endswith("z") else span


def _here(moment: int) -> int:
    """Return the moment at which clocks show here what they show in UTC at another one."""
    return int(datetime.fromtimestamp(moment, UTC).replace(tzinfo=None).timestamp())


def _moment(text: str, now: int) -> int | None:
    if fullmatch(_AGO, text):
        return ago(text, now)
    if match := fullmatch(_EPOCH, text):
        return int(match[1])
    return now if text == "now" else None


def _days(text: str, today: date) -> Span | None:
    return _written(text, today) or _named(text, today)


def _before(now: int, count: int, unit: str) -> int:
    if unit in "hdw":
        moment = now - count * {"h": 3600, "d": 86400, "w": 7 * 86400}[unit]
        datetime.fromtimestamp(moment, UTC)
        return moment
    here = datetime.fromtimestamp(now, UTC)
    year, month = divmod(here.year * 12 + here.month - 1 - count * (12 if unit == "y" else 1), 12)
    length = _month(year, month + 1)
    last = (length[1] - length[0]) // 86400
    return int(here.replace(year=year, month=month + 1, day=min(here.day, last)).timestamp())


def _seconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86400


def _day(day: date) -> Span:
    return _seconds(day), _seconds(day) + 86400


def _month(year: int, month: int) -> Span:
    first = _seconds(date(year, month, 1))
    length = (date(year, month, 28) + timedelta(days=4)).replace(day=1) - date(year, month, 1)
    return first, first + length.days * 86400


def _year(year: int) -> Span:
    return _seconds(date(year, 1, 1)), _month(year, 12)[1]


def _written(text: str, today: date) -> Span | None:
    if match := fullmatch(_COMPACT, text):
        year, month = int(match[1]), int(match[2])
        return _day(date(year, month, int(match[3]))) if match[3] else _month(year, month)
    if match := fullmatch(_DAY_FIRST, text):
        return _day(_latest(match[3], int(match[2]), int(match[1]), today))
    if not (match := fullmatch(_YEAR_FIRST, text)):
        return None
    if match[4]:
        return _day(date(int(match[1]), int(match[3]), int(match[4])))
    return _month(int(match[1]), int(match[3])) if match[3] else _year(int(match[1]))


def _latest(year: str | None, month: int, day: int, today: date) -> date:
    """Return a day; without a year it is the last one that has come."""
    if year:
        return date(int(year), month, day)
    last = today.year - ((month, day) > (today.month, today.day))
    return date(last - last % 4 if (month, day) == (2, 29) else last, month, day)


def _named(text: str, today: date) -> Span | None:
    days = {"today": 0, "yesterday": 1, "tomorrow": -1}
    if text in days:
        return _day(today - timedelta(days=days[text]))
    if match := fullmatch(_THIS, text):
        return _current(match[2], match[1] == "last", today)
    return _weekday(text, today) or _named_month(text, today)


def _weekday(text: str, today: date) -> Span | None:
    """Return the last day of this name, today among them unless it is to be the `last`."""
    match = fullmatch(_WEEKDAY, text)
    number = next((n for n, name in enumerate(_DAYS) if match and name.startswith(match[2])), None)
    if not match or number is None:
        return None
    back = (today.weekday() - number) % 7
    return _day(today - timedelta(days=back or (7 if match[1] else 0)))


def _current(unit: str, is_last: bool, today: date) -> Span:
    if unit == "week":
        first = _seconds(today - timedelta(days=today.weekday() + 7 * is_last))
        return first, first + 7 * 86400
    if unit == "year":
        return _year(today.year - is_last)
    day = today.replace(day=1) - timedelta(days=1) if is_last else today
    return _month(day.year, day.month)


def _named_month(text: str, today: date) -> Span | None:
    match = fullmatch(_MONTH, text)
    number = next((n for n, name in enumerate(_MONTHS, 1) if match and name.startswith(match[3])), 0)
    if not match or not number or (match[1] and match[5]) or (match[2] and match[4]):
        return None
    year, day = match[1] or match[5], match[2] or match[4]
    if day:
        return _day(_latest(year, number, int(day), today))
    return _month(int(year) if year else today.year - (number > today.month), number)


def _clock(text: str, today: date) -> Span | None:
    match = fullmatch(_CLOCK, text)
    if not match or not (day := _days(match[1], today)):
        return None
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueProblem("there is no such time of day", hint="such as 2026-01-31T09:30")
    first = day[0] + hour * 3600 + minute * 60 + second
    return first, first + (1 if match[4] else 60)
