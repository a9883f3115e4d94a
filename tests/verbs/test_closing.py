"""Closing: whatever closes a ticket, it closes only with what its queue needs at close."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail

TYPE = "Wiki ACL"
REASON = "needs an issue type to close in"


def configure(desk: DeskDir, old: str, new: str) -> None:
    text = desk.config.read_text()
    assert text.count(old) == 1, old
    desk.config.write_text(text.replace(old, new))


@pytest.fixture
def strict_desk(desk: DeskDir) -> DeskDir:
    """A desk whose Junk closes what arrives, and closes nothing without an issue type."""
    configure(desk, "    title: Junk\n", "    title: Junk\n    needs_at_close: issue_type\n")
    configure(desk, "[triage, support-engineer]      ", "[triage, support-engineer, robot]      ")
    return desk


def state(desk: DeskDir, ticket: str) -> tuple[str, str]:
    found = desk.tickets()[ticket]
    return found["queue"], found["state"]


def take(desk: DeskDir, *subjects: str) -> list[str]:
    return [row["ticket"] for row in desk.take(*(make_mail(subject, mid=f"{subject}@x.test") for subject in subjects))]


def test_close_is_refused_without_an_issue_type(desk: DeskDir) -> None:
    (ticket,) = take(desk, "one")
    desk.run("mv", ticket, "SE")
    refused = desk.run("close", ticket, status=2).stderr.decode()
    assert (
        f"{ticket} {REASON} Support Engineers\nhint: set one with --type TYPE, one of Arbitration Support, " in refused
    )
    desk.run("close", ticket, "--type", TYPE)
    assert state(desk, ticket) == ("support-engineers", "closed")


def test_a_ticket_that_waits_is_held_to_what_its_own_queue_needs(desk: DeskDir) -> None:
    (ticket,) = take(desk, "one")
    desk.run("mv", ticket, "SE")
    desk.run("pend", ticket, "--until", "9d")
    assert f"{ticket} {REASON} Support Engineers" in desk.run("close", ticket, status=2).stderr.decode()
    desk.run("close", ticket, "--type", TYPE)
    assert state(desk, ticket)[1] == "closed"


def test_a_move_to_where_it_would_close_is_refused_without_an_issue_type(strict_desk: DeskDir) -> None:
    desk = strict_desk
    one, other = take(desk, "one", "other")
    desk.run("tag", "--type", TYPE, other)
    before = desk.contents()
    refused = desk.run("mv", one, other, "junk", status=2).stderr.decode()
    assert f"{one} {REASON} Junk" in refused
    assert f"hint: set one with supportctl tag {one} --type TYPE, one of Arbitration Support, " in refused
    assert desk.contents() == before
    assert desk.lines("mv", "--keep-going", one, other, "junk", status=3) == [other]
    assert (state(desk, one), state(desk, other)) == (("triage", "open"), ("junk", "closed"))
    desk.run("pend", one, "--until", "9d")
    desk.run("mv", one, "junk", status=2)
    assert state(desk, one) == ("pending-for-action", "pending")
    desk.run("tag", "--type", TYPE, one)
    desk.run("mv", one, "junk")
    assert state(desk, one) == ("junk", "closed")


def test_a_rule_that_would_close_leaves_open_and_notes_why(strict_desk: DeskDir) -> None:
    """A rule on follow-ups can't know where the ticket is."""
    desk = strict_desk
    rule = "  - {name: done, on: follow-up, when: 'subject:done', close: true, tag: [said]}\n"
    configure(desk, "rules:\n", "rules:\n" + rule)
    (ticket,) = take(desk, "one")
    desk.run("mv", ticket, "SE")
    (row,) = desk.take(make_mail("Re: done", In_Reply_To="<one@x.test>"))
    assert (row["ticket"], row["rules"]) == (ticket, ["done"])
    assert (state(desk, ticket), desk.tickets()[ticket]["tags"]) == (("support-engineers", "open"), ["said"])
    assert desk.rows("log", ticket)[0]["why"].endswith(f"left open: {REASON} Support Engineers")


