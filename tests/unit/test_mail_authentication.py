"""Who passed, by servers that are trusted; each forgery fails in its own way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail import authentication, message

OURS = frozenset({"mx.example.net"})
PAYPAL = "service@paypal.com"

PASSED = [
    ("mx.example.net; dkim=pass header.d=paypal.com", ["paypal.com"]),
    ("mx.example.net; dkim=pass header.i=@paypal.com", ["paypal.com"]),
    ("mx.example.net; dkim=pass header.i=service@paypal.com", ["paypal.com"]),
    ("mx.example.net; dmarc=pass header.from=paypal.com", ["paypal.com"]),
    ("mx.example.net; dmarc=pass (p=reject sp=reject) header.from=paypal.com", ["paypal.com"]),
    ("MX.Example.NET; DKIM=Pass Header.D=PayPal.COM", ["paypal.com"]),
    ("mx.example.net 1; dkim=pass header.d=paypal.com", ["paypal.com"]),
    ('"mx.example.net"; dkim=pass header.d="paypal.com"', ["paypal.com"]),
    ("mx.example.net (our own) ; dkim = pass (good) header . d = paypal.com (x)", ["paypal.com"]),
    ('mx.example.net (5" disk, \\) too); dkim=pass header.d=paypal.com', ["paypal.com"]),
    ("mx.example.net; dkim/1=pass header.d=paypal.com", ["paypal.com"]),
    ('mx.example.net; dkim=pass reason="2048-bit key; ok" header.d=paypal.com', ["paypal.com"]),
    ("mx.example.net; spf=fail smtp.mailfrom=x.org; dkim=pass header.d=paypal.com", ["paypal.com"]),
    ("mx.example.net; dkim=fail header.d=x.org; dkim=pass header.d=paypal.com", ["paypal.com"]),
    ("mx.example.net; dkim=pass header.d=mail.paypal.com", ["mail.paypal.com"]),
    ("mx.example.net; dkim=pass header.d=paypal.com; dmarc=pass header.from=paypal.com", ["paypal.com"]),
]


@pytest.mark.parametrize(("value", "domains"), PASSED)
def test_passed(value: str, domains: list[str]) -> None:
    headers = [("Authentication-Results", value), ("From", PAYPAL)]
    assert authentication.passed_domains(headers, OURS) == domains


GOOD = "mx.example.net; dkim=pass header.d=paypal.com"
FORGED = {
    "another server says so": [("Authentication-Results", "mx.evil.org; dkim=pass header.d=paypal.com")],
    "a server whose name begins alike": [
        ("Authentication-Results", "mx.example.net.evil.org; dkim=pass header.d=paypal.com")
    ],
    "a server whose name ends alike": [
        ("Authentication-Results", "evil-mx.example.net; dkim=pass header.d=paypal.com")
    ],
    "the server's name in a comment": [
        ("Authentication-Results", "(mx.example.net) evil.org; dkim=pass header.d=paypal.com")
    ],
    "no server's name": [("Authentication-Results", "dkim=pass header.d=paypal.com")],
    "SPF alone": [("Authentication-Results", "mx.example.net; spf=pass smtp.mailfrom=paypal.com")],
    "another header": [("X-Authentication-Results", GOOD)],
    "an ARC header": [("ARC-Authentication-Results", "i=1; " + GOOD)],
    "the result in a comment": [("Authentication-Results", "mx.example.net; none (; dkim=pass header.d=paypal.com)")],
    "the result in a quoted string": [
        ("Authentication-Results", 'mx.example.net; spf=pass smtp.mailfrom="a; dkim=pass header.d=paypal.com"')
    ],
    "the result in a reason": [
        (
            "Authentication-Results",
            'mx.example.net; dkim=fail reason="dkim=pass header.d=paypal.com" header.d=paypal.com',
        )
    ],
    "a comment without end": [("Authentication-Results", "mx.example.net; x=y (; dkim=pass header.d=paypal.com")],
    "a quotation without end": [
        ("Authentication-Results", 'mx.example.net; spf=pass x="; dkim=pass header.d=paypal.com')
    ],
    "ours above says no": [
        ("Authentication-Results", "mx.example.net; dkim=fail header.d=paypal.com"),
        ("Authentication-Results", GOOD),
    ],
    "ours above knows another signature only": [
        ("Authentication-Results", "mx.example.net; dkim=pass header.d=evil.org"),
        ("Authentication-Results", GOOD),
    ],
    "DMARC fails": [("Authentication-Results", GOOD + "; dmarc=fail header.from=paypal.com")],
    "DMARC fails in a header of its own": [
        ("Authentication-Results", "mx.example.net; dmarc=fail header.from=paypal.com"),
        ("Authentication-Results", GOOD),
    ],
    "DMARC fails for a sub-domain": [("Authentication-Results", GOOD + "; dmarc=fail header.from=mail.paypal.com")],
    "DMARC fails for nobody knows whom": [("Authentication-Results", GOOD + "; dmarc=fail")],
    "DMARC found no answer": [("Authentication-Results", GOOD + "; dmarc=temperror header.from=paypal.com")],
    "DMARC passes for nobody": [("Authentication-Results", "mx.example.net; dmarc=pass")],
    "DMARC that can't be read": [("Authentication-Results", GOOD + "; dmarc=pass header.from=paypal.com ?!")],
    "DKIM is neutral": [("Authentication-Results", "mx.example.net; dkim=neutral header.d=paypal.com")],
    "DKIM passes by a word": [("Authentication-Results", "mx.example.net; dkim=passable header.d=paypal.com")],
    "the domain twice": [("Authentication-Results", "mx.example.net; dkim=pass header.d=evil.org header.d=paypal.com")],
    "a domain that ends alike": [("Authentication-Results", "mx.example.net; dkim=pass header.d=evilpaypal.com")],
    "a domain that begins alike": [
        ("Authentication-Results", "mx.example.net; dkim=pass header.d=paypal.com.evil.org")
    ],
    "another domain's signature": [("Authentication-Results", "mx.example.net; dkim=pass header.d=evil.org")],
    "a top-level domain": [("Authentication-Results", "mx.example.net; dkim=pass header.d=com")],
    "the server's name after an escaped quote": [
        ("Authentication-Results", 'evil.org\\"mx.example.net; dkim=pass header.d=paypal.com')
    ],
    "the server's name after comments with quotes": [
        ("Authentication-Results", '("x) evil.org (y") mx.example.net; dkim=pass header.d=paypal.com')
    ],
    "a version to come": [("Authentication-Results", "mx.example.net 2; dkim=pass header.d=paypal.com")],
    "two From headers": [("Authentication-Results", GOOD), ("From", "x@evil.org")],
    "a second From header, empty": [("Authentication-Results", GOOD), ("FROM", "")],
}


@pytest.mark.parametrize("name", FORGED)
def test_forged(name: str) -> None:
    assert authentication.passed_domains([*FORGED[name], ("From", PAYPAL)], OURS) == []


SENDERS = [
    ("PayPal <service@paypal.com>", ["paypal.com"]),
    ("service@intl.paypal.com", ["paypal.com"]),
    ('"service@paypal.com" <x@evil.org>', []),
    ("service@paypal.com, x@evil.org", []),
    ("service@paypal.com <x@evil.org>", []),
    ("=?utf-8?q?service=40paypal.com?= <x@evil.org>", []),
    ("x@evil.org (service@paypal.com)", []),
    ("service@notpaypal.com", []),
    ("paypal.com", []),
    ("", []),
]


@pytest.mark.parametrize(("sender", "domains"), SENDERS)
def test_from_must_agree(sender: str, domains: list[str]) -> None:
    headers = [("Authentication-Results", GOOD), ("From", sender)]
    assert authentication.passed_domains(headers, OURS) == domains


@pytest.mark.parametrize("second", ["x@evil.org", PAYPAL, ""])
def test_several_from_headers_nobody(second: str) -> None:
    headers = [("Authentication-Results", GOOD), ("From", PAYPAL), ("From", second)]
    assert authentication.passed_domains(headers, OURS) == []


def test_no_from_nobody() -> None:
    assert authentication.passed_domains([("Authentication-Results", GOOD)], OURS) == []


def test_nobody_trusted_nobody_passes() -> None:
    assert authentication.passed_domains([("Authentication-Results", GOOD), ("From", PAYPAL)], frozenset()) == []


def test_in_a_mail() -> None:
    raw = f"Authentication-Results: mx.example.net;\n\tdkim=pass\n header.d=paypal.com\nFrom: {PAYPAL}\n\nx".encode()
    assert message.parse_message(raw, received=0, trusted=OURS).auth == ["paypal.com"]
    assert message.parse_message(raw, received=0).auth == []


def test_an_encoded_word_gives_no_result() -> None:
    word = b"=?utf-8?q?mx.example.net=3B_dkim=3Dpass_header.d=3Dpaypal.com?="
    raw = b"Authentication-Results: " + word + b"\nFrom: service@paypal.com\n\nx"
    assert message.parse_message(raw, received=0, trusted=OURS).auth == []


@given(st.text(alphabet='mx.example.net;dkim=pass header.d=paypal.com()"\\ '))
def test_any_value_is_read(value: str) -> None:
    for text in (value, "mx.example.net; " + value):
        found = authentication.passed_domains([("Authentication-Results", text), ("From", PAYPAL)], OURS)
        assert set(found) <= {"paypal.com"} or all(one.endswith("paypal.com") for one in found)
