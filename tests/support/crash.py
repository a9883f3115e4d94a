"""`supportctl`, stopped at one of its system calls.

A runner is a process that has loaded the whole program; for each command it forks, counts the calls that change
the disk, and at the one that is asked for lets something happen: the process dies, the disk is full, a person
presses Ctrl-C, a mail client renames a message. The calls themselves are real. SQLite's own calls, in C, are not
seen here: `tests/crash/test_strace.py` stops those from outside.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import io
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, NoReturn

from tests.support.launching import answer_all

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).parent / "desks" / "crash.yaml"
DIED = 137

Deed = Literal["die", "tear", "fill", "fail", "refuse", "interrupt", "act"]
Event = tuple[str, str]
"""A call that changes the disk: its name, and its path below the desk's Maildir (`OLD → NEW` for a rename)."""

GROWING = ("write", "mkdir", "create", "fsync", "syncfs")
"""What a full disk refuses."""


@dataclass(slots=True)
class Job:
    """A command on a desk, and what happens at which of its calls (counted from 1; 0: nothing happens).

    `die`: the process is gone before the call; `tear`: in the middle of a write; `fill`: from this call on the disk
    is full; `fail`: the call fails with `error`; `refuse`: so does every call from this one on; `interrupt`: Ctrl-C
    during the call; `act`: before it, a mail client does `acts`: renames, by paths below
    the Maildir, deletes where there is no new name, and lets be what is not there. `now` is the time by the clock.
    Every run with the same `seed` makes the same keys and Message-IDs. With `is_wide`, calls that only open or lock
    something of the desk count as well. `config` is the queues.yaml.
    """

    maildir: Path
    arguments: list[str]
    input: bytes = b""
    stop: int = 0
    deed: Deed = "die"
    acts: list[tuple[str, str]] = field(default_factory=list)
    now: int = 0
    seed: int = 0
    is_counted: bool = True
    error: int = 0
    is_wide: bool = False
    config: Path = CONFIG


@dataclass(slots=True)
class Run:
    """How a command ended: exit status (137 for one that died), what it wrote, and its calls so far."""

    status: int
    stdout: bytes
    stderr: str
    events: list[Event]

    def ended(self, *statuses: int) -> Run:
        """The same, asserting the exit status."""
        assert self.status in (statuses or (0,)), f"exit {self.status}, calls {self.events[-3:]}\n{self.stderr}"
        return self


