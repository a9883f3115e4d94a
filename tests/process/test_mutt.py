"""mutt on the tree of a desk: what it saves, flags and deletes, it rewrites and renames."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.mail_clients import make_folder
from tests.support.teletypes import run_on_terminal
from tests.support.tickets import findings, locate

MUTT = shutil.which("mutt")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MUTT is None, reason="mutt is not installed")]

MUTTRC = """
set folder={maildir}
set mbox_type=Maildir
set confirmappend=no confirmcreate=no move=no quit=yes delete=yes wait_key=no
"""


def type_into_mutt(desk: DeskDir, folder: str, keys: str) -> None:
    """Open a folder in mutt, type, and quit."""
    rc = desk.folder / "muttrc"
    rc.write_text(MUTTRC.format(maildir=desk.maildir))
    command = [str(MUTT), "-F", str(rc), "-f", str(desk.maildir / folder), "-e", f'push "{keys}<quit>"']
    status, screen = run_on_terminal(
        command, environment={**desk.environment, "HOME": str(desk.folder)}, folder=desk.folder
    )
    rc.unlink()
    assert status == 0, screen.decode(errors="replace")


@pytest.fixture
def ticket(desk: DeskDir) -> str:
    """A ticket with a mail in several parts, 8-bit text and a long header."""
    body = "Grüße,\n>From me\n\n" + "long line " * 40 + "\n"
    fields = {"MIME_Version": "1.0", "Content_Type": "text/plain; charset=utf-8", "Content_Transfer_Encoding": "8bit"}
    mail = make_mail("Frage: " + "sehr " * 30 + "lang", mid="q@x.test", text=body, **fields)
    (row,) = desk.take(mail)
    return str(row["ticket"])


def test_a_ticket_follows_what_mutt_saves_in_another_queue(desk: DeskDir, ticket: str) -> None:
    before = locate(desk, ticket)
    content = before.read_bytes()
    type_into_mutt(desk, ".triage", "<save-message>=.disputes<enter>")
    assert {found["kind"] for found in findings(desk)} == {"lost", "stray"}
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert {name: found["queue"] for name, found in desk.tickets().items()} == {ticket: "disputes"}
    after = locate(desk, ticket)
    assert (after.name == before.name, after.read_bytes() == content) == (False, False), "mutt rewrites what it saves"
    # And back again, which rewrites it once more.
    type_into_mutt(desk, ".disputes", "<save-message>=.triage<enter>")
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert {name: found["queue"] for name, found in desk.tickets().items()} == {ticket: "triage"}


def test_a_flag_that_mutt_sets_is_no_change(desk: DeskDir, ticket: str) -> None:
    type_into_mutt(desk, ".triage", "<flag-message>")
    assert "F" in locate(desk, ticket).name.partition(":2,")[2]
    assert findings(desk) == []


def test_what_mutt_saves_in_a_folder_for_junk_is_moved_to_junk(desk: DeskDir, ticket: str) -> None:
    with desk.config.open("a") as stream:
        stream.write("folders: {Spam: junk}\n")
    make_folder(desk, "Spam")
    type_into_mutt(desk, ".triage", "<save-message>=.Spam<enter>")
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert (desk.tickets()[ticket]["queue"], desk.tickets()[ticket]["state"]) == ("junk", "closed")


def test_what_mutt_moves_away_comes_back_and_the_folder_stays(desk: DeskDir, ticket: str) -> None:
    make_folder(desk, "Archive", other=make_mail("Mine"))
    type_into_mutt(desk, ".triage", "<save-message>=.Archive<enter>")
    archive = desk.mails("Archive")
    assert len(archive) == 2
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert desk.mails("Archive") == archive
    assert desk.tickets()[ticket]["queue"] == "triage"
    assert locate(desk, ticket).read_bytes() in archive.values()


def test_what_mutt_takes_out_of_the_inbox_is_a_ticket_where_it_lies(desk: DeskDir) -> None:
    desk.deliver(make_mail("Straight to the disputes", mid="d@x.test"))
    type_into_mutt(desk, ".", "<save-message>=.disputes<enter>")
    assert desk.lines("ingest") == []
    desk.run("check", "--repair")
    assert [found["queue"] for found in desk.tickets().values()] == ["disputes"]


def test_what_mutt_copies_is_a_duplicate(desk: DeskDir, ticket: str) -> None:
    type_into_mutt(desk, ".triage", "<copy-message>=.disputes<enter>")
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert len(desk.tickets()[ticket]["messages"]) == 1
    assert len(desk.mails("duplicates")) == 1


def keys_of(folder: Path) -> set[str]:
    """The keys of a folder's mails."""
    return {path.name.partition(":2,")[0] for part in ("new", "cur") for path in (folder / part).iterdir()}


def test_a_mail_that_mutt_edits_is_told_and_left(desk: DeskDir, ticket: str) -> None:
    """Another text is another message; mutt writes it under another name, and deletes the first."""
    editor = desk.folder / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/me/somebody else/" "$1"\n')
    editor.chmod(0o700)
    before = keys_of(desk.maildir / ".triage")
    type_into_mutt(desk, ".triage", f"<enter-command>set editor={editor}<enter><edit><sync-mailbox>")
    assert keys_of(desk.maildir / ".triage") != before
    desk.run("check", "--repair")
    found = desk.tickets()[ticket]
    assert found["problems"]
    assert len(found["messages"]) == 2, "the first is gone, and another of its Message-ID is there"
