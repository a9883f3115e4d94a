"""Dates of messages in seconds since the epoch (RFC 5322, section 3.3, and what programs write instead)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from supportctl.mail.mail_date import FARTHEST_ZONE, MailDate, seconds_of

_MONTHS = {
    name: at
    for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_USUAL = re.compile(
    r"\s{0,9}(?:[A-Za-z]{3},\s{0,9})?(\d{1,2})\s{1,9}([A-Za-z]{3})\s{1,9}(\d{4})\s{1,9}(\d\d):(\d\d):(\d\d)\s{1,9}"
    r"(?:([+-])(\d\d)([0-5]\d)(?!\d|\s{0,9}[AaPp]\.?[Mm])|GMT\Z)"
)
_DAY = 86400
_YEAR = 366 * _DAY
_FIRST = 31_536_000  # 1971-01-01: the year of the first network mail, and none of the clocks that begin at 0
_CENTURY = 4_102_444_800  # 2100-01-01
_MOST_DATES = 20  # beyond these, a header is hostile


def read_mail_date(text: str) -> MailDate:
    """The time that a text names; what it leaves open is taken as UTC and as midnight, and is a doubt."""
    usual = _USUAL.match(text)
    if usual and (number := _MONTHS.get(usual[2].lower())):
        day, _, year, hour, minute, second, sign, east, minutes = usual.groups("0")
        shift = int(east) * 3600 + int(minutes) * 60
        at = seconds_of((int(year), number, int(day)), (int(hour), int(minute), int(second)))
        if at is not None and shift <= FARTHEST_ZONE:
            return MailDate(at + shift if sign == "-" else at - shift)
    from supportctl.mail.unusual_dates import read_unusual

    return read_unusual(text)


def is_sane(date: int, received: int) -> bool:
    """Whether a message received then may have been written at `date`: not before 1971, not a year ahead.

    Where the time of receipt is unknown (0), any date before the year 2100 will do.
    """
    return _FIRST <= date <= (received + _YEAR if received > 0 else _CENTURY)


def choose_date(dates: Sequence[str], traces: Sequence[str], received: int, problems: list[str]) -> int:
    """The time of writing by the Date fields, or else by the topmost Received in `traces`, or else `received`.

    What is not certain is noted in `problems`.
    """
    readings = [read_mail_date(text) for text in dates[:_MOST_DATES]]
    for reading in readings:
        if reading.at is not None and not reading.doubt and is_sane(reading.at, received):
            if len(readings) > 1 and any(other.at != reading.at for other in readings):
                problems.append("several Dates that differ: the first that is valid is taken")
            return reading.at
    server = next(_times_of(traces, received), None)
    for reading in readings:
        if reading.at is not None and is_sane(reading.at, received):
            return _settle(reading.at, reading, server, problems)
    doubts = dict.fromkeys(reading.doubt for reading in readings if reading.at is None and reading.doubt)
    problems.append(f"the Date {next(iter(doubts), 'is not valid')}" if dates else "no Date")
    return received if server is None else server


def _times_of(traces: Sequence[str], received: int) -> Iterator[int]:
    """The times in Received fields that are certain."""
    for text in traces[:_MOST_DATES]:
        at, doubt, _ = read_mail_date(text.rpartition(";")[2])
        if at is not None and not doubt and is_sane(at, received):
            yield at


def _settle(at: int, reading: MailDate, server: int | None, problems: list[str]) -> int:
    """The time of receipt where that may be what is meant, or else what the text says if it is in UTC."""
    if server is not None and at - FARTHEST_ZONE <= server <= at + reading.spread + FARTHEST_ZONE:
        problems.append(f"the Date {reading.doubt}: the time of receipt is taken")
        return server
    problems.append(f"the Date {reading.doubt}: UTC is assumed")
    return at
