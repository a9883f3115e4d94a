"""Folders of mail clients in the tree of a desk: left alone, or standing for a queue."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.mail_clients import make_folder, one_ticket, rewrite, save_elsewhere
from tests.support.tickets import findings, locate

FOREIGN = ("Sent", "Trash", "Drafts", "Archive", "INBOX.foo", "Foo.Bar", "triage.sub", "Gel&APY-scht")


def test_folders_of_others_are_left_alone(desk: DeskDir) -> None:
    for name in FOREIGN:
        make_folder(desk, name, own=make_mail(f"In {name}", mid=f"{name}@x.test"))
    one_ticket(desk)
    before = {name: desk.mails(name) for name in FOREIGN}
    assert findings(desk) == []
    assert desk.run("check", "--repair").stderr == b""
    assert {name: desk.mails(name) for name in FOREIGN} == before
    assert len(desk.tickets()) == 1
    found = os.fsencode(str(next((desk.maildir / ".Sent" / "cur").iterdir())))
    assert desk.run("close", "--paths", "-", input=found + b"\n").stdout == b""


@pytest.mark.parametrize("is_rewritten", [True, False])
def test_a_mail_that_lies_in_a_folder_of_others_is_no_loss(desk: DeskDir, is_rewritten: bool) -> None:
    ticket, path = one_ticket(desk)
    desk.run("show", ticket)
    path = locate(desk, ticket)
    box = make_folder(desk, "Trash", other=make_mail("Something else"), old=b"x" * 100_000)
    content = rewrite(path.read_bytes()) if is_rewritten else path.read_bytes()
    path.unlink()
    (box / "cur" / path.name).write_bytes(content)
    before = desk.mails("Trash")
    (found,) = findings(desk)
    assert found["kind"] == "lost"
    assert "a mail of that name is in .Trash" in found["what"]
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert desk.mails("Trash") == before, "the folder is somebody else's"
    assert locate(desk, ticket).read_bytes() == content
    assert "problems" not in desk.tickets()[ticket]
    assert "copied back from Trash" in desk.rows("log", ticket)[0]["why"]


@pytest.fixture
def mapped(desk: DeskDir) -> DeskDir:
    """A desk where the client's folders Junk and Trash stand for the queue junk."""
    with desk.config.open("a") as stream:
        stream.write("folders:\n  Junk: junk\n  Trash: junk\n")
    for name in ("Junk", "Trash"):
        make_folder(desk, name)
    return desk


@pytest.mark.parametrize("folder", ["Junk", "Trash"])
@pytest.mark.parametrize("is_rewritten", [True, False])
def test_mail_in_a_folder_that_stands_for_a_queue_was_moved_there(
    mapped: DeskDir, folder: str, is_rewritten: bool
) -> None:
    ticket, path = one_ticket(mapped)
    if is_rewritten:
        save_elsewhere(mapped, path, folder)
    else:
        path.rename(mapped.maildir / f".{folder}" / "cur" / f"{path.name}:2,Sa")
    assert {found["kind"] for found in findings(mapped)} == {"lost", "stray"}
    mapped.run("check", "--repair")
    assert findings(mapped) == []
    assert (mapped.tickets()[ticket]["queue"], mapped.tickets()[ticket]["state"]) == ("junk", "closed")
    assert mapped.mails(folder) == {}
    assert locate(mapped, ticket).name.endswith(":2,S"), "keywords are those of the client's folder"


def test_new_mail_in_a_folder_that_stands_for_a_queue_is_a_ticket_there(mapped: DeskDir) -> None:
    (mapped.maildir / ".Junk" / "cur" / "a:2,S").write_bytes(make_mail("Moved out of the INBOX"))
    assert [found["what"] for found in findings(mapped)] == ["was moved to junk by a mail client"]
    mapped.run("check", "--repair")
    (ticket,) = mapped.tickets().values()
    assert (ticket["queue"], ticket["state"], ticket["subject"]) == ("junk", "closed", "Moved out of the INBOX")
    assert mapped.mails("Junk") == {}


TWO_QUEUES = """
desk: {maildir: ./maildir, from: help@x.test, addresses: [help@x.test], intake: new}
roles: {helper: {title: Helper}}
queues:
  new: {title: New, access: [helper, robot]}
"""
ANOTHER = "  old: {title: Old, access: [helper, robot]}\n"


def test_a_queue_that_is_no_longer_configured_is_still_the_desks(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(TWO_QUEUES + ANOTHER)
    desk = DeskDir(tmp_path / "desk", tmp_path / "two.yaml")
    ticket, _ = one_ticket(desk)
    desk.run("mv", ticket, "old")
    desk.config.write_text(TWO_QUEUES)
    path = locate(desk, ticket)
    path.rename(path.with_name("renamed"))
    (path.parent / "stranger").write_bytes(make_mail("Put there"))
    said = desk.run("check", "--repair", status=65).stderr.decode()
    assert "queue 'old' is not in queues.yaml" in said, "nobody has rights there"
    assert {found["kind"] for found in findings(desk)} == {"queue", "lost", "stray"}
    assert list(desk.tickets()) == [ticket]
    desk.config.write_text(TWO_QUEUES + ANOTHER)
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert locate(desk, ticket).name == "renamed"
    assert [found["queue"] for found in desk.tickets().values()] == ["old", "old"]


def test_a_queue_whose_folder_a_client_has_deleted_comes_back(desk: DeskDir) -> None:
    """A client "deletes" a folder by moving it below its Trash, metadata and all."""
    tickets = [row["ticket"] for row in desk.take(make_mail("One", mid="1@x.test"), make_mail("Two", mid="2@x.test"))]
    before = desk.mails("triage")
    (desk.maildir / ".triage").rename(desk.maildir / ".Trash.triage")
    desk.run("check", status=65)
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert {name: found["folder"] for name, found in desk.tickets().items()} == dict.fromkeys(tickets, "triage")
    assert desk.mails("triage") == before
