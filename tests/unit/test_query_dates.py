"""Dates, lengths of time and sizes in a query, as people type them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from supportctl import query
from supportctl.query.ast import Range
from supportctl.query.explain import describe_parts
from tests.support.query_samples import NOW


def test_relative_dates_count_from_now() -> None:
    month = query.parse_query("older:1m", now=1774915200, zone="UTC").root
    assert month == Range("older:1m", "date", None, 1772236800)  # 31 -> 28
    before = int(time.time()) - 86400
    root = query.parse_query("after:1d").root
    assert isinstance(root, Range)
    assert root.low is not None
    assert before <= root.low <= int(time.time()) - 86400


@pytest.mark.parametrize(
    ("date", "meant"),
    [  # asked on Monday 2026-11-23 at 00:00
        ("22nov2026", "2026-11-22"),
        ("22-nov-2026", "2026-11-22"),
        ('"22. November 2026"', "2026-11-22"),
        ('"Nov 22nd, 2026"', "2026-11-22"),
        ("2026-nov-22", "2026-11-22"),
        ("2026-nov", "2026-11"),
        ("nov2025", "2025-11"),
        ("sept", "2026-09"),
        ("december", "2025-12"),
        ("202611", "2026-11"),
        ("22.11.", "2026-11-22"),
        ("24.11", "2025-11-24"),
        ("24-nov", "2025-11-24"),
        ("29.2.", "2024-02-29"),
        ("nov23", "2026-11-23"),
        ("mon", "2026-11-23"),
        ("last-monday", "2026-11-16"),
        ('"Last Tues"', "2026-11-17"),
        ("thu..fri", "2026-11-19..2026-11-20"),
        ("last_month", "2026-10"),
        ("2weeks..3days", "14d..3d"),
        ('"2 weeks ago.. 3 days ago"', "14d..3d"),
        ("1year..1_month", "1y..1m"),
        ("@1795392000..", "2026-11-23.."),
        ("22-nov-2026T09:30", "2026-11-22T09:30"),
    ],
)
def test_dates_are_read_as_people_type_them(date: str, meant: str) -> None:
    assert _span(f"date:{date}") == _span(f"date:{meant}")


@pytest.mark.parametrize(
    ("length", "meant"), [("2weeks", "14d"), ('"1 month"', "1m"), ("1_year", "1y"), ("36hours", "36h")]
)
def test_lengths_of_time_are_read_as_people_type_them(length: str, meant: str) -> None:
    assert _span(f"older:{length}") == _span(f"older:{meant}")


def _span(text: str) -> tuple[int | None, int | None]:
    root = query.parse_query(text, now=NOW, zone="UTC").root
    assert isinstance(root, Range)
    return root.low, root.high


def test_sizes_beyond_every_mail_are_sizes() -> None:
    for size in ("9" * 400, "9" * 19, "99999999999G"):
        assert query.parse_query(f"size:>{size}").root == Range(f"size:>{size}", "size", 2**62 + 1, None)


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("date:2026-11-19", "2026-11-18T15:00", "2026-11-19T15:00"),
        ("date:today", "2026-11-22T15:00", "2026-11-23T15:00"),
        ("date:yesterday", "2026-11-21T15:00", "2026-11-22T15:00"),
        ("date:2026", "2025-12-31T15:00", "2026-12-31T15:00"),
        ("date:2026-11-19T09:30", "2026-11-19T00:30", "2026-11-19T00:31"),
        ("date:2026-11-19T09:30z", "2026-11-19T09:30", "2026-11-19T09:31"),
    ],
)
@pytest.mark.parametrize(("machine", "zone"), [("Asia/Tokyo", ""), ("America/New_York", "Asia/Tokyo")])
def test_days_are_those_of_the_time_zone(
    text: str, first: str, end: str, machine: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(datetime(2026, 11, 22, 16, tzinfo=UTC).timestamp())  # in Tokyo it is the 23rd
    with monkeypatch.context() as patch:
        patch.setenv("TZ", machine)
        time.tzset()
        asked = query.parse_query(text, now=now, zone=zone)
        meaning = describe_parts(asked)[0].meaning
    time.tzset()
    found = asked.root
    assert ("JST" in meaning) == (":" in text.partition(":")[2])
    assert "15:00" not in meaning
    assert isinstance(found, Range)
    assert [datetime.fromtimestamp(at or 0, UTC).strftime("%Y-%m-%dT%H:%M") for at in (found.low, found.high)] == [
        first,
        end,
    ]