def test_what_is_forwarded_stays_open_and_the_reason_is_told(desk: DeskDir) -> None:
    configure(desk, "    after_forward: close", "    after_forward: close\n    needs_at_close: issue_type")
    one, other = take(desk, "one", "other")
    desk.run("mv", one, other, "cacert-support")
    desk.run("tag", "--type", TYPE, other)
    told = desk.run("forward", one, other).stderr.decode()
    assert told == f"supportctl forward: {one}: forwarded, but left open: {REASON} cacert-support\n"
    assert (state(desk, one)[1], state(desk, other)[1]) == ("open", "closed")
    assert len(desk.mails("outbox")) == 2
    assert f"left open: {REASON} cacert-support" in desk.rows("log", one)[0]["why"]


def test_mail_that_is_taken_in_where_it_would_close_stays_open(strict_desk: DeskDir) -> None:
    desk = strict_desk
    desk.deliver(make_mail("one", mid="1@x.test"), make_mail("two", mid="2@x.test"))
    done = desk.run("ingest", "--queue", "junk", "--format", "jsonl")
    assert done.stderr.decode() == f"supportctl ingest: 2 tickets: left open: {REASON} Junk\n"
    tickets = desk.tickets()
    assert {(ticket["queue"], ticket["state"], ticket["folder"]) for ticket in tickets.values()} == {
        ("junk", "open", "junk")
    }
    for ticket in tickets:
        assert desk.rows("log", ticket)[0]["why"] == f"left open: {REASON} Junk"


def test_mail_of_a_type_closes_where_it_is_taken_in(strict_desk: DeskDir) -> None:
    desk = strict_desk
    desk.deliver(make_mail("one"))
    (row,) = desk.rows("ingest", "--queue", "junk", "--type", TYPE.upper())
    assert (row["state"], desk.tickets()[row["ticket"]]["issue_type"]) == ("closed", TYPE)
    desk.run("ingest", "--type", "Nothing", status=2)


def test_an_archive_needs_what_its_queue_needs(desk: DeskDir, tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "archive")
    box.add(make_mail("old", date="Fri, 4 Jan 2019 10:00:00 +0000"))
    box.close()
    before = desk.contents()
    refused = desk.run("ingest", "--closed", "--queue", "SE", str(tmp_path / "archive"), status=2).stderr.decode()
    assert f"a new ticket {REASON} Support Engineers" in refused
    assert "--type TYPE" in refused
    assert desk.contents() == before
    (row,) = desk.rows("ingest", "--closed", "--queue", "SE", "--type", TYPE, str(tmp_path / "archive"))
    assert row["state"] == "closed"


def test_the_archive_of_an_intake_that_needs_a_type_needs_one_too(desk: DeskDir) -> None:
    configure(desk, "    title: Triage\n", "    title: Triage\n    needs_at_close: issue_type\n")
    desk.deliver(make_mail("old"))
    desk.run("ingest", "--closed", status=2)
    (row,) = desk.rows("ingest", "--closed", "--type", TYPE)
    assert row["state"] == "closed"


def test_mail_that_a_client_moved_to_where_it_would_close_is_left_open(strict_desk: DeskDir) -> None:
    desk = strict_desk
    one, other = take(desk, "one", "other")
    desk.run("tag", "--type", TYPE, other)
    for path in sorted((desk.maildir / ".triage" / "new").iterdir()):
        path.rename(desk.maildir / ".junk" / "new" / path.name)
    desk.run("check", "--repair")
    assert (state(desk, one), state(desk, other)) == (("junk", "open"), ("junk", "closed"))
    assert f"left open: {REASON} Junk" in desk.rows("log", one)[0]["why"]


def test_mail_that_a_client_moved_to_the_archive_comes_back_to_the_open_tickets(desk: DeskDir) -> None:
    old, ticket = take(desk, "old", "one")
    desk.run("mv", old, "SE")
    desk.run("close", old, "--type", TYPE)
    archive = desk.tickets()[old]["folder"]
    (path,) = (desk.maildir / ".triage" / "new").iterdir()
    path.rename(desk.maildir / f".{archive}" / "new" / path.name)
    desk.run("check", "--repair")
    assert state(desk, ticket) == ("support-engineers", "open")
    assert len(desk.mails("support-engineers")) == 1
    assert f"left open: {REASON} Support Engineers" in desk.rows("log", ticket)[0]["why"]


def test_mail_that_somebody_put_where_it_would_close_is_left_open(strict_desk: DeskDir) -> None:
    desk = strict_desk
    (desk.maildir / ".junk" / "new" / "1763800000.M1P1.test").write_bytes(make_mail("dropped"))
    desk.run("check", "--repair")
    (ticket,) = desk.tickets()
    assert state(desk, ticket) == ("junk", "open")
