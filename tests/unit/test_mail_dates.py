"""Dates in messages, as programs of many countries write them: read with certainty, or with a doubt that is told."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail import date_words
from supportctl.mail.dates import choose_date, read_mail_date
from supportctl.mail.mail_date import FARTHEST_ZONE
from supportctl.mail.message import parse_message

RECEIVED = 1_700_000_000  # 2023-11-14T22:13:20Z


def iso(moment: int | None) -> str | None:
    """A time in UTC, without its zone."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()[:19]


CERTAIN = [
    # the form of RFC 5322, and small slips
    ("Tue, 14 Nov 2023 22:13:20 +0000", "2023-11-14T22:13:20"),
    ("14 Nov 2023 23:13:20 +0100", "2023-11-14T22:13:20"),
    ("Tue, 14 Nov 2023 22:13 -0500", "2023-11-15T03:13:00"),
    ("Tue, 14 Nov 2023 22:13:20 -0000", "2023-11-14T22:13:20"),
    ("Mon, 14 Nov 2023 22:13:20 +0000", "2023-11-14T22:13:20"),  # a Tuesday
    ("Tuesday, 14 November 2023 22:13:20 +0000", "2023-11-14T22:13:20"),
    ("tue, 14 NOV 2023 22:13:20 +0000", "2023-11-14T22:13:20"),
    ("Tue, 014 Nov 2023 22:13:20 +0000", "2023-11-14T22:13:20"),
    ("Tue,14 Nov 2023 22:13:20+0000", "2023-11-14T22:13:20"),
    ("Tue, 14 Nov 2023 22:13: 20 +0000", "2023-11-14T22:13:20"),
    ("Tue, 14-Nov-2023 22:13:20 +0000", "2023-11-14T22:13:20"),
    ("Tue (a day) , 14 (a (nested) one) Nov 2023 22:13:20 (c) +0000", "2023-11-14T22:13:20"),
    ("Date: Tue, 14 Nov 2023 22:13:20 +0000", "2023-11-14T22:13:20"),
    # years of two and three digits (RFC 5322, section 4.3)
    ("Fri, 28 Feb 92 11:07:59 +0000", "1992-02-28T11:07:59"),
    ("14 Nov 23 22:13:20 +0000", "2023-11-14T22:13:20"),
    ("Sat, 1 Jan 100 10:00:00 +0000", "2000-01-01T10:00:00"),
    # ends
    ("Sat, 1 Jan 2000 24:00:00 +0000", "2000-01-02T00:00:00"),
    ("Sat, 31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00"),
    ("Thu, 29 Feb 2024 10:00:00 +0000", "2024-02-29T10:00:00"),
    # shifts and names of zones
    ("Mon, 2 Nov 2026 10:00:00 +02:00", "2026-11-02T08:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 GMT+0200", "2026-11-02T08:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 UTC+2", "2026-11-02T08:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 GMT-05:30", "2026-11-02T15:30:00"),
    ("Mon, 2 Nov 2026 10:00:00 -400 (EDT)", "2026-11-02T14:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 +2", "2026-11-02T08:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 Z", "2026-11-02T10:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 UT", "2026-11-02T10:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 CET", "2026-11-02T09:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 MEZ", "2026-11-02T09:00:00"),
    ("Thu, 2 Jul 2026 10:00:00 MESZ", "2026-07-02T08:00:00"),
    ("Thu, 2 Jul 2026 10:00:00 MET DST", "2026-07-02T08:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 MSK", "2026-11-02T07:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 JST", "2026-11-02T01:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 EST", "2026-11-02T15:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 CST", "2026-11-02T16:00:00"),  # that of RFC 5322, in its form
    ("Sun, 21 Jul 2002 04:21:08 Eastern Daylight Time", "2002-07-21T08:21:08"),
    ("Mon, 2 Nov 2026 10:00:00 (CET)", "2026-11-02T09:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 (EST) -0500", "2026-11-02T15:00:00"),
    ("Mon, 2 Nov 2026 10:00:00 +0530 (IST)", "2026-11-02T04:30:00"),
    # twelve hours
    ("Mon, 2 Nov 2026 10:13:20 PM +0000", "2026-11-02T22:13:20"),
    ("Mon, 2 Nov 2026 10:13:20 +0000 PM", "2026-11-02T22:13:20"),
    ("Mon, 2 Nov 2026 12:05 a.m. UTC", "2026-11-02T00:05:00"),
    ("Mon, 2 Nov 2026 12:05pm UTC", "2026-11-02T12:05:00"),
    ("Mon, 2 Nov 2026 22:13:20 PM +0000", "2026-11-02T22:13:20"),
    ("lunes, 2 de noviembre de 2026 10:13:20 p. m. -0500", "2026-11-03T03:13:20"),
    # ISO 8601
    ("2019-05-06T07:08:09Z", "2019-05-06T07:08:09"),
    ("2019-05-06T07:08:09+0200", "2019-05-06T05:08:09"),
    ("2019-05-06T07:08:09.123456+02:00", "2019-05-06T05:08:09"),
    ("2019-05-06 07:08:09,123 -0300", "2019-05-06T10:08:09"),
    ("2019-05-06T07:08Z", "2019-05-06T07:08:00"),
    ("20190506T070809Z", "2019-05-06T07:08:09"),
    # programming languages
    ("Mon Nov 02 2026 10:00:00 GMT+0200 (Central European Standard Time)", "2026-11-02T08:00:00"),
    ("Mon Nov 02 10:00:00 CET 2026", "2026-11-02T09:00:00"),
    ("Mon Nov 02 10:00:00 GMT+02:00 2026", "2026-11-02T08:00:00"),
    ("2026-11-02T10:00:00+01:00[Europe/Berlin]", "2026-11-02T09:00:00"),
    ("2026-11-02 10:00:00.123 +0100 CET m=+0.0012", "2026-11-02T09:00:00"),
    ("2026-11-02 10:00:00 -0300 -03", "2026-11-02T13:00:00"),
    ("02/Nov/2026:10:00:00 +0000", "2026-11-02T10:00:00"),
    ("1700000000", "2023-11-14T22:13:20"),
    ("1700000000000", "2023-11-14T22:13:20"),
    ("@1700000000 +0100", "2023-11-14T22:13:20"),
    # numbers that mean one day alone
    ("2026/04/03 10:00:00 +0000", "2026-04-03T10:00:00"),
    ("2002/09/14 Sat 13:06:03 GMT", "2002-09-14T13:06:03"),
    ("03.04.2026 10:00:00 +0000", "2026-04-03T10:00:00"),
    ("03.04.26 10:00:00 +0000", "2026-04-03T10:00:00"),
    ("2026. 04. 03. 10:00:00 +0200", "2026-04-03T08:00:00"),
    ("13/04/2026 10:00:00 +0000", "2026-04-13T10:00:00"),
    ("04/13/26 10:00:00 +0000", "2026-04-13T10:00:00"),
    ("04-04-2026 10:00:00 +0000", "2026-04-04T10:00:00"),
    ("Fri 03/04/2026 10:00:00 +0000", "2026-04-03T10:00:00"),
    ("Wed 03/04/2026 10:00:00 +0000", "2026-03-04T10:00:00"),
    # other orders
    ("November 14th, 2023 at 10:13 PM EST", "2023-11-15T03:13:00"),
    ("Nov Tue 14 2023 22:13:20 +0000", "2023-11-14T22:13:20"),
    ("22:13:20 Tue 14 Nov 2023 UTC", "2023-11-14T22:13:20"),
    # languages
    ("fre, 28 maj 1999 21:47:11 +0200 (CEST)", "1999-05-28T19:47:11"),
    ("Mi., 23 Dez. 2015 09:48:37 +0100", "2015-12-23T08:48:37"),
    ("Di, 14 Mär 2023 22:13:20 +0100", "2023-03-14T21:13:20"),
    ("=?utf-8?q?Di=2C_14_M=C3=A4r_2023?= 22:13:20 +0100", "2023-03-14T21:13:20"),
    ("den 14. November 2023 um 22:13 Uhr MEZ", "2023-11-14T21:13:00"),
    ("mar. 3 nov. 2020 10:00:00 +0100", "2020-11-03T09:00:00"),
    ("mar 3 mar 2020 10:00:00 +0100", "2020-03-03T09:00:00"),
    ("dimanche 8 août 2021 10h00 +0200", "2021-08-08T08:00:00"),
    ("terça-feira, 14 de novembro de 2023 22:13:20 -0300", "2023-11-15T01:13:20"),
    ("ti 14. marraskuuta 2023 22.13.20 +0200", "2023-11-14T20:13:20"),
    ("út, 14 čvn 2022 22:13:20 +0200", "2022-06-14T20:13:20"),
    ("wto, 14 lis 2023 22:13:20 +0100", "2023-11-14T21:13:20"),
    ("uto, 14 lis 2023 22:13:20 +0100", "2023-10-14T21:13:20"),  # Croatian
    ("Вт, 14 ноя 2023 22:13:20 +0300", "2023-11-14T19:13:20"),
    ("14 ноября 2023 г. 22:13:20 MSK", "2023-11-14T19:13:20"),
    ("вт, 14 лис 2023 22:13:20 +0200", "2023-11-14T20:13:20"),
    ("Sal, 14 Kas 2023 22:13:20 +0300", "2023-11-14T19:13:20"),
    ("Τρι, 14 Νοε 2023 22:13:20 +0200", "2023-11-14T20:13:20"),
    ("星期二, 27 八月 2002 01:50:37 -0700 (EDT)", "2002-08-27T08:50:37"),
    ("2023年11月14日(火) 22:13:20 +0900", "2023-11-14T13:13:20"),
    ("2023년 11월 14일 (화) 오후 10:13 +0900", "2023-11-14T13:13:00"),
    ("２０２３-１１-１４ ２２:１３:２０ +0000", "2023-11-14T22:13:20"),
]


