"""A desk to measure on, and the installed supportctl that works on it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import execute
from benchmarks.turns import Call


@dataclass(frozen=True)
class Program:
    """The supportctl that is measured, and the Python that runs it."""

    command: Path
    python: Path

    def call(self, *arguments: str, input: bytes = b"", statuses: tuple[int, ...] = (0,)) -> Call:
        """A command line of this program."""
        return Call([str(self.command), *arguments], input, statuses=statuses)

    @property
    def nothing(self) -> Call:
        """`python -c pass` of the same environment."""
        return Call([str(self.python), "-c", "pass"])

    def find_source(self) -> Path:
        """Where the package lies that this program runs."""
        script = "import supportctl, sys; sys.stdout.write(supportctl.__file__)"
        return Path(execute(Call([str(self.python), "-P", "-c", script])).decode())


def find_program(command: Path) -> Program:
    """The program at a path, with the interpreter of its first line. Raises FileNotFoundError, ValueError."""
    with command.open("rb") as stream:
        first = stream.readline()
    python = Path(first[2:].strip().decode()) if first.startswith(b"#!/") else Path()
    if not python.is_file():
        raise ValueError(f"{command} names no Python in its first line")
    return Program(command, python)


@dataclass(frozen=True)
class Desk:
    """A desk in a folder."""

    program: Program
    folder: Path

    @property
    def maildir(self) -> Path:
        """The desk's mail."""
        return self.folder / "maildir"

    def call(self, *arguments: str, input: bytes = b"", statuses: tuple[int, ...] = (0,)) -> Call:
        """A command on this desk."""
        return self.program.call(
            "--config", str(self.folder / "queues.yaml"), *arguments, input=input, statuses=statuses
        )

    def run(self, *arguments: str, input: bytes = b"") -> bytes:
        """Run a command on this desk, untimed; its standard output."""
        return execute(self.call(*arguments, input=input))

    def make(self) -> None:
        """Make the desk anew, empty, of the shape that `init` gives it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        execute(self.program.call("init", str(self.folder)))

    def deliver(self, maildir: Path) -> None:
        """Put copies of a Maildir's new mails into the INBOX, and wait until the disk has them."""
        shutil.copytree(maildir / "new", self.maildir / "new", dirs_exist_ok=True)
        subprocess.run(["sync"], check=True)

    def list_tickets(self, queue: str) -> list[str]:
        """The ids of a queue's open tickets."""
        return self.run("ls", "--format", "ids", queue).decode().split()

    def move(self, tickets: Iterable[str], queue: str) -> None:
        """Move tickets to a queue."""
        self.run("mv", "-", queue, input="\n".join(tickets).encode())
