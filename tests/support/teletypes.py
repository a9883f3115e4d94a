"""A command on a terminal of its own, as a person at the desk runs it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path


def run_on_terminal(
    command: list[str],
    *,
    environment: dict[str, str],
    folder: Path,
    typed: bytes = b"",
    columns: int = 100,
    while_asked: Callable[[], None] | None = None,
) -> tuple[int, bytes]:
    """Exit status and all that a command writes to its terminal; `typed` is there for it to read.

    With `while_asked`, that is done once a question is on the screen, and then `typed` is typed.
    """
    leader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, columns))
    attributes = termios.tcgetattr(terminal)
    attributes[1] &= ~termios.OPOST
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, attributes)
    process = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal,
        env={"TERM": "xterm", **environment}, cwd=folder, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    try:
        asked = b""
        if while_asked:
            asked = _read_until(leader, b"[y/N]")
            while_asked()
        os.write(leader, typed)
        return_value = asked + _read_all(leader)
    finally:
        os.close(leader)
    return process.wait(timeout=60), return_value


def _read_until(leader: int, end: bytes) -> bytes:
    heard = b""
    while end not in heard:
        assert select.select([leader], [], [], 60)[0], f"not asked: {heard!r}"
        heard += os.read(leader, 65536)
    return heard


def _read_all(leader: int) -> bytes:
    heard = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([leader], [], [], 1)[0]:
            continue
        try:
            piece = os.read(leader, 65536)
        except OSError:  # how Linux says that the other side is closed
            return heard
        if not piece:
            return heard
        heard += piece
    raise TimeoutError(f"the terminal is not closed after a minute: {heard!r}")
