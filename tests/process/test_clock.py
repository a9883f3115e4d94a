"""The clock: a month that ends, a clock that runs backwards, and ids that are never given twice."""

from __future__ import annotations

import time

from tests.support.desks import DeskDir, make_mail

DAY = 86400


def take(desk: DeskDir, subject: str) -> str:
    """One new ticket."""
    ticket: str = desk.take(make_mail(subject, date="Fri, 4 Jan 2019 10:00:00 +0000"))[0]["ticket"]
    return ticket


def test_a_month_ends(desk: DeskDir) -> None:
    desk.set_clock("2031-01-31 23:58:00")
    old = [take(desk, f"January {number}") for number in range(2)]
    desk.run("close", old[0])
    desk.set_clock("2031-02-01 00:01:00")
    new = take(desk, "February")
    desk.run("close", old[1], new)
    assert (old, new) == (["s20310131.1", "s20310131.2"], "s20310201.1")
    folders = {name: ticket["folder"] for name, ticket in desk.tickets().items()}
    assert [folders[name] for name in (*old, new)] == [
        "triage.closed.2031-01", "triage.closed.2031-02", "triage.closed.2031-02"
    ]  # fmt: skip
    assert sorted(path.name for path in (desk.maildir / "supportctl" / "log").iterdir()) == [
        "2031-01.jsonl",
        "2031-02.jsonl",
    ]
    assert [row["op"] for row in desk.rows("log")] == [5, 4, 3, 2, 1]
    assert desk.lines("undo", "5") == [old[1], new]  # from this month's log
    assert desk.lines("undo", "3") == [old[0]]  # from the last month's
    assert [row["op"] for row in desk.rows("log", old[0])] == [7, 3, 1]


def test_the_clock_runs_backwards(desk: DeskDir) -> None:
    desk.set_clock("2031-03-02 10:00:00")
    first = take(desk, "Before")
    desk.set_clock("2031-02-27 10:00:00")
    second = take(desk, "After")
    desk.run("close", first, second)
    assert (first, second) == ("s20310302.1", "s20310302.2")
    assert {ticket["folder"] for ticket in desk.tickets().values()} == {"triage.closed.2031-03"}
    assert [path.name for path in (desk.maildir / "supportctl" / "log").iterdir()] == ["2031-03.jsonl"]
    assert [row["op"] for row in desk.rows("log")] == [3, 2, 1]
    desk.check()
    desk.run("reopen", first)
    desk.run("undo")
    desk.run("undo", "3")
    assert {ticket["state"] for ticket in desk.tickets().values()} == {"open"}
    desk.set_clock("2031-03-03 10:00:00")
    assert take(desk, "Next day") == "s20310303.1"


def test_ids_are_never_given_twice(desk: DeskDir) -> None:
    desk.set_clock("2031-03-02 10:00:00")
    first = take(desk, "One")
    desk.run("undo")
    second = take(desk, "Two")
    (desk.maildir / "supportctl" / "head").unlink()
    (desk.maildir / "supportctl" / "catalogue.sqlite").unlink()
    third = take(desk, "Three")
    assert [first, second, third] == [f"s20310302.{number}" for number in (1, 2, 3)]
    numbers = [message["number"] for ticket in desk.tickets().values() for message in ticket["messages"]]
    assert sorted(numbers) == [2, 3]


def test_a_short_name_means_today(desk: DeskDir) -> None:
    desk.set_clock("2031-03-02 23:59:00")
    old = take(desk, "Yesterday")
    desk.set_clock("2031-03-03 00:01:00")
    new = take(desk, "Today")
    assert desk.lines("tag", "+a", ".1") == [new]
    assert "tags" not in desk.tickets()[old]


def test_a_short_name_means_the_desk_s_today_when_the_clock_is_behind(desk: DeskDir) -> None:
    desk.set_clock("2031-03-03 00:01:00")
    new = take(desk, "Today")
    desk.set_clock("2031-03-02 23:59:00")
    assert desk.lines("tag", "+a", ".1") == [new]


def test_mail_of_the_future_is_of_now(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Soon", date="Sun, 22 Nov 2099 10:00:00 +0000"))
    ticket = desk.tickets()[row["ticket"]]
    assert abs(ticket["created"] - time.time()) < 60
    assert abs(ticket["changed"] - time.time()) < 60


def test_a_clock_that_was_ahead_is_told_and_left_behind(desk: DeskDir) -> None:
    desk.set_clock("2031-03-02 10:00:00")
    today = [take(desk, f"Today {number}") for number in range(2)]
    for moment in ("2036-01-01 10:00:00", "2036-02-01 10:00:00"):
        desk.set_clock(moment)
        ahead = [take(desk, f"Ahead {moment} {number}") for number in range(4)]
        desk.run("close", ahead[0])
    assert ahead[-1] == "s20360201.4"
    desk.set_clock("2031-03-02 11:00:00")
    (finding,) = desk.rows("check", status=65)
    assert (finding["kind"], finding["what"]) == (
        "clock", "the last ids are 1797 days ahead of the clock; was the clock wrong?"
    )  # fmt: skip
    desk.run("check", "--repair")
    desk.check()
    log = desk.maildir / "supportctl" / "log"
    assert sorted(path.name for path in log.iterdir()) == ["2031-03-2.jsonl", "2031-03-3.jsonl", "2031-03.jsonl"]
    assert desk.run("undo", "-n").stdout.decode().split() == [ahead[0]], "what is undone is about a ticket"
    later = take(desk, "Later")
    desk.run("close", later)
    assert (later, desk.tickets()[later]["folder"]) == ("s20310302.5", "triage.closed.2031-03")
    assert [row["op"] for row in desk.rows("log", later)] == [15, 14]
    desk.run("undo", "12")
    assert desk.tickets()[ahead[0]]["state"] == "open"
    desk.set_clock("2031-04-01 10:00:00")
    assert take(desk, "April") == "s20310401.5"
    assert "2031-04.jsonl" in {path.name for path in log.iterdir()}
    desk.set_clock("2036-02-01 10:00:00")
    assert take(desk, "That day") == "s20360201.5"
    desk.set_clock("2036-02-02 10:00:00")
    assert take(desk, "The day after") == "s20360202.1"
    assert len(today) == 2


def test_a_return_from_the_future_can_be_stopped_between_two_names(desk: DeskDir) -> None:
    desk.set_clock("2031-03-02 10:00:00")
    take(desk, "Today")
    desk.set_clock("2036-01-01 10:00:00")
    take(desk, "Ahead")
    desk.set_clock("2031-03-02 11:00:00")
    state = desk.maildir / "supportctl"
    (state / "head").unlink()
    (state / "log" / "2036-01.jsonl").rename(state / "log" / "2031-03-2.jsonl")
    desk.run("tag", "+x", ".1")
    desk.run("check", "--repair")
    desk.check()
    assert take(desk, "Later") == "s20310302.2"
