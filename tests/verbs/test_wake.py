"""`wake`: what is due goes back to the queue that it came from."""

from __future__ import annotations

import time

from tests.support.desks import DeskDir
from tests.support.tickets import take, whereabouts

DAY = 86400


def test_a_ticket_waits_and_goes_back_when_it_is_due(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("mv", one, "SE")
    assert desk.lines("pend", one, other, "--until", "90d") == [one, other]
    assert whereabouts(desk, one) == whereabouts(desk, other) == ("pending", "pending-for-action")
    desk.run("pend", other, "--until", "2d")
    waiting = desk.rows("ls", "--due")
    assert [row["id"] for row in waiting] == [other, one]
    assert abs(desk.tickets()[one]["due"] - time.time() - 90 * DAY) < 60
    assert desk.lines("wake") == []
    desk.clock = 3 * DAY
    assert desk.lines("wake") == [other]
    assert whereabouts(desk, other) == ("open", "triage")
    desk.clock = 91 * DAY
    assert desk.lines("wake") == [one]
    assert whereabouts(desk, one) == ("open", "support-engineers")
    assert "due" not in desk.tickets()[one]
    assert desk.rows("log", one)[0]["role"] == "robot"
    assert desk.lines("wake") == []


def test_a_ticket_that_a_person_wakes_goes_back_before_its_day(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("pend", one, "--until", "2099-12-31")
    assert desk.lines("wake", one, other) == [one]
    assert whereabouts(desk, one) == ("open", "triage")
    assert desk.lines("wake", one) == []
