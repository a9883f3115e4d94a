"""What `docs/operations.md` says under "When something is wrong": each trouble is made, and its remedy typed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.consoles import install
from tests.support.desks import ROOT, DeskDir

PAGE = (ROOT / "docs" / "operations.md").read_text()
ROWS = [line for line in PAGE.partition("## When something is wrong")[2].splitlines() if line.startswith("| ")][1:]
ELSEWHERE = {
    "a crash, a full disk": "tests/crash/test_stops.py",
    "committed but not finished": "tests/process/test_full_disk.py",
    "was taken for a bounce": "tests/verbs/test_verdicts.py",
    "could not be moved": "tests/verbs/test_check.py",
    "what was in the way": "tests/process/test_in_the_way.py",
    "`left /srv/desk": "tests/verbs/test_unreadable.py",
    "could not be read": "tests/verbs/test_unreadable.py",
    "the rules failed": "tests/unit/test_one_message.py",
    "only the first 64 MiB": "tests/process/test_memory.py",
    "another file system": "tests/process/test_in_the_way.py",
    "ahead of the clock": "tests/process/test_clock.py",
    "the log was edited": "tests/process/test_rescue.py",
    "does not have operation": "tests/process/test_rescue.py",
}
"""Rows whose trouble is made in other files."""


@pytest.fixture
def shell(desk: DeskDir, tmp_path: Path) -> Shell:
    """A shell in the folder of a desk with the example mails, which must be consistent in the end."""
    desk.take_examples()
    desk.run("classify")
    return Shell(desk, install(tmp_path / "bin"))


class Shell:
    """Types commands of the page in a desk's folder; what is typed must stand in the page."""

    def __init__(self, desk: DeskDir, binaries: Path) -> None:
        self.desk = desk
        self._binaries = binaries

    def type(self, command: str, status: int = 0, **words: str) -> str:
        """Type a command of the page, with words put in for its capitals; what it says."""
        assert f"`{command}`" in PAGE, command
        command = f"supportctl {command}" if command.startswith("classify") else command
        for name, word in words.items():
            command = command.replace(name, word)
        environment = {**self.desk.environment, "PATH": f"{self._binaries}:{self.desk.environment['PATH']}"}
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.desk.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr


@contextmanager
def somebody_writes(desk: DeskDir) -> Iterator[int]:
    process = subprocess.Popen(["flock", "supportctl", "sleep", "60"], cwd=desk.maildir, start_new_session=True)
    try:
        while desk.run("--wait", "0", "tag", "+x", ".1", status=None).returncode == 0:
            assert process.poll() is None  # until flock has the lock
        yield process.pid
    finally:
        subprocess.run(["kill", "--", f"-{process.pid}"], check=True)
        process.wait()


def test_the_desk_is_busy(shell: Shell) -> None:
    if shutil.which("flock") is None:
        pytest.skip("flock is not installed")
    subprocess.run(["flock", "supportctl", "true"], cwd=shell.desk.maildir, check=True)
    with somebody_writes(shell.desk) as pid:
        said = shell.desk.run("--wait", "0", "tag", "+x", ".1", status=75).stderr.decode()
        assert "the desk is busy" in said
        if shutil.which("fuser"):
            assert str(pid) in shell.type("fuser maildir/supportctl")
    assert "`--wait 300`" in PAGE
    shell.desk.run("--wait", "300", "tag", "+x", ".1")


def test_the_metadata_are_damaged(shell: Shell) -> None:
    (shell.desk.maildir / ".triage" / "tickets.json").write_bytes(b"{")
    assert "damaged metadata" in shell.desk.run("ls", "triage", status=65).stderr.decode()
    shell.type("supportctl check --repair")
    assert shell.desk.ids("ls", "triage")


def test_a_search_finds_too_little(shell: Shell) -> None:
    before = shell.desk.ids("search", "thawte")
    shell.type("rm maildir/supportctl/text.sqlite*")
    assert shell.desk.ids("search", "thawte") == before != []


def test_a_rule_did_the_wrong_thing(shell: Shell) -> None:
    before = shell.desk.tickets()
    assert "classify" in shell.type("supportctl log")
    number = shell.desk.rows("log", "-n", "1")[0]["op"]
    shell.type("supportctl undo NUMBER", NUMBER=str(number))
    assert shell.desk.tickets() != before
    assert "does not match" in shell.type("classify --explain")


def test_a_queue_has_to_go(shell: Shell) -> None:
    queue, desk = "deleted-accounts", shell.desk
    whole = desk.config.read_text()
    lines = whole.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith(f"  {queue}:"))
    end = next(n for n in range(start + 1, len(lines)) if lines[n].startswith("  ") and lines[n][2] not in " #")
    rest = "".join(lines[:start] + lines[end:]).replace(f"move: {queue}", "move: triage")
    desk.config.write_text(rest)
    assert queue in desk.run("check", status=65).stdout.decode(), "check names tickets that are left"
    desk.config.write_text(whole)
    desk.run("mv", *desk.ids("ls", queue), "triage")
    desk.config.write_text(rest)


def test_every_row_is_here_or_elsewhere() -> None:
    ours = ("the desk is busy", "damaged metadata", "a search finds", "a rule did", "a queue has to go")
    unknown = [row for row in ROWS if not any(words in row for words in (*ours, *ELSEWHERE))]
    assert unknown == []
    assert all((ROOT / file).exists() for file in ELSEWHERE.values())
