"""The shell examples of a Markdown file, and a terminal to run them in."""

from __future__ import annotations

import calendar
import os
import pty
import pwd
import re
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.desks import CLOCK, ROOT

NOON = calendar.timegm((2026, 11, 22, 12, 0, 10))
"""When the examples are run, whatever the clock says: the ids and ages in the documents are of that day."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r"#.*\bexit (\d+)\b")
_MARK = re.compile(r"\x01(\d+)\x01")
_SINCE = re.compile(r"\b\d+[sm]\b")
_ACCOUNT = re.compile(rf"\b{re.escape(pwd.getpwuid(os.getuid()).pw_name)}\b")
_MINUTE = re.compile(r"(2026-11-22 12):\d\d")


@dataclass(slots=True)
class Step:
    """A command of a document: its text, the line where it stands, the output shown below it."""

    line: int
    command: str
    shown: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The exit status that the document tells, in a comment such as `# exit 77`."""
        told = _STATUS.search(self.command)
        return int(told[1]) if told else 0

    def agrees(self, output: list[str]) -> bool:
        """Whether the output is the one shown; nothing shown claims nothing.

        `…` stands for anything: in a line for any text, as a line for any lines.
        """
        pattern = "".join("(?:.*\n)*" if line == "…" else _pattern(line) + "\n" for line in self.shown)
        return not self.shown or re.fullmatch(pattern, "".join(_plain(line) + "\n" for line in output)) is not None


def read_steps(document: str) -> Iterator[Step]:
    """The commands of the `console` blocks: lines with `$ `, further lines with `> `, and their output."""
    for block in _BLOCK.finditer(document):
        step = None
        first = document.count("\n", 0, block.start(1)) + 1
        for number, line in enumerate(block[1].splitlines(), first):
            if line.startswith("$ "):
                if step is not None:
                    yield step
                step = Step(number, line[2:])
            elif step is not None and line.startswith("> ") and not step.shown:
                step.command += "\n" + line[2:]
            elif step is not None:
                step.shown.append(line)
        if step is not None:
            yield step


def run_steps(steps: list[Step], folder: Path, binaries: Path) -> list[tuple[int, list[str]]]:
    """Run commands one after the other in one shell in a folder, on a terminal: exit status and lines of each."""
    script = "".join(f"{{ {step.command}\n}}\nprintf '\\001%d\\001' $?\n" for step in steps)
    leader, terminal = pty.openpty()
    attributes = termios.tcgetattr(terminal)
    attributes[1] &= ~termios.ONLCR
    termios.tcsetattr(terminal, termios.TCSANOW, attributes)
    process = subprocess.Popen(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, cwd=folder, env=_environment(binaries),
    )  # fmt: skip
    os.close(terminal)
    pieces = _MARK.split(_read_all(leader))
    process.wait(timeout=60)
    statuses, outputs = pieces[1::2], pieces[0::2]
    return [(int(status), output.splitlines()) for status, output in zip(statuses, outputs, strict=False)]


def install(folder: Path) -> Path:
    """A folder for `$PATH` with a `supportctl` that runs this source at noon of the documents' day."""
    folder.mkdir()
    program = folder / "supportctl"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m supportctl "$@"\n')
    program.chmod(0o755)
    return folder


def copy_checkout(folder: Path) -> Path:
    """A folder as a reader of the README has it: the example mails and `queues.yaml`."""
    folder.mkdir()
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copyfile(ROOT / "queues.yaml", folder / "queues.yaml")
    return folder


def _environment(binaries: Path) -> dict[str, str]:
    return {
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "HOME": str(binaries),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm",
        "COLUMNS": "110",
        "NO_COLOR": "1",
        "PYTHONPATH": f"{CLOCK}:{ROOT}",
        "DESK_CLOCK": str(NOON - int(time.time())),
    }


def _read_all(leader: int) -> str:
    data = bytearray()
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the last process has left the terminal
            part = b""
        if not part:
            os.close(leader)
            return data.decode()
        data += part


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, _plain(line).split("…")))


def _plain(line: str) -> str:
    """A line without what is different in every run: ages in seconds, minutes, the width of columns, who runs it."""
    return " ".join(_ACCOUNT.sub("ann", _MINUTE.sub(r"\1:00", _SINCE.sub("0s", line))).split())
