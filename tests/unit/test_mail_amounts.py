"""Amounts of money: what is one, what only looks like one, and no text takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail import amounts

FOUND = [
    "USD 15,00",
    "$15.00",
    "$ 15.00",
    "15.00 USD",
    "15,00 USD",
    "15 USD",
    "$15.00 USD",
    "US$ 15.00",
    "US$15.00",
    "15.00 US$",
    "USD15.00",
    "USD $15.00",
    "15.00USD",
    "15.00 usd",
    "USD\u00a015,00",
    "15.00\u00a0USD",
    "15,00\u202fUSD",
    "Amount: $15.00.",
    "(15.00 USD)",
    "12,00 EUR 15,00 USD",
    "EUR 12,00 USD 15,00",
    "Total $15.00 USD, fee $0.75",
    "$15.00 USD $12.00 USD",
    "Menge 1 15,00 USD",
    "+$15.00 USD",
    "15,- USD",
    "USD: 15,00",
    "USD\n15,00",
    "USD:\r\n  15,00",
    "15,00\nUSD",
    "Total: 20.00\nUSD 15,00",
]


@pytest.mark.parametrize("text", FOUND)
def test_fifteen_dollars(text: str) -> None:
    assert "15.00USD" in amounts.find_amounts(text)
    assert "15.00USD" in amounts.find_amounts(f"You got a payment.\n\n{text}\n\nThank you.")


NOT_FOUND = [
    "115.00 USD",
    "$115.00",
    "15.001 USD",
    "15.000 USD",
    "$15.001",
    "1,015.00 USD",
    "1.015,00 USD",
    "1 015,00 USD",
    "1\u00a0515,00 USD",
    "015.00 USD",
    "$15.00 CAD",
    "15.00 $ CAD",
    "CAD $15.00",
    "A$15.00",
    "AU$15.00",
    "C$15.00",
    "R$ 15,00",
    "XX$15.00",
    "15.00 EUR",
    "15.00",
    "$15.05",
    "$1.500",
    "v15.00 USD",
    "15.00 USDT",
    "$15.00k",
    "$15k",
    "EUR 15,00 USD",  # whose is it?
    "12.15.00 USD",
    ".15.00 USD",
    "15.00\n\nUSD",
    "USD\n115,00",
    "20.00 USD\n15,00 EUR",
    "USD 20,00\n15,00 EUR",
]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_fifteen_dollars(text: str) -> None:
    assert "15.00USD" not in amounts.find_amounts(text)


OTHERS = [
    ("1.015,00 EUR", {"1015.00EUR"}),
    ("1,234,567.89 USD", {"1234567.89USD"}),
    ("1'015.50 CHF", {"1015.50CHF"}),
    ("15€ and £3.5", {"15.00EUR", "3.50GBP"}),
    ("$15.00 CAD", {"15.00CAD"}),
    ("¥1,500", {"1500.00JPY"}),
    ("250 Kč", {"250.00CZK"}),
    ("try 15 all", set()),
    ("", set()),
]


@pytest.mark.parametrize(("text", "found"), OTHERS)
def test_find(text: str, found: set[str]) -> None:
    assert amounts.find_amounts(text) == found


NORMAL = [
    ("15USD", "15.00USD"),
    ("15.00USD", "15.00USD"),
    ("USD 15,00", "15.00USD"),
    (" $15 ", "15.00USD"),
    ("15€", "15.00EUR"),
    ("$15 CAD", "15.00CAD"),
    ("15", None),
    ("USD", None),
    ("", None),
    ("15USD 16USD", None),
    ("about 15USD", None),
    ("15USD!", None),
    ("EUR 15 USD", None),
    ("15XYZ", None),
]


@pytest.mark.parametrize(("value", "amount"), NORMAL)
def test_normalise(value: str, amount: str | None) -> None:
    assert amounts.normalise(value) == amount


@given(st.integers(0, 10**9), st.sampled_from(["USD", "EUR", "CHF", "CZK"]))
def test_every_way_to_write_it_is_one_amount(cents: int, code: str) -> None:
    whole, rest = divmod(cents, 100)
    expected = f"{whole}.{rest:02}{code}"
    for text in (f"{whole}.{rest:02} {code}", f"{code} {whole:,}.{rest:02}"):
        assert amounts.find_amounts(text) == {expected}
        assert amounts.normalise(text) == expected
    assert amounts.find_amounts(f"{whole:,}".replace(",", ".") + f",{rest:02} {code}") == {expected}


@given(st.text(alphabet="0123456789.,'$€ USDEURCAxk\u00a0-\n"))
def test_what_is_found_is_normal(text: str) -> None:
    for amount in amounts.find_amounts(text):
        assert amounts.normalise(amount) == amount


@pytest.mark.parametrize("piece", ["1", "$", "1 ", "1,", "USD ", "15.00 USD ", "$1", "A", "1 111", " 111", " ", "$ 1 "])
def test_linear_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    start = time.process_time()
    amounts.find_amounts(text)
    assert time.process_time() - start < 4
