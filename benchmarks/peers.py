"""The tools that a user would pick instead: whether they are there, and their indexes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.turns import Call, CommandFailedError, environment

PROGRAMS = {"notmuch": "notmuch", "mu": "maildir-utils", "mscan": "mblaze", "grep": "grep", "rg": "ripgrep"}
"""What is measured beside us, and the Debian package that brings it."""


def find_missing(programs: Sequence[str] = (*PROGRAMS, "strace")) -> list[str]:
    """Those of the programs that are not installed here."""
    return [program for program in programs if shutil.which(program) is None]


def list_versions() -> Iterator[str]:
    """A line for each peer that is here, with its version."""
    for program in PROGRAMS:
        if shutil.which(program) and program != "mscan":  # mblaze does not tell
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
            yield said.splitlines()[0]


@dataclass(frozen=True)
class Notmuch:
    """A notmuch database of the mails in a Maildir; what it makes lies in that Maildir and in `home`."""

    maildir: Path
    home: Path

    def call(self, *arguments: str, input: bytes = b"") -> Call:
        """A notmuch command on this database."""
        return Call(["notmuch", *arguments], input, {"NOTMUCH_CONFIG": str(self.home / "notmuch.config")})

    def configure(self) -> None:
        """Forget the database; write what `notmuch setup` would ask for."""
        shutil.rmtree(self.maildir / ".notmuch", ignore_errors=True)
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "notmuch.config").write_text(
            f"[database]\npath={self.maildir}\n[user]\nname=bench\nprimary_email=bench@example.org\n[new]\ntags=new\n"
        )

    def build(self) -> None:
        """Index the Maildir, unless that was done before."""
        build_once(self.home, self.maildir, self.configure, self.call("new", "--quiet", "--no-hooks"))


@dataclass(frozen=True)
class Mu:
    """A mu index of the mails in a Maildir."""

    maildir: Path
    home: Path

    def call(self, *arguments: str, statuses: tuple[int, ...] = (0,)) -> Call:
        """A mu command on this index."""
        return Call(["mu", *arguments, "--nocolor", f"--muhome={self.home}"], statuses=statuses)

    def configure(self) -> None:
        """Make an empty index."""
        shutil.rmtree(self.home, ignore_errors=True)
        execute(self.call("init", f"--maildir={self.maildir}", "--quiet"))

    def build(self) -> None:
        """Index the Maildir, unless that was done before."""
        build_once(self.home, self.maildir, self.configure, self.call("index", "--quiet"))


def build_once(home: Path, maildir: Path, configure: Callable[[], None], index: Call) -> None:
    """Make an index and note beside it that it is whole."""
    stamp = home / "built"
    if stamp.exists() and stamp.read_text() == str(maildir):
        return
    configure()
    execute(index)
    stamp.write_text(str(maildir))


def execute(call: Call) -> bytes:
    """Run a call untimed; what it writes on standard output. Raises CommandFailedError."""
    done = subprocess.run(call.arguments, input=call.input, capture_output=True, env=environment(call))
    if done.returncode not in call.statuses:
        raise CommandFailedError(f"{' '.join(call.arguments)[:300]}: exit {done.returncode}\n{done.stderr.decode()}")
    return done.stdout
