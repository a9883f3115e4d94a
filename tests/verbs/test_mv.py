"""`mv`: in which queue a ticket is afterwards, in which state, and what needs agreement."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskDir
from tests.support.tickets import take, whereabouts


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
    assert whereabouts(desk, ticket) == after
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
    assert (whereabouts(desk, one), whereabouts(desk, other)) == (("closed", "disputes"), ("open", "disputes"))


def test_one_refusal_refuses_the_whole_unless_the_rest_may_be_done(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    before = desk.contents()
    desk.run("mv", one, "s20200101.1", other, "disputes", status=66)
    assert desk.contents() == before
    done = desk.run("mv", "--keep-going", one, "s20200101.1", other, "disputes", status=3)
    assert done.stdout.decode().split() == [one, other]
    assert b"s20200101.1" in done.stderr
    assert whereabouts(desk, one) == whereabouts(desk, other) == ("open", "disputes")


def test_a_move_that_asks_back_needs_agreement(desk: DeskDir) -> None:
    (ticket,) = take(desk)
    before = desk.contents()
    assert b"--confirm" in desk.run("mv", ticket, "secure-test", role="triage", status=77).stderr
    assert desk.contents() == before
    desk.run("mv", "--confirm", ticket, "secure-test", role="triage")
    assert whereabouts(desk, ticket) == ("open", "secure-test")
