"""What the parts of a query mean, one mail at a time, and what is said of a query that makes no sense."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from supportctl import query
from supportctl.mail.content import Address, Attachment
from supportctl.query.ast import And, Name, Or, Words
from supportctl.query.evaluate import Target, explain_match, matches
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
    likely="reply",
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
likely:reply
likely:*
-likely:bounce
-automatic:notification
-automatic:bounce
is:open
is:unread
-is:undelivered
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
