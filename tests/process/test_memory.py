"""However large mail is, an intake takes little memory: all of its processes together, as the kernel counts it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from supportctl.model import LARGEST_READ
from tests.support.desks import DeskDir, make_maildir

MOST = 300
"""The number of MiB that all processes of an intake may take."""

LINE = b"QUJD" * 18 + b"\n"
PIECE = LINE * ((1 << 20) // len(LINE))


def write_mail(path: Path, number: int, size: int) -> str:
    """Write a mail with an attachment of so many MiB; return its digest."""
    head = (
        f"From: a{number}@x.test\nSubject: Large {number}\nMessage-ID: <{number}@x.test>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nwords before\n"
        "--b\nContent-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: base64\n\n"
    ).encode()
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        for part in (head, *[PIECE] * size, b"--b--\n"):
            stream.write(part)
            digest.update(part)
    return digest.hexdigest()


def family_of(process: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family_of(int(child))


def memory_of(process: int) -> int:
    """What a process takes, in KiB, its share of what several use."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def run(desk: DeskDir, *arguments: str, stdin: Path | str = os.devnull) -> float:
    """Run a command, and return how many MiB its processes took at most."""
    most = 0
    with Path(stdin).open("rb") as stream:
        process = subprocess.Popen(
            [*desk.command, *arguments], env=desk.environment, cwd=desk.folder, stdin=stream, stdout=subprocess.DEVNULL
        )
        while process.poll() is None:
            most = max(most, sum(map(memory_of, family_of(process.pid))))
            time.sleep(0.005)
    assert process.returncode == 0
    return most / 1024


@pytest.fixture(autouse=True)
def _smaps() -> None:
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("this kernel does not say what processes take together")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """An empty Maildir of somebody else."""
    return make_maildir(tmp_path / "box")


def digests_of(desk: DeskDir) -> Iterable[str]:
    for path in desk.maildir.glob(".triage/new/*"):
        with path.open("rb") as stream:
            yield hashlib.file_digest(stream, "sha256").hexdigest()


@pytest.mark.slow
def test_many_large_mails_are_taken_in_one_after_the_other(desk: DeskDir, box: Path) -> None:
    digests = {write_mail(box / "new" / f"{number}.a", number, 24) for number in range(16)}
    assert 20 < run(desk, "ingest", str(box)) < MOST
    assert set(digests_of(desk)) == digests
    for path in list(box.glob("new/*")):
        path.rename(desk.maildir / "new" / path.name)
    desk.run("undo", "1", "--yes")
    assert desk.tickets() == {}, "many operations are one group"
    for path in desk.maildir.glob(".undone/*/*"):
        path.unlink()
    assert run(desk, "ingest") < MOST
    assert set(digests_of(desk)) == digests
    assert run(desk, "classify") < MOST
    desk.forget_index()
    assert run(desk, "search", "words") < MOST


@pytest.mark.parametrize(
    "way", ["stdin", *(pytest.param(way, marks=pytest.mark.slow) for way in ("file", "inbox", "mbox"))]
)
def test_a_mail_too_large_to_be_read_is_read_in_part(desk: DeskDir, tmp_path: Path, way: str) -> None:
    size = (LARGEST_READ >> 20) + 16
    mail = tmp_path / "one"
    digest = write_mail(mail, 1, size)
    if way == "mbox":
        with (tmp_path / "box").open("wb") as stream:
            stream.write(b"From a@x.test Sun Nov 22 10:00:00 2026\n")
            with mail.open("rb") as source:
                while piece := source.read(1 << 20):
                    stream.write(piece)
    if way == "inbox":
        (desk.maildir / "new" / "1.a").hardlink_to(mail)
    lines = {"stdin": ["-"], "file": [str(mail)], "inbox": [], "mbox": [str(tmp_path / "box")]}
    assert run(desk, "ingest", *lines[way], stdin=mail if way == "stdin" else os.devnull) < MOST
    assert list(digests_of(desk)) == [digest]
    (ticket,) = desk.tickets().values()
    assert ticket["messages"][0]["size"] == mail.stat().st_size
    assert f"only the first {LARGEST_READ >> 20} MiB" in ticket["problems"][-1]
    assert desk.ids("search", "words") == [ticket["id"]]
    assert run(desk, "show", ticket["id"]) < MOST
    assert run(desk, "show", "--raw", ticket["id"]) < MOST / 6
    assert run(desk, "check") < MOST / 6
    assert b"too large" in desk.run("forward", "--to", "else@x.test", ticket["id"], status=65).stderr


def test_a_large_mail_that_a_client_renames_meanwhile_is_found(desk: DeskDir, box: Path) -> None:
    """The worker has read all, and the one at the end has not been copied yet."""
    digests = {write_mail(box / "new" / f"{number}.a", number, 3) for number in range(30)}
    process = desk.start("ingest", str(box))
    while not list(desk.maildir.glob(".triage/new/*")):
        assert process.poll() is None
        time.sleep(0.001)
    (box / "new" / "29.a").rename(box / "cur" / "29.a:2,S")
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert set(digests_of(desk)) == digests


@pytest.mark.slow
def test_large_mails_are_sent_on_by_some_operations(desk: DeskDir) -> None:
    """What one of them does not send on, the next does: cron runs it, or a person is told."""
    rule = "  - name: all\n    when: 'subject:large'\n    forward: else@x.test\n    tag: [sent]\n"
    desk.set_rules(rule)
    for number in range(7):
        write_mail(desk.maildir / "new" / f"{number}.a", number, 24)
    desk.run("ingest")
    names = sorted(desk.tickets())
    desk.run("forward", "--to", "else@x.test", *names, status=65)
    assert desk.outbox() == []
    for count in (2, 4, 6, 7, 7):
        assert run(desk, "classify") < MOST
        assert len(list(desk.maildir.glob(".outbox/new/*"))) == count
    for path in desk.maildir.glob(".outbox/new/*"):
        path.unlink()
    assert run(desk, "forward", "--to", "else@x.test", *names[:2]) < MOST
