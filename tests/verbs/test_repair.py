"""`check --repair` where messages have the same bytes or the same name: each goes to its own ticket, once."""

from __future__ import annotations

from pathlib import Path

from tests.support.desks import DeskDir, make_mail


def file_of(desk: DeskDir, queue: str, subject: str) -> Path:
    """The file of a message, by its subject."""
    files = (desk.maildir / f".{queue}").glob("[nc]*/*")
    return next(file for file in files if f"Subject: {subject}\n".encode() in file.read_bytes())


def test_a_mail_of_the_name_of_a_lost_one_stays_with_its_own_ticket(desk: DeskDir) -> None:
    name = "1795341600.M1P1Q1.x"
    for subject in ("one", "two"):
        (desk.maildir / "new" / name).write_bytes(make_mail(subject))
        desk.run("ingest")
        if subject == "one":
            file_of(desk, "triage", "one").unlink()
    assert b"two" not in desk.run("show", ".1").stdout
    desk.run("mv", ".1", "SE")
    assert b"Subject: two\n" in desk.run("show", ".2").stdout
    desk.run("check", status=65)
    desk.run("check", "--repair")


def test_one_file_is_one_of_the_messages_with_its_bytes(desk: DeskDir) -> None:
    same = make_mail("same", mid="same@x.example")
    desk.take(same)
    desk.take(make_mail("Re: same", mid="answer@x.example", In_Reply_To="<same@x.example>"))
    file_of(desk, "triage", "same").unlink()
    desk.take(same)
    file = file_of(desk, "triage", "same")
    file.rename(desk.maildir / ".support-engineers" / "new" / file.name)
    desk.run("check", "--repair")
    assert desk.run("check").stdout == b""
    keys = [message["key"] for ticket in desk.tickets().values() for message in ticket["messages"]]
    assert len(keys) == len(set(keys)) == 3
    assert len(desk.mails("triage")) == 2


def test_of_two_tickets_that_lost_the_same_bytes_one_gets_the_file(desk: DeskDir) -> None:
    """Without a Message-ID the same bytes are a ticket each, once the first file is gone."""
    same = make_mail("same").replace(b"Message-ID", b"X-Not-One")
    for number in (1, 2):
        desk.take(same)
        desk.take(make_mail(f"[{desk.ids('ls')[-1]}] more", mid=f"more{number}@x.example"))
        if number == 1:
            file_of(desk, "triage", "same").unlink()
    file = file_of(desk, "triage", "same")
    file.rename(desk.maildir / ".support-engineers" / "new" / file.name)
    desk.run("check", "--repair")
    assert desk.run("check").stdout == b""
    assert len(desk.mails("triage")) == 3
