"""Measured: the small everyday verbs, beside a Python that does nothing."""

from __future__ import annotations

from benchmarks.measurement import Measurement
from benchmarks.peers import find_missing
from benchmarks.table import Row, Target, write_duration
from benchmarks.turns import Call, Contestant, always, take_turns
from benchmarks.workbench import LISTED, Workbench

QUEUE = "disputes"


def measure_list(bench: Workbench) -> list[Row]:
    """`ls` of a queue with 200 open tickets."""
    contestants = {"ours": always(bench.small.desk.call("ls", QUEUE))}
    if not find_missing(["mscan"]):
        mails = sorted((bench.maildir / "new").iterdir())[:LISTED]
        contestants["mscan"] = always(Call(["mscan", *map(str, mails)]))
    return [_beside_nothing(bench, f"ls of {LISTED} tickets", contestants, Target(5, 4))]


def measure_tag(bench: Workbench) -> list[Row]:
    """`tag` of one ticket in a queue of 200, a tag set and taken away in turns."""
    desk, ticket = bench.small.desk, _first(bench)
    contestants = {"ours": Contestant(lambda turn: desk.call("tag", "-seen" if turn % 2 else "+seen", ticket))}
    return [_beside_nothing(bench, "tag of one ticket", contestants, Target(6, 4))]


def measure_show(bench: Workbench) -> list[Row]:
    """`show` of one ticket."""
    contestants = {"ours": always(bench.small.desk.call("show", _first(bench)))}
    return [_beside_nothing(bench, "show of one ticket", contestants, Target(7, 4))]


def _first(bench: Workbench) -> str:
    return bench.small.desk.list_tickets(QUEUE)[0]


def _beside_nothing(bench: Workbench, work: str, contestants: dict[str, Contestant], target: Target) -> Row:
    taken = take_turns({**contestants, "pass": always(bench.program.nothing)}, bench.runs, bench.output)
    ours, nothing = taken.pop("ours"), taken.pop("pass")
    note = "; ".join(f"{name} {write_duration(seconds)}" for name, seconds in taken.items())
    return Row(work, write_duration(ours), f"pass {write_duration(nothing)}", ours / nothing, target, note)


MEASUREMENTS = (
    Measurement(f"ls of {LISTED}", measure_list),
    Measurement("tag of one", measure_tag),
    Measurement("show of one", measure_show),
)
