"""Folders that are missing, as after a backup that leaves out empty ones, stop nothing."""

from __future__ import annotations

import shutil

import pytest

from tests.support.desks import DeskDir, make_mail

PARTS = ["tmp", "new", "cur", ".triage/cur", ".triage/tmp", ".junk/new", ".junk/cur", ".junk", ".outbox/new", ".outbox"]
REST = [".undone/cur", ".undone", ".duplicates", "supportctl/stage"]


@pytest.mark.parametrize("part", PARTS + REST)
def test_mail_comes_in_and_tickets_move(desk: DeskDir, part: str) -> None:
    """Nothing lies in these folders when they go: the ticket's message is in `.triage/new`."""
    (row,) = desk.take(make_mail("one"))
    shutil.rmtree(desk.maildir / part)
    desk.run("ingest", "-", input=make_mail("two", mid="two@example.org"))
    assert sorted(row["subject"] for row in desk.rows("ls")) == ["one", "two"]
    desk.run("forward", "--to", "else@example.org", row["ticket"])
    desk.run("mv", row["ticket"], "junk")
    desk.run("undo")
    desk.run("ingest", "-", input=make_mail("two", mid="two@example.org"))
    assert len(desk.mails("duplicates")) == 1
    desk.run("undo", "2")
    assert [row["subject"] for row in desk.rows("ls")] == ["one"]
    desk.run("undo", "7")
    assert sorted(row["subject"] for row in desk.rows("ls")) == ["one", "two"]
