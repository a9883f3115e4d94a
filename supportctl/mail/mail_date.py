"""What a text says of a time, and what of that is not certain."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

FARTHEST_ZONE = 14 * 3600
"""The seconds between UTC and the zone that is farthest from it."""


_EPOCH = date(1970, 1, 1).toordinal()


class MailDate(NamedTuple):
    """What a text says of a time: `at` is None where it can't be read, `doubt` says why `at` is not certain.

    The time meant lies between `at` and `spread` seconds later, in a zone that `doubt` leaves open.
    """

    at: int | None
    doubt: str = ""
    spread: int = 0


def seconds_of(day: tuple[int, int, int], time: tuple[int, int, int]) -> int | None:
    """Seconds since the epoch of year, month, day and hour, minute, second; None where there is no such time.

    24:00 is the end of the day, and a minute may have a leap second.
    """
    year, month, number = day
    hour, minute, second = time
    if year < 1900 or (not (hour <= 23 and minute <= 59 and second <= 60) and time != (24, 0, 0)):
        return None
    try:
        days = date(year, month, number).toordinal() - _EPOCH
    except ValueError:
        return None
    return ((days * 24 + hour) * 60 + minute) * 60 + second
