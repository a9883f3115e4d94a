"""What the parts of a query mean, one mail at a time, and what is said of a query that makes no sense."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl import query
from supportctl.errors import UsageError
from supportctl.mail.content import Address, Attachment
from supportctl.output.terminal import point_at
from supportctl.query.ast import And, Name, Or, Range, Words
from supportctl.query.evaluate import Target, explain_match, matches
from supportctl.query.explain import describe_parts
from supportctl.query.fold import fold, unfold
from supportctl.query.patterns import find_spans
from tests.support.query_samples import LISTS, NOW, mail, ticket

WRITTEN = "I paid USD 15,00 for C++ at https://pay.example.org/a?b=c\n漢字カナ pass\u00adphrase"
MAIL = mail(
    headers=[("Subject", "Re: Case a20110119.1"), ("X-Mailer", "The Bat! (v3.0)"), ("List-Id", "")],
    mid="Abc.1@mail.example.org",
    subject="Re: Case a20110119.1 – Überweisung",
    sender=Address("Zoë Müller", "zoe.mueller@example.org"),
    to=[Address("Support", "support@desk.example"), Address("", "anna@example.net")],
    cc=[Address("", "judge@example.net")],
    recipients=["support@desk.example", "anna@example.net", "judge@example.net", "hidden@example.com"],
    date=NOW - 86400,
    text=f"{WRITTEN}\n\n> Where is\n> the money?",
    written=WRITTEN,
    quoted="> Where is\n> the money?",
    attachments=[Attachment("Invoice-2026.pdf", "application/pdf", 100)],
    size=4096,
    automatic="list",
    auth=["mail.paypal.com"],
)
TICKET = ticket(
    4, queue="support-engineers", state="open", owner="Anna", tags=["Paypal?", "x-y"], issue_type="Code Signing"
)
TRUE = """
case
CASE
paid case
a20110119.1
"case a20110119.1"
uberweisung
ÜBERWEISUNG
muller
Müller
zoe.mueller@example.org
example.org
pay.example.org
https://pay.example.org/a?b=c
C++
for/C++
re: case
inv*
"usd 15"*
漢字
字カ
passphrase
paid and not unpaid
paid AND NOT unpaid
unpaid or paid
unpaid Or paid
(unpaid or paid) -viagra
paid unpaid or case
-(viagra or xenical)
not not paid
"or" or paid
from:zoe
From:Muller
from:zoe.mueller@example.org
from:ZOE.Mueller@Example.ORG
from:example.org
from:@example.org
from:/^zo.+<zoe/
from:(zoe or nobody)
from:"zoe muller"
to:support
to:anna@example.net
to:/^support/
cc:judge
cc:{arbitrators}
cc:(nobody or {arbitrators})
recipient:{arbitrators}
recipient:hidden
recipient:hidden@example.com
recipient:judge@example.net
-from:{arbitrators}
-from:{nobody}
subject:/\\ba20110119\\.1\\b/
subject:/CASE/
subject:(case re)
subject:"re case"
body:money
body:"where is the money"
body:/where is$/
unquoted:paid
-unquoted:money
unquoted:/usd/
/where is/
/c\\+\\+/
/^zoë/
header:x-mailer:bat
header:X-Mailer:"the bat"
header:x-mailer:/bat!/
header:x-mailer:(outlook or "the bat")
header:x-mailer:(outlook or bat*)
header:list-id:*
header:x-mailer
-header:x-none:*
attachment:invoice
attachment:invoice-2026.pdf
attachment:/\\.pdf$/
id:s20261123.4
id:S20261123.4
mid:Abc.1@mail.example.org
mid:<Abc.1@mail.example.org>
in:support-engineers
in:"Support Engineers"
in:support*
in:(triage or support-engineers)
tag:paypal?
tag:X-Y
tag:*
type:"Code Signing"
type:"code signing"
type:code*
owner:anna
size:4k
size:>4095
size:>=4k
size:<=4k
size:..4k
size:1k..1M
-size:>4k
size:4096
amount:15.00USD
amount:15USD
auth:paypal.com
auth:mail.paypal.com
-auth:al.com
automatic:list
automatic:LIST
-automatic:bounce
is:open
is:unread
-is:closed
has:attachment
has:text
-has:signature
-has:encryption
-no:type
-no:owner
-no:text
has:tag
date:2026
date:2026-11
date:2026-11-22
date:2026/11/22
date:22.11.2026
date:20261122
date:yesterday
date:sunday
date:november
date:nov-2026
date:2026-11..
date:..2026-11-22
date:2026-01-01..2026-12
date:2d..
date:2d
date:3d..today
date:last-week..
date:"2026-11-22 00:00"
date:2026-11-22T00:00:00
date:>2026-11-21
date:>=2026-11-22
date:<=2026-11-22
-date:>2026-11-22
after:yesterday
after:2026-11-22
after:2d
before:2026-11-23
before:today
-before:yesterday
older:1h
older:23h
-older:1d
-older:2w
-older:1m
-older:1y
*
""".strip().splitlines()
FALSE = """
cas
20110119
"a20110119.1 case"
b=c/d
"paid where"
exampl
"uberweisung zoe"
body:"passphrase where"
recipient:"desk example judge"
from:mueller@example.org
from:zoe.mueller@example.or
from:support
to:judge
to:@example.com
cc:anna
subject:paid
body:case
unquoted:where
/(?-i)PAID/
/a20110119.2/
header:x-mailer:ba
header:subject:/^case/
header:x-mailer:(the /outlook/)
cc:({nobody} or arbitrators)
header:x-none:*
attachment:inv
id:s20261123
id:s20261123.40
mid:abc.1@mail.example.org
in:support
tag:paypal
type:code
size:>4k
size:<4k
amount:115.00USD
amount:15.00EUR
auth:example.org
date:2026-11-21
date:today
date:23h
before:yesterday
older:2d
is:closed
no:text
from:{nobody}
""".strip().splitlines()


@pytest.fixture(scope="module")
def candidate() -> Target:
    return Target(MAIL, TICKET, unread=True)


@pytest.mark.parametrize("text", TRUE)
def test_matches(candidate: Target, text: str) -> None:
    assert matches(query.parse_query(text, lists=LISTS, now=NOW, zone="UTC"), candidate)


@pytest.mark.parametrize("text", FALSE)
def test_does_not_match(candidate: Target, text: str) -> None:
    assert not matches(query.parse_query(text, lists=LISTS, now=NOW, zone="UTC"), candidate)


@pytest.mark.parametrize("text", ["15,00 USD", "x\n15,00 USD", "$15.00\nx", "115 $ x\n\nUSD 15\n15", "x USD 15,-"])
def test_amounts_are_found_on_any_line(text: str) -> None:
    parsed = query.parse_query("amount:15.00USD")
    assert matches(parsed, Target(mail(text=text), TICKET))
    assert matches(parsed, Target(mail(subject=text), TICKET))
    assert not matches(parsed, Target(mail(text=text.replace("15", "151")), TICKET))


@pytest.mark.parametrize(
    ("text", "place", "problem", "hint"),
    [
        ("", 0, "expected a word", ""),
        ("  ", 2, "expected a word", ""),
        ("from:paypal (subject:x", 22, "expected a ')' for the '(' at character 13", ""),
        ("a)", 1, "no '(' is open", ""),
        ("()", 1, "expected a word", ""),
        ("a and", 5, "expected a word", ""),
        ("or a", 0, "before 'or'", '"or"'),
        ("a and or b", 6, "before 'or'", ""),
        ("fron:anna", 0, "did you mean 'from:'", "known fields: from to"),
        ("a re:x", 2, "no field named 're:'", '"quotes"'),
        ("x-mailer:bat", 0, "no field named 'x-mailer:'", "header:x-mailer:"),
        ("a from: b", 7, "expected a value right after 'from:'", "no space"),
        ("header:x-a: b", 11, "expected a value right after 'x-a:'", "any value"),
        ('subject:"x', 8, 'expected a closing "', ""),
        ("subject:/x", 8, "expected a closing /", ""),
        ("subject:/a b/c d/", 8, "expected a closing /", "for a slash"),
        ("a subject:/viagra/i", 18, "nothing after the pattern", "case is ignored"),
        ("(/viagra/gs)", 9, "nothing after the pattern", "(?s)"),
        ("//", 1, "expected a pattern", ""),
        ("a /x(/", 3, "missing ): x(", ""),
        ("subject:/ab(?=c)/", 11, "invalid perl operator", "no look-around"),
        ("/a**/", 2, "bad repetition operator", ""),
        ("is:opne", 3, "did you mean 'open'", ""),
        ("id:a@example.org", 3, "expected a ticket's id", "mid: takes a Message-ID"),
        ("id:.17", 3, "expected a ticket's whole id", "id:s20261122.17"),
        ("is:read", 3, "did you mean '-is:unread'", ""),
        ("has:x", 4, "expected one of: attachment", ""),
        ("a newer:7d", 2, "did you mean 'after:'", ""),
        ("Folder:junk", 0, "did you mean 'in:'", ""),
        ("list:debian", 0, "did you mean 'header:list-id:'", ""),
        ("message-id:x", 0, "did you mean 'mid:'", ""),
        ("automatic:x", 10, "expected one of: bounce reply list", ""),
        ("is:/x/", 3, "takes no pattern", ""),
        ("from:{x}", 6, "no list named 'x'", "known lists: arbitrators, nobody"),
        ("tag:{arbitrators}", 4, "no list here", "from: to: cc: or recipient:"),
        ("date:2026-13", 5, "no such date", "yesterday"),
        ("date:2026-01..2026-02-30", 14, "no such date", ""),
        ("date:soon", 5, "not a valid date", ""),
        ("date:22/11/2026", 5, "not a valid date", ""),
        ("date:2026-nov-2026", 5, "not a valid date", ""),
        ("date:30min..", 5, "not a valid date", ""),
        ("date:31.4.", 5, "no such date", ""),
        ("after:2026-01..2026-02", 13, "expected one date", "after date:"),
        ("before:..2026-02", 7, "expected one date", "after date:"),
        ("older:2026-01", 6, "span of time", "before: takes a date"),
        ("date:2026..2025", 11, "ends before it begins", ""),
        ("date:..", 5, "before or after", ""),
        ("older:x", 6, "span of time", "30d"),
        ("older:99999y", 6, "more than a hundred years", ""),
        ("size:>x", 6, "expected a size", "1M"),
        ("amount:x", 7, "amount of money", "15.00USD"),
        ("auth:a@b", 5, "expected a domain", ""),
        ("a && b", 2, "did you mean 'and'", ""),
        ("a || b", 2, "did you mean 'or'", ""),
        ("- a", 0, "did you mean 'not'", ""),
        ("subject:!!!", 8, "no letter or digit", "pattern"),
        ("a*b", 1, "expected a word", "/ab.*c/"),
        ("*a", 0, "expected a word", "only end a word"),
        ("subject:(to:x)", 9, "no field inside 'subject:( )'", ""),
        ("subject:(a to:(x))", 11, "no field inside 'subject:( )'", ""),
        ("subject:(a header:x-a:(b))", 11, "no field inside 'subject:( )'", ""),
        ("header:x-a:()", 12, "expected a word", ""),
        ('a "b c"or"d"', 7, "expected a space after the phrase", ""),
        ('"b c"*d', 6, "expected a space after the phrase", ""),
        ('date:"2026-01 09:30".."2026-02"', 20, "expected a space after the phrase", "whole range in quotes"),
        ("from:{nobody},{arbitrators}", 13, "expected a space after the list", ""),
        ("{nobody}", 0, "no list here", "from: to: cc: or recipient:"),
        ('date:"2026-01..2026-02-30"', 15, "no such date", ""),
        ("caf\udce9 from:(x", 3, "expected text in UTF-8", "another encoding"),
        ("header:x-\udcff:/a/", 9, "expected text in UTF-8", ""),
        ("subject:/\udcff/", 9, "expected text in UTF-8", ""),
        ("(" * 2000 + "a" + ")" * 2000, 21, "at most 20 levels", ""),
        ("-" * 3000 + "a", 21, "at most 20 levels", ""),
        ("a " * 501, 1000, "at most 500 values", ""),
    ],
)
def test_mistakes_are_shown_at_their_place(text: str, place: int, problem: str, hint: str) -> None:
    with pytest.raises(query.QueryError) as caught:
        query.parse_query(text, lists=LISTS, now=NOW)
    error = caught.value
    assert isinstance(error, UsageError)
    assert (error.position, problem in error.problem, hint in error.hint) == (place, True, True), str(error)


def told(error: query.QueryError) -> list[str]:
    assert error.excerpt
    return point_at(*error.excerpt).splitlines()


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(query.QueryError) as caught:
        query.parse_query("subject:x\nfrom:\ty is:\x1bopen")
    assert told(caught.value) == ["  from: y is: open", "       ^"]


def test_the_caret_counts_what_the_terminal_shows() -> None:
    """Chinese takes two columns, a combining accent none."""
    with pytest.raises(query.QueryError) as caught:
        query.parse_query("証明 cafe\u0301 is:x")
    assert told(caught.value) == ["  証明 cafe\u0301 is:x", "               ^"]


def test_the_caret_of_a_long_query_stays_in_sight() -> None:
    with pytest.raises(query.QueryError) as caught:
        query.parse_query("word " * 80 + "is:x " + "word " * 80)
    line, caret = told(caught.value)
    assert len(line) <= 80
    assert line[caret.index("^") :].startswith("x word")


def test_and_binds_closer_than_or() -> None:
    a, b, c = (Words(name, "", (name,), False) for name in "abc")
    assert query.parse_query("a b or c").root == Or((And((a, b)), c))
    assert query.parse_query("a or (b and c)").root == Or((a, And((b, c))))


def test_paths_are_words_and_slashes_make_patterns() -> None:
    assert isinstance(query.parse_query("/var/log/mail").root, Words)
    assert query.parse_query("/dev/sda /etc/i18n").root == And(
        (Words("/dev/sda", "", ("dev", "sda"), False), Words("/etc/i18n", "", ("etc", "i18n"), False))
    )
    assert query.parse_query("/var/log/mail x /a b/").root != query.parse_query("/var/log/").root


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


def test_names_keep_what_stands_in_quotes() -> None:
    assert query.parse_query('type:"a*"').root == Name('type:"a*"', "type", "a*", False)


def test_explain_shows_every_part(candidate: Target) -> None:
    parsed = query.parse_query("case -(is:closed or tag:none) from:(zoe text) no:text", now=NOW)
    shown = [("  " * it.depth + it.text, it.is_true) for it in explain_match(parsed, candidate)]
    assert shown == [
        ("all of", False),
        ("  case", True),
        ("  not", True),
        ("    any of", False),
        ("      is:closed", False),
        ("      tag:none", False),
        ("  from:zoe", True),
        ("  from:text", False),
        ("  not", False),
        ("    has:text", True),
    ]


def test_a_hostile_mail_takes_linear_time() -> None:
    hostile = Target(mail(text="a" * 300_000 + "! " * 300_000, subject="a-" * 50_000), TICKET)
    parsed = [
        query.parse_query(text) for text in ("/(a+)+$/", "/(a|aa)+b/", '"a a a a b"', "amount:15.00USD", "/(.*a){20}x/")
    ]
    start = time.process_time()
    assert not any(matches(it, hostile) for it in parsed[1:])
    assert time.process_time() - start < 5


def test_places_without_length_do_not_hold_up_a_search() -> None:
    assert list(find_spans("x*", "ab xx cx")) == [(3, 5), (7, 8)]
    assert list(find_spans("x*", "a" * 300 + "x")) == []
    assert len(list(find_spans("x+", "ax" * 300))) == 300


def _examples() -> list[str]:
    """The queries in the tables of the language's reference."""
    text = (Path(__file__).parents[2] / "docs" / "language.md").read_text().replace("\\|", "|")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [code for row in rows for code in re.findall("`([^`]+)`", row) if re.search(r"[^\W_][^:]*$|\*", code)]


