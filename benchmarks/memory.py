"""The peak memory of a command and its workers."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.turns import Call, require_success, start

INTERVAL = 0.005
"""Seconds between two looks; what a process grows by after the last look at it is not seen."""


@dataclass(frozen=True)
class Peak:
    """Peak memory in MiB: of the largest process, as the kernel reports it, and of all, shared pages counted twice."""

    largest: float
    together: float


def measure_peak(call: Call, output: Path) -> Peak:
    """Run a command to its end and see how much memory it held."""
    peaks: dict[int, int] = {}
    with output.open("w+b") as stream:
        process = start(call, stream)
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            for pid in _family(process.pid):
                peaks[pid] = max(peaks.get(pid, 0), _high_water(pid))
            time.sleep(INTERVAL)
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        require_success(call, process.returncode, stream)
    return Peak(ended[2].ru_maxrss / 1024, sum(peaks.values()) / 1024)


def _family(pid: int) -> list[int]:
    """A process and all that it started."""
    children: list[int] = []
    with suppress(OSError):  # it has ended
        children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(member for child in children for member in _family(child))]


def _high_water(pid: int) -> int:
    """The largest resident size that a process had so far, in KiB."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
