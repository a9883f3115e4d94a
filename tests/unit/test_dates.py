"""Dates as people type them: each is read in a direction, and its days begin where the clock on the wall says."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from supportctl.dates import Direction, read_ago, read_date, read_since, read_until
from supportctl.values import InvalidValueError

BERLIN = "Europe/Berlin"


def at(text: str) -> int:
    """Seconds since the epoch of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")


NOW = at("2026-11-27T11:00")  # a Friday, in Berlin at noon


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("tomorrow", "2026-11-27T23:00"),
        ("friday", "2026-12-03T23:00"),
        ("Fri", "2026-12-03T23:00"),
        ("saturday", "2026-11-27T23:00"),
        ("thursday", "2026-12-02T23:00"),
        ("next-friday", "2026-12-03T23:00"),
        ("24.12.", "2026-12-23T23:00"),
        ("24.12", "2026-12-23T23:00"),
        ("24-dec", "2026-12-23T23:00"),
        ("27.11.", "2027-11-26T23:00"),
        ("1.2.", "2027-01-31T23:00"),
        ("29.2.", "2028-02-28T23:00"),
        ("31.12.2026", "2026-12-30T23:00"),
        ("2027-02-01", "2027-01-31T23:00"),
        ("2027-02", "2027-01-31T23:00"),
        ("2027", "2026-12-31T23:00"),
        ("january", "2026-12-31T23:00"),
        ("november", "2027-10-31T23:00"),
        ("next-week", "2026-11-29T23:00"),
        ("next-month", "2026-11-30T23:00"),
        ("next-year", "2026-12-31T23:00"),
        ("today 17:00", "2026-11-27T16:00"),
        ("friday 17:00", "2026-11-27T16:00"),
        ("friday 9:00", "2026-12-04T08:00"),
        ("tomorrow 09:30", "2026-11-28T08:30"),
        ("24.12. 18:00", "2026-12-24T17:00"),
        ("2026-12-24T18:00z", "2026-12-24T18:00"),
        ("90d", "2027-02-25T11:00"),
        ("3m", "2027-02-27T11:00"),
        ("2 weeks", "2026-12-11T11:00"),
        ("36h", "2026-11-28T23:00"),
        ("1y", "2027-11-27T11:00"),
    ],
)
def test_a_date_to_come(text: str, until: str) -> None:
    assert iso(read_until(text, NOW, BERLIN)) == until


@pytest.mark.parametrize(
    "text",
    [
        *("today", "yesterday", "now", "0d", "2d ago", "last-friday", "this-week"),
        *("2026-11-27", "27.11.2026", "2001", "@0", "today 9:00"),
    ],
)
def test_a_date_that_is_past_is_none_to_wait_for(text: str) -> None:
    with pytest.raises(InvalidValueError, match="the date is in the past") as caught:
        read_until(text, NOW, BERLIN)
    assert "tomorrow, friday, 24.12." in caught.value.hint


@pytest.mark.parametrize("read", [read_until, read_since])
@pytest.mark.parametrize(
    "text", ["", "soon", "32.1.", "31.4.", "2027-02-30", "-3d", "1e9y", "3d\n4d", "tomorrow 25:00", "101y"]
)
def test_what_is_no_date_is_none_in_any_direction(text: str, read: object) -> None:
    with pytest.raises(InvalidValueError, match="date"):
        read(text, NOW, BERLIN)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("friday", "2026-11-26T23:00"),
        ("saturday", "2026-11-20T23:00"),
        ("last-friday", "2026-11-19T23:00"),
        ("last-week", "2026-11-15T23:00"),
        ("last-month", "2026-09-30T22:00"),
        ("last-year", "2024-12-31T23:00"),
        ("this-week", "2026-11-22T23:00"),
        ("yesterday", "2026-11-25T23:00"),
        ("27.11.", "2026-11-26T23:00"),
        ("24.12.", "2025-12-23T23:00"),
        ("29.2.", "2024-02-28T23:00"),
        ("november", "2026-10-31T23:00"),
        ("december", "2025-11-30T23:00"),
        ("2026-11-15", "2026-11-14T23:00"),
        ("90d", "2026-08-29T10:00"),
        ("3m", "2026-08-27T10:00"),
        ("2 weeks ago", "2026-11-13T11:00"),
    ],
)
def test_a_date_gone_by(text: str, since: str) -> None:
    assert iso(read_since(text, NOW, BERLIN)) == since


def test_a_span_before_now_is_three_months_of_the_calendar() -> None:
    assert iso(read_ago("3m", NOW, BERLIN)) == iso(read_since("3m", NOW, BERLIN)) == "2026-08-27T10:00"


@pytest.mark.parametrize(
    ("zone", "day", "begins", "ends"),
    [
        (BERLIN, "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),  # 23 hours
        (BERLIN, "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),  # 25 hours
        ("America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", "2018-11-05T02:00"),  # begins at 01:00
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00", "2018-02-18T03:00"),  # ends at 24:00, the second time
        ("America/Havana", "2020-11-01", "2020-11-01T04:00", "2020-11-02T05:00"),  # begins at 00:00, the first time
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", "2011-12-30T10:00"),  # a day that there never was
        ("Asia/Kathmandu", "2026-11-27", "2026-11-26T18:15", "2026-11-27T18:15"),
    ],
)
@pytest.mark.parametrize("is_machine", [False, True], ids=["named", "the machine's"])
@pytest.mark.parametrize("direction", ["back", "ahead"])
def test_a_day_begins_where_the_clock_on_the_wall_says(
    zone: str, day: str, begins: str, ends: str, is_machine: bool, direction: Direction, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone if is_machine else "Asia/Tokyo")
        time.tzset()
        found = read_date(day, NOW, "" if is_machine else zone, direction)
    time.tzset()
    assert tuple(map(iso, found)) == (begins, ends)


def test_a_minute_has_sixty_seconds_where_clocks_are_put_back() -> None:
    first, end = read_date("2026-10-25T02:59", NOW, BERLIN)
    assert (iso(first), end - first) == ("2026-10-25T00:59", 60)
