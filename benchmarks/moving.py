"""Measured: moving 5,000 tickets at once."""

from __future__ import annotations

from benchmarks.measurement import Measurement
from benchmarks.table import Row, Target, write_duration
from benchmarks.turns import Call, Contestant, take_turns
from benchmarks.workbench import BULK, Workbench

TARGET = Target(15, 20, "at least")
QUEUES = ("support-engineers", "triage")


def measure_bulk(bench: Workbench) -> list[Row]:
    """`mv` of 5,000 tickets, there and back in turns, beside one tag on 5,000 messages, set and taken away."""
    desk, tickets = bench.bulk
    ids = "\n".join(tickets).encode()
    notmuch = bench.bulk_notmuch

    def tag(turn: int) -> Call:
        return notmuch.call("tag", "-moved" if turn % 2 else "+moved", "--", "*")

    contestants = {
        "ours": Contestant(lambda turn: desk.call("mv", "-", QUEUES[turn % 2], input=ids)),
        "notmuch": Contestant(tag),
    }
    taken = take_turns(contestants, bench.runs, bench.output)
    ours, theirs = write_duration(taken["ours"]), write_duration(taken["notmuch"])
    return [Row(f"mv of {BULK} tickets", ours, f"notmuch tag {theirs}", taken["notmuch"] / taken["ours"], TARGET)]


MEASUREMENTS = (Measurement(f"mv of {BULK}", measure_bulk, ("notmuch",)),)
