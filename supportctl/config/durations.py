"""Spans of time as people write them in `queues.yaml`: `12h`, `30d`, `2w`, `3m`, `1y`."""

from __future__ import annotations

HOUR = 3600
DAY = 24 * HOUR
UNITS = {"h": HOUR, "d": DAY, "w": 7 * DAY, "m": 30 * DAY, "y": 365 * DAY}
LONGEST = 100 * UNITS["y"]


def parse_duration(text: str) -> int:
    """The span that a text such as `30d` means, in seconds; a month has 30 days, a year 365.

    Raises ValueError for anything else, and for more than a hundred years.
    """
    number, unit = text[:-1], text[-1:]
    if unit not in UNITS or not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise ValueError(f"{text!r} is no span of time such as 12h, 30d, 2w, 3m or 1y")
    seconds = int(number) * UNITS[unit]
    if seconds > LONGEST:
        raise ValueError(f"{text!r} is more than a hundred years")
    return seconds
