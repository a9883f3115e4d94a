"""What a measurement is; each module of measurements has some, and the command lists them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.table import Row
from benchmarks.workbench import Workbench

Measure = Callable[[Workbench], list[Row]]


@dataclass(frozen=True)
class Measurement:
    """What gives rows of the table: its title, which `--only` is matched against, and the peers that it needs.

    A large one needs 100,000 mails.
    """

    title: str
    measure: Measure
    needs: tuple[str, ...] = ()
    large: bool = False
