"""Both evaluators say the same of every mail: on real mail, and on mail made up to be difficult."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportctl import query
from supportctl.index.sql import express
from supportctl.mail import message
from supportctl.mail.content import Address, Attachment, MessageContent
from supportctl.query.evaluate import Target
from supportctl.query.fields import NAMES, THINGS
from supportctl.query.parser import DEPTH
from tests.conftest import RealMails
from tests.support.query_samples import BLANK_MAIL, LISTS, NOW, Desk, mail, ticket

SLOW = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
GENERATED = 40  # each makes an index
FIXED = (
    *(
        "is:open",
        "is:closed",
        "is:pending",
        "is:unread",
        "is:undelivered",
        "has:attachment",
        "has:signature",
        "has:encryption",
    ),
    *("has:text", "no:text", "no:type", "no:owner", "no:tag", "no:attachment", "automatic:bounce", "automatic:*"),
    *(
        "automatic:reply",
        "automatic:list",
        "automatic:notification",
        "likely:bounce",
        "likely:reply",
        "likely:*",
        "tag:paypal?",
        "tag:X",
        "tag:dis*",
        "tag:*",
        "note:called",
        "note:cal*",
        'note:"he called"',
        "note:/CALLED/",
        "-note:nobody",
        "tag:/^x/",
        "owner:ANNA",
    ),
    *("owner:b*", 'type:"code signing"', "type:gen*", "type:/code|general/", "in:triage", 'in:"Support Engineers"'),
    *("in:/e$/", "id:S20261123.7", "id:s20261123.1*", "id:/7$/", "mid:*", "mid:/\\.com$/", "size:>3k", "size:..2k"),
    *("size:1k..4k", "date:2002", "date:2002-08..2002-10", "after:2003-01-01", "before:2002-09-15", "older:5y"),
    *("date:..2001", "date:>2004", "amount:15.00USD", "amount:$1,000.00", "amount:10USD", "auth:paypal.com", "auth:*"),
    *("auth:/pay/", "from:{arbitrators}", "recipient:{nobody}", "header:x-mailer:*", "header:received:from"),
    *("header:subject:/^re:/", "header:from:com", "header:content-type:multipart", "header:x-none:*", "*"),
    *("header:subject:(re or fwd*)", "-is:closed"),
    *(
        "/viagra/",
        "/^from/",
        "body:/https?:\\/\\//",
        "unquoted:/\\bfree\\b/",
        "attached:/t.e/",
        "subject:/(?-i)RE/",
        "from:/@.*\\.net/",
    ),
    *("to:/undisclosed/", "recipient:/list/"),
    *("attachment:/\\.(pdf|gif)$/", "attachment:pdf", "from:com", "to:org"),
    *(
        "cc:net",
        "recipient:debian",
        "the",
        "re",
        "subject:re",
        "body:you",
        "unquoted:i",
        "attached:i",
        "pa*",
        "body:un*",
        "/\\S{80}/",
    ),
)


def queries(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return terms put together in every way that the language knows."""
    return st.recursive(
        terms,
        lambda inner: st.one_of(
            st.builds("({} or {})".format, inner, inner),
            st.builds("({} {})".format, inner, inner),
            st.builds("-{}".format, inner),
            st.builds("({} AND not {})".format, inner, inner),
        ),
        max_leaves=6,
    )


def expect_agreement(desk: Desk, text: str) -> None:
    found = desk.found_in_sql(text)
    assert found == desk.found_in_memory(text), text
    assert found == desk.found_the_long_way(text), text
    where, parameters = express(query.parse_query(text, lists=LISTS, now=NOW, zone="UTC").root)
    sql = f"""SELECT d.number FROM document d JOIN desk.message m ON m.number = d.number
      JOIN desk.ticket t ON t.id = m.ticket WHERE {where} ORDER BY d.slot DESC"""
    connection = desk.index._file.attach()  # the index's functions are needed
    assert [row[0] for row in connection.execute(sql, parameters)] == found, text


def test_every_field_has_an_example() -> None:
    fields = {name for text in FIXED for name in re.findall(r"([a-z]+):", text)}
    assert set(NAMES) - fields == set()
    assert {f"has:{thing}" for thing in THINGS} - {text.replace("no:", "has:") for text in FIXED} == set()


