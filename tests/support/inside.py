"""A desk as the test's own process meets it: opened without a command, or with its lock held and waited for."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from supportctl.config import load
from supportctl.desk.desk import Desk, Standing
from supportctl.policy.agents import Agent
from supportctl.store.store import FolderStore
from tests.support.desks import DeskDir


def open_desk(desk: DeskDir) -> Desk:
    """A desk as a process of its owner has it that has just started."""
    return Desk(Standing(load(desk.config), Agent("ann", (), True, True)), FolderStore(desk.maildir, 0))


@contextmanager
def locked(maildir: Path) -> Iterator[None]:
    """Hold the desk's lock, as a writer does."""
    descriptor = os.open(maildir / "supportctl", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def await_lock(desk: DeskDir, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process waits for the lock: then it has read the configuration, and the INBOX."""
    deadline = time.monotonic() + 60
    while str(desk.maildir / "supportctl") not in _list_open(process.pid):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)


def _list_open(process: int) -> set[str]:
    """The files that a process has open, without those that it closes meanwhile."""
    found = set()
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(file.readlink()))
    return found
