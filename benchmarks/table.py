"""The tables that are printed: rows with a target, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

HEADS = ("work", "ours", "beside", "ratio", "must", "aim", "met", "")


@dataclass(frozen=True)
class Target:
    """What a ratio must be, and what it should be; `unit` stands behind the figures."""

    must: float
    aim: float
    bound: Literal["at least", "at most"] = "at most"
    unit: str = "×"

    def verdict(self, ratio: float) -> str:
        """`aim`, `must` or `no`: how far the target is met."""
        return "aim" if self._holds(ratio, self.aim) else "must" if self._holds(ratio, self.must) else "NO"

    def write(self, value: float) -> str:
        """A limit of this target."""
        sign = "≥" if self.bound == "at least" else "≤"
        return f"{sign} {value:g} {self.unit}"

    def _holds(self, ratio: float, limit: float) -> bool:
        return ratio >= limit if self.bound == "at least" else ratio <= limit


@dataclass(frozen=True)
class Row:
    """A line of the table: our median, the peer's, their ratio as the target means it, and what else is to say."""

    work: str
    ours: str
    peer: str
    ratio: float
    target: Target
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        target = self.target
        ratio = f"{self.ratio:.2f} {target.unit}"
        limits = (target.write(target.must), target.write(target.aim), target.verdict(self.ratio))
        return (self.work, self.ours, self.peer, ratio, *limits, self.note)


def write_duration(seconds: float) -> str:
    """A duration for people: 12.3 ms, 4.56 s."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def write_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table that is readable as it stands."""
    lines = [list(heads), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    written = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    return "\n".join([written[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *written[1:]])
