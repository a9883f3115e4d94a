"""Measured: taking in mail, and the memory that it needs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.measurement import Measurement
from benchmarks.memory import Peak, measure_peak
from benchmarks.peers import Mu, Notmuch
from benchmarks.table import Row, Target
from benchmarks.turns import Contestant, take_turns
from benchmarks.workbench import LARGE, Workbench

BESIDE_MU = Target(3, 4, "at least")
BESIDE_NOTMUCH = Target(8, 10, "at least")
MEMORY = Target(150, 150, unit="MiB")
GROWTH = Target(1.3, 1.05)
FEW = 10_000


def measure_ingest(bench: Workbench) -> list[Row]:
    """The whole collection out of the INBOX, beside peers that only index it; a fresh copy in every turn."""
    taken = take_turns(
        {"ours": _take_in(bench), "mu": _mu(bench), "notmuch": _notmuch(bench)}, bench.runs, bench.output
    )
    speeds = {name: len(bench.files) / seconds for name, seconds in taken.items()}
    return [
        _speed_row(speeds, "mu", "mu index", BESIDE_MU, len(bench.files)),
        _speed_row(speeds, "notmuch", "notmuch new", BESIDE_NOTMUCH, len(bench.files)),
    ]


def measure_memory(bench: Workbench) -> list[Row]:
    """What the same intake holds in memory at its peak."""
    desk = bench.new_desk("intake")
    desk.deliver(bench.maildir)
    peak = measure_peak(desk.call("ingest", "--classify"), bench.output)
    return [_memory_row(f"peak memory of ingest, {len(bench.files)} mails", peak)]


def measure_growth(bench: Workbench) -> list[Row]:
    """Memory at 100,000 mails beside 10,000: imported as an archive, so that no folder has over 1,000 tickets."""
    few, many = (_peak_of_archive(bench, count) for count in (FEW, LARGE))
    title = f"peak memory of ingest --closed, {LARGE} mails"
    largest = Row(
        f"{title}: largest process", f"{many.largest:.0f} MiB", f"{few.largest:.0f} MiB at {FEW}",
        many.largest / few.largest, GROWTH,
    )  # fmt: skip
    together = Row(
        f"{title}: all its processes", f"{many.together:.0f} MiB", f"{few.together:.0f} MiB at {FEW}",
        many.together / few.together, GROWTH,
    )  # fmt: skip
    return [largest, together]


def _speed_row(speeds: dict[str, float], peer: str, name: str, target: Target, count: int) -> Row:
    work = f"ingest --classify of {count} mails"
    ratio = speeds["ours"] / speeds[peer]
    return Row(work, f"{speeds['ours']:.0f} mails/s", f"{name} {speeds[peer]:.0f} mails/s", ratio, target)


def _memory_row(work: str, peak: Peak) -> Row:
    note = f"largest process {peak.largest:.0f} MiB; shared pages counted twice"
    return Row(work, f"{peak.together:.0f} MiB", "", peak.together, MEMORY, note)


def _peak_of_archive(bench: Workbench, count: int) -> Peak:
    desk = bench.new_desk("archive-intake")
    source = bench.made(count)
    peak = measure_peak(desk.call("ingest", "--classify", "--closed", str(source)), bench.output)
    shutil.rmtree(desk.folder)
    return peak


def _take_in(bench: Workbench) -> Contestant:
    def prepare() -> None:
        bench.new_desk("intake").deliver(bench.maildir)

    return Contestant(lambda _turn: bench.desk("intake").call("ingest", "--classify"), prepare)


def _mu(bench: Workbench) -> Contestant:
    mu = Mu(bench.folder / "fresh-mu", bench.folder / "mu" / "fresh")

    def prepare() -> None:
        _copy_afresh(bench.maildir, mu.maildir)
        mu.configure()

    return Contestant(lambda _turn: mu.call("index", "--quiet"), prepare)


def _notmuch(bench: Workbench) -> Contestant:
    notmuch = Notmuch(bench.folder / "fresh-notmuch", bench.folder / "notmuch" / "fresh")

    def prepare() -> None:
        _copy_afresh(bench.maildir, notmuch.maildir)
        notmuch.configure()

    return Contestant(lambda _turn: notmuch.call("new", "--quiet", "--no-hooks"), prepare)


def _copy_afresh(maildir: Path, target: Path) -> None:
    """Copy the mails and wait for the disk: what the copy has left to write is not the tool's work."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(maildir, target, ignore=shutil.ignore_patterns(".notmuch"))
    subprocess.run(["sync"], check=True)


MEASUREMENTS = (
    Measurement("ingest", measure_ingest, ("mu", "notmuch")),
    Measurement("peak memory", measure_memory),
    Measurement(f"peak memory at {LARGE}", measure_growth, large=True),
)