@pytest.mark.parametrize(("text", "date"), CERTAIN)
def test_a_date_that_is_certain(text: str, date: str) -> None:
    reading = read_mail_date(text)
    assert (iso(reading.at), reading.doubt) == (date, "")


DOUBTFUL = [
    ("jue ago 30 13:55:12 2007", "2007-08-30T13:55:12", "has no time zone"),
    ("05-FEB-2021 22:05:02", "2021-02-05T22:05:02", "has no time zone"),
    ("2019-05-06 07:08:09", "2019-05-06T07:08:09", "has no time zone"),
    ("20/08/2002 17:27:53", "2002-08-20T17:27:53", "has no time zone"),
    ("20231114221320", "2023-11-14T22:13:20", "has no time zone"),
    ("Mon, 2 Nov 2026 10:00:00 IST", "2026-11-02T10:00:00", "several meanings (IST)"),
    ("Mon Nov 02 10:00:00 CST 2026", "2026-11-02T10:00:00", "several meanings (CST)"),
    ("Mon, 2 Nov 2026 10:00:00 XYZT", "2026-11-02T10:00:00", "an unknown time zone (XYZT)"),
    ("21 Jan 01 20:53:58 GMT0BST", "2001-01-21T20:53:58", "an unknown time zone (GMT0BST)"),
    ("Tue, 3 Dec 2002 11:51:12 +-0700", "2002-12-03T11:51:12", "an unknown time zone (+-0700)"),
    ("Mon, 2 Nov 2026 10:00:00 +9900", "2026-11-02T10:00:00", "a time zone that does not exist"),
    ("Mon, 2 Nov 2026 10:00:00 +0175", "2026-11-02T10:00:00", "a time zone that does not exist"),
    ("Mon, 2 Nov 2026 10:00:00 CET-0500", "2026-11-02T10:00:00", "has two time zones"),
    ("Tue, 14 Nov 2023", "2023-11-14T00:00:00", "has no time of day"),
    ("20231114", "2023-11-14T00:00:00", "has no time of day"),
    ("03/04/2026 10:00:00 +0000", None, "can be read in two ways"),
    ("03-04-2026 10:00", None, "can be read in two ways"),
    ("03/04/05 10:00:00 +0000", None, "can be read in two ways"),
    ("Mon 03/04/2026 10:00:00 +0000", None, "can be read in two ways"),  # neither is a Monday
]


