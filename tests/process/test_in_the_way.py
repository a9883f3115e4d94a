"""Something else lies where the desk needs a name, or a folder is on another disk: nothing is lost, nothing hangs, and
the desk goes on, or says what to do."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail, make_maildir

Obstacle = Callable[[Path], None]

MINE = b"mine"


def a_file(path: Path) -> None:
    """Somebody's own file."""
    path.write_bytes(MINE)


def a_folder(path: Path) -> None:
    """Somebody's own folder, which has something in it."""
    path.mkdir()
    (path / "mine").write_bytes(MINE)


def a_fifo(path: Path) -> None:
    """What hangs whoever opens it."""
    os.mkfifo(path)


def a_link(path: Path) -> None:
    """A link to nothing."""
    path.symlink_to("nowhere")


def a_loop(path: Path) -> None:
    """A link to itself."""
    path.symlink_to(path.name)


OBSTACLES = [a_file, a_folder, a_fifo, a_link, a_loop]
NO_FOLDER = [a_file, a_fifo, a_link, a_loop]
NO_FILE = [a_folder, a_fifo]


@pytest.fixture
def ticket(desk: DeskDir) -> str:
    """A ticket in triage, with one message."""
    return str(desk.take(make_mail("First", mid="first@example.org"))[0]["ticket"])


def put(obstacle: Obstacle, path: Path) -> None:
    """Let an obstacle take the place of what is there."""
    with suppress(FileNotFoundError):
        path.unlink() if path.is_file() else shutil.rmtree(path)
    obstacle(path)


def owned(desk: DeskDir) -> int:
    """How many of somebody's own files there still are, whatever the folders are called by now."""
    return sum(path.read_bytes() == MINE for path in desk.maildir.rglob("*") if path.is_file())


def assert_at_work(desk: DeskDir, ticket: str) -> None:
    """Everything goes its way."""
    assert desk.ids("search", "First") == [ticket]
    desk.run("mv", ticket, "disputes", "--confirm")
    desk.run("close", ticket)
    desk.run("undo")
    desk.run("mv", ticket, "triage")
    assert desk.lines("show", "--raw", ticket)[-1] == "Hello."


@pytest.mark.parametrize("obstacle", NO_FOLDER)
@pytest.mark.parametrize("name", [".disputes", ".disputes/cur", ".disputes/new", ".outbox", "supportctl/stage"])
def test_in_place_of_a_folder(desk: DeskDir, ticket: str, name: str, obstacle: Obstacle) -> None:
    put(obstacle, desk.maildir / name)
    count = owned(desk)
    told = desk.run("forward", ticket, "--to", "else@example.org").stderr
    assert (b"what was in the way is now" in told) == (".disputes" not in name), "where it is needed, it is told"
    assert_at_work(desk, ticket)
    assert owned(desk) == count


@pytest.mark.parametrize("obstacle", NO_FOLDER)
@pytest.mark.parametrize("part", ["new", "cur", "tmp"])
def test_in_place_of_a_part_of_the_inbox(desk: DeskDir, ticket: str, part: str, obstacle: Obstacle) -> None:
    put(obstacle, desk.maildir / part)
    count = owned(desk)
    desk.run("ingest", "-", input=make_mail("Second"))
    assert "Second" in {row["subject"] for row in desk.rows("ls")}
    assert_at_work(desk, ticket)
    assert owned(desk) == count


@pytest.mark.parametrize("obstacle", NO_FOLDER)
def test_in_place_of_a_month_of_the_archive(desk: DeskDir, ticket: str, obstacle: Obstacle) -> None:
    desk.run("mv", ticket, "junk")
    (folder,) = desk.maildir.glob(".junk.closed.*")
    desk.run("undo")
    put(obstacle, folder)
    told = desk.run("mv", ticket, "junk").stderr
    assert b"what was in the way is now junk.closed." in told
    assert desk.ids("search", "is:closed") == [ticket]


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("name", ["2", "99", "x"])
def test_in_the_stage(desk: DeskDir, ticket: str, name: str, obstacle: Obstacle) -> None:
    put(obstacle, desk.maildir / "supportctl/stage" / name)
    assert_at_work(desk, ticket)


