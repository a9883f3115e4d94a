"""Measured: what the archive costs the work of the day."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

from benchmarks.desk import Desk
from benchmarks.measurement import Measurement
from benchmarks.table import Row, Target, write_duration
from benchmarks.turns import Contestant, take_turns
from benchmarks.workbench import LARGE, LISTED, Workbench

TARGET = Target(1.3, 1.1)
BUSY = 900
"""So many tickets were closed this month already, of the thousand that a folder of the archive takes."""


def measure_close(bench: Workbench) -> list[Row]:
    """`close` of one of 200 open tickets, with an archive of 100,000 mails and with none.

    And with the same archive in a month with 900 closed tickets: the folder that the ticket is added to.
    """
    mails = sorted((bench.bulk_maildir / "new").iterdir())
    empty, large = bench.new_desk("empty"), bench.large_desk
    for desk in (empty, large):
        _take_in(desk, mails[: 2 * LISTED])
    rows = [_row(bench, f"close with {LARGE} mails in the archive", empty, large)]
    _take_in(large, mails[2 * LISTED : 4 * BUSY], closed=BUSY)
    return [*rows, _row(bench, f"the same, {BUSY} of them closed this month", empty, large)]


def _row(bench: Workbench, work: str, empty: Desk, large: Desk) -> Row:
    taken = take_turns({"empty": _closing(empty), "large": _closing(large)}, bench.runs, bench.output)
    none = f"with none {write_duration(taken['empty'])}"
    return Row(work, write_duration(taken["large"]), none, taken["large"] / taken["empty"], TARGET)


def _closing(desk: Desk) -> Contestant:
    """Close an open ticket in every turn."""
    tickets = itertools.cycle(desk.list_tickets("triage"))
    return Contestant(lambda _turn: desk.call("close", next(tickets)))


def _take_in(desk: Desk, mails: Iterable[Path], closed: int = 0) -> None:
    """Take mails in; of the tickets in the intake queue leave 200 open, close so many, and move the rest away."""
    for mail in mails:
        (desk.maildir / "new" / mail.name).write_bytes(mail.read_bytes())
    desk.run("ingest")
    surplus = desk.list_tickets("triage")[LISTED:]
    desk.run("close", "-", input="\n".join(surplus[:closed]).encode())
    desk.move(surplus[closed:], "disputes")


MEASUREMENTS = (Measurement(f"close with {LARGE}", measure_close, large=True),)
