"""Days and spans on a desk: `--until`, `--since`, queries, rules and what is shown are of one time zone, the desk's."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime

import pytest

from tests.support.desks import DeskDir, make_mail

THE_BAT = {"X_Mailer": "The Bat! (v2.00.6)", "text": ""}
ZONE = "Pacific/Auckland"


def configure(desk: DeskDir, old: str, new: str) -> None:
    text = desk.config.read_text()
    assert text.count(old) == 1
    desk.config.write_text(text.replace(old, new))


@pytest.fixture(params=["configured", "the machine's"])
def far_desk(request: pytest.FixtureRequest, desk: DeskDir, monkeypatch: pytest.MonkeyPatch) -> DeskDir:
    """A desk in Auckland, where it is Saturday, the 28th of November, 01:00; on a machine there, or in New York."""
    if request.param == "configured":
        configure(desk, "  intake: triage ", f"  timezone: {ZONE}\n  intake: triage ")
        monkeypatch.setenv("TZ", "America/New_York")
    else:
        monkeypatch.setenv("TZ", ZONE)
    desk.set_clock("2026-11-27 12:00")
    return desk


@pytest.mark.parametrize(
    ("until", "due"),
    [
        ("tomorrow", "2026-11-28 11:00"),
        ("friday", "2026-12-03 11:00"),
        ("saturday", "2026-12-04 11:00"),
        ("24.12.", "2026-12-23 11:00"),
        ("31.12.2026", "2026-12-30 11:00"),
        ("2027-05-01", "2027-04-30 12:00"),  # clocks are put back in April
        ("3m", "2027-02-27 12:00"),
        ("6m", "2027-05-27 13:00"),
        ("90d", "2027-02-25 12:00"),
    ],
)
def test_a_ticket_waits_until_a_date(far_desk: DeskDir, until: str, due: str) -> None:
    (row,) = far_desk.take(make_mail("A question"))
    far_desk.run("pend", row["ticket"], "--until", until)
    found = datetime.fromtimestamp(far_desk.tickets()[row["ticket"]]["due"], UTC)
    assert abs(found.timestamp() - calendar.timegm(time.strptime(due, "%Y-%m-%d %H:%M"))) < 60


def test_search_and_stats_and_rules_mean_the_same_days(far_desk: DeskDir) -> None:
    configure(far_desk, "rules:\n", "rules:\n  - {name: by day, when: 'date:28.11.', tag: [day], continue: true}\n")
    dates = ["27 Nov 2026 10:59", "27 Nov 2026 11:00", "22 Nov 2026 10:59", "15 Nov 2026 11:00", "15 Nov 2026 10:59"]
    mails = [make_mail(f"Mail {number}", date=f"{date}:30 +0000") for number, date in enumerate(dates)]
    ids = [row["ticket"] for row in far_desk.take(*mails, options=["--classify"])]

    def count(since: str) -> int:
        return int(far_desk.rows("stats", "--by", "queue", "--since", since)[0]["tickets"])

    assert [name for name, ticket in far_desk.tickets().items() if ticket.get("tags")] == [ids[1]]
    assert far_desk.ids("search", "date:28.11.") == far_desk.ids("search", "after:today") == [ids[1]]
    for since, number in (("saturday", 1), ("last-week", 4), ("16.11.", 4), ("2026-11-16", 4), ("12d", 3), ("1m", 5)):
        assert count(since) == number, since
        assert far_desk.lines("search", "--count", f"after:{since}") == [str(number)], since
    parts = far_desk.rows("search", "--explain", "after:28.11.")
    assert [part["meaning"] for part in parts] == ["dated from 2026-11-28"]


def test_what_is_shown_is_of_the_same_time_zone(far_desk: DeskDir) -> None:
    (row,) = far_desk.take(make_mail("A question", date="Fri, 27 Nov 2026 11:30:00 +0000"))
    far_desk.run("pend", row["ticket"], "--until", "31.12.2026")
    shown = far_desk.lines("show", row["ticket"])
    assert shown[1] == "Pending for action, pending until 2026-12-31; opened 2026-11-28 00:30"
    assert "Date: 2026-11-28 00:30" in shown
    assert "2026-12-31" in far_desk.lines("ls", "--due", "--format", "table")[1]
    assert "2026-11-28 01:0" in far_desk.lines("log", "--format", "table")[1]
    assert "  2026-11-28  " in far_desk.lines("search", "question", "--format", "table")[0]
    assert far_desk.rows("ls", "--due")[0]["due"] == "2026-12-30T11:00:00Z"
    assert "2026-12-30T11:00:00Z" in far_desk.lines("ls", "--due", "--format", "plain")[0]


def test_a_month_is_one_of_the_calendar_wherever_it_stands(desk: DeskDir) -> None:
    configure(desk, "    once_per: 1d ", "    once_per: 1m ")
    configure(desk, "    reopen_within: 30d ", "    reopen_within: 3m ")
    configure(desk, "  intake: triage ", "  timezone: UTC\n  intake: triage ")
    desk.set_clock("2027-06-01 12:00")
    desk.take(make_mail("No words", "bat@x.test", mid="1@x.test", **THE_BAT), options=["--classify"])
    (row,) = desk.take(make_mail("Question", mid="q@x.test"))
    desk.run("close", row["ticket"])
    desk.set_clock("2027-07-01 11:00")  # 30 days later, and no month
    desk.take(make_mail("No words", "bat@x.test", mid="2@x.test", **THE_BAT), options=["--classify"])
    assert len(desk.mails("outbox")) == 1
    desk.set_clock("2027-07-01 13:00")
    desk.take(make_mail("No words", "bat@x.test", mid="3@x.test", **THE_BAT), options=["--classify"])
    assert len(desk.mails("outbox")) == 2
    desk.set_clock("2027-09-01 11:00")  # 92 days later, and no three months
    (answer,) = desk.take(make_mail("Re: Question", In_Reply_To="<q@x.test>"))
    assert (answer["ticket"], answer["state"]) == (row["ticket"], "open")
    desk.run("close", row["ticket"])
    desk.set_clock("2027-12-01 13:00")
    (late,) = desk.take(make_mail("Re: Re: Question", In_Reply_To="<q@x.test>"))
    assert late["outcome"] == "new"


def test_an_unknown_time_zone_is_told_with_its_line(desk: DeskDir) -> None:
    text = desk.config.read_text()
    desk.config.write_text(text.replace("  intake: triage ", "  timezone: Europe/Berln\n  intake: triage "))
    refused = desk.run("ls", status=78).stderr.decode()
    assert "queues.yaml:21: desk: timezone: unknown time zone: 'Europe/Berln'; did you mean Europe/Berlin?" in refused
    desk.config.write_text(text)


@pytest.mark.parametrize("arguments", [["pend", ".1", "--until"], ["stats", "--since"]])
def test_what_is_no_date_is_refused(desk: DeskDir, arguments: list[str]) -> None:
    desk.take(make_mail("A question"))
    refused = desk.run(*arguments, "soon", status=2).stderr.decode()
    assert f"supportctl {arguments[0]}: not a valid date: 'soon'\nhint: for example " in refused
