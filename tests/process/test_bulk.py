"""Thousands of tickets at once: one operation, in seconds, taken back by one `undo`."""

from __future__ import annotations

import resource
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail

COUNT = 5000


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with 5,000 tickets in Triage, and some others."""
    folder = tmp_path_factory.mktemp("bulk")
    with (folder / "mbox").open("wb") as stream:
        for number in range(COUNT + 10):
            word = "viagra" if number < COUNT else "question"
            mail = make_mail(f"{word} {number}", f"p{number % 97}@x.test", f"Buy {number}\n", f"{number}@x.test")
            stream.write(b"From p@x.test Sun Nov 22 10:00:00 2026\n" + mail + b"\n")
    desk = DeskDir(folder / "desk")
    assert len(desk.lines("ingest", str(folder / "mbox"))) == COUNT + 10
    return desk


def processor_time() -> float:
    """What ended child processes have used, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pipe(desk: DeskDir, line: str, folder: Path) -> tuple[list[str], float]:
    """What a shell's pipe prints, and the seconds that it keeps a processor busy: other work does not count."""
    script = f'set -o pipefail; supportctl() {{ {" ".join(desk.command)} "$@"; }}; {line}'
    start = processor_time()
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split(), processor_time() - start


def test_five_thousand_tickets_move_by_one_pipe_and_back_by_one_undo(crowd: DeskDir) -> None:
    before = crowd.tickets()
    mails = crowd.mails("triage")
    moved, seconds = pipe(
        crowd,
        "supportctl search --format ids 'subject:viagra in:triage is:open' | supportctl mv - junk -m spam",
        crowd.folder,
    )
    assert len(moved) == len(set(moved)) == COUNT
    assert seconds < 10
    after = crowd.tickets()
    assert {after[name]["queue"] for name in moved} == {"junk"}
    folders = Counter(ticket["folder"] for ticket in after.values())
    assert len(folders) == 6
    assert max(folders.values()) == 1000
    assert all(len(crowd.mails(folder)) == number for folder, number in folders.items())
    assert crowd.rows("log")[0]["verb"] == "mv"
    assert len(crowd.rows("log")[0]["ids"]) == COUNT
    back, seconds = pipe(crowd, "supportctl undo", crowd.folder)
    assert sorted(back) == sorted(moved)
    assert seconds < 10
    assert crowd.tickets() == before
    assert crowd.mails("triage") == mails
    journal = crowd.maildir / "supportctl" / "catalogue.sqlite-wal"
    assert journal.stat().st_size < 2_000_000  # whoever opens the catalogue next has to read all of it


def test_what_grep_finds_moves_as_well(crowd: DeskDir) -> None:
    moved, seconds = pipe(
        crowd, "grep -rlZ viagra . | supportctl mv -0 --paths - junk | supportctl tag +spam -", crowd.maildir
    )
    assert len(moved) == COUNT
    assert seconds < 10
    assert [(row["verb"], len(row["ids"])) for row in crowd.rows("log", "-n", "2")] == [("tag", COUNT), ("mv", COUNT)]
    crowd.run("undo")
    crowd.run("undo")
    assert {(ticket["folder"], ticket.get("touched", False)) for ticket in crowd.tickets().values()} == {
        ("triage", False)
    }
    crowd.check()