class Runner:
    """A process that runs commands on desks, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.support.crash import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def run(self, job: Job) -> Run:
        """Run one command to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(job, self._process.stdin)
        self._process.stdin.flush()
        answer: Run = pickle.load(self._process.stdout)
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Interruption:
    """Stands before the calls that change the disk: counts them, notes them, and does a job's deed at one of them."""

    def __init__(self, job: Job, notes: int) -> None:
        self._job = job
        self._root = str(job.maildir)
        self._notes = notes
        self._count = 0
        self._write, self._rename, self._unlink = os.write, os.rename, os.unlink

    def install(self) -> None:
        """Take the place of the calls in this process."""
        calls = os.rename, os.replace, os.mkdir, os.rmdir, os.unlink, os.fsync, os.ftruncate, os.chmod, os.link
        for call in calls:
            setattr(os, call.__name__, self._around(call.__name__, call, _path_of))
        os.write = self._around("write", os.write, _path_of)
        os.open = self._around("create", os.open, _path_if_created)
        if self._job.is_wide:
            os.open = self._around("open", os.open, _path_if_there)
            io.open = self._around("open", io.open, _path_if_named)
            fcntl.flock = self._around("flock", fcntl.flock, _path_of)
        ctypes.CDLL = self._library()  # type: ignore[misc]

    def _around(self, name: str, call: Callable[..., Any], place: Callable[..., str]) -> Any:
        def stand_before(*arguments: Any, **options: Any) -> Any:
            path = place(*arguments, **options)
            if not path.startswith(self._root):
                return call(*arguments, **options)
            return self._meet(name, path, lambda: call(*arguments, **options), arguments)

        return stand_before

    def _library(self) -> type[ctypes.CDLL]:
        meet = self._meet

        class Library(ctypes.CDLL):
            def __getattr__(self, name: str) -> Any:
                call = super().__getattr__(name)
                if name != "syncfs":
                    return call
                return lambda descriptor: meet(name, _path_of(descriptor), lambda: call(descriptor), (descriptor,))

        return Library

    def _meet(self, name: str, path: str, call: Callable[[], Any], arguments: tuple[Any, ...]) -> Any:
        self._count += 1
        event = name, path.replace(self._root + "/", "").replace(self._root, ".")
        self._write(self._notes, pickle.dumps(event))
        job = self._job
        if job.deed == "fill" and job.stop and self._count >= job.stop and name in GROWING:
            return self._refuse(name, arguments)
        if job.deed == "refuse" and job.stop and self._count >= job.stop:
            return self._fail(name, job.error, path)
        if self._count != job.stop:
            return call()
        if job.deed == "fail":
            return self._fail(name, job.error, path)
        if job.deed == "act":
            self._act()
            return call()
        if job.deed == "interrupt":
            with suppress(OSError):
                call()
            raise KeyboardInterrupt
        if job.deed == "tear" and name == "write":
            self._write_half(*arguments)
        if job.deed in ("die", "tear"):
            os._exit(DIED)
        return call()

    def _refuse(self, name: str, arguments: tuple[Any, ...]) -> int:
        """As the kernel does it: the first write still takes a part."""
        if name == "write" and self._count == self._job.stop:
            return self._write_half(*arguments)
        return self._fail(name, errno.ENOSPC, "")

    def _fail(self, name: str, error: int, path: str) -> int:
        if name == "syncfs":
            ctypes.set_errno(error)
            return -1
        raise OSError(error, os.strerror(error), path.partition(" → ")[0] or None)

    def _write_half(self, descriptor: int, data: bytes) -> int:
        return self._write(descriptor, bytes(data)[: max(1, len(data) // 2)])

    def _act(self) -> None:
        for source, target in self._job.acts:
            try:
                if target:
                    self._rename(f"{self._root}/{source}", f"{self._root}/{target}")
                else:
                    self._unlink(f"{self._root}/{source}")
            except FileNotFoundError:
                continue


def _path_of(place: Any, target: Any = None, *, dir_fd: int | None = None, **_: Any) -> str:
    """The absolute path that a call is about; `OLD → NEW` for a rename."""
    if isinstance(place, int):
        return str(Path(f"/proc/self/fd/{place}").readlink())
    folder = Path(f"/proc/self/fd/{dir_fd}").readlink() if dir_fd is not None else Path.cwd()
    path = folder / os.fspath(place)
    return f"{path} → {os.fspath(target)}" if isinstance(target, str | os.PathLike) else str(path)


def _path_if_created(path: Any, flags: int = 0, mode: int = 0o777, *, dir_fd: int | None = None) -> str:
    place = _path_of(path, dir_fd=dir_fd)
    return place if flags & os.O_CREAT and not Path(place).exists() else ""


def _path_if_there(path: Any, flags: int = 0, mode: int = 0o777, *, dir_fd: int | None = None) -> str:
    place = _path_of(path, dir_fd=dir_fd)
    return place if Path(place).exists() else ""


def _path_if_named(path: Any, *_: Any, **__: Any) -> str:
    return _path_of(path) if isinstance(path, str | os.PathLike) else ""


def serve() -> None:
    """Run the jobs that come in on standard input, until it ends."""
    answer_all(_fork)


def _fork(job: Job) -> Run:
    given, said, told, notes = streams = [_memory_file() for _ in range(4)]
    given.write(job.input)
    given.seek(0)
    child = os.fork()
    if child == 0:
        _become(job, streams)
    _, status = os.waitpid(child, 0)
    for stream in streams:
        stream.seek(0)
    done = Run(os.waitstatus_to_exitcode(status), said.read(), told.read().decode(), _unpickle_all(notes))
    for stream in streams:
        stream.close()
    return done


def _memory_file() -> BinaryIO:
    return os.fdopen(os.memfd_create("stream"), "w+b", buffering=0)


def _unpickle_all(stream: BinaryIO) -> list[Event]:
    found: list[Event] = []
    while True:
        try:
            found.append(pickle.load(stream))
        except EOFError:
            return found


def _become(job: Job, streams: Sequence[BinaryIO]) -> NoReturn:
    """Be the command, as if this process had been started with it."""
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream.fileno(), number)
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, os.fdopen(number, mode, closefd=False))
    sys.argv = ["supportctl", "--config", str(job.config), "--maildir", str(job.maildir), *job.arguments]
    os.chdir(job.maildir.parent)
    if job.now:
        time.time = lambda: float(job.now)
    if job.seed:
        _fix_chance(job)
    if job.is_counted:
        Interruption(job, streams[3].fileno()).install()
    from supportctl.cli.main import main

    main()


def _fix_chance(job: Job) -> None:
    import secrets
    from itertools import count

    from supportctl.store import maildir

    numbers = count(1)
    maildir.make_key = lambda: f"{job.now}.S{job.seed}Q{next(numbers)}.test"
    secrets.token_hex = lambda nbytes=None: f"{job.seed:0{2 * (nbytes or 8)}x}"
