"""Running commands in turn, as whole processes, and what they took."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import BinaryIO


class CommandFailedError(Exception):
    """A command that was to be measured did not do its work."""


@dataclass(frozen=True)
class Call:
    """One process: its arguments, what it reads from a pipe, its additional environment, how it may end."""

    arguments: list[str]
    input: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Contestant:
    """What is run in every turn: the call of the Nth turn, and what is made ready before it, untimed."""

    call: Callable[[int], Call]
    prepare: Callable[[], None] | None = None


def always(call: Call) -> Contestant:
    """The same call in every turn."""
    return Contestant(lambda _turn: call)


def run(call: Call, output: BinaryIO) -> float:
    """Seconds from the start of a process to its end; its output goes to a file, so nobody has to read it."""
    output.seek(0)
    output.truncate()
    begin = time.perf_counter()
    with start(call, output) as process:
        process.communicate(call.input or None)
    taken = time.perf_counter() - begin
    require_success(call, process.returncode, output)
    return taken


def start(call: Call, output: BinaryIO) -> subprocess.Popen[bytes]:
    """The process of a call, running."""
    return subprocess.Popen(
        call.arguments,
        stdin=subprocess.PIPE if call.input else subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environment(call),
    )


def environment(call: Call) -> dict[str, str]:
    """What a measured process sees: UTF-8, compiled modules, nothing of the caller's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", **call.environment}


def require_success(call: Call, status: int, output: BinaryIO) -> None:
    """Raise CommandFailedError, with what the command said, for a status that is not expected."""
    if status not in call.statuses:
        output.seek(0)
        said = output.read()[-2000:].decode(errors="replace")
        raise CommandFailedError(f"{' '.join(call.arguments)[:300]}: exit {status}\n{said}")


def take_turns(contestants: Mapping[str, Contestant], runs: int, output: Path) -> dict[str, float]:
    """The median seconds of each, run one after the other (A B A B …) after one round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    with output.open("w+b") as stream:
        for turn in range(runs + 1):
            for name, contestant in contestants.items():
                if contestant.prepare:
                    contestant.prepare()
                taken[name].append(run(contestant.call(turn), stream))
    return {name: median(times[1:]) for name, times in taken.items()}
