"""Processes of `supportctl` without the cost of starting python: each is forked from one that has loaded the program.

A forked process has its own memory, files, environment and clock, as any other; what a fresh python would import late
is there early. How the program starts is tested by `tests/process/test_cli.py` and `tests/process/test_startup.py`,
in fresh ones.
"""

from __future__ import annotations

import atexit
import gc
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

ROOT = Path(__file__).parents[2]
LONGEST = 120
"""So many seconds a process may take; then it dies of SIGALRM."""


@dataclass(slots=True, frozen=True)
class Call:
    """A command line with its surroundings; `DESK_CLOCK` in the environment is how far its clock is ahead."""

    arguments: list[str]
    input: bytes
    environment: dict[str, str]
    folder: str


class Launcher:
    """The process that has loaded the program."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.support.launching import serve; serve()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        atexit.register(self._process.communicate)

    def run(
        self, arguments: Sequence[str], input: bytes, environment: Mapping[str, str], folder: Path
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command line to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(Call(list(arguments), input, dict(environment), str(folder)), self._process.stdin)
        self._process.stdin.flush()
        status, stdout, stderr = pickle.load(self._process.stdout)
        return subprocess.CompletedProcess(arguments, status, stdout, stderr)


def serve() -> None:
    """Run the calls that come in on standard input, until it ends."""
    answer_all(_fork)


def answer_all(answer: Callable[[Any], object]) -> None:
    """Answer what comes in on standard input, with the program loaded, until it ends."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _load_program()
    while True:
        try:
            call = pickle.load(calls)
        except EOFError:
            return
        pickle.dump(answer(call), answers)
        answers.flush()


def _load_program() -> None:
    import pkgutil
    from importlib import import_module

    import supportctl

    for module in pkgutil.walk_packages(supportctl.__path__, "supportctl."):
        if not module.name.endswith(".__main__"):  # which runs it
            import_module(module.name)
    for name in ("tinydb", "sqlite3", "re2", "selectolax", "shutil", "flufl.bounce", "secrets", "email.header"):
        import_module(name)
    gc.collect()
    gc.freeze()  # a fork then shares what is loaded


def _fork(call: Call) -> tuple[int, bytes, bytes]:
    given, said, told = streams = [_memory_file() for _ in range(3)]
    given.write(call.input)
    given.seek(0)
    child = os.fork()
    if child == 0:
        _become(call, streams)
    _, status = os.waitpid(child, 0)
    for stream in streams:
        stream.seek(0)
    found = os.waitstatus_to_exitcode(status), said.read(), told.read()
    for stream in streams:
        stream.close()
    return found


def _memory_file() -> BinaryIO:
    return os.fdopen(os.memfd_create("stream"), "w+b", buffering=0)


def _become(call: Call, streams: Sequence[BinaryIO]) -> NoReturn:
    """Be the command, as if this process had been started with it."""
    import signal

    signal.alarm(LONGEST)
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, os.fdopen(number, mode, closefd=False))
    os.environ.clear()
    os.environ.update(call.environment)
    time.tzset()
    if "DESK_CLOCK" in os.environ:
        from tests.support.clock import sitecustomize  # noqa: F401 - it sets the clock
    os.chdir(call.folder)
    sys.argv = ["supportctl", *call.arguments]
    from supportctl.cli.main import main

    main()
