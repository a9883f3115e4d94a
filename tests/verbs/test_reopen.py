"""`reopen`: a closed ticket is open again, in its queue."""

from __future__ import annotations

from tests.support.desks import DeskDir
from tests.support.tickets import take, whereabouts


def test_closing_and_opening_again(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    assert desk.lines("close", one, one, other) == [one, other]
    assert whereabouts(desk, one) == whereabouts(desk, other) == ("closed", "triage")
    assert desk.lines("ls") == []
    assert desk.lines("close", one) == []  # it is closed: nothing to do, nothing said
    assert desk.lines("reopen", one) == [one]
    assert whereabouts(desk, one) == ("open", "triage")
    assert desk.lines("reopen", one) == []
    assert desk.ids("ls") == [one]
    assert [row["verb"] for row in desk.rows("log")] == ["reopen", "close", "ingest"]
