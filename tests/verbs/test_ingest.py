"""Mail becomes tickets: whatever it comes from, nothing of it is lost, changed or taken in twice."""

from __future__ import annotations

import hashlib
import itertools
import mailbox
import os
import shutil
import stat
from pathlib import Path

import pytest

from tests.support.desks import EXAMPLES, DeskDir, make_mail, make_maildir


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file below a folder with a digest of its content and its time."""
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_mail_of_the_inbox_is_moved_as_it_is(desk: DeskDir) -> None:
    mails = {
        "new/1.a.host": make_mail("One"),
        "new/2.b.host": make_mail("Two"),
        "cur/3.c.host:2,FS": make_mail("Three"),
    }
    for place, content in mails.items():
        (desk.maildir / place).write_bytes(content)
    inode = (desk.maildir / "new/1.a.host").stat().st_ino
    rows = desk.rows("ingest")
    assert [row["subject"] for row in rows] == ["One", "Two", "Three"]
    assert desk.mails("") == {}
    assert desk.mails("triage") == mails
    assert (desk.maildir / ".triage/new/1.a.host").stat().st_ino == inode


def test_of_each_mail_it_is_told_what_became_of_it(desk: DeskDir) -> None:
    question = make_mail("Q", mid="q@x.test")
    rows = desk.take(question, make_mail("A", mid="a@x.test", References="<q@x.test>"), question)
    first = rows[0]["ticket"]
    for row, (mid, outcome) in zip(rows, [("q", "new"), ("a", "follow-up"), ("q", "duplicate")], strict=True):
        assert row["source"].startswith("new/")
        expected = {
            "message_id": f"{mid}@x.test",
            "ticket": first,
            "outcome": outcome,
            "queue": "triage",
            "state": "open",
        }
        assert row.items() >= expected.items()
    assert set(rows[0]) == {"ticket", "outcome", "queue", "state", "rules", "message_id", "source", "subject"}


def test_in_a_pipe_the_tickets_are_printed_each_once(desk: DeskDir) -> None:
    desk.deliver(make_mail("Q", mid="q@x.test"), make_mail("A", References="<q@x.test>"), make_mail("Other"))
    printed = desk.lines("ingest")
    assert printed == list(desk.tickets())
    assert len(printed) == 2


def test_an_empty_inbox_is_nothing_to_do(desk: DeskDir) -> None:
    before = desk.contents()
    done = desk.run("ingest", "--classify")
    assert (done.stdout, done.stderr) == (b"", b"")
    assert desk.contents() == before


def test_files_are_copied_and_stay_as_they_are(desk: DeskDir, tmp_path: Path) -> None:
    source = tmp_path / "source"
    mails = [make_mail(f"Mail {number}", text=f"From here on\n>From there\n{number}\n") for number in range(6)]
    box = make_maildir(source / "box", {"new/10.n": mails[0], "cur/11.c:2,RS": mails[1]})
    (source / "one.eml").write_bytes(mails[2])
    crlf = mails[3].replace(b"\n", b"\r\n")
    (source / "crlf.eml").write_bytes(crlf)
    mbox = mailbox.mbox(source / "all.mbox")
    for content in mails[4:]:
        mbox.add(content)
    mbox.close()
    before = digests(source)
    rows = desk.rows("ingest", *map(str, [source / "one.eml", source / "crlf.eml", source / "all.mbox", box]))
    assert digests(source) == before
    mbox_file = str(source / "all.mbox")
    assert [row["source"] for row in rows] == [
        str(source / "one.eml"), str(source / "crlf.eml"), f"{mbox_file}:1", f"{mbox_file}:2",
        str(box / "new/10.n"), str(box / "cur/11.c:2,RS"),
    ]  # fmt: skip
    quoted = [content.replace(b"\nFrom ", b"\n>From ") for content in mails[4:]]  # as the mbox itself has them
    stored = desk.mails("triage")
    assert sorted(stored.values()) == sorted([*mails[:3], crlf, *quoted])
    assert {place.partition(":2,")[2] for place, content in stored.items() if content == mails[1]} == {"RS"}


def test_an_mbox_of_windows_line_ends_is_read_mail_by_mail(desk: DeskDir, tmp_path: Path) -> None:
    mails = [make_mail(f"Mail {number}").replace(b"\n", b"\r\n") for number in range(3)]
    content = b"".join(b"From ann@x.test Sun Nov 22 10:00:00 2026\r\n" + mail + b"\r\n" for mail in mails)
    (tmp_path / "old.mbox").write_bytes(content)
    rows = desk.rows("ingest", str(tmp_path / "old.mbox"))
    assert [row["subject"] for row in rows] == ["Mail 0", "Mail 1", "Mail 2"]


def test_flags_and_unread_marks_survive_every_move(desk: DeskDir) -> None:
    flags = ["".join(some) for size in range(7) for some in itertools.combinations("DFPRST", size)]
    places = [f"cur/{number}.flags:2,{word}" for number, word in enumerate(flags)] + [
        "new/900.unread",
        "new/901.unread",
    ]
    mails = {place: make_mail(place) for place in places}
    for place, content in mails.items():
        (desk.maildir / place).write_bytes(content)
    ids = "\n".join(desk.lines("ingest"))
    steps = [
        (["mv", "-", "secure-test"], "secure-test"),
        (["pend", "-", "--until", "9d"], "pending-for-action"),
        (["wake", "-"], "secure-test"),
        (["close", "-"], ""),
        (["mv", "-", "junk", "--closed"], ""),
        (["reopen", "-"], "junk"),
        (["mv", "-", "triage"], "triage"),
        (["undo"], "junk"),
    ]
    for arguments, folder in steps:
        desk.run(*arguments, input=ids)
        where = folder or next(iter(desk.tickets().values()))["folder"]
        assert desk.mails(where) == mails, arguments


def test_a_name_that_comes_again_with_another_mail_takes_nothing_s_place(desk: DeskDir) -> None:
    """A delivery agent that starts counting anew: in the same ticket, in the same folder, in a later intake."""
    mails = [make_mail(f"Mail {number}", mid=f"{number}@x.test", References="<0@x.test>") for number in range(3)]
    mails.append(make_mail("Another matter"))
    for content in mails:
        (desk.maildir / "new" / "1.same.host").write_bytes(content)
        desk.run("ingest")
    assert sorted(desk.mails("triage").values()) == sorted(mails)
    assert sorted(len(ticket["messages"]) for ticket in desk.tickets().values()) == [1, 3]


@pytest.mark.parametrize("name", ["with space", "semi;colon", "-dash", "²ünïcode.x", "a" * 230, "1.x:2,S:2,S"])
def test_a_file_name_of_any_kind_is_taken_in(desk: DeskDir, name: str) -> None:
    (desk.maildir / "new" / name).write_bytes(make_mail("Odd name"))
    (ticket,) = desk.lines("ingest")
    assert list(desk.mails("triage").values()) == [make_mail("Odd name")]
    assert desk.lines("close", ticket) == [ticket]


def test_what_is_no_mail_in_the_inbox_is_left_and_told(desk: DeskDir) -> None:
    (desk.maildir / "new" / "folder").mkdir()
    (desk.maildir / "new" / "nowhere").symlink_to("/nonexistent")
    (desk.folder / "elsewhere").write_bytes(make_mail("Of somebody"))
    (desk.maildir / "new" / "link").symlink_to("../../elsewhere")
    (desk.maildir / "new" / ".hidden").write_bytes(b"x")
    os.mkfifo(desk.maildir / "new" / "pipe")
    os.mknod(desk.maildir / "new" / "socket", stat.S_IFSOCK | 0o600)
    (desk.maildir / "cur" / ":2,S").write_bytes(make_mail("Without a name"))
    desk.deliver(make_mail("A mail"))
    for number in (1, 0):  # and nothing of it comes twice
        done = desk.run("ingest", "--format", "jsonl", status=3)
        assert len(done.stdout.splitlines()) == number
        said = done.stderr.decode().splitlines()
        reasons = {line.rpartition("/")[2] for line in said if ": left " in line}
        assert reasons == {
            "folder: it is a folder, not a message", "nowhere: it is a link to nothing",
            "link: it is a link, not a message",
            "pipe: it is a fifo, not a message", "socket: it is a socket, not a message",
            ":2,S: its name has nothing before the flags; rename it",
        }  # fmt: skip
        assert len(said) == len(reasons) + 2, "and once what to do"
    left = sorted(path.name for path in (desk.maildir / "new").iterdir())
    assert left == [".hidden", "folder", "link", "nowhere", "pipe", "socket"]
    assert len(desk.rows("check", status=65)) == len(reasons)
    shutil.rmtree(desk.maildir / "new")
    (desk.maildir / "cur" / ":2,S").unlink()


@pytest.mark.parametrize(
    "names", [("cur/{}:2,", "cur/{}:2,S"), ("new/{}", "cur/{}:2,S"), ("new/{}", "new/{}:2,S"), ("cur/{}", "cur/{}:2,")]
)
def test_of_two_mails_with_one_key_the_other_comes_in_second(desk: DeskDir, names: tuple[str, str]) -> None:
    """Which one that is, the order of the folder tells: so there are several pairs."""
    for number in range(6):
        for name, subject in zip(names, ("One", "The other"), strict=True):
            (desk.maildir / name.format(f"{number}.a.host")).write_bytes(make_mail(f"{subject} {number}"))
    assert len(desk.rows("ingest")) == 12
    assert [row["verb"] for row in desk.rows("log")] == ["ingest", "ingest"]
    assert desk.mails("") == {}
    desk.check()


def test_a_maildir_that_is_copied_may_have_two_mails_with_one_key(desk: DeskDir, tmp_path: Path) -> None:
    mails = {"new/1.a": make_mail("One"), "cur/1.a:2,S": make_mail("The other")}
    assert len(desk.rows("ingest", str(make_maildir(tmp_path / "box", mails)))) == 2
    assert sorted(desk.mails("triage").values()) == sorted(mails.values())


def test_a_duplicate_is_kept_aside(desk: DeskDir, tmp_path: Path) -> None:
    question = make_mail("Q", mid="q@x.test")
    (first,) = desk.take(question)
    desk.run("close", first["ticket"])
    (tmp_path / "again.eml").write_bytes(question)
    before = desk.tickets()
    again = desk.rows("ingest", str(tmp_path / "again.eml")) + desk.take(question)
    assert [(row["outcome"], row["ticket"], row["state"]) for row in again] == [
        ("duplicate", first["ticket"], "closed")
    ] * 2
    assert list(desk.mails("duplicates").values()) == [question] * 2
    assert desk.tickets() == before


def test_the_same_id_with_other_content_is_no_duplicate(desk: DeskDir) -> None:
    mails = [make_mail("Q", text=text, mid="q@x.test") for text in ("one\n", "two\n")]
    assert [row["outcome"] for row in desk.take(*mails)] == ["new", "follow-up"]
    assert list(desk.mails("triage").values()) == mails
    assert desk.mails("duplicates") == {}


def test_the_same_content_without_an_id_is_a_duplicate(desk: DeskDir) -> None:
    mail = make_mail("No id")
    assert [row["outcome"] for row in desk.take(mail, mail)] == ["new", "duplicate"]


@pytest.mark.parametrize("loss", ["deleted", "emptied"])
def test_a_mail_whose_stored_copy_is_lost_is_no_duplicate(desk: DeskDir, tmp_path: Path, loss: str) -> None:
    mail = make_mail("Q", mid="q@x.test")
    (first,) = desk.take(mail)
    (stored,) = (desk.maildir / ".triage" / "new").iterdir()
    stored.unlink() if loss == "deleted" else stored.write_bytes(b"")
    (tmp_path / "again.eml").write_bytes(mail)
    (again,) = desk.rows("ingest", str(tmp_path / "again.eml"))
    assert again["outcome"] == "follow-up"
    assert again["ticket"] == first["ticket"]
    assert mail in desk.mails("triage").values()
    if loss == "emptied":
        stored.unlink()  # what is damaged can't be mended, only accepted as lost
    desk.run("check", "--repair")


UNREADABLE = {
    "nothing": b"",
    "a line end": b"\n",
    "NUL bytes": b"\0" * 5000,
    "no header": b"just some words\nand more\n",
    "every byte": bytes(range(256)) * 10,
    "CR alone": b"From: ann@x.test\rSubject: Old Mac\r\rtext\r",
    "8-bit header": "From: Jürgen <j@x.test>\nSubject: Grüße\n\nä\n".encode("latin-1"),
    "unknown charset": b"From: a@x.test\nContent-Type: text/plain; charset=klingon\n\nnuqneH\n",
    "bad base64": b"From: a@x.test\nContent-Transfer-Encoding: base64\n\n!!!!\n",
    "no end of parts": b"From: a@x.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext",
    "header only": b"From: a@x.test\nSubject: that is all",
    "bad date": b"From: a@x.test\nDate: yesterday\nSubject: when?\n\nx\n",
    "date to come": b"From: a@x.test\nDate: Mon, 1 Jan 2145 00:00:00 +0000\nSubject: soon\n\nx\n",
    "date long past": b"From: a@x.test\nDate: Mon, 1 Jan 0001 00:00:00 +0000\nSubject: long ago\n\nx\n",
    "long id": b"From: a@x.test\nMessage-ID: <" + b"x" * 100_000 + b"@y>\n\nx\n",
    "long header": b"Subject: " + b"x" * 1_000_000 + b"\n\nx\n",
}


def test_unreadable_mail_is_a_ticket_in_the_intake_queue(desk: DeskDir) -> None:
    desk.deliver(*UNREADABLE.values())
    rows = desk.rows("ingest")
    assert [(row["outcome"], row["queue"]) for row in rows] == [("new", "triage")] * len(UNREADABLE)
    assert sorted(desk.mails("triage").values()) == sorted(UNREADABLE.values())
    ticket_of = dict(zip(UNREADABLE, (desk.tickets()[row["ticket"]] for row in rows), strict=True))
    broken = {name for name, ticket in ticket_of.items() if ticket.get("problems")}
    assert broken >= {"NUL bytes", "no header", "every byte", "unknown charset", "bad base64", "no end of parts"}
    now = max(ticket["changed"] for ticket in ticket_of.values())
    assert all(0 <= ticket["created"] <= now for ticket in ticket_of.values())
    desk.run("ingest", "--classify")
    desk.run("classify")


def test_the_queue_of_new_tickets_may_be_named(desk: DeskDir) -> None:
    desk.deliver(make_mail("For SE", mid="q@x.test"))
    (row,) = desk.rows("ingest", "--queue", "SE")
    assert (row["queue"], row["state"]) == ("support-engineers", "open")
    desk.deliver(make_mail("Answer", References="<q@x.test>"), make_mail("Passphrase"))
    rows = desk.rows("ingest", "--queue", "Requested Passphrase")
    assert [(row["queue"], row["state"]) for row in rows] == [
        ("support-engineers", "open"), ("requested-passphrase", "closed")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("queue", "status"),
    [("nowhere", 66), ("junk", 77), ("pending-for-action", 2)],
    ids=["unknown", "denied", "waiting"],
)
def test_a_queue_that_takes_no_new_tickets_leaves_the_mail_in_the_inbox(desk: DeskDir, queue: str, status: int) -> None:
    desk.deliver(make_mail("A mail"))
    before = desk.contents()
    desk.run("ingest", "--queue", queue, status=status)
    assert desk.contents() == before


def test_an_archive_is_taken_in_closed_with_its_own_dates(desk: DeskDir, tmp_path: Path) -> None:
    dates = [
        ("Fri, 4 Jan 2019 10:00:00 +0000", 1546596000, "2019-01"),
        ("Sun, 1 Nov 2020 00:30:00 +0100", 1604187000, "2020-10"),
    ]
    mbox = mailbox.mbox(tmp_path / "archive")
    for number, (date, _, _) in enumerate(dates):
        mbox.add(make_mail(f"Old {number}", date=date, mid=f"{number}@x.test"))
    mbox.close()
    rows = desk.rows("ingest", "--closed", "--queue", "SE", "--type", "Wiki ACL", str(tmp_path / "archive"))
    for row, (_, at, month) in zip(rows, dates, strict=True):
        ticket = desk.tickets()[row["ticket"]]
        assert (ticket["created"], ticket["changed"], ticket["closed"]) == (at, at, at)
        assert (ticket["state"], ticket["folder"]) == ("closed", f"support-engineers.closed.{month}")
    assert desk.lines("ls") == []
    assert desk.ids("search", "subject:old") == [rows[1]["ticket"], rows[0]["ticket"]]


def test_the_rules_leave_an_archive_alone(desk: DeskDir) -> None:
    desk.deliver(make_mail("Case a20141022.2", date="Fri, 4 Jan 2019 10:00:00 +0000"))
    (row,) = desk.rows("ingest", "--closed", "--classify")
    assert (row["queue"], row["state"], row["rules"]) == ("triage", "closed", [])


def test_month_folders_hold_a_thousand_tickets(desk: DeskDir, tmp_path: Path) -> None:
    with (tmp_path / "archive").open("wb") as stream:
        for number in range(2100):
            mail = make_mail(f"Old {number}", date="Wed, 18 Nov 2020 10:00:00 +0000", mid=f"{number}@x.test")
            stream.write(b"From ann@x.test Wed Nov 18 10:00:00 2020\n" + mail + b"\n")
    assert len(desk.lines("ingest", "--closed", str(tmp_path / "archive"))) == 2100
    counts = dict.fromkeys(("", "-2", "-3"), 0)
    for ticket in desk.tickets().values():
        counts[ticket["folder"].removeprefix("triage.closed.2020-11")] += 1
    assert counts == {"": 1000, "-2": 1000, "-3": 100}
    assert {name: len(desk.mails(f"triage.closed.2020-11{name}")) for name in counts} == counts
    log = desk.rows("log")
    assert [len(row["ids"]) for row in log] == [100, 500, 500, 500, 500]
    desk.run("undo", "--yes")
    assert desk.tickets() == {}
    assert len(desk.mails("undone")) == 2100


def test_an_intake_closes_the_index_in_the_end(desk: DeskDir) -> None:
    """One that stays open keeps its pages in memory, and a journal that every search reads through first."""
    desk.deliver(make_mail("One"))
    desk.run("ingest")
    names = {path.name for path in (desk.maildir / "supportctl").glob("text.sqlite*")}
    assert names == {"text.sqlite"}


def test_a_dry_run_says_what_the_real_one_does_and_does_nothing(desk: DeskDir) -> None:
    for path in EXAMPLES.glob("*/*.*"):
        (desk.maildir / path.relative_to(EXAMPLES)).write_bytes(path.read_bytes())
    before = desk.contents(without=())
    planned = desk.rows("ingest", "--classify", "--dry-run")
    assert desk.contents(without=()).keys() >= before.keys()
    assert desk.contents() == {name: content for name, content in before.items() if "sqlite" not in name}
    done = desk.rows("ingest", "--classify")
    assert planned == done
    assert len(done) > 60
    assert {row["outcome"] for row in done} == {"new", "follow-up", "duplicate"}
    assert len({row["queue"] for row in done}) > 5


def test_a_dry_run_of_more_than_one_operation_says_the_same(desk: DeskDir) -> None:
    """The last two hundred come in a later operation than what they repeat: half duplicates, half follow-ups."""
    subjects = [str(number % 45 if number % 2 else number % 40) for number in range(1100)]
    desk.deliver(*(make_mail(subject, mid=f"{number % 900}@x.test") for number, subject in enumerate(subjects)))
    planned = desk.rows("ingest", "--dry-run")
    assert planned == desk.rows("ingest")
    assert {row["outcome"] for row in planned} == {"new", "follow-up", "duplicate"}


@pytest.mark.parametrize(("source", "status"), [("missing.eml", 66), ("folder", 65), ("good.eml", 0)])
def test_a_source_without_mail_stops_before_anything_is_read(
    desk: DeskDir, tmp_path: Path, source: str, status: int
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "good.eml").write_bytes(make_mail("Good"))
    desk.run("ingest", str(tmp_path / "good.eml"), str(tmp_path / source), status=status)
    assert len(desk.tickets()) == (status == 0)


def test_one_message_on_standard_input_is_classified_at_once_when_asked(desk: DeskDir) -> None:
    desk.run("ingest", "-", "--classify", input=make_mail("Case a20141022.2"))
    (ticket,) = desk.tickets().values()
    assert ticket["queue"] == "support-engineers"
