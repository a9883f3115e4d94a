"""A desk to test with: real folders, real processes."""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.message import Message
from email.policy import compat32
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from tests.support.launching import Launcher

ROOT = Path(__file__).parents[2]
CACERT = ROOT / "queues.yaml"
EXAMPLES = ROOT / "examples" / "maildir"
CLOCK = Path(__file__).parent / "clock"


@cache
def launcher() -> Launcher:
    """What all desks of this test process share to start commands."""
    return Launcher()


class DeskDir:
    """A folder with a desk in it, and `supportctl` on that desk as separate processes.

    `clock` is how many seconds the clock of these processes is ahead, `variables` what they find in the environment.
    """

    def __init__(self, folder: Path, config: Path = CACERT) -> None:
        self._lie_in(folder)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(config, self.config)
        self.run("init", str(folder))

    def _lie_in(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "queues.yaml"
        self.maildir = folder / "maildir"
        self.clock = 0
        self.variables: dict[str, str] = {}

    @classmethod
    def found_in(cls, folder: Path) -> Self:
        """The desk that lies in a folder already."""
        found = cls.__new__(cls)
        found._lie_in(folder)
        return found

    def copy(self, folder: Path) -> Self:
        """The same desk in another folder, which is quicker than making it again."""
        shutil.copytree(self.folder, folder, symlinks=True)
        twin = self.found_in(folder)
        twin.clock = self.clock
        return twin

    @property
    def command(self) -> list[str]:
        """The start of every command line on this desk."""
        return [sys.executable, "-m", "supportctl", "--config", str(self.config)]

    @property
    def environment(self) -> dict[str, str]:
        """What a process on this desk sees of the environment."""
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "XDG_CACHE_HOME") if name in os.environ
        }
        kept |= self.variables
        if not self.clock:
            return {**kept, "PYTHONPATH": str(ROOT)}
        return {**kept, "PYTHONPATH": f"{CLOCK}:{ROOT}", "DESK_CLOCK": str(self.clock)}

    def set_clock(self, at: str) -> None:
        """Set the clock of the desk's processes to a moment in ISO 8601, UTC."""
        self.clock = int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()) - int(time.time())

    def start(self, *arguments: str, role: str = "") -> subprocess.Popen[bytes]:
        """Start a command and leave it running."""
        options = ["--role", role] if role else []
        return subprocess.Popen(
            [*self.command, *options, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment, cwd=self.folder,
        )  # fmt: skip

    def run(
        self, *arguments: str, input: bytes | str = b"", role: str = "", status: int | None = 0
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end, in a process of its own; its exit status must be `status` (None: any)."""
        line = ["--config", str(self.config), *(["--role", role] if role else []), *arguments]
        data = input.encode() if isinstance(input, str) else input
        done = launcher().run(line, data, self.environment, self.folder)
        if status is not None:
            said = f"{done.stdout.decode(errors='replace')}\n{done.stderr.decode(errors='replace')}"
            assert done.returncode == status, f"{arguments}: exit {done.returncode}\n{said}"
        return done

    def lines(self, *arguments: str, input: bytes | str = b"", role: str = "", status: int = 0) -> list[str]:
        """The lines of a command's standard output."""
        return self.run(*arguments, input=input, role=role, status=status).stdout.decode().splitlines()

    def ids(self, *arguments: str, status: int = 0) -> list[str]:
        """The ticket ids that a command prints (the first field of each line)."""
        return [line.split("\t")[0] for line in self.lines(*arguments, status=status)]

    def rows(self, *arguments: str, input: bytes | str = b"", status: int = 0) -> list[dict[str, Any]]:
        """What a command says with `--format jsonl`."""
        lines = self.lines(*arguments, "--format", "jsonl", input=input, status=status)
        return [json.loads(line) for line in lines]

    def take(self, *mails: bytes, options: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Deliver mails and take them in; what became of each."""
        self.deliver(*mails)
        return self.rows("ingest", *options)

    def tickets(self) -> dict[str, dict[str, Any]]:
        """Every ticket by its id, as the metadata files have it, with its `folder`."""
        found: dict[str, dict[str, Any]] = {}
        for path in sorted(self.maildir.glob(".*/tickets.json")):
            for document in json.loads(path.read_bytes()).get("tickets", {}).values():
                assert document["id"] not in found, f"{document['id']} is in two folders"
                found[document["id"]] = document | {"folder": path.parent.name[1:]}
        return found

    def mails(self, folder: str) -> dict[str, bytes]:
        """The mails of a folder: `new/NAME` or `cur/NAME` → content."""
        box = self.maildir / f".{folder}" if folder else self.maildir
        return {
            f"{part}/{path.name}": path.read_bytes()
            for part in ("new", "cur")
            for path in sorted((box / part).glob("*"))
        }

    def outbox(self) -> list[Message]:
        """The finished mails that wait to be sent."""
        return [email.message_from_bytes(content, policy=compat32) for content in self.mails("outbox").values()]

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the INBOX, as a mail server does."""
        for mail in mails:
            number = len(list((self.maildir / "new").iterdir()))
            (self.maildir / "new" / f"{1763800000 + number}.M{number}P{os.getpid()}.test").write_bytes(mail)

    def set_rules(self, rules: str) -> None:
        """Put other rules in place of those of the configuration, at whose end they are."""
        before, mark, _ = self.config.read_text().partition("\nrules:\n")
        assert mark
        self.config.write_text(before + mark + rules)

    def forget_index(self) -> None:
        """Delete the full text."""
        for path in (self.maildir / "supportctl").glob("text.sqlite*"):
            path.unlink()

    def take_examples(self, *options: str) -> None:
        """Take in the example mails."""
        shutil.copytree(EXAMPLES, self.maildir, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".gitkeep"))
        self.run("ingest", *options)

    def check(self) -> None:
        """Assert that the desk is consistent."""
        assert self.run("check").stdout == b""

    def log(self) -> list[bytes]:
        """The lines of the log."""
        return [line for path in sorted((self.maildir / "supportctl" / "log").iterdir()) for line in path.open("rb")]

    def contents(self, *, without: Iterable[str] = ("text.sqlite", "catalogue.sqlite")) -> dict[str, bytes]:
        """Every file of the desk with its content, but for the caches."""
        skipped = tuple(without)
        return {
            str(path.relative_to(self.maildir)): path.read_bytes()
            for path in sorted(self.maildir.rglob("*"))
            if path.is_file() and not path.name.startswith(skipped)
        }


class Colleagues(DeskDir):
    """A desk of several accounts: processes run for whoever is `at_work`, as through sudo."""

    at_work = ""

    @property
    def environment(self) -> dict[str, str]:
        """With sudo's word for who called it."""
        return super().environment | ({"SUDO_UID": self.at_work} if self.at_work else {})

    def of(self, account: str) -> Self:
        """The same desk with another person at work; "" is its owner."""
        self.at_work = account
        return self


def make_maildir(folder: Path, mails: Mapping[str, bytes] = MappingProxyType({})) -> Path:
    """A Maildir with mails at `new/NAME` and `cur/NAME`."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for place, content in mails.items():
        (folder / place).write_bytes(content)
    return folder


def make_mail(
    subject: str = "A question",
    sender: str = "Ann <ann@example.org>",
    text: str = "Hello.\n",
    mid: str = "",
    date: str = "Sun, 22 Nov 2026 10:00:00 +0000",
    **fields: str,
) -> bytes:
    """A small mail; further header fields by name, with `_` for `-`."""
    lines = [f"From: {sender}", "To: support@cacert.org", f"Subject: {subject}", f"Date: {date}"]
    if mid:
        lines.append(f"Message-ID: <{mid}>")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\n".join([*lines, "", text]).encode()