@pytest.mark.parametrize(("text", "date", "doubt"), DOUBTFUL)
def test_a_date_that_is_doubtful(text: str, date: str | None, doubt: str) -> None:
    reading = read_mail_date(text)
    assert iso(reading.at) == date
    assert doubt in reading.doubt


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "never",
            "Date:",
            "%date_raw_header%",
            "45244.925926",
            "14",
            "Nov 2023",
            "10:13",
            "()",
            "14 Nov 10:13:20",
        ),
        *("Tue, 31 Feb 2023 10:00:00 +0000", "Wed, 29 Feb 2023 10:00:00 +0000", "99 Jan 2020 10:00:00 +0000"),
        *("14 Nov 2023 25:00:00 +0000", "14 Nov 2023 24:00:01 +0000", "14 Nov 2023 10:61:00 +0000"),
        *("14 Nov 2023 13:00 AM", "14 Nov 2023 0:05 PM", "14 Nov 99999 10:00:00 +0000", "14 Nov 2 10:00:00 +0000"),
        *("14 jui 2023 10:00:00 +0200", "14 lis 2023 10:00:00 +0100", "14 Foo 2023 10:00:00 +0000"),
        *("14 Nov 2023 10:00:00 11:00:00 +0000", "2023-13-14 10:00:00 +0000", "2566-11-14 10:00:00 x y 3"),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert read_mail_date(text).doubt


