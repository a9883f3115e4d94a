"""The command lines of `benchmarks/run`, `benchmarks/hits`, `benchmarks/growth` and `benchmarks/judgement`."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import archive, intake, listing, moving, searching
from benchmarks.calls import count_calls
from benchmarks.collection import NoCollectionError, find_collection
from benchmarks.desk import Program, find_program
from benchmarks.growth import measure_growth
from benchmarks.hits import compare_hits
from benchmarks.measurement import Measurement
from benchmarks.peers import PROGRAMS, find_missing, list_versions
from benchmarks.table import HEADS, Row, write_table
from benchmarks.turns import CommandFailedError
from benchmarks.workbench import Workbench, tell

#: In the order of the table.
MEASUREMENTS = (
    *intake.MEASUREMENTS,
    *moving.MEASUREMENTS,
    *searching.MEASUREMENTS,
    *listing.MEASUREMENTS,
    *archive.MEASUREMENTS,
)
COUNTS = "system calls"
FAILED, UNAVAILABLE = 1, 69  # EX_UNAVAILABLE of sysexits(3)


def main() -> int:
    """`benchmarks/run`: measure what the arguments ask for; the exit status."""
    options = read_run_options()
    if options.list:
        print("\n".join([*(each.title for each in MEASUREMENTS), COUNTS]))
        return 0
    return work(options, measure)


def main_hits() -> int:
    """`benchmarks/hits`: compare what is found; the exit status."""
    parser = make_parser(
        "benchmarks/hits", "Compare what supportctl, notmuch and mu find, and explain the differences."
    )
    return work(parser.parse_args(), compare)


def main_growth() -> int:
    """`benchmarks/growth`: measure what growth costs; the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks/growth", description="Measure what growth costs each verb.")
    add_common_options(parser)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="turns that count (default 5)")
    parser.add_argument("--only", default="", metavar="PATTERN", help="only kinds of growth whose title matches")
    parser.add_argument("--scale", type=float, default=1.0, metavar="X", help="sizes, multiplied by X (default 1)")
    options = parser.parse_args()
    program = find_program(options.command)
    tell_what_is_here(program)
    with working_folder(options.work, options.keep) as folder:
        for table in measure_growth(program, folder, options.runs, options.scale, options.only):
            print(table, flush=True)
    return 0


def main_judgement() -> int:
    """`benchmarks/judgement`: print what is judged to be automatic; the exit status."""
    # Not at the top: this measures the source that it stands in, where the others run what is installed.
    from benchmarks.judgement import write_judgement

    parser = make_parser("benchmarks/judgement", "Print what is judged to be automatic, of real and of made-up mail.")
    options = parser.parse_args()
    try:
        with working_folder(options.work, options.keep) as folder:
            print(write_judgement(options.mails, folder))
    except NoCollectionError as error:
        tell(f"benchmarks: {error}")
        return UNAVAILABLE
    return 0


def work(options: argparse.Namespace, do: Callable[[argparse.Namespace, Workbench], int]) -> int:
    """Do something on a workbench of these options; the exit status."""
    try:
        collection, program = find_collection(options.mails), find_program(options.command)
        with working_folder(options.work, options.keep) as folder:
            return do(options, Workbench(program, collection, folder))
    except (NoCollectionError, CommandFailedError, FileNotFoundError, ValueError) as error:
        tell(f"benchmarks: {error}")
        return UNAVAILABLE


def make_parser(program: str, description: str) -> argparse.ArgumentParser:
    """The options that measure on a collection."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument("--mails", type=Path, metavar="DIR", help="the collection (default: $SUPPORTCTL_MAILS)")
    add_common_options(parser)
    return parser


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """The options that all have."""
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="folder for mails and indexes, kept (default: temporary)"
    )
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder, and say where it is")
    beside = Path(sys.executable).parent / "supportctl"
    parser.add_argument("--command", type=Path, default=beside, help=f"the supportctl to measure (default {beside})")


def read_run_options() -> argparse.Namespace:
    """The options of `benchmarks/run`."""
    parser = make_parser("benchmarks/run", "Measure supportctl beside its peers.")
    parser.add_argument("--only", default="", metavar="PATTERN", help="only measurements whose title matches")
    parser.add_argument("--list", action="store_true", help="list the titles of all measurements, and stop")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="turns that count (default 7)")
    parser.add_argument("--large", action="store_true", help="also what needs 100,000 mails")
    return parser.parse_args()


@contextmanager
def working_folder(chosen: Path | None, is_kept: bool) -> Iterator[Path]:
    """The folder to work in; a temporary one is removed at the end, unless it is to be kept."""
    if chosen or is_kept:
        folder = (chosen or Path(tempfile.mkdtemp(prefix="supportctl-bench-"))).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        tell(f"working in {folder}, which stays")
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="supportctl-bench-") as name:
        yield Path(name)


def measure(options: argparse.Namespace, bench: Workbench) -> int:
    """Run the chosen measurements and print the tables; the exit status, 1 if one could not be made."""
    bench.runs = options.runs
    tell_what_is_here(bench.program)
    measured = [attempt(each, bench) for each in choose(options.only, options.large)]
    if rows := [row.cells() for each in measured for row in each]:
        print(write_table(HEADS, rows))
    if re.search(options.only, COUNTS) and not find_missing(["strace"]):
        tell(f"counting: {COUNTS}")
        print(f"\n{count_calls(bench)}")
    return 0 if all(measured) else FAILED


def attempt(measurement: Measurement, bench: Workbench) -> list[Row]:
    """The rows of a measurement, told at once; none, and why, if a command fails: that costs no other measurement."""
    tell(f"measuring: {measurement.title}")
    try:
        rows = measurement.measure(bench)
    except CommandFailedError as error:
        tell(f"FAILED: {measurement.title}: {error}")
        return []
    for row in rows:
        tell("  " + "  ".join(filter(None, row.cells())))
    return rows


def compare(_options: argparse.Namespace, bench: Workbench) -> int:
    """Print what is found, and why not the same."""
    tell_what_is_here(bench.program)
    if missing := find_missing(["notmuch", "mu"]):
        raise ValueError(f"not here: {', '.join(missing)}")
    print(compare_hits(bench))
    return 0


def tell_what_is_here(program: Program) -> None:
    """Say what is measured, beside what, and what makes that doubtful."""
    for line in (*warn_of(program), *list_versions()):
        tell(line)


def choose(pattern: str, large: bool) -> list[Measurement]:
    """The measurements that are asked for and for which all is there."""
    asked = [each for each in MEASUREMENTS if re.search(pattern, each.title) and (large or not each.large)]
    for each in asked:
        if missing := find_missing(each.needs):
            tell(f"left out: {each.title} (it needs {', '.join(missing)})")
    return [each for each in asked if not find_missing(each.needs)]


def warn_of(program: Program) -> Iterator[str]:
    """What would make the figures worse than they are, or is not there to be measured beside."""
    yield f"measuring {program.command}"
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        yield "warning: PYTHONDONTWRITEBYTECODE is set; measured without it"
    if "site-packages" not in program.find_source().parts:
        yield f"warning: {program.command} runs an editable install: a start takes longer than a user's does"
    for missing in find_missing():
        yield f"not here: {missing} (Debian package {PROGRAMS.get(missing, missing)})"
