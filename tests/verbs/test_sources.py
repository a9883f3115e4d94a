"""Where mail comes from: Maildirs of every file system, mboxes of every program."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.desks import DeskDir, make_mail, make_maildir
from tests.support.inside import locked

# Maildirs


@pytest.mark.parametrize("mark", [":", ";", "!", "\uf03a", "_", "%3A"])
@pytest.mark.parametrize("flags", ["", "S", "FRS"])
def test_flags_stand_behind_whatever_a_file_system_allows(desk: DeskDir, tmp_path: Path, mark: str, flags: str) -> None:
    box = make_maildir(tmp_path / "box", {f"cur/10.M1P2.host{mark}2,{flags}": make_mail("Old")})
    desk.run("ingest", str(box))
    (place,) = desk.mails("triage")
    assert place.startswith("cur/")
    assert place.partition(":2,")[2] == flags
    assert ("S" in flags) is not bool(desk.ids("search", "is:unread", status=int("S" in flags)))


@pytest.mark.parametrize("mark", [";", "!", "\uf03a"])
def test_on_the_desk_a_client_may_write_any_of_these_marks(desk: DeskDir, mark: str) -> None:
    mails = {f"{number}.M1P2.host": make_mail(f"Mail {number}", mid=f"{number}@x.test") for number in range(3)}
    for key, mail in mails.items():
        (desk.maildir / "cur" / f"{key}{mark}2,RS").write_bytes(mail)
    tickets = desk.lines("ingest")
    assert desk.mails("triage") == {f"cur/{key}:2,RS": mail for key, mail in mails.items()}
    folder = desk.maildir / ".triage" / "cur"
    for key in mails:
        (folder / f"{key}:2,RS").rename(folder / f"{key}{mark}2,FRS")
    desk.check()
    path = folder / f"0.M1P2.host{mark}2,FRS"
    assert desk.run("show", "--raw", str(path)).stdout == mails["0.M1P2.host"]
    desk.run("close", *tickets[:2])
    desk.run("mv", tickets[2], "junk")
    assert {place.rpartition(mark)[2] for place in desk.mails("triage")} == set()
    assert len(desk.ids("search", "not is:unread")) == 3


@pytest.mark.parametrize("name", ["10.a_2,S", "10.a%3A2,S"])
def test_a_key_of_the_desk_that_ends_like_flags_is_a_key(desk: DeskDir, name: str) -> None:
    (desk.maildir / "new" / name).write_bytes(make_mail("Odd name"))
    desk.run("ingest")
    assert list(desk.mails("triage")) == [f"new/{name}"]
    desk.check()


# mboxes


LINE = b"From ann@x.test Sun Nov 22 10:00:00 2026\n"


def make_mbox(path: Path, *mails: bytes, line: bytes = LINE) -> Path:
    path.write_bytes(b"".join(line + mail + b"\n" for mail in mails))
    return path


@pytest.mark.parametrize("size", [1, 400_000], ids=["small", "large"])
def test_quoting_is_undone_only_where_it_is_said_to_be_that_of_an_mboxrd(
    desk: DeskDir, tmp_path: Path, size: int
) -> None:
    text = "Hello\nFrom here\n>From there\n>>From x\n" + "x" * 70 + "\n" + "text\n" * (size // 5)
    mail = make_mail("Quoted", text=text)
    quoted = mail.replace(b"\n>>From", b"\n>>>From").replace(b"\n>From", b"\n>>From").replace(b"\nFrom h", b"\n>From h")
    mails = [quoted, make_mail("Other")]
    box = make_mbox(tmp_path / "box", *mails)
    desk.run("ingest", "--mboxrd", str(box))
    assert sorted(desk.mails("triage").values()) == sorted([mail, mails[1]])
    desk.run("ingest", str(box))
    assert quoted in desk.mails("triage").values()
    desk.check()


@pytest.mark.parametrize(
    ("field", "is_deleted"),
    [
        (b"X-Mozilla-Status: 0009\nX-Mozilla-Status2: 00000000\n", True),
        (b"X-Account-Key: account1\nX-UIDL: 7\nX-Mozilla-Status: 0008\n", True),
        (b"X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000008\n", False),
        (b"X-Mozilla-Status: zzzz\n", False),
        (b"Received: from there\nX-Mozilla-Status: 0008\n", False),
        (b"X-Mozilla-Status: 0001\nReceived: from there\nX-Mozilla-Status: 0008\n", False),
    ],
)
@pytest.mark.parametrize("line", [b"From - Sun Nov 22 10:00:00 2026\n", LINE], ids=["Mozilla", "other"])
def test_what_thunderbird_has_deleted_is_left_out_and_told(
    desk: DeskDir, tmp_path: Path, field: bytes, is_deleted: bool, line: bytes
) -> None:
    # Where Thunderbird wrote the line before, the first field is its own wherever that stands.
    is_deleted |= line != LINE and field.startswith(b"Received")
    box = make_mbox(tmp_path / "Inbox", make_mail("Kept"), field + make_mail("Deleted"), line=line)
    done = desk.run("ingest", str(box))
    told = f"{box}: left out 1 message that Thunderbird has deleted; --with-deleted takes them in"
    assert (told in done.stderr.decode()) is is_deleted
    assert len(desk.tickets()) == 2 - is_deleted
    assert desk.run("ingest", "--with-deleted", str(box)).stderr == b""
    assert len(desk.tickets()) == 2


def test_what_has_no_header_is_told_and_left(desk: DeskDir, tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(b"rest of a mail\n\n" + LINE + make_mail("One") + b"\n" + LINE + b"\n" + LINE + make_mail("Two"))
    done = desk.run("ingest", str(box), status=3)
    assert sorted(ticket["subject"] for ticket in desk.tickets().values()) == ["One", "Two"]
    said = done.stderr.decode()
    assert f"left {box}:1: it has no header (15 bytes from byte 0 on)" in said
    assert f"left {box}:3: there is nothing but a From line" in said
    assert "2 messages left, the rest done" in said


def test_a_line_that_may_have_begun_a_message_is_told_and_stays_text(desk: DeskDir, tmp_path: Path) -> None:
    text = "The log says\n\nFrom kim@x.test Sun Nov 22 10:00:00 2026\n\nWhat is that?\n"
    box = make_mbox(tmp_path / "box", make_mail("One", text=text), make_mail("Two"))
    done = desk.run("ingest", str(box))
    assert b"has no header behind it" in done.stderr
    assert len(desk.tickets()) == 2
    assert len(desk.ids("search", '"what is that"')) == 1


def test_the_data_of_an_imap_server_are_no_mail(desk: DeskDir, tmp_path: Path) -> None:
    data = b"From: Mail System Internal Data <MAILER-DAEMON@x>\nX-IMAP: 1 2\n"
    data += b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\nThis text is part of the format.\n"
    box = make_mbox(tmp_path / "box", data, make_mail("One"), data)
    assert b"box:1: left out the data" in desk.run("ingest", str(box)).stderr
    assert len(desk.tickets()) == 2, "but for the first message of a file"


@pytest.mark.parametrize("date", ["", "no date at all"])
def test_the_time_of_delivery_stands_for_a_date_that_fails(desk: DeskDir, tmp_path: Path, date: str) -> None:
    mail = b"From: Ann <ann@x.test>\nSubject: When\n" + (f"Date: {date}\n".encode() if date else b"") + b"\nx\n"
    desk.run("ingest", str(make_mbox(tmp_path / "box", mail, line=b"From ann@x.test Tue Mar  4 10:30:00 2014\n")))
    (ticket,) = desk.tickets().values()
    assert ticket["created"] == 1393929000
    assert ticket["messages"][0]["envelope"] == "ann@x.test Tue Mar  4 10:30:00 2014"


@pytest.mark.parametrize("year", [1970, 2001, 2094])
def test_any_date_of_the_writer_counts_more_than_the_time_of_delivery(desk: DeskDir, tmp_path: Path, year: int) -> None:
    line = f"From mboxrd@z Thu Jan  1 00:00:00 {year}\n".encode()
    mails = [make_mail(f"In {when}", date=f"Tue, 4 Mar {when} 10:30:00 +0000") for when in (1995, 2014, 2026)]
    desk.run("ingest", str(make_mbox(tmp_path / "box", *mails, line=line)))
    assert [ticket["created"] for ticket in desk.tickets().values()] == [794313000, 1393929000, 1772620200]


def test_a_time_of_delivery_that_cannot_be_does_not_count(desk: DeskDir, tmp_path: Path) -> None:
    box = make_mbox(
        tmp_path / "box", b"From: Ann <ann@x.test>\n\nx\n", line=b"From ann@x.test Tue Mar  4 10:30:00 2094\n"
    )
    desk.run("ingest", str(box))
    (ticket,) = desk.tickets().values()
    assert ticket["created"] == int(box.stat().st_mtime)


@pytest.mark.parametrize("name", ["one.eml", "ONE.EML"])
def test_an_eml_file_is_one_message_whatever_it_carries(desk: DeskDir, tmp_path: Path, name: str) -> None:
    mail = make_mail("One", text="see\n\n" + LINE.decode() + "Subject: Two\nMessage-ID: <two@x.test>\n\nBye\n")
    (tmp_path / name).write_bytes(LINE + mail)
    desk.run("ingest", str(tmp_path / name))
    assert list(desk.mails("triage").values()) == [mail]
    (ticket,) = desk.tickets().values()
    assert ticket["messages"][0]["envelope"] == LINE[5:-1].decode()


def test_many_mails_come_back_byte_for_byte_from_every_writer(desk: DeskDir, tmp_path: Path) -> None:
    """More than one worker reads at once, some too large to be held."""
    mails = [
        make_mail(f"Mail {n}", text=f"{n}\n\nFrom here\n" * (1 if n % 40 else 30_000), mid=f"{n}@x") for n in range(120)
    ]
    quoted = [mail.replace(b"\nFrom ", b"\n>From ") for mail in mails]
    desk.run("ingest", "-q", str(make_mbox(tmp_path / "box", *quoted)))
    assert sorted(desk.mails("triage").values()) == sorted(quoted)
    desk.run("undo")
    desk.run("ingest", "-q", "--mboxrd", str(tmp_path / "box"))
    assert sorted(desk.mails("triage").values()) == sorted(mails)
    desk.check()


# The From line of delivery agents


def messages_of(desk: DeskDir) -> list[dict[str, Any]]:
    return [message for ticket in desk.tickets().values() for message in ticket["messages"]]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(
    "envelope",
    [
        "ann@x.test  Sun Nov 22 10:00:00 2026",
        "MAILER-DAEMON Sun Nov 22 10:00:00 2026",
        '"a b"@x.test Sun Nov 22 10:00 2026',
    ],
)
def test_the_line_of_a_delivery_agent_is_kept_beside_the_message(desk: DeskDir, envelope: str, end: bytes) -> None:
    mail = make_mail("By pipe", mid="pipe@x.test").replace(b"\n", end)
    line = f"From {envelope}".encode() + end
    desk.run("ingest", "-", input=line + mail)
    assert list(desk.mails("triage").values()) == [mail]
    (message,) = messages_of(desk)
    assert message["envelope"] == envelope
    assert ",F=" not in message["key"]
    assert desk.run("show", "--raw", ".1").stdout == mail
    assert (
        json.loads(desk.run("show", "--format", "json", ".1").stdout)["ticket"]["messages"][0]["envelope"] == envelope
    )
    # Once more, later, and out of a backup of another program.
    desk.run("ingest", "-", input=b"From ann@x.test Sun Nov 22 11:11:11 2026" + end + mail)
    make_maildir(desk.folder / "backup", {"cur/1.x:2,S": mail, "new/2.x": line + mail})
    desk.run("ingest", str(desk.folder / "backup"))
    assert (len(messages_of(desk)), list(desk.mails("duplicates").values())) == (1, [mail] * 3)


def test_the_envelope_of_a_message_that_waits_is_not_lost(desk: DeskDir) -> None:
    mail = make_mail("Busy")
    with locked(desk.maildir):
        desk.run("ingest", "-", input=LINE + mail)
        assert list(desk.mails("").values()) == [mail]
    desk.run("ingest")
    (message,) = messages_of(desk)
    assert message["envelope"] == LINE[5:-1].decode()
    desk.run("undo", "1")
    desk.run("undo", "2")
    desk.run("check", "--repair")
    assert messages_of(desk) == [message]


@pytest.mark.parametrize(
    "line", ["From Vienna we took a bus.\n", "From ann@x.test\n", ">From ann@x.test Sun Nov 22 10:00:00 2026\n"]
)
def test_another_line_is_left_where_it_is(desk: DeskDir, line: str) -> None:
    desk.run("ingest", "-", input=line.encode() + make_mail("Odd"))
    assert list(desk.mails("triage").values()) == [line.encode() + make_mail("Odd")]


def test_a_line_without_a_header_is_the_message(desk: DeskDir) -> None:
    desk.run("ingest", "-", input=LINE + b"this is all\n")
    assert list(desk.mails("triage").values()) == [LINE + b"this is all\n"]


def test_who_brings_a_message_may_bring_the_line_with_it(desk: DeskDir) -> None:
    mail = make_mail("Brought", text="x" * 70 + "\n" + "large\n" * 2_000_000)
    desk.run("ingest", "-", input=LINE + mail, role="triage")
    assert list(desk.mails("triage").values()) == [mail]
    assert messages_of(desk)[0]["envelope"] == LINE[5:-1].decode()


def test_what_lies_in_the_inbox_is_never_touched(desk: DeskDir) -> None:
    mail = LINE + make_mail("Laid there")
    desk.deliver(mail)
    desk.run("ingest")
    assert list(desk.mails("triage").values()) == [mail]
    assert messages_of(desk)[0]["envelope"] == LINE[5:-1].decode()
    assert len(desk.ids("search", "from:ann@example.org subject:laid")) == 1
    desk.run("forward", ".1", "--to", "lou@example.org")
    (sent,) = desk.outbox()
    assert [part.get_content_type() for part in sent.walk()][2:] == ["message/rfc822", "text/plain"]


# Folders


def write_all(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def subjects(desk: DeskDir) -> list[str]:
    return [ticket["subject"] for _, ticket in sorted(desk.tickets().items())]


def test_a_folder_of_single_messages_is_read_in_the_order_of_names(desk: DeskDir, tmp_path: Path) -> None:
    files = {f"mh/{number}": make_mail(f"MH {number}") for number in (1, 2, 10)}
    files |= {"a.eml": make_mail("A"), "no header.eml": b"just text\n", "sub/b.EML": make_mail("B")}
    desk.run("ingest", str(write_all(tmp_path / "box", files)))
    assert subjects(desk) == ["A", "", "MH 1", "MH 2", "MH 10", "B"]


def test_a_maildir_is_read_with_its_subfolders(desk: DeskDir, tmp_path: Path) -> None:
    box = make_maildir(tmp_path / "box", {"new/1.x": make_mail("INBOX")})
    make_maildir(box / ".Sent", {"cur/1.x:2,S": make_mail("Sent")})
    make_maildir(box / ".Archive.2019", {"cur/1.x:2,S": make_mail("2019")})
    make_maildir(box / "Lists" / "users", {"cur/1.x:2,S": make_mail("List")})  # as Dovecot has them with LAYOUT=fs
    write_all(
        box, {"dovecot-uidlist": b"3 V1 N2\n", "maildirfolder": b"", "tmp/1.y": make_mail("unfinished"), ".x/a": b"x"}
    )
    done = desk.run("ingest", str(box))
    assert subjects(desk) == ["INBOX", "2019", "Sent", "List"]
    assert done.stderr == b""
    assert sorted(place.partition(":2,")[2] for place in desk.mails("triage")) == ["", "S", "S", "S"]


def test_folders_of_kmail_and_apple_mail_are_read(desk: DeskDir, tmp_path: Path) -> None:
    files = {
        "inbox/cur/1.x:2,S": make_mail("KMail"),
        ".inbox.directory/2019/cur/1.x:2,S": make_mail("KMail 2019"),
        "Old.mbox/mbox": LINE + make_mail("Apple Mail") + b"\n",
        "Old.mbox/table_of_contents": b"\0\1",
    }
    desk.run("ingest", str(write_all(tmp_path / "box", files)))
    assert sorted(subjects(desk)) == ["Apple Mail", "KMail", "KMail 2019"]


def test_a_copy_of_a_maildir_may_lack_what_was_empty(desk: DeskDir, tmp_path: Path) -> None:
    box = write_all(tmp_path / "box", {"cur/1.x:2,S": make_mail("Seen"), ".Sent/cur/1.x:2,RS": make_mail("Sent")})
    desk.run("ingest", str(box))
    assert subjects(desk) == ["Seen", "Sent"]
    assert [place.partition(":2,")[2] for place in sorted(desk.mails("triage"))] == ["S", "RS"]


def test_a_profile_of_thunderbird_is_read_with_its_subfolders(desk: DeskDir, tmp_path: Path) -> None:
    line = b"From - Sun Nov 22 10:00:00 2026\nX-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n"
    files = {
        "Inbox": line + make_mail("One") + b"\n" + line + make_mail("Two") + b"\n",
        "Inbox.msf": b"// <!-- <mdb:mork:z v=\"1.4\"/> -->\n",
        "Inbox.sbd/Old": line + make_mail("Three") + b"\n",
        "msgFilterRules.dat": b'version="9"\n',
        "Trash": b"",
    }  # fmt: skip
    done = desk.run("ingest", str(write_all(tmp_path / "Mail", files)))
    assert subjects(desk) == ["One", "Two", "Three"]
    assert b"left out 3 files without mail, such as Inbox.msf" in done.stderr


def test_in_a_folder_a_link_leads_nowhere_and_nothing_is_waited_for(desk: DeskDir, tmp_path: Path) -> None:
    box = write_all(tmp_path / "box", {"a.eml": make_mail("A"), "b/b.eml": make_mail("B")})
    (box / "b" / "again").symlink_to(box)
    (box / "c.eml").symlink_to(box / "nowhere")
    os.mkfifo(box / "d.eml")
    os.mkfifo(box / "e")
    done = desk.run("ingest", str(box), status=3)
    assert subjects(desk) == ["A", "B"]
    said = done.stderr.decode()
    assert "c.eml: it is a link to nothing" in said
    assert "d.eml" in said
    assert "e: it is a fifo" in said


@pytest.mark.parametrize("is_empty", [True, False])
def test_a_folder_without_mail_is_an_error_before_anything_is_read(
    desk: DeskDir, tmp_path: Path, is_empty: bool
) -> None:
    (tmp_path / "one.eml").write_bytes(make_mail("One"))
    (tmp_path / "box").mkdir()
    write_all(tmp_path / "box", {} if is_empty else {"notes": b"no mail\n", ".hidden": make_mail("Hidden")})
    done = desk.run("ingest", str(tmp_path / "one.eml"), str(tmp_path / "box"), status=65)
    assert f"no mail in {tmp_path / 'box'}".encode() in done.stderr
    assert desk.tickets() == {}


def test_a_desk_is_no_source_but_its_folders_are(desk: DeskDir, tmp_path: Path) -> None:
    other = DeskDir(tmp_path / "other")
    other.take(make_mail("Elsewhere"))
    for source in (desk.maildir, other.maildir):
        assert b"is a desk\nhint: name one of its folders" in desk.run("ingest", str(source), status=65).stderr
    assert b"it is a desk" in desk.run("ingest", str(tmp_path / "other"), status=3).stderr
    desk.run("ingest", str(other.maildir / ".triage"))
    assert subjects(desk) == ["Elsewhere"]


def test_a_trial_says_what_would_be_taken_of_a_folder(desk: DeskDir, tmp_path: Path) -> None:
    box = write_all(tmp_path / "box", {"a.eml": make_mail("A"), "b": make_mail("B"), "c": b"no mail\n"})
    before = desk.contents()
    rows = desk.rows("ingest", "-n", str(box))
    assert [(row["source"], row["subject"]) for row in rows] == [(str(box / "a.eml"), "A"), (str(box / "b"), "B")]
    assert desk.contents() == before
