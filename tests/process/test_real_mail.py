"""A collection of real mail, thousands of it from many hands: all goes in, and comes out as it went in."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import RealMails
from tests.support.desks import DeskDir, make_maildir

SAMPLE = 150
MEASURED = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
"""Runs a command and tells its memory. A child of the tests would begin with theirs, which counts as its own."""


@pytest.fixture(scope="module")
def filled(real_mails: RealMails, tmp_path_factory: pytest.TempPathFactory) -> tuple[DeskDir, int]:
    """A desk that has taken all of it in, and the memory that this took at most, in MB."""
    desk = DeskDir(tmp_path_factory.mktemp("filled") / "desk")
    for number, file in enumerate(real_mails.files):
        (desk.maildir / "new" / f"{1700000000 + number}.M{number}.real").hardlink_to(file)
    with open(desk.folder / "rows", "wb") as rows:  # noqa: PTH123
        ingest = [*desk.command, "ingest", "--classify", "--format", "ids"]
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *ingest],
            stdout=rows,
            stderr=subprocess.PIPE,
            env=desk.environment,
            cwd=desk.folder,
            check=True,
        )
    return desk, int(done.stderr.split()[-1]) // 1024


def test_all_of_it_goes_in_without_an_error_in_little_memory(
    filled: tuple[DeskDir, int], real_mails: RealMails
) -> None:
    desk, memory = filled
    assert len((desk.folder / "rows").read_text().split()) == len(real_mails.files) > 5000
    assert desk.mails("") == {}
    assert memory < 300
    desk.check()


def test_every_mail_lies_in_its_folder_byte_for_byte(filled: tuple[DeskDir, int], real_mails: RealMails) -> None:
    desk, _ = filled
    kept: Counter[bytes] = Counter()
    for path in desk.maildir.glob(".*"):
        kept.update(desk.mails(path.name[1:]).values())
    for path in (desk.maildir / ".outbox" / "new").iterdir():
        kept.subtract([path.read_bytes()])
    assert +kept == Counter(file.read_bytes() for file in real_mails.files)


def test_show_raw_gives_it_byte_for_byte(filled: tuple[DeskDir, int], real_mails: RealMails) -> None:
    """What can't be read without a problem, and some of the rest; several at once, one behind the other."""
    desk, _ = filled
    stored: dict[str, list[str]] = {"odd": [], "even": []}
    for ticket in desk.tickets().values():
        folder = desk.maildir / f".{ticket['folder']}"
        for message in ticket["messages"]:
            found = [path for part in ("new", "cur") if (path := folder / part / message["key"]).exists()]
            stored["odd" if ticket.get("problems") else "even"] += map(str, found)
    odd, even = stored["odd"], stored["even"]
    print(f"{len(odd)} mails have problems")
    chosen = random.Random(7).sample(odd, min(len(odd), SAMPLE - 50))
    chosen += random.Random(8).sample(even, SAMPLE - len(chosen))
    for start in range(0, len(chosen), 50):
        part = chosen[start : start + 50]
        expected = b"".join(Path(path).read_bytes() for path in part)
        assert desk.run("show", "--raw", "--paths", *part).stdout == expected


def test_a_second_time_all_of_it_is_known(filled: tuple[DeskDir, int], real_mails: RealMails, tmp_path: Path) -> None:
    desk, _ = filled
    before = desk.tickets()
    make_maildir(tmp_path / "again")
    for number, file in enumerate(real_mails.files):
        (tmp_path / "again" / "new" / str(number)).hardlink_to(file)
    rows = desk.rows("ingest", str(tmp_path / "again"))
    assert Counter(row["outcome"] for row in rows) == {"duplicate": len(real_mails.files)}
    assert desk.tickets() == before
    desk.run("undo", str(desk.rows("log", "-n", "1")[0]["op"]), "--yes")
    assert desk.tickets() == before
    desk.check()