# --- real mail


@pytest.fixture(scope="module")
def real_desk(real_mails: RealMails, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    files = sorted(real_mails.folder.rglob("*.eml"))[::13]
    mails = [message.parse_message(file.read_bytes(), received=NOW) for file in files]
    for number, place in enumerate(range(0, len(mails), 9)):
        mails[place] = mails[place]._replace(auth=["paypal.com", "mail.paypal.com", "notpaypal.com"][: number % 4])
    mails[3] = mails[3]._replace(sender=Address("Arb", "arb@example.org"))
    mails[5] = mails[5]._replace(automatic="reply")
    mails[6] = mails[6]._replace(automatic="notification")
    mails[7] = mails[7]._replace(automatic="", likely="bounce")
    mails[8] = mails[8]._replace(automatic="list", likely="reply")
    candidates = [Target(it, ticket(n), unread=n % 7 == 0) for n, it in enumerate(mails, 1)]
    return Desk(tmp_path_factory.mktemp("desk"), candidates)


@pytest.fixture(scope="module")
def real_terms(real_desk: Desk) -> st.SearchStrategy[str]:
    return st.sampled_from([*FIXED, *dict.fromkeys(_terms_of_mails(real_desk))])


def _terms_of_mails(desk: Desk) -> Iterator[str]:
    """Values that really occur: words, phrases, beginnings, addresses, header values."""
    for number, candidate in desk.candidates.items():
        it = candidate.content
        words = re.findall(r"[^\W_]+", it.text)[number % 5 :: 17][:3] + re.findall(r"[^\W_]+", it.subject)[:2]
        yield from (f'"{word}"' for word in words)
        yield from (f"body:{word[:3]}*" for word in words[:1])
        yield _quoted(" ".join(it.text.split()[3:6]) + "a")
        yield "subject:" + _quoted(it.subject)
        addresses = [it.sender, *it.to, *it.cc]
        for field, address in zip(("from", "to", "cc", "recipient"), addresses, strict=False):
            if re.fullmatch(r"[\w.-]+@[\w.-]+\.\w+", address.addr):
                yield f"{field}:{address.addr}"
                yield f"{field}:{address.addr.partition('@')[2]}"
        for name, value in it.headers[:1]:
            yield f"header:{name}:" + _quoted(value)


def _quoted(text: str) -> str:
    """Return the beginning of a text as a phrase that holds a word in any case."""
    beginning = re.sub(r"[^\w@.:-]+", " ", text[:24]).strip()
    return f'"{beginning}"' if re.search(r"[^\W_]", beginning) else '"x"'


@pytest.mark.parametrize("text", FIXED)
def test_each_field_on_real_mail(real_desk: Desk, text: str) -> None:
    expect_agreement(real_desk, text)


def test_most_fields_find_something(real_desk: Desk) -> None:
    """A test of agreement says nothing where nothing is found."""
    empty = {text for text in FIXED if not real_desk.found_in_sql(text)}
    assert empty <= {"recipient:{nobody}", "header:x-none:*", "amount:$1,000.00", "attachment:pdf"}


@given(data=st.data())
@SLOW
def test_generated_queries_on_real_mail(
    real_desk: Desk, real_terms: st.SearchStrategy[str], data: st.DataObject
) -> None:
    expect_agreement(real_desk, data.draw(queries(real_terms)))


# --- mail made up

_CHARACTERS = (
    "aAbBéÉßİıſK\u212aςΣσ\u0301\u00ad\u200b ..-_@/\n\x00\x1e½①ﬁ漢字カがไทย한हिं😀\ue000\ue001\ud83d"
    "か\u3099ｶﾞйИ\u0306ёе\u0308\u1112\u1161\u11abक़क\u093c\u0941\u0e48ئي\u0654\u064e\u2060"
)
_IN_QUERIES = [character for character in _CHARACTERS if character not in '"\\\ud83d']
_TEXT = st.text(st.sampled_from(_CHARACTERS), max_size=12)
_ADDRESS = st.builds(Address, _TEXT, st.sampled_from(["", "a@b.org", "x.a@b.org", "a@b.org.c", "judge@example.net"]))


@st.composite
def mails(draw: st.DrawFn) -> MessageContent:
    written, quoted = draw(_TEXT), draw(_TEXT)
    to, cc = draw(st.lists(_ADDRESS, max_size=2)), draw(st.lists(_ADDRESS, max_size=1))
    return mail(
        headers=draw(st.lists(st.tuples(st.sampled_from(["Subject", "X-A", "x-a"]), _TEXT), max_size=3)),
        mid=draw(st.sampled_from(["a@b", "A@b", "", "é@x"])),
        subject=draw(_TEXT),
        sender=draw(_ADDRESS),
        to=to,
        cc=cc,
        recipients=[it.addr for it in to + cc if it.addr] + draw(st.sampled_from([[], ["judge@example.net"]])),
        date=draw(st.sampled_from([-(10**11), -1, 0, NOW, NOW - 86400, NOW - 1, 4133980800, 10**12])),
        text=draw(st.sampled_from([written, f"{written}\n{quoted}"])),
        more=draw(st.sampled_from(["", written, "é a"])),
        written=written,
        quoted=quoted,
        hidden=draw(st.sampled_from(["", "a", quoted])),
        attached=draw(st.sampled_from(["", "b a", written])),
        attachments=[Attachment(name, "", 1) for name in draw(st.lists(_TEXT, max_size=2))],
        size=draw(st.sampled_from([0, 1, 1023, 1024, 1025, 5000])),
        auth=draw(st.sampled_from([[], ["b.org"], ["x.b.org"], ["xb.org", "c.d"]])),
        digest=draw(st.sampled_from(["1", "2"])),
    )


@st.composite
def searches(draw: st.DrawFn) -> str:
    """A term that may fit the mails: a piece of such a text in quotes, or a value of the other fields."""
    field = draw(st.sampled_from(["", "from:", "to:", "cc:", "recipient:", "subject:", "body:", "unquoted:",
                                  "attached:", "attachment:", "header:x-a:", "header:Subject:"]))  # fmt: skip
    piece = draw(st.text(st.sampled_from(_IN_QUERIES), min_size=1, max_size=4))
    words = f'{field}"{piece}a"{draw(st.sampled_from(["", "*"]))}'
    pattern = f"{field}/{re.escape(piece).replace('/', '.')}/"
    others = ["from:a@b.org", "recipient:judge@example.net", "to:{arbitrators}", "mid:a@b", "mid:É*", "auth:b.org"]
    others += ["date:1970", "date:..1970", "date:2026-11", "date:2026-11-22", "after:today", "before:yesterday"]
    others += ["size:1k", "size:>1k", "size:<=1k", "has:text", "no:attachment", "date:2100..", "date:>2100", "auth:c.d"]
    return draw(st.one_of(st.just(words), st.just(pattern), st.sampled_from(others)))


@given(st.lists(mails(), min_size=1, max_size=5), st.lists(queries(searches()), min_size=1, max_size=8))
@settings(SLOW, max_examples=GENERATED)
def test_generated_queries_on_generated_mail(made: list[MessageContent], texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), [Target(it, ticket(n), n % 2 == 0) for n, it in enumerate(made, 1)])
        for text in texts:
            expect_agreement(desk, text)
        desk.index.close()


def _nested(depth: int, level: str, term: str) -> str:
    text = "a"
    for n in range(depth):
        text = level.format(inner=text, word=("or", "and")[n % 2]).replace("TERM", term)
    return text


def test_deep_and_long_queries(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [Target(mail(subject="a b"), ticket(1)), Target(BLANK_MAIL, ticket(2))])
    for term in ("x", "is:open", "from:{arbitrators}", "-size:0"):
        expect_agreement(desk, _nested(DEPTH - 1, "({inner} {word} TERM)", term))
        expect_agreement(desk, _nested(DEPTH - 1, "(TERM {word} {inner})", term))
        expect_agreement(desk, _nested(DEPTH // 2 - 1, "-(TERM {word} {inner})", term))
    expect_agreement(desk, " or ".join(f"x{n}" for n in range(499)) + " or b")
    expect_agreement(desk, " or ".join(f"size:{n}" for n in range(1, 500)) + " or b")
    expect_agreement(desk, " ".join(f"-size:{n}" for n in range(1, 500)))
