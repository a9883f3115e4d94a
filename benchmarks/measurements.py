"""What there is to measure: each measurement gives rows of the table; those marked large need 100,000 mails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.table import Row
from benchmarks.workbench import Workbench

Measure = Callable[[Workbench], list[Row]]


@dataclass(frozen=True)
class Measurement:
    """A measurement with its title, which `--only` is matched against, and the peers that it can't do without."""

    title: str
    measure: Measure
    needs: tuple[str, ...] = ()
    large: bool = False


def all_measurements() -> list[Measurement]:
    """Every measurement, in the order of the table."""
    from benchmarks import archive, intake, listing, moving, searching

    return [
        *intake.MEASUREMENTS,
        *moving.MEASUREMENTS,
        *searching.MEASUREMENTS,
        *listing.MEASUREMENTS,
        *archive.MEASUREMENTS,
    ]
