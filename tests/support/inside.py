"""A desk as the test's own process meets it: opened without a command, or with its lock held."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
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
