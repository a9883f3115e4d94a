"""The catalogue is a cache: whatever happens to its file, the log brings it back as it was."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.crash import Job, Runner
from tests.support.crash_fixtures import crash_desk, crash_folder, runner
from tests.support.crash_scenarios import DAY, DECEMBER, NEXT_MAILS, copy_desk, deliver, run

__all__ = ["crash_desk", "crash_folder", "runner"]

VERBS = (
    ("ingest", "--classify"), ("mv", f"{DAY}.1", f"{DAY}.2", "junk"), ("undo",), ("forward", f"{DAY}.5"),
    ("undo",), ("undo",),
    ("tag", "+a", f"{DAY}.3"), ("pend", f"{DAY}.3", "--until", "30d"), ("wake", f"{DAY}.3"), ("close", f"{DAY}.1"),
    ("reopen", f"{DAY}.1"), ("undo", "5"),
)  # fmt: skip
Dump = dict[str, list[tuple[Any, ...]]]


def dump(maildir: Path) -> Dump:
    """All rows of a catalogue."""
    connection = sqlite3.connect(maildir / "supportctl" / "catalogue.sqlite")
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {table: sorted(connection.execute(f"SELECT * FROM {table}")) for table in tables}
    connection.close()
    return {**rows, "folder": [row for row in rows["folder"] if row[1]]}


def files_of(maildir: Path) -> list[Path]:
    """The catalogue's files."""
    return list((maildir / "supportctl").glob("catalogue.sqlite*"))


@pytest.fixture(scope="module")
def busy(runner: Runner, crash_desk: Path, crash_folder: Path) -> Path:
    """A desk on which every verb was used; beside it, its catalogue after each."""
    maildir = copy_desk(crash_desk, crash_folder / "busy")
    deliver(maildir, NEXT_MAILS)
    for number, arguments in enumerate(VERBS):
        run(runner, maildir, *arguments)
        kept = maildir.parent / f"catalogue.{number}"
        kept.mkdir()
        for file in files_of(maildir):
            shutil.copyfile(file, kept / file.name)
    return maildir


def assert_comes_back(runner: Runner, maildir: Path, busy: Path) -> None:
    """A reader gets its answer, and the catalogue is again what it was."""
    question = Job(
        maildir, ["search", "paper or is:closed or is:open", "--format", "ids"], now=DECEMBER, is_counted=False
    )
    assert runner.run(question).ended().stdout.count(b"\n") == 7
    assert dump(maildir) == dump(busy)
    assert run(runner, maildir, "check").stdout == b""


def test_it_comes_back_from_nothing(runner: Runner, busy: Path, crash_folder: Path) -> None:
    maildir = copy_desk(busy, crash_folder / "rebuilt")
    for file in files_of(maildir):
        file.unlink()
    assert_comes_back(runner, maildir, busy)


def test_it_catches_up_from_wherever_it_was(runner: Runner, busy: Path, crash_folder: Path) -> None:
    for number in range(len(VERBS)):
        maildir = copy_desk(busy, crash_folder / "behind")
        for file in files_of(maildir):
            file.unlink()
        for file in (busy.parent / f"catalogue.{number}").iterdir():
            shutil.copyfile(file, maildir / "supportctl" / file.name)
        assert_comes_back(runner, maildir, busy)


def test_one_that_is_ahead_of_the_log_is_thrown_away(
    runner: Runner, busy: Path, crash_desk: Path, crash_folder: Path
) -> None:
    maildir = copy_desk(crash_desk, crash_folder / "ahead")
    expected = dump(maildir)
    for file in files_of(busy):
        shutil.copyfile(file, maildir / "supportctl" / file.name)
    run(runner, maildir, "tag", "+a", f"{DAY}.1")
    run(runner, maildir, "check")
    assert len(dump(maildir)["op"]) == len(expected["op"]) + 1


def test_one_of_another_desk_is_thrown_away(runner: Runner, busy: Path, crash_desk: Path, crash_folder: Path) -> None:
    other = copy_desk(crash_desk, crash_folder / "other")
    for tag in range(len(dump(busy)["op"]) - len(dump(other)["op"])):
        run(runner, other, "tag", f"+t{tag}", f"{DAY}.3")
    maildir = copy_desk(busy, crash_folder / "mixed")
    for file in files_of(other):
        shutil.copyfile(file, maildir / "supportctl" / file.name)
    assert len(dump(maildir)["op"]) == len(dump(busy)["op"])
    assert_comes_back(runner, maildir, busy)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 4096, b"SQLite format 3\0" + b"\xff" * 4080, b"no database at all\n" * 100]
)
def test_a_damaged_one_is_made_anew(runner: Runner, busy: Path, crash_folder: Path, content: bytes) -> None:
    maildir = copy_desk(busy, crash_folder / "damaged")
    for file in files_of(maildir):
        file.unlink()
    (maildir / "supportctl" / "catalogue.sqlite").write_bytes(content)
    assert_comes_back(runner, maildir, busy)


def test_one_that_is_damaged_inside_is_told_and_repaired(runner: Runner, busy: Path, crash_folder: Path) -> None:
    """Its first page is whole, so that opening it finds nothing."""
    maildir = copy_desk(busy, crash_folder / "holed")
    path = maildir / "supportctl" / "catalogue.sqlite"
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    for file in files_of(maildir):
        file.unlink()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    done = runner.run(Job(maildir, ["tag", "+b", f"{DAY}.3"], now=DECEMBER, is_counted=False)).ended(0, 75)
    assert done.status == 0 or "check --repair" in done.stderr
    run(runner, maildir, "check", "--repair")
    assert run(runner, maildir, "check").stdout == b""
