"""Values as people write them: tags, addresses, spans of time, time zones; and text that can be stored.

Here belongs what several rooms must read alike (configuration, command line, queries, composing): one definition for
all of them. Not here: values of one room, such as amounts of money and sizes, and dates (dates.py). Every command
loads this module, so its functions import and compile what they need.
"""

from __future__ import annotations

import re
from time import gmtime, strftime
from typing import TYPE_CHECKING, Literal

from supportctl.errors import UsageError
from supportctl.records import Record

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_SHOWN = 100
"""The number of characters of a wrong value that an error repeats."""

_WORD = r"[^\s,()\"\x00-\x1f\x7f\ud800-\udfff]{1,60}"
"""A word that needs no quotes in a query and does not split a list: the characters of a tag, or of an account."""

_ADDRESS = r"(?!-)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?"
"""The part of RFC 5322, 3.4.1 that every server takes: no quoted local part, no domain literal, no UTF-8 (RFC 6531).

Nor one that begins with `-`, which a program would take for an option.
"""

TICKET_PREFIX = r"[a-z]{1,8}"
TICKET_ID = rf"{TICKET_PREFIX}\d{{8}}\.\d{{1,9}}"
"""Prefix, day, number; with any prefix, as a ticket keeps its id when the desk gets another one."""

Unit = Literal["h", "d", "w", "m", "y"]

_DAY = 86_400

_WORDS: dict[Unit, str] = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
_UNITS: dict[str, Unit] = {name: unit for unit, word in _WORDS.items() for name in (unit, word, f"{word}s")}
_LONGEST: dict[Unit, int] = {"h": 876_600, "d": 36_525, "w": 5_218, "m": 1_200, "y": 100}
"""A hundred years in each unit, far from both ends of every calendar."""


class InvalidValueError(UsageError, ValueError):
    """Text that is not a value of its kind; str() of the error has the hint with it."""

    def __init__(self, problem: str, text: str, hint: str) -> None:
        super().__init__(f"{problem}: {text[:_SHOWN]!r}", hint)

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}"


class Span(Record):
    """A span of time; its length in seconds depends on a moment and a time zone.

    Hours have one length; days, weeks, months and years are those of the calendar (RFC 5545, 3.3.6): a day later the
    clock shows the same time, even if it was put forward at night, and a month after the 31st of January is the last
    of February.
    """

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    def after(self, moment: int, zone: str) -> int:
        """The moment that is this span later, in seconds since the epoch."""
        return self._shift(moment, self.count, zone)

    def before(self, moment: int, zone: str) -> int:
        """The moment that is this span earlier, in seconds since the epoch."""
        return self._shift(moment, -self.count, zone)

    def _shift(self, moment: int, count: int, zone: str) -> int:
        if self.unit == "h" or not count:
            return moment + 3600 * count
        from datetime import timedelta

        # Python adds to a datetime by calendar and clock, whatever the time zone does in between.
        clock = clock_at(moment, zone).replace(fold=0)
        if self.unit in "dw":
            return int((clock + timedelta(days=count * (7 if self.unit == "w" else 1))).timestamp())
        return int(_add_months(clock, count * (12 if self.unit == "y" else 1)).timestamp())


def count_of(number: int, noun: str) -> str:
    """A number of things in words: `1 ticket`, `2 tickets`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def is_word(text: str) -> bool:
    """Whether a text is one word that can be a tag or an account."""
    return re.fullmatch(_WORD, text) is not None


def parse_tag(text: str) -> str:
    """A tag: a word that begins with neither + nor -, which add and remove tags; raises InvalidValueError."""
    if not is_word(text) or text[0] in "+-":
        hint = "a tag is one word, such as urgent or dispute?, without commas, quotes or parentheses"
        raise InvalidValueError("not a valid tag", text, hint)
    return text


def is_address(text: str) -> bool:
    """Whether the desk can write to an address."""
    return re.fullmatch(_ADDRESS, text) is not None and ".." not in text


def parse_address(text: str) -> str:
    """A bare address that the desk can write to, in lower case; raises InvalidValueError."""
    if not is_address(text):
        raise InvalidValueError("not a valid address", text, "an address looks like ann@example.org, in ASCII only")
    return text.lower()


def parse_span(text: str) -> Span:
    """A span of time such as `12h`, `30d`, `2w`, `3m` (months), `1y` or `2 weeks`, of at most a hundred years.

    Raises InvalidValueError.
    """
    plain = text.lower().replace("_", " ").strip()
    name = plain.lstrip("0123456789")
    number, unit = plain[: len(plain) - len(name)], _UNITS.get(name.strip())
    if unit is None or not number:
        hint = "a span looks like 12h, 30d, 2w, 3m (months), 1y or 2 weeks"
        raise InvalidValueError("not a valid span of time", text, hint)
    if len(number) > 9 or int(number) > _LONGEST[unit]:
        hint = f"write at most {_LONGEST[unit]}{unit}"
        raise InvalidValueError("span of more than a hundred years", text, hint)
    return Span(int(number), unit)


def parse_seconds(text: str) -> int:
    """A short time such as `30s`, `5min` or `1h`, of at most a day, in seconds; raises InvalidValueError."""
    found = re.fullmatch(r"([0-9]{1,5}) {0,3}(s|min|h)", text.strip().lower())
    seconds = int(found[1]) * {"s": 1, "min": 60, "h": 3600}[found[2]] if found else -1
    if not 0 <= seconds <= _DAY:
        raise InvalidValueError("not a valid short time", text, "a short time looks like 30s, 5min or 1h; at most 24h")
    return seconds


def make_encodable(text: str) -> str:
    """`text` without NUL and lone surrogates, neither of which SQLite or JSON takes: both become U+FFFD."""
    # NUL becomes one character as well, so that offsets into the text stay what they were.
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # By way of UTF-16, in which the two halves of a pair become the one character that they stand for.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def parse_zone(text: str) -> str:
    """A time zone by its name in the IANA database, such as `Europe/Berlin`; raises InvalidValueError."""
    try:
        tzinfo_of(text)
    except (LookupError, ValueError, OSError) as error:  # not there, no file of the database, a folder of it
        raise InvalidValueError("unknown time zone", text, _suggest_zone(text)) from error
    return text


def tzinfo_of(zone: str) -> tzinfo | None:
    """A time zone by its name, as `datetime` takes it; "" is the time zone of the machine (or $TZ), which is None."""
    if not zone:
        return None
    if zone == "UTC":
        from datetime import UTC

        return UTC  # which needs no database: a small machine may have none
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)


def day_of(at: int) -> str:
    """The UTC day of a time (seconds since the epoch) as it is in ticket ids, `20261122`."""
    return strftime("%Y%m%d", gmtime(at))


def clock_at(moment: int, zone: str) -> datetime:
    """Date and time of a moment (seconds since the epoch) in a time zone ("" is the machine's)."""
    from datetime import datetime

    return datetime.fromtimestamp(moment, tzinfo_of(zone))


def _add_months(clock: datetime, count: int) -> datetime:
    """The same day some months later, or the last day of that month where it is shorter."""
    from calendar import monthrange

    year, month = divmod(clock.year * 12 + clock.month - 1 + count, 12)
    return clock.replace(year=year, month=month + 1, day=min(clock.day, monthrange(year, month + 1)[1]))


def _suggest_zone(text: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    names = {name.casefold(): name for name in available_timezones()}
    near = get_close_matches(text.casefold(), names, n=1)
    if near:
        return f"did you mean {names[near[0]]}?"
    hint = "a time zone looks like Europe/Berlin or UTC"
    return hint if names else f"{hint}; this machine knows only UTC: install tzdata"
