"""`mv`, `close`, `reopen`, `pend` and `wake`: where a ticket is afterwards, and in which state."""

from __future__ import annotations

import time

import pytest

from tests.support.desks import DeskDir, make_mail

DAY = 86400


def take(desk: DeskDir, count: int = 1) -> list[str]:
    """New tickets in the intake."""
    return [
        row["ticket"]
        for row in desk.take(*(make_mail(f"Mail {number}", text=f"{number}\n") for number in range(count)))
    ]


def place(desk: DeskDir, ticket: str) -> tuple[str, str]:
    """A ticket's state and queue; its mail must lie in the folder of its metadata."""
    found = desk.tickets()[ticket]
    month = time.strftime("%Y-%m", time.gmtime(found["closed"])) if found.get("closed") else ""
    assert found["folder"] == found["queue"] + (f".closed.{month}" if found["state"] == "closed" else "")
    keys = {name.partition("/")[2].partition(":2,")[0] for name in desk.mails(found["folder"])}
    assert keys >= {message["key"] for message in found["messages"]}
    return found["state"], found["queue"]


@pytest.mark.parametrize(
    ("queue", "after"),
    [
        ("disputes", ("open", "disputes")),
        ("SE", ("open", "support-engineers")),
        ("Support Engineers", ("open", "support-engineers")),
        ("Junk", ("closed", "junk")),
        ("paypal", ("closed", "paypal")),
        ("returns", ("closed", "returns")),
        ("triage", ("open", "triage")),
    ],
)
def test_a_ticket_moves_to_a_queue(desk: DeskDir, queue: str, after: tuple[str, str]) -> None:
    (ticket,) = take(desk)
    printed = desk.lines("mv", ticket, queue, "-m", "a reason")
    assert place(desk, ticket) == after
    moved = after[1] != "triage"
    assert printed == ([ticket] if moved else [])
    assert desk.tickets()[ticket].get("touched", False) == moved
    assert [row["why"] for row in desk.rows("log", ticket)] == (["a reason", ""] if moved else [""])


def test_a_dry_run_says_what_would_move_and_moves_nothing(desk: DeskDir) -> None:
    tickets = take(desk, 2)
    before = desk.contents()
    assert desk.lines("mv", "-n", *tickets, "junk") == tickets
    desk.run("mv", "-n", *tickets, "pending-for-action", status=2)
    assert desk.contents() == before


