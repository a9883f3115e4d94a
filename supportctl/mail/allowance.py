"""How much of one message is read: more than people write, less than stops a program.

The bytes stay whole on the disk. What is left out is told with the message's problems, each thing once.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["header", "fields", "field", "addresses", "boundaries", "parts", "embedded", "html", "text"]

DEEPEST = 40
"""The number of levels of parts within parts that are read."""

LONGEST_FIELD = 200_000
"""The number of characters that are read of a header field."""

_MOST: dict[Kind, tuple[int, str]] = {
    "header": (500_000, "more than 500,000 bytes of header: the rest was not read"),
    "fields": (50_000, "more than 50,000 header fields: the rest was not read"),
    "field": (0, f"a header field of more than {LONGEST_FIELD:,} characters: the rest of the field was not read"),
    "addresses": (10_000, "more than 10,000 addresses: the rest was not read"),
    "boundaries": (200_000, "more than 200,000 lines that begin like a boundary: the rest was not read"),
    "parts": (10_000, f"more than {DEEPEST} levels or 10,000 parts: the rest was not read"),
    "embedded": (16_000_000, "more than 16 MB of encoded messages within: the rest was not read"),
    "html": (1_000_000, "more than 1,000,000 characters of HTML: the rest was not read"),
    "text": (1_000_000, "more than 1,000,000 characters of text: the rest was not read"),
}
"""The most that is read of each kind, in all parts together, and what is told of more (for `field`, that alone)."""


class Allowance:
    """What may still be read of a message; `problems` name what was left out, and whatever else is wrong with it.

    `is_exceeded` is whether anything was left out.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.is_exceeded = False
        self._left = {kind: most for kind, (most, _) in _MOST.items()}

    def left(self, kind: Kind) -> int:
        """How much of a kind may still be read."""
        return self._left[kind]

    def take(self, kind: Kind, wanted: int) -> int:
        """As much of what is wanted as may still be read."""
        left = self._left[kind]
        if wanted > left:
            self.note(kind)
            wanted = left
        self._left[kind] = left - wanted
        return wanted

    def cut(self, text: str) -> str:
        """The text of a field, cut to what is read of one."""
        if len(text) > LONGEST_FIELD:
            self.note("field")
        return text[:LONGEST_FIELD]

    def note(self, kind: Kind) -> None:
        """Note that something of a kind was left out."""
        self.is_exceeded = True
        problem = _MOST[kind][1]
        if problem not in self.problems:
            self.problems.append(problem)
