"""`pend`: until which day a ticket waits, and what ends that."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskDir
from tests.support.tickets import take, whereabouts


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
    assert whereabouts(desk, ticket) == ("closed", "triage")


def test_a_waiting_ticket_may_be_moved_or_closed(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("pend", one, other, "--until", "1y")
    desk.run("mv", one, "disputes")
    desk.run("close", other)
    assert whereabouts(desk, one) == ("open", "disputes")
    assert whereabouts(desk, other) == ("closed", "pending-for-action")
    assert not any(ticket.get("due") or ticket.get("return_to") for ticket in desk.tickets().values())