@pytest.mark.parametrize("obstacle", [*NO_FILE, a_link])
@pytest.mark.parametrize(
    "name",
    [
        "head.new",
        "head",
        *(f"{name}.sqlite{suffix}" for name in ("catalogue", "text") for suffix in ("", "-wal", "-shm")),
    ],
)
def test_in_place_of_a_file_of_the_state(desk: DeskDir, ticket: str, name: str, obstacle: Obstacle) -> None:
    for path in (desk.maildir / "supportctl").glob(f"{name}*"):
        path.unlink()
    put(obstacle, desk.maildir / "supportctl" / name)
    count = owned(desk)
    assert_at_work(desk, ticket)
    assert owned(desk) == count


@pytest.mark.parametrize("obstacle", NO_FILE)
def test_in_place_of_metadata(desk: DeskDir, ticket: str, obstacle: Obstacle) -> None:
    put(obstacle, desk.maildir / ".triage/tickets.json")
    count = owned(desk)
    for verb in (("ls",), ("show", ticket), ("tag", "+a", ticket)):
        assert b"tickets.json is not a file\nhint: run supportctl check --repair" in desk.run(*verb, status=65).stderr
    told = desk.run("check", "--repair").stderr
    assert (b"what was in the way is now .triage/tickets.json.in-the-way-1" in told) == (obstacle is a_folder)
    assert_at_work(desk, ticket)
    assert owned(desk) == count


def test_a_repair_tells_what_was_in_place_of_head(desk: DeskDir, ticket: str) -> None:
    put(a_folder, desk.maildir / "supportctl/head")
    told = desk.run("check", "--repair").stderr
    assert b"what was in the way is now supportctl/head.in-the-way-1" in told
    assert_at_work(desk, ticket)


@pytest.mark.parametrize(
    "name", ["new", "cur", "tmp", "e", "a:2,S:2,T", os.fsdecode(b"\xff\xfe"), "x" * 250, "x" * 255]
)
def test_a_mail_that_is_named_like_nothing_of_the_kind(desk: DeskDir, name: str) -> None:
    for number in range(2):  # the second one meets the first one's name
        (desk.maildir / "cur" / name).write_bytes(make_mail(f"Mail {number}", mid=f"{number}@example.org"))
        (row,) = desk.rows("ingest")
        assert row["subject"] == f"Mail {number}"
        desk.run("mv", row["ticket"], "junk")
        desk.run("undo")
    assert len(desk.mails("triage")) == 2


def test_a_mail_with_flags_without_end(desk: DeskDir) -> None:
    (desk.maildir / "cur" / f"ü:2,{'S' * 230}").write_bytes(make_mail("Flags"))
    (row,) = desk.rows("ingest")
    (mail,) = (desk.maildir / ".triage/cur").iterdir()
    mail.rename(f"{mail}{'RF' * 80}")  # a client that has lost its mind
    desk.run("mv", row["ticket"], "disputes", "--confirm")
    assert [name.rpartition(",")[2] for name in desk.mails("disputes")] == ["FRS"]


@pytest.fixture
def other_disk(desk: DeskDir) -> Iterator[Path]:
    """A folder on another file system than the desk."""
    here = desk.maildir.stat().st_dev
    places = (place for place in ("/var/tmp", "/dev/shm", str(Path.home())) if Path(place).is_dir())
    found = next((place for place in places if Path(place).stat().st_dev != here and os.access(place, os.W_OK)), None)
    if found is None:
        pytest.skip("no second file system to write to")
    with tempfile.TemporaryDirectory(dir=found) as folder:
        yield make_maildir(Path(folder))


@pytest.mark.parametrize("part", ["", "/new", "/cur"])
def test_a_folder_on_another_disk_is_refused_before_anything_is_done(
    desk: DeskDir, ticket: str, other_disk: Path, part: str
) -> None:
    folder = desk.maildir / f".disputes{part}"
    folder.rename(desk.folder / "kept")
    folder.symlink_to(other_disk / part[1:])
    before = desk.contents()
    told = desk.run("mv", ticket, "disputes", "--confirm", status=65).stderr
    assert f"{folder} is on another file system than".encode() in told
    assert b"hint: mail is moved by rename: bring the folder back" in told
    assert desk.contents() == before
    assert desk.run("tag", "+a", ticket).stderr == b"", "what does not go there is not kept from being done"
    folder.unlink()
    (desk.folder / "kept").rename(folder)
    assert_at_work(desk, ticket)
