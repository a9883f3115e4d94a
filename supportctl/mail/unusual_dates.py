"""Dates that are not in the form of RFC 5322: of other countries, other standards, and programs that follow none.

A text is a clock, a zone behind the clock, and a day around both. Whatever can be read in two ways is no date.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass, field

from supportctl.mail import date_words
from supportctl.mail.encoded_words import decode_words
from supportctl.mail.mail_date import FARTHEST_ZONE, MailDate, seconds_of

Day = tuple[int, int, int]

_LONGEST = 200  # characters of a text that are read
_INVALID = MailDate(None, "is not valid")
_FIELD_NAME = re.compile(r"\s{0,9}(?:date\s{0,9}:\s{0,9}){1,3}", re.I)
# The name of a zone behind a time of Java, the monotonic clock behind one of Go.
_ADDED = re.compile(r"\[[A-Za-z_/+-]{1,40}\]|\sm=[+-][\d.]{1,40}")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?(?![\d-])")
_EPOCH = re.compile(r"@?(?:(\d{9,10})(?:\.\d{1,9})?|(\d{10})\d{3})(?:\s[+-]\d{4})?\Z")
_CLOCK = re.compile(r"(?<![\d+-])(\d{1,2})\s{0,2}[:h]\s?(\d\d)(?:\s?:\s?(\d\d)(?:[.,]\d{1,12})?)?(?!\d)", re.I)
_DOTTED_CLOCK = re.compile(r"(?<![\d.])(\d{1,2})\.(\d\d)(?:\.(\d\d))?(?![\d.])")
_HALF = re.compile(r"(?<![A-Za-z])([ap])\.?\s?m\b\.?", re.I)
_HALVES = {"午前": "a", "上午": "a", "오전": "a", "πμ": "a", "午後": "p", "下午": "p", "오후": "p", "μμ": "p"}
_LONG_ZONE = re.compile(r"\b(Eastern|Central|Mountain|Pacific) (Standard|Daylight) Time\b", re.I)
_SHIFT = re.compile(r"(?<![\d+-])([A-Za-z]{1,5})?([+-])(\d{1,2}):?(\d\d)?(?![\d:])")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})([-/.])\s?(\d{1,2})\2\s?(\d{1,4})(?!\d)")
_TOKEN = re.compile(r"[^\W\d_]{1,40}(?:['ʼ’][^\W\d_]{1,40})?|\d{1,9}")


def read_unusual(text: str) -> MailDate:
    """The time that a text names, like `dates.read_mail_date`."""
    text, comments = _split_comments(_tidy(text[:_LONGEST]))
    if epoch := _EPOCH.match(text):
        return MailDate(int(epoch[1] or epoch[2]))
    clocks = list(_CLOCK.finditer(text)) or list(_DOTTED_CLOCK.finditer(text))[-1:]
    if len(clocks) > 1:
        return _INVALID
    if not clocks:
        return _whole_day(text)
    before, after = text[: clocks[0].start()].removesuffix("T"), text[clocks[0].end() :]
    before, half = _take_half(before, after)
    time = _read_clock(clocks[0], half)
    return _put_together(before, time, _read_zone(_HALF.sub("", after), comments)) if time else _INVALID


def _tidy(text: str) -> str:
    """A text in one script of digits and blanks, without what is no part of a date."""
    if not text.isascii() or "=?" in text:
        text = unicodedata.normalize("NFKC", decode_words(text)).replace("−", "-")
        text = _EAST_ASIAN.sub(r"\1-\2-\3 ", text)
    text = _ADDED.sub("", _FIELD_NAME.sub("", text)).strip(" \t\"';,")
    if compact := _COMPACT.match(text):
        day, clock = "-".join(compact.groups()[:3]), ":".join(filter(None, compact.groups()[3:]))
        text = f"{day} {clock}{text[compact.end() :]}"
    return text


def _split_comments(text: str) -> tuple[str, str]:
    """A text without its comments (RFC 5322, 3.2.2), and the comments."""
    if "(" not in text:
        return text, ""
    outside: list[str] = []
    inside: list[str] = []
    depth = 0
    for char in text:
        depth += char == "("
        (inside if depth else outside).append(" " if char in "()" else char)
        depth = max(0, depth - (char == ")"))
    return "".join(outside).strip(), "".join(inside)


def _take_half(before: str, after: str) -> tuple[str, str]:
    """What stands before a clock, and the half of the day: `a`, `p`, or "" for a clock of 24 hours."""
    if not before.isascii():
        for name, half in _HALVES.items():
            if name in before:
                return before.replace(name, " "), half
    behind = _HALF.search(after)
    return before, behind[1].lower() if behind else ""


def _read_clock(clock: re.Match[str], half: str) -> tuple[int, int, int] | None:
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if half and hour <= 12:
        if half == "p" and hour == 0:
            return None
        hour = hour % 12 + 12 * (half == "p")
    elif half == "a":
        return None
    return hour, minute, second


@dataclass(slots=True)
class _Zone:
    """What stands behind a clock: shifts from UTC in seconds, names of zones, and the words that belong to the day."""

    numeric: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    is_impossible: bool = False
    rest: str = ""

    def settle(self, is_standard: bool) -> tuple[int, str]:
        """The shift and what is to doubt about it; the names of RFC 5322 are certain in its form alone."""
        shifts = self.numeric | self.named
        if self.is_impossible:
            return 0, "has a time zone that does not exist"
        if len(shifts) > 1:
            return 0, "has two time zones"
        doubtful = date_words.AMBIGUOUS_ZONES if is_standard else date_words.AMBIGUOUS_ZONES | {"cst"}
        if not self.numeric and not doubtful.isdisjoint(self.names):
            return 0, f"has a time zone of several meanings ({self.names[0].upper()})"
        return (shifts.pop(), "") if shifts else (0, "has no time zone")


def _read_zone(after: str, comments: str) -> _Zone:
    """The zone behind a clock; one that stands in a comment counts where there is no other."""
    zone = _collect_zone(after)
    if not (zone.numeric or zone.named or zone.names or zone.is_impossible):
        comment = _collect_zone(comments)
        if not comment.rest.strip():
            comment.rest = zone.rest
            return comment
    return zone


def _collect_zone(after: str) -> _Zone:
    zone = _Zone()
    after = _LONG_ZONE.sub(lambda words: f"{words[1][0]}{words[2][0]}T", after)
    after = _SHIFT.sub(lambda shift: _take_shift(zone, shift), after)
    words = []
    for word in _split_words(after):
        shift = date_words.zone_shift(word)
        if word.lower() == "dst" and zone.named:
            zone.named = {shift + 3600 for shift in zone.named}
        elif shift is None and word.lower() not in date_words.AMBIGUOUS_ZONES:
            words.append(word)
        else:
            zone.names.append(word.lower())
            zone.named |= set() if shift is None else {shift}
    zone.rest = " ".join(words)
    return zone


def _split_words(text: str) -> list[str]:
    """The words of a text, with what is joined to them by anything but a blank or a comma (`14/Nov/2023`)."""
    return text.replace(",", " ").split()


def _take_shift(zone: _Zone, shift: re.Match[str]) -> str:
    """Take a shift such as `+0200`, `+02:00`, `-5` or `GMT+2` into `zone`; returns what of it is no shift."""
    base = date_words.zone_shift(shift[1]) if shift[1] else 0
    if base is None:
        return shift[0]
    seconds = (int(shift[3]) * 3600 + int(shift[4] or 0) * 60) * (-1 if shift[2] == "-" else 1)
    if abs(seconds) > FARTHEST_ZONE or int(shift[4] or 0) > 59:
        zone.is_impossible = True
    zone.numeric.add(seconds)
    zone.named |= {base} if base else set()
    return " "


def _put_together(before: str, time: tuple[int, int, int], zone: _Zone) -> MailDate:
    days, is_standard = _read_days(f"{before} {zone.rest}")
    shift, doubt = zone.settle(is_standard and not zone.rest)
    if not days and zone.rest:
        days, _ = _read_days(before)
        doubt = doubt if zone.numeric else f"has an unknown time zone ({zone.rest[:20]})"
    if len(days) != 1:
        return MailDate(None, "can be read in two ways") if days else _INVALID
    at = seconds_of(days[0], time)
    return _INVALID if at is None else MailDate(at - shift, doubt)


def _whole_day(text: str) -> MailDate:
    days, _ = _read_days(text)
    at = seconds_of(days[0], (0, 0, 0)) if len(days) == 1 else None
    if at is None:
        return MailDate(None, "can be read in two ways") if len(days) > 1 else _INVALID
    return MailDate(at, "has no time of day", 86400)


def _read_days(text: str) -> tuple[list[Day], bool]:
    """The days (year, month, day) that a text can mean, and whether it has the order of RFC 5322."""
    numeric = _NUMERIC.search(text)
    rest = text[: numeric.start()] + " " + text[numeric.end() :] if numeric else text
    tokens = [token for token in _TOKEN.findall(rest) if date_words.strip_marks(token) not in date_words.FILLERS]
    if not numeric:
        return _read_named(tokens)
    if len(tokens) > 1 or any(token.isdigit() for token in tokens):
        return [], False
    return _read_numeric(numeric[1], numeric[2], numeric[3], numeric[4], "".join(tokens)), False


def _read_numeric(first: str, mark: str, second: str, third: str, weekday: str) -> list[Day]:
    """The days that `03/04/2026` can mean: all that exist, of which the day of the week may leave one.

    A year of four digits stands before the month, and full stops behind the day, in every country (Unicode CLDR).
    """
    a, b, c = int(first), int(second), int(third)
    if len(first) == 4:
        ways = [(a, b, c)]
    elif mark == ".":
        ways = [(_year(third), b, a)]
    else:
        ways = [(_year(third), b, a), (_year(third), a, b), *([(_year(first), b, c)] if len(third) == 2 else [])]
    days = list(dict.fromkeys(day for day in ways if seconds_of(day, (0, 0, 0)) is not None))
    if len(days) > 1 and weekday:
        numbers = date_words.find_weekdays(weekday)
        days = [day for day in days if calendar.weekday(*day) in numbers] or days
    return days


def _read_named(tokens: list[str]) -> tuple[list[Day], bool]:
    """The day of `Tue 14 Nov 2023`, `Nov 14 2023`, `2023 Nov 14` and the like."""
    month, tokens = _find_month(tokens)
    shape = "".join("n" if token.isdigit() else "w" for token in tokens)
    if month is None or shape not in {"nwn", "wnn"}:
        return [], False
    first, last = (token for token in tokens if token.isdigit())
    is_year_first = shape == "nwn" and (len(first) == 4 or int(first) > 31)
    year, day = (first, last) if is_year_first else (last, first)
    found = _year(year), month, int(day)
    return [found] if seconds_of(found, (0, 0, 0)) is not None else [], shape == "nwn" and not is_year_first


def _find_month(tokens: list[str]) -> tuple[int | None, list[str]]:
    """The number of the month in a date, and the date without the day of the week.

    Of two words the first is the day of the week, whatever language it is in, if the second is a month; some names
    are both (`mar`).
    """
    words = [at for at, token in enumerate(tokens) if not token.isdigit()]
    if len(words) == 1:
        return date_words.find_month(tokens[words[0]]), tokens
    if len(words) == 2:
        for day, month in (words, words[::-1]):
            number = date_words.find_month(tokens[month], tokens[day])
            if number and (day == 0 or date_words.find_weekdays(tokens[day])):
                return number, tokens[:day] + tokens[day + 1 :]
    return None, tokens


def _year(digits: str) -> int:
    """A year by its digits (RFC 5322, section 4.3): two mean 1950 to 2049, three are counted from 1900."""
    if len(digits) == 2:
        return int(digits) + (2000 if int(digits) < 50 else 1900)
    return int(digits) + 1900 if len(digits) == 3 else int(digits) if len(digits) == 4 else 0
