"""No person's mail is closed unread, whatever it sends on, quotes or asks about, by any rule of CAcert's desk."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskDir
from tests.support.people_about_machines import (
    MACHINES,
    SUBJECTS,
    WAYS,
    people_about_machines,
    people_with_words_of_machines,
)

MAILS = dict(people_about_machines()) | dict(people_with_words_of_machines())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk that has taken in all of them, each with a ticket of its own."""
    made = DeskDir(tmp_path_factory.mktemp("people") / "desk")
    made.take(*MAILS.values(), options=["--classify"])
    return made


def test_each_way_meets_each_machine(desk: DeskDir) -> None:
    assert len(MAILS) == len(WAYS) * len(MACHINES) + len(SUBJECTS) == len(desk.tickets())


def test_each_waits_for_a_person(desk: DeskDir) -> None:
    closed = {
        ticket["messages"][0]["mid"]: ticket.get("rules") for ticket in desk.tickets().values() if ticket.get("closed")
    }
    assert closed == {}
    assert {ticket["queue"] for ticket in desk.tickets().values()} == {"triage"}


def test_none_is_certainly_a_bounce_or_an_automatic_reply(desk: DeskDir) -> None:
    found = desk.rows("search", "--messages", "automatic:bounce or automatic:reply", status=None)  # type: ignore[arg-type]
    assert [row["id"] for row in found] == []
    desk.check()