def test_the_examples_of_the_reference_are_queries() -> None:
    examples = _examples()
    assert len(examples) > 100
    for text in examples:
        query.parse_query(text, lists=LISTS)


TRICKY = st.sampled_from("aB éÉİßΣσς漢ｶ\u0301\u200bﬃ½😀ǅ") | st.characters()


@given(st.text(TRICKY, max_size=30))
def test_every_character_of_a_folded_text_leads_back_to_its_own(text: str) -> None:
    pieces = [fold(character) for character in text]
    assert fold(text) == "".join(pieces)
    own = [place for place, piece in enumerate(pieces) for _ in piece]
    assert [unfold(text, position) for position in range(len(own))] == own


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Grüße, ÉCOLE", "grusse, ecole"),
        ("Sørensen", "sorensen"),
        ("Łódź", "lodz"),
        ("Þór Sigríður", "thor sigridur"),
        ("Yıldız İstanbul", "yildiz istanbul"),
        ("Œuvre æther", "oeuvre aether"),
        ("Đặng", "dang"),
        ("ΑΣ Σας", "ας σας".replace("ς", "σ")),
        ("ﬁn ½", "fin 1 2"),
    ],
)
def test_letters_read_as_people_type_them(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_place_far_down_is_found() -> None:
    text = "Füllung, und mehr\n" * 20_000 + "ß nadel"
    assert text[unfold(text, fold(text).index("nadel")) :] == "nadel"


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
