"""Spans of time and time zones: what they are, and what they make of a moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.values import InvalidValueError, Span, is_address, parse_seconds, parse_span, parse_zone

BERLIN = "Europe/Berlin"


def at(text: str) -> int:
    """Seconds since the epoch of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("12h", Span(12, "h")),
        ("30d", Span(30, "d")),
        ("2w", Span(2, "w")),
        ("3m", Span(3, "m")),
        ("1y", Span(1, "y")),
        ("0d", Span(0, "d")),
        ("2 weeks", Span(2, "w")),
        ("1_month", Span(1, "m")),
        ("36hours", Span(36, "h")),
        ("30 D", Span(30, "d")),
        ("100y", Span(100, "y")),
    ],
)
def test_spans_of_time(text: str, span: Span) -> None:
    assert parse_span(text) == span
    assert parse_span(str(span)) == span


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("30s", 30), ("5min", 300), ("1 h", 3600), ("24H", 86400), ("86400s", 86400)]
)
def test_short_times(text: str, seconds: int) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "30", "5m", "-1s", "1.5h", "25h", "86401s", "30sec", "١s", "9" * 5000 + "s"])
def test_what_is_no_short_time(text: str) -> None:
    with pytest.raises(InvalidValueError, match="not a valid short time"):
        parse_seconds(text)


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("ann@example.org", True),
        ("o'brien+x=y/z@example.org", True),
        ("-ann@example.org", False),
        ("ann@-example.org", False),
        ("ann@example.org\n", False),
        ("ann @example.org", False),
        ("ann,bob@example.org", False),
        ('"ann"@example.org', False),
        ("<ann@example.org>", False),
        ("ann@[127.0.0.1]", False),
        ("än@example.org", False),
        ("ann\0@example.org", False),
        ("", False),
    ],
)
def test_what_can_be_written_to(text: str, is_plain: bool) -> None:
    assert is_address(text) is is_plain


@pytest.mark.parametrize("text", ["", "d", "30", "-1d", "1.5d", "30 x", "30ds", "²d", "١d", "101y", "9" * 5000 + "d"])
def test_what_is_no_span_of_time(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"span of (time|more than a hundred years)") as caught:
        parse_span(text)
    assert len(caught.value.message) < 200
    assert caught.value.hint


@pytest.mark.parametrize(
    ("span", "moment", "later"),
    [  # in Berlin clocks are put forward on 2026-03-29 at 01:00 UTC, and back on 2026-10-25 at 01:00 UTC
        ("24h", "2026-03-28T11:00", "2026-03-29T11:00"),
        ("1d", "2026-03-28T11:00", "2026-03-29T10:00"),
        ("1d", "2026-10-24T10:00", "2026-10-25T11:00"),
        ("1w", "2026-03-25T11:00", "2026-04-01T10:00"),
        ("1d", "2026-03-28T01:30", "2026-03-29T01:30"),  # 02:30, which clocks skip
        ("1d", "2026-10-24T00:30", "2026-10-25T00:30"),  # 02:30, the first time
        ("0d", "2026-10-25T01:30", "2026-10-25T01:30"),  # 02:30, the second time
        ("3m", "2026-11-22T12:00", "2027-02-22T12:00"),
        ("3m", "2026-01-22T12:00", "2026-04-22T11:00"),
        ("1m", "2026-01-31T12:00", "2026-02-28T12:00"),
        ("1m", "2028-01-31T12:00", "2028-02-29T12:00"),
        ("1m", "2026-01-30T23:30", "2026-02-27T23:30"),  # the 31st there: on the 28th, half an hour after midnight
        ("13m", "2026-12-31T12:00", "2028-01-31T12:00"),
        ("1y", "2028-02-29T12:00", "2029-02-28T12:00"),
    ],
)
@pytest.mark.parametrize("is_machine", [False, True], ids=["named", "the machine's"])
def test_a_span_later(span: str, moment: str, later: str, is_machine: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", BERLIN if is_machine else "America/New_York")
        time.tzset()
        found = parse_span(span).after(at(moment), "" if is_machine else BERLIN)
    time.tzset()
    assert iso(found) == later


@pytest.mark.parametrize(
    ("span", "moment", "before"),
    [
        ("1d", "2026-03-29T10:00", "2026-03-28T11:00"),
        ("3m", "2026-05-31T10:00", "2026-02-28T11:00"),
        ("12m", "2026-01-31T11:00", "2025-01-31T11:00"),
        ("36h", "2026-03-29T10:00", "2026-03-27T22:00"),
    ],
)
def test_a_span_before(span: str, moment: str, before: str) -> None:
    assert iso(parse_span(span).before(at(moment), BERLIN)) == before


@given(st.integers(0, 4_000_000_000), st.sampled_from(["0h", "100h", "30d", "52w", "7m", "100y"]))
def test_a_span_leads_there_and_nearly_back(moment: int, text: str) -> None:
    span = parse_span(text)
    later = span.after(moment, BERLIN)
    assert later >= moment
    lost = 0 if span.unit == "h" else 3 * 86400 + 3600 if span.unit in "my" else 3600
    assert abs(span.before(later, BERLIN) - moment) <= lost


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_a_time_zone_is_an_iana_name(name: str) -> None:
    assert parse_zone(name) == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("Europe", ""),
        ("../../../etc/passwd", ""),
        ("/etc/localtime", ""),
        ("zone.tab", ""),
        ("Mars\0", "a time zone looks like Europe/Berlin or UTC"),
        ("+01:00", "a time zone looks like Europe/Berlin or UTC"),
    ],
)
def test_what_is_no_time_zone(name: str, hint: str) -> None:
    with pytest.raises(InvalidValueError, match="unknown time zone") as caught:
        parse_zone(name)
    assert hint in caught.value.hint