def test_closed_tickets_move_only_when_that_is_said_and_stay_closed(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("close", one)
    before = desk.contents()
    refused = desk.run("mv", one, other, "disputes", status=2)
    assert one.encode() in refused.stderr
    assert b"--closed" in refused.stderr
    assert desk.contents() == before
    assert desk.ids("mv", "--closed", one, other, "disputes") == [one, other]
    assert (place(desk, one), place(desk, other)) == (("closed", "disputes"), ("open", "disputes"))


def test_one_refusal_refuses_the_whole_unless_the_rest_may_be_done(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    before = desk.contents()
    desk.run("mv", one, "s20200101.1", other, "disputes", status=66)
    assert desk.contents() == before
    done = desk.run("mv", "--keep-going", one, "s20200101.1", other, "disputes", status=3)
    assert done.stdout.decode().split() == [one, other]
    assert b"s20200101.1" in done.stderr
    assert place(desk, one) == place(desk, other) == ("open", "disputes")


@pytest.mark.parametrize("verb", [["close"], ["reopen"], ["wake"], ["mv"], ["pend", "--until", "9d"], ["tag", "+a"]])
@pytest.mark.parametrize("name", ["s20200101.1", ".999", "nobody@nowhere.test", "/nonexistent/cur/x", "rubbish"])
def test_a_ticket_that_does_not_exist_is_said_so(plain_desk: DeskDir, verb: list[str], name: str) -> None:
    arguments = [*verb, name, *(["junk"] if verb == ["mv"] else [])]
    failed = plain_desk.run(*arguments, status=66)
    assert failed.stdout == b""
    assert name in failed.stderr.decode()


@pytest.fixture(scope="module")
def plain_desk(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with one ticket, which tests only look at."""
    desk = DeskDir(tmp_path_factory.mktemp("plain") / "desk")
    desk.take(make_mail("A mail"))
    return desk


def test_closing_and_opening_again(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    assert desk.lines("close", one, one, other) == [one, other]
    assert place(desk, one) == place(desk, other) == ("closed", "triage")
    assert desk.lines("ls") == []
    assert desk.lines("close", one) == []  # it is closed: nothing to do, nothing said
    assert desk.lines("reopen", one) == [one]
    assert place(desk, one) == ("open", "triage")
    assert desk.lines("reopen", one) == []
    assert desk.ids("ls") == [one]
    assert [row["verb"] for row in desk.rows("log")] == ["reopen", "close", "ingest"]


def test_a_queue_may_need_an_issue_type_before_it_closes(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("mv", one, other, "SE")
    before = desk.contents()
    refused = desk.run("close", one, status=2)
    assert b"--type" in refused.stderr
    desk.run("close", one, "--type", "No Such Type", status=2)
    assert desk.contents() == before
    desk.run("tag", "--type", "wiki acl", one)
    desk.run("close", one)
    desk.run("close", other, "--type", "code signing")
    assert [desk.tickets()[name]["issue_type"] for name in (one, other)] == ["Wiki ACL", "Code Signing"]
    assert place(desk, one) == place(desk, other) == ("closed", "support-engineers")


def test_a_ticket_waits_and_goes_back_when_it_is_due(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("mv", one, "SE")
    assert desk.lines("pend", one, other, "--until", "90d") == [one, other]
    assert place(desk, one) == place(desk, other) == ("pending", "pending-for-action")
    desk.run("pend", other, "--until", "2d")
    waiting = desk.rows("ls", "--due")
    assert [row["id"] for row in waiting] == [other, one]
    assert abs(desk.tickets()[one]["due"] - time.time() - 90 * DAY) < 60
    assert desk.lines("wake") == []
    desk.clock = 3 * DAY
    assert desk.lines("wake") == [other]
    assert place(desk, other) == ("open", "triage")
    desk.clock = 91 * DAY
    assert desk.lines("wake") == [one]
    assert place(desk, one) == ("open", "support-engineers")
    assert "due" not in desk.tickets()[one]
    assert desk.rows("log", one)[0]["role"] == "robot"
    assert desk.lines("wake") == []


def test_a_ticket_that_a_person_wakes_goes_back_before_its_day(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("pend", one, "--until", "2099-12-31")
    assert desk.lines("wake", one, other) == [one]
    assert place(desk, one) == ("open", "triage")
    assert desk.lines("wake", one) == []


def test_a_waiting_ticket_may_be_moved_or_closed(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("pend", one, other, "--until", "1y")
    desk.run("mv", one, "disputes")
    desk.run("close", other)
    assert place(desk, one) == ("open", "disputes")
    assert place(desk, other) == ("closed", "pending-for-action")
    assert not any(ticket.get("due") or ticket.get("return_to") for ticket in desk.tickets().values())


@pytest.mark.parametrize("until", ["", "soon", "2001-01-01", "2027-02-30", "-3d", "0d", "1e9y", "3d\n4d"])
def test_a_day_that_is_none_or_past_is_refused(plain_desk: DeskDir, until: str) -> None:
    before = plain_desk.contents()
    plain_desk.run("pend", ".1", "--until", until, status=2)
    assert plain_desk.contents() == before


def test_nothing_waits_without_a_day(plain_desk: DeskDir) -> None:
    before = plain_desk.contents()
    plain_desk.run("mv", ".1", "pending-for-action", status=2)
    plain_desk.run("pend", ".1", status=2)
    plain_desk.run("mv", ".1", "no-such-queue", status=66)
    plain_desk.run("mv", ".1", status=2)
    assert plain_desk.contents() == before


def test_a_closed_ticket_does_not_wait(desk: DeskDir) -> None:
    (ticket,) = take(desk)
    desk.run("close", ticket)
    desk.run("pend", ticket, "--until", "9d", status=2)
    assert place(desk, ticket) == ("closed", "triage")


def test_a_move_that_asks_back_needs_agreement(desk: DeskDir) -> None:
    (ticket,) = take(desk)
    before = desk.contents()
    assert b"--confirm" in desk.run("mv", ticket, "secure-test", role="triage", status=77).stderr
    assert desk.contents() == before
    desk.run("mv", "--confirm", ticket, "secure-test", role="triage")
    assert place(desk, ticket) == ("open", "secure-test")


def test_each_verb_is_one_operation_with_its_reason(desk: DeskDir) -> None:
    tickets = take(desk, 3)
    for arguments in (["mv", *tickets, "SE"], ["tag", "+a", *tickets], ["pend", *tickets, "--until", "2d"],
                      ["wake", *tickets], ["close", *tickets, "--type", "Wiki ACL"], ["reopen", *tickets]):  # fmt: skip
        desk.run(*arguments, "-m", f"because of {arguments[0]}")
    log = desk.rows("log")
    assert [(row["verb"], row["why"]) for row in log[:-1]] == [
        (verb, f"because of {verb}") for verb in ("reopen", "close", "wake", "pend", "tag", "mv")
    ]
    assert all(sorted(row["ids"]) == sorted(tickets) for row in log)
    assert [row["op"] for row in log] == [7, 6, 5, 4, 3, 2, 1]