def test_names_of_months_that_languages_disagree_on() -> None:
    months, days = date_words._tables()
    differ = {name for name, numbers in months.items() if len(set(numbers.values())) > 1}
    assert differ == {"lip", "lis", "listopad", "listopada", "srp"}
    for language in date_words._LANGUAGES:
        assert {numbers.get(language) for numbers in months.values()} - {None} == set(range(1, 13)), language
        assert {numbers.get(language) for numbers in days.values()} - {None} == set(range(7)), language


@given(
    moment=st.datetimes(datetime(1972, 1, 1), datetime(2049, 12, 30)),
    minutes=st.integers(-FARTHEST_ZONE // 60, FARTHEST_ZONE // 60),
    form=st.sampled_from([
        format_datetime,
        datetime.isoformat,
        str,
        lambda date: date.strftime("%a %b %d %Y %H:%M:%S GMT%z"),
        lambda date: date.strftime("%d-%b-%y %I:%M:%S %p %z"),
        lambda date: date.strftime("%a %b %d %H:%M:%S %z %Y"),
        lambda date: date.strftime("%d.%m.%Y %H:%M:%S %z"),
    ]),
)  # fmt: skip
def test_a_date_that_a_program_wrote_is_read(moment: datetime, minutes: int, form: object) -> None:
    date = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    reading = read_mail_date(form(date))  # type: ignore[operator]
    assert reading == (calendar.timegm(date.utctimetuple()), "", 0)


@given(st.text(max_size=60) | st.text("0123456789:.-+/ ,TZapmNov()=?", max_size=40))
def test_any_text_is_a_date_or_not(text: str) -> None:
    at, doubt, _ = read_mail_date(text)
    assert isinstance(at, int) or doubt


TRACE = "from a by b; "
CHOSEN = [
    # a date without a zone is that of receipt, if that is near enough to be the same
    (["Tue, 14 Nov 2023 23:13:18"], ["Tue, 14 Nov 2023 22:13:20 +0000"], 0, "has no time zone: the time of receipt"),
    (["Tue, 14 Nov 2023"], ["Tue, 14 Nov 2023 22:13:20 +0000"], 0, "has no time of day: the time of receipt"),
    (["Tue, 14 Nov 2023 23:13:20"], ["Wed, 15 Nov 2023 22:13:20 +0000"], 3600, "has no time zone: UTC is assumed"),
    (["Tue, 14 Nov 2023 23:13:20"], [], 3600, "has no time zone: UTC is assumed"),
    (["10/11/2023 10:00:00 +0000"], ["Tue, 14 Nov 2023 22:13:21 +0000"], 1, "can be read in two ways"),
    (["never"], ["never", "Tue, 14 Nov 2023 22:13:21", "Tue, 14 Nov 2023 22:13:22 +0000"], 2, "is not valid"),
    (["Fri, 01 Jan 1904 00:00:00 +0000"], [], 0, "is not valid"),
    (["Thu, 01 Jan 1970 00:00:00 +0000"], [], 0, "is not valid"),
    (["Wed, 01 Jan 2098 00:00:00 +0000"], [], 0, "is not valid"),
    ([], [], 0, "no Date"),
    # a second Date
    (["never", "Tue, 14 Nov 2023 22:13:21 +0000"], [], 1, "several Dates that differ"),
    (["Tue, 14 Nov 2023 22:13:21 +0000", "Tue, 14 Nov 2023 22:13:22 +0000"], [], 1, "several Dates that differ"),
    (["Tue, 14 Nov 2023 22:13:21 +0000", "Tue, 14 Nov 2023 23:13:21 +0100"], [], 1, ""),
    (["Tue, 14 Nov 2023 22:13:21 +0000"], ["Tue, 14 Nov 2023 22:13:22 +0000"], 1, ""),
]


@pytest.mark.parametrize(("dates", "traces", "later", "problem"), CHOSEN)
def test_the_date_that_counts(dates: list[str], traces: list[str], later: int, problem: str) -> None:
    problems: list[str] = []
    assert choose_date(dates, [TRACE + text for text in traces], RECEIVED, problems) - RECEIVED == later
    assert problem in "".join(problems) if problem else problems == []


def test_the_date_in_a_message_in_a_charset_of_old() -> None:
    raw = "Date: Вт, 14 ноя 2023 22:13:20 +0000\nContent-Type: text/plain; charset=koi8-r\n\nx".encode("koi8-r")
    assert parse_message(raw, received=RECEIVED + 5).date == RECEIVED
