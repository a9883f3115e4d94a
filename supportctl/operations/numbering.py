"""The ids that an operation gives: to tickets, by day, and to messages; none is ever given twice."""

from __future__ import annotations

import time

from supportctl.model import Ids


class Numbering:
    """The next ids after the last ones given; the day never runs backwards when the clock does."""

    def __init__(self, last: Ids, prefix: str, now: int) -> None:
        self.ids = last
        self._prefix = prefix
        self._now = now

    def next_ticket_id(self) -> str:
        """A new ticket id: prefix, UTC day, counter."""
        day = max(day_of(self._now), self.ids.day)
        counter = self.ids.counter + 1 if day == self.ids.day else 1
        self.ids = self.ids._replace(day=day, counter=counter)
        return f"{self._prefix}{day}.{counter}"

    def next_message_number(self) -> int:
        """A new message number."""
        self.ids = self.ids._replace(message=self.ids.message + 1)
        return self.ids.message


def day_of(at: int) -> str:
    """The UTC day of a time (seconds since the epoch) as it is in ticket ids, `20261122`."""
    return time.strftime("%Y%m%d", time.gmtime(at))
