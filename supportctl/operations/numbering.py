"""The ids that an operation gives: to tickets, by day, and to messages; none is ever given twice."""

from __future__ import annotations

from supportctl.model import Ids
from supportctl.values import day_of


class Numbering:
    """The next ids after the last ones given; the day never runs backwards when the clock does."""

    def __init__(self, last: Ids, prefix: str, now: int) -> None:
        self.ids = last
        self._prefix = prefix
        self._now = now

    def next_ticket_id(self) -> str:
        """A new ticket id: prefix, UTC day, counter."""
        day = max(day_of(self._now), self.ids.day)
        last = self.ids.counter if day == self.ids.day else self.ids.floor if day <= self.ids.until else 0
        self.ids = self.ids._replace(day=day, counter=last + 1)
        return f"{self._prefix}{day}.{last + 1}"

    def next_message_number(self) -> int:
        """A new message number."""
        self.ids = self.ids._replace(message=self.ids.message + 1)
        return self.ids.message
