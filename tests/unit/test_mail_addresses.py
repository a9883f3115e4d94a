"""Addresses in header fields: what a server would send to, whatever stands around it."""

from __future__ import annotations

import email.message
import email.policy
import time
from email.headerregistry import Address as StandardAddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail.addresses import read_addresses
from supportctl.mail.content import Address
from supportctl.mail.message import parse_message

ANN = ("Ann", "ann@example.org")
LISTS = [
    ("", []),
    (" , ;", []),
    ("<>", []),
    ("ann@example.org", [("", "ann@example.org")]),
    ("Ann <Ann@Example.ORG>", [ANN]),
    ('"Bee, Ann" <ann@example.org>', [("Bee, Ann", "ann@example.org")]),
    (r'"a \"b\" c" <ann@example.org>', [('a "b" c', "ann@example.org")]),
    ('"Ann" "Bee" <ann@example.org>', [("Ann Bee", "ann@example.org")]),
    ("ann@example.org, Bob <bob@example.org>", [("", "ann@example.org"), ("Bob", "bob@example.org")]),
    ("Ann <ann@example.org>; Bob <bob@example.org>;", [ANN, ("Bob", "bob@example.org")]),
    # comments
    ("ann@example.org (Ann Bee)", [("Ann Bee", "ann@example.org")]),
    ("Ann (the (first), \\) really) <ann@example.org>", [ANN]),
    ('Ann (it"s) <ann@example.org>', [ANN]),
    ("Ann <ann(a comment)@example.org(another)>", [ANN]),
    ("ann (a comment) @ example.org", [("a comment", "ann@example.org")]),
    ("Ann (the <ann@example.org>", [("Ann (the", "ann@example.org")]),
    # groups
    ("People: ann@example.org, Bob <bob@example.org>;", [("", "ann@example.org"), ("Bob", "bob@example.org")]),
    ("undisclosed-recipients:;", []),
    ("<undisclosed-recipients:;>", [("undisclosed-recipients:;", "")]),
    ("<Undisclosed-Recipient:;@example.org>", [("Undisclosed-Recipient:;@example.org", "")]),
    ("A:;, B: ann@example.org;", [("", "ann@example.org")]),
    # brackets
    ("Ann <ann@example.org", [ANN]),
    ("Ann <ann@example.org, Bob <bob@example.org>", [ANN, ("Bob", "bob@example.org")]),
    ("Ann ann@example.org>", [ANN]),
    ("Ann <<ann@example.org>>", [ANN]),
    ("Ann < ann@example.org >", [ANN]),
    ("Ann <'ann@example.org'>", [ANN]),
    ("Ann <mailto:ann@example.org>", [ANN]),
    ("Ann [mailto:ann@example.org]", [("", "ann@example.org")]),
    ("mailto:ann@example.org", [("", "ann@example.org")]),
    ("'ann@example.org'", [("", "ann@example.org")]),
    ('"ann@example.org"', [("", "ann@example.org")]),
    ("ann@example.org.", [("", "ann@example.org")]),
    ("Ann Bee ann@example.org", [("Ann Bee", "ann@example.org")]),
    ('"Ann <ann@example.org>', [("Ann", "ann@example.org")]),
    ("<@relay.org,@other.org:ann@example.org>", [("", "ann@example.org")]),
    ("<MAILER-DAEMON>", [("", "mailer-daemon")]),
    ("kim at example.org (Kim Lee)", [("Kim Lee", "kim@example.org")]),
    ("kim lee at example.org", [("kim lee at example.org", "")]),
    # names that look like addresses
    ('"bank@example.com" <x@evil.example>', [("bank@example.com", "x@evil.example")]),
    ("bank@example.com <x@evil.example>", [("bank@example.com", "x@evil.example")]),
    ('"<bank@example.com>" <x@evil.example>', [("<bank@example.com>", "x@evil.example")]),
    ('"Bank <bank@example.com>, x" <x@evil.example>', [("Bank <bank@example.com>, x", "x@evil.example")]),
    ("=?utf-8?q?bank=40example=2Ecom=2C?= <x@evil.example>", [("bank@example.com,", "x@evil.example")]),
    ("=?utf-8?q?Bank_=3Cbank=40example=2Ecom=3E?=", [("Bank <bank@example.com>", "")]),
    ("<x@evil.example> <bank@example.com>", [("", "x@evil.example"), ("", "bank@example.com")]),
    ("x@evil.example bank@example.com", [("", "x@evil.example"), ("", "bank@example.com")]),
    # what no server could send to
    ("nobody at all", [("nobody at all", "")]),
    ("<big bug@example.org>", [("big bug@example.org", "")]),
    ("<a@b@example.org>", [("a@b@example.org", "")]),
    ("Ann <ann@>", [("Ann", "")]),
    ("Ann <@example.org>", [("Ann", "")]),
    # local parts and domains
    ('"john doe"@example.org', [("", '"john doe"@example.org')]),
    ('John <"john doe"@example.org>', [("John", '"john doe"@example.org')]),
    ('"john"@example.org', [("", "john@example.org")]),
    ("o'brien+x=y@example.org", [("", "o'brien+x=y@example.org")]),
    ("ann@[192.0.2.1]", [("", "ann@[192.0.2.1]")]),
    ("Ann <ann@[IPv6:2001:db8::1]>", [("Ann", "ann@[ipv6:2001:db8::1]")]),
    ("dörte@sörensen.example", [("", "dörte@sörensen.example")]),
    ("Ann <ann @ example . org>", [ANN]),
]


@pytest.mark.parametrize(("text", "addresses"), LISTS)
def test_addresses(text: str, addresses: list[tuple[str, str]]) -> None:
    assert read_addresses(text) == [Address(*one) for one in addresses]


def test_hostile_addresses_take_linear_time() -> None:
    start = time.process_time()
    pieces = [
        '"',
        '"\\"',
        "<",
        "<a@b,",
        "(",
        "()",
        "\\(",
        "(\\",
        ",",
        "a@",
        "a@b ",
        " ",
        ":",
        '"@',
        '<"',
        "a at b.",
        "'",
        "[",
        "<(a",
    ]
    for piece in pieces:
        for frame in ("", "(", '"', "<", "a@b ", 'a "@'):
            read_addresses(frame + piece * (200_000 // len(piece)))
            read_addresses(frame + piece * (200_000 // len(piece)) + ")>")
    assert time.process_time() - start < 30


@given(st.text() | st.text("ab@.<>\"\\(),;: '[]=?", max_size=40))
def test_any_text_has_addresses_or_none(text: str) -> None:
    for name, addr in read_addresses(text):
        assert name or addr
        assert addr == "" or "@" in addr or not set(addr) & set(' <>()",;:')


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=50)
LOCAL = st.text("abcXYZ019.+_-='", min_size=1, max_size=20).filter(
    lambda local: ".." not in local and local[0] not in ".'" and local[-1] != "."
)
PEOPLE = st.lists(st.tuples(PRINTABLE.filter(lambda name: "=?" not in name), LOCAL), min_size=1, max_size=4)


@given(PEOPLE)
def test_addresses_that_a_program_wrote_are_read(people: list[tuple[str, str]]) -> None:
    """Python's `email` composes them."""
    mail = email.message.EmailMessage(email.policy.SMTP)
    mail["To"] = [StandardAddress(name, local, "example.org") for name, local in people]
    found = parse_message(mail.as_bytes(), received=0).to
    assert [one.addr for one in found] == [f"{local.lower()}@example.org" for _, local in people]
    assert [one.name for one in found] == [name.strip("'\"").lstrip(",") for name, _ in people]
