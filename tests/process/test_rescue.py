"""A desk whose log, metadata, messages and caches come from different times: `check --repair` builds one that works."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail

STATE = "supportctl"


def log_of(maildir: Path) -> Path:
    return next((maildir / STATE / "log").glob("*.jsonl"))


def cut(count: int) -> Callable[[Path, Path], None]:
    def take_off(maildir: Path, _: Path) -> None:
        path = log_of(maildir)
        path.write_bytes(path.read_bytes()[:-count])

    return take_off


def drop_last_line(maildir: Path, _: Path) -> None:
    path = log_of(maildir)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def bring_back(maildir: Path, yesterday: Path) -> None:
    shutil.rmtree(maildir / STATE / "log")
    shutil.copytree(yesterday / STATE / "log", maildir / STATE / "log")


LOGS: dict[str, Callable[[Path, Path], object]] = {
    "of today": lambda *_: None,
    "of yesterday": bring_back,
    "without its last line": drop_last_line,
    "torn": cut(20),
    "empty": lambda maildir, _: log_of(maildir).write_bytes(b""),
    "gone": lambda maildir, _: shutil.rmtree(maildir / STATE / "log"),
}


def replace_metadata(maildir: Path, yesterday: Path | None) -> None:
    for path in maildir.glob(".*/tickets.json"):
        path.unlink()
    for path in yesterday.glob(".*/tickets.json") if yesterday else ():
        shutil.copyfile(path, maildir / path.relative_to(yesterday or maildir))


def replace_messages(maildir: Path, yesterday: Path) -> None:
    for path in [*maildir.glob(".*/new/*"), *maildir.glob(".*/cur/*")]:
        path.unlink()
    for path in [*yesterday.glob(".*/new/*"), *yesterday.glob(".*/cur/*")]:
        shutil.copyfile(path, maildir / path.relative_to(yesterday))


METADATA: dict[str, Callable[[Path, Path], object]] = {
    "of today": lambda *_: None,
    "of yesterday": replace_metadata,
    "gone": lambda maildir, _: replace_metadata(maildir, None),
}
MESSAGES: dict[str, Callable[[Path, Path], object]] = {"of today": lambda *_: None, "of yesterday": replace_messages}
CACHES: dict[str, tuple[str, ...]] = {
    "all there": (),
    "no head": ("head",),
    "no catalogue": ("catalogue.sqlite*",),
    "none": ("head", "*.sqlite*"),
}


@pytest.fixture(scope="module")
def times(tmp_path_factory: pytest.TempPathFactory) -> tuple[DeskDir, Path]:
    """A desk of today, and its Maildir of yesterday."""
    desk = DeskDir(tmp_path_factory.mktemp("times") / "desk")
    for number in range(1, 6):
        desk.take(make_mail(f"q{number}", mid=f"q{number}@x.test"))
    desk.run("mv", ".5", "SE")
    yesterday = desk.folder.parent / "yesterday"
    shutil.copytree(desk.maildir, yesterday)
    desk.run("tag", "+a", ".1")
    desk.run("mv", ".2", "junk")
    desk.take(make_mail("new", mid="q6@x.test"), make_mail("Re: q3", mid="r3@x.test", In_Reply_To="<q3@x.test>"))
    desk.run("mv", ".4", "SE")
    desk.run("undo")
    desk.run("search", "q1")
    return desk, yesterday


def mails(maildir: Path) -> Counter[str]:
    """The messages below a Maildir, by digest."""
    paths = [*maildir.rglob("new/*"), *maildir.rglob("cur/*")]
    return Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if STATE not in path.parts)


def owned(desk: DeskDir) -> Counter[str]:
    """The messages of all tickets, by digest."""
    return Counter(message["digest"] for ticket in desk.tickets().values() for message in ticket["messages"])


@pytest.mark.parametrize(("log", "metadata", "messages"), list(product(LOGS, METADATA, MESSAGES)))
def test_any_mixture_of_times_becomes_a_desk(
    times: tuple[DeskDir, Path], tmp_path: Path, log: str, metadata: str, messages: str
) -> None:
    today, yesterday = times
    desk = today.copy(tmp_path / "desk")
    for change in (METADATA[metadata], MESSAGES[messages], LOGS[log]):
        change(desk.maildir, yesterday)
    assert_works(desk, before=mails(desk.maildir), given=set(today.tickets()))


@pytest.mark.parametrize(("log", "metadata", "caches"), list(product(LOGS, METADATA, list(CACHES)[1:])))
def test_the_rescue_needs_no_cache(
    times: tuple[DeskDir, Path], tmp_path: Path, log: str, metadata: str, caches: str
) -> None:
    today, yesterday = times
    desk = today.copy(tmp_path / "desk")
    for change in (METADATA[metadata], LOGS[log]):
        change(desk.maildir, yesterday)
    for pattern in CACHES[caches]:
        for path in (desk.maildir / STATE).glob(pattern):
            path.unlink()
    is_known = metadata == "of today" or "head" not in CACHES[caches] or log == "of today"
    assert_works(desk, before=mails(desk.maildir), given=set(today.tickets()) if is_known else set())


def assert_works(desk: DeskDir, *, before: Counter[str], given: set[str]) -> None:
    """Repair a desk, and use it: every mail is in one ticket, and no id that was `given` is given again."""
    desk.run("check", "--repair", status=None)
    desk.run("check", "--repair")
    desk.check()
    assert mails(desk.maildir) == before
    assert before - owned(desk) == Counter()
    known = {*desk.tickets(), *given}
    (row,) = desk.take(make_mail("later", mid="later@x.test"))
    assert row["ticket"] not in known
    desk.run("tag", "+b", row["ticket"])
    desk.run("undo")
    assert row["ticket"] in desk.ids("search", "later")
    desk.run("log")
    desk.check()


def test_newer_metadata_are_taken_over_and_what_is_lost_is_said(times: tuple[DeskDir, Path], tmp_path: Path) -> None:
    today, yesterday = times
    desk = today.copy(tmp_path / "desk")
    bring_back(desk.maildir, yesterday)
    expected = desk.tickets()
    said = desk.run("check", "--repair").stderr.decode().splitlines()
    assert said == [
        "the log has lost 5 operations after operation 6: who did what in them, and why, is not known",
        "operation 12: took 4 tickets from metadata that are newer than the log",
        "rebuilt .support-engineers/tickets.json from the log",
    ]
    assert desk.tickets() == expected
    assert desk.rows("log")[0]["op"] == 12
    assert b"the log has lost operation 9" in desk.run("undo", "9", status=66).stderr
    refused = desk.run("undo", status=2).stderr.decode()
    assert "your last operation, 12, made up for operations that the log has lost" in refused
    assert desk.tickets() == expected
    desk.run("undo", "12")
    assert {ticket["queue"] for name, ticket in desk.tickets().items() if name.endswith(".2")} == {"triage"}
    desk.check()


@pytest.mark.parametrize("log", [name for name in LOGS if name != "of today"])
def test_nothing_is_written_over_a_gap(times: tuple[DeskDir, Path], tmp_path: Path, log: str) -> None:
    today, yesterday = times
    desk = today.copy(tmp_path / "desk")
    LOGS[log](desk.maildir, yesterday)
    desk.deliver(make_mail("meanwhile"))
    before = desk.contents()
    for arguments in (["tag", "+x", ".1"], ["ingest"], ["classify"], ["undo"], ["check"]):
        said = desk.run(*arguments, status=65).stderr.decode()
        assert "the log does not have operation 11, which is applied" in said
        assert "run supportctl check --repair" in said
    assert desk.contents() == before
    desk.run("ingest", "-", input=make_mail("by pipe"))
    assert len(desk.mails("")) == 2


def test_a_log_without_a_backup_is_cut_where_check_says(times: tuple[DeskDir, Path], tmp_path: Path) -> None:
    """What `docs/operations.md` says to type."""
    desk = times[0].copy(tmp_path / "desk")
    path = log_of(desk.maildir)
    path.write_bytes(path.read_bytes().replace(b'"q4"', b'"Q4"', 1))
    finding, *_ = desk.rows("check", status=65)
    name, byte = re.findall(r"log/(\S+), byte (\d+)", finding["where"])[0]
    assert name == path.name
    assert b"restore supportctl/log from a backup" in desk.run("check", "--repair", status=65).stderr
    os.truncate(path, int(byte))
    before = mails(desk.maildir)
    expected = desk.tickets()
    assert_works(desk, before=before, given=set(expected))
    assert expected.items() <= desk.tickets().items()


@pytest.mark.parametrize("what", ["of another time", "edited"])
def test_metadata_that_the_last_operation_did_not_write_are_not_logged(
    times: tuple[DeskDir, Path], tmp_path: Path, what: str
) -> None:
    today, yesterday = times
    desk = today.copy(tmp_path / "desk")
    path = desk.maildir / ".triage" / "tickets.json"
    if what == "edited":
        tables = json.loads(path.read_bytes())
        for ticket in tables["tickets"].values():
            ticket |= {"changed": "x", "subject": 5}
        path.write_text(json.dumps(tables))
    else:
        shutil.copyfile(yesterday / ".triage" / "tickets.json", path)
    before = log_of(desk.maildir).read_bytes()
    for arguments in (["mv", ".1", "junk"], ["tag", "+x", ".3"], ["classify"], ["undo"]):
        assert b"run supportctl check --repair" in desk.run(*arguments, status=65).stderr
    assert log_of(desk.maildir).read_bytes() == before
    desk.run("check", "--repair")
    desk.check()
    assert desk.tickets() == today.tickets()


def test_a_damaged_head_is_rebuilt_by_the_next_command(times: tuple[DeskDir, Path], tmp_path: Path) -> None:
    desk = times[0].copy(tmp_path / "desk")
    head = desk.maildir / STATE / "head"
    content = head.read_bytes()
    for arguments in (["ls"], ["tag", "+x", ".1"], ["search", "q1"], ["check"]):
        head.write_bytes(content.replace(b'"message":', b'"massage":'))
        desk.run(*arguments)
        desk.check()


def test_a_copy_beside_the_log_is_no_log(times: tuple[DeskDir, Path], tmp_path: Path) -> None:
    desk = times[0].copy(tmp_path / "desk")
    log = log_of(desk.maildir)
    shutil.copyfile(log, log.with_name("backup.jsonl"))
    shutil.copyfile(log, log.with_name(f"{log.stem} (copy).jsonl"))
    desk.run("tag", "+x", ".1")
    desk.check()


@pytest.mark.parametrize("count", [3, 20], ids=["shorter", "longer"])
def test_the_log_of_another_desk_is_refused_and_takes_the_place_of_nothing(
    times: tuple[DeskDir, Path], tmp_path: Path, count: int
) -> None:
    desk, other = times[0].copy(tmp_path / "desk"), DeskDir(tmp_path / "other")
    for number in range(count):
        other.take(make_mail(f"of another desk {number}", mid=f"o{number}@x.test"))
    before, expected = mails(desk.maildir), desk.tickets()
    bring_back(desk.maildir, other.maildir)
    assert b"the log does not have operation 11" in desk.run("tag", "+x", ".1", status=65).stderr
    for _ in range(2):
        said = desk.run("check", "--repair", status=65).stderr.decode()
        assert f"the log is not of this desk: operation {min(count, 11)} is another one there" in said
    assert desk.tickets() == expected
    (desk.maildir / STATE / "log").rename(tmp_path / "of-another-desk")
    assert_works(desk, before=before, given=set(expected))
    assert expected.items() <= desk.tickets().items()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "fifo"])
def test_a_log_that_is_no_file_is_told_and_its_loss_made_up_for(
    times: tuple[DeskDir, Path], tmp_path: Path, make: Callable[[Path], None]
) -> None:
    desk = times[0].copy(tmp_path / "desk")
    log = log_of(desk.maildir)
    before = mails(desk.maildir)
    log.unlink()
    make(log)
    for arguments in (["ls"], ["tag", "+x", ".1"], ["check"], ["check", "--repair"]):
        assert f"{log} is no file" in desk.run(*arguments, status=65).stderr.decode()
    log.rename(log.parent.parent / "was-in-the-way")
    assert_works(desk, before=before, given=set(times[0].tickets()))


def test_what_is_in_place_of_a_part_is_set_aside_by_a_repair(times: tuple[DeskDir, Path], tmp_path: Path) -> None:
    desk = times[0].copy(tmp_path / "desk")
    (archive,) = desk.maildir.glob(".junk.closed.*")
    (archive / "tickets.json").write_bytes(b"{")
    (archive / "cur").rmdir()
    os.mkfifo(archive / "cur")
    desk.run("check", "--repair")
    desk.check()
    assert (archive / "cur.in-the-way-1").is_fifo()


def test_a_torn_line_is_cut_off_in_the_file_that_is_written(times: tuple[DeskDir, Path], tmp_path: Path) -> None:
    desk = times[0].copy(tmp_path / "desk")
    log = log_of(desk.maildir)
    # A write that failed while the clock was ahead has left an empty file.
    (log.parent / "2099-01.jsonl").touch()
    with log.open("ab") as stream:
        stream.write(b'{"op":12,"group":12,"at":17957')
    desk.run("tag", "+x", ".1")
    desk.check()
    desk.run("tag", "+y", ".1")
    desk.check()
    assert all(line.startswith(b'{"op":') and line.endswith(b'"}') for line in log.read_bytes().splitlines())
