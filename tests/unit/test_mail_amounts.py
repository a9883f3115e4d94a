"""Amounts of money: what is one, what only looks like one, and no text takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supportctl.mail import amounts
from supportctl.mail.currencies import DECIMALS, DOLLAR_CODES, DOLLARS, NO_DOLLARS
from supportctl.query.money import make_amount_finder

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
    "US $15.00",
    "US-$ 15,00",
    "U.S. $15.00",
    "U.S.$15",
    "us$ 15",
    "USA $15.00",
    "15 $ US",
    "15 $US",
    "$15.00 US",
    "15.00 US Dollar",
    "15.00 US-Dollars",
    "15 dollars US",
    "15.00 US dollars",
    "(USD) 15.00",
    "Amount (USD): 15.00",
    "15.00 (USD)",
    "$\t15.00\tUSD",
    "$\n15.00\nUSD",
    "$15.00\nUSD",
    "15.00\tUSD",
    "USD\t\t15.00",
    "15.00          USD",
    "| $15.00 | USD |",
    "You sent a payment of $15.00 USD to support",
    "of $15.00 to CAcert",
    "2 x $15.00",
    "2 $15.00 USD",
    "2 $15.00",
    "2 $ 15.00 USD",
    "Qty 1\t$15.00 USD\t$15.00 USD",
    "Payment 15.00 USD Fee 0.80 USD",
    "15.00 USD 0.80 USD",
    "20.40 CAD = 15.00 USD",
    "15,00 $ USD",
    "I really paid $15.00",
    "a $15.00 fee",
    "TO $15.00 FROM",
    "15 USD 20 items x 15.00 USD",
    "15.00 USD 3 items",
    "3 USD 15.00",
    "15.00 USD 22.11.2026",
    "١٥٫٠٠ USD",
    "۱۵ USD",
    "१५ USD",
    "１５．００ ＵＳＤ",
    "＄１５",
    "15.-- USD",
    "15,– USD",
    "15.0 USD",
    "15.00\u2009USD",
    "支付$15.00",
    "$15.00/month",
    "15.00 USD/month",
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
    "15 $20.00 USD",
    "15 $20.00",
    "15 $ 20.00 USD",
    "15.00 $20.00 USD",
    "15.00 $ 20.00 USD",
    "15 US$ 20.00 USD",
    "15.00 €20.00 USD",
    "$15.00 in CAD",
    "$15.00 in Canadian dollars",
    "Canadian Dollar\n$15.00",
    "Hong Kong: $15.00",
    "CA $15.00",
    "CA$15.00",
    "C $15.00",
    "C $ 15.00",
    "AU $15.00",
    "AU $ 15.00",
    "A $15.00",
    "NT$15",
    "HK$15.00",
    "S$15.00",
    "NZ$15.00",
    "Mex$15.00",
    "Mex $15.00",
    "MEX$ 15",
    "mex$15",
    "CAN$15.00",
    "Can$15.00",
    "Bds$15.00",
    "J$15.00",
    "RD$15",
    "$U 15.00",
    "$b 15.00",
    "$CA15.00",
    "$ CA 15.00",
    "$CAN 15.00",
    "15 $CA",
    "15 $ CA",
    "15,00 $ CAN",
    "15,00 $ can.",
    "15 $AU",
    "15.00 C$",
    "15.00 C $",
    "| $15.00 | CAD |",
    "| CAD | $15.00 |",
    "$15.00 (CAD)",
    "$15.00 [CAD]",
    "$15.00 - CAD",
    "$15.00, CAD",
    "$15.00/CAD",
    "$15.00CAD",
    "$15.00 cad",
    "$15.00 C",
    "$15.00 CAN",
    "$15.00 au",
    "$15.00 XYZ",
    "(CAD) $15.00",
    "CAD: $15.00",
    "CAD/$15.00",
    "CAD-$15.00",
    "CA: $15.00",
    "XYZ $15.00",
    "XYZ$15.00",
    "xyz$15.00",
    "EUR $15.00",
    "$ EUR 15.00",
    "$15.00 EUR",
    "$15.00\nCAD",
    "$15.00\n(CAD)",
    "CAD\n$15.00",
    "$\n15.00\nCAD",
    "CAD\n$\n15.00",
    "$\t15.00\tCAD",
    "CAD\t$\t15.00",
    "$15.00 Canadian",
    "$15.00 (Canadian)",
    "$15.00 canadiens",
    "Canadian $15.00",
    "Australian $ 15.00",
    "$15.00 Hong Kong",
    "$15.00 pesos",
    "加元$15.00",
    "港$15.00",
    "15 Canadian dollars",
    "15 dollars",
    "-$15.00",
    "−$15.00",
    "$-15.00",
    "-15.00 USD",
    "15.00- USD",
    "USD -15.00",
    "10-15 USD",
    "10–15 USD",
    "$15-20",
    "$15.00-$20.00",
    "15 USD 20",
    "15.00 USD 20.00",
    "15 USD 20.00",
    "15.00 USD/EUR",
    "USD/EUR 15.00",
    "EUR/USD 15.00",
    "USD 15.00/CAD",
    "15 USD cents",
    "15 US cents",
    "$15 million",
    "$15 k",
    "15 million USD",
    "15½ USD",
    "15⁰⁰ USD",
    "15:00 USD",
    "USD 15:30",
    "15/2 USD",
    "15.00% USD",
    "#15 USD",
    "15 USDC",
    "15 kr USD",
    "USD kr 15",
    "S/ 15.00 USD",
    "R$ 15,00 USD",
    "US$15.00 CAD",
    "CAD 15.00 US$",
    "¥15 USD",
    "15 00 USD",
    "1,5.00 USD",
    "15,00,00 USD",
    "15'00 USD",
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
    ("CA$15.00", {"15.00CAD"}),
    ("AU $15", {"15.00AUD"}),
    ("15 $ CAN", {"15.00CAD"}),
    ("$15.00 (CAD)", {"15.00CAD"}),
    ("R$ 1.015,00", {"1015.00BRL"}),
    ("NT$1,500", {"1500.00TWD"}),
    ("Mex$ 99.50", {"99.50MXN"}),
    ("1,23,456.00 INR", {"123456.00INR"}),
    ("₹12,34,567", {"1234567.00INR"}),
    ("1'234.50 CHF", {"1234.50CHF"}),
    ("1’234.50 CHF", {"1234.50CHF"}),
    ("1\u202f234,50 €", {"1234.50EUR"}),
    ("1 234 567,89 kr.", set()),
    ("1 234,50 NOK", {"1234.50NOK"}),
    ("15.– CHF", {"15.00CHF"}),
    ("15,50 zł", {"15.50PLN"}),
    ("1.500 Ft", {"1500.00HUF"}),
    ("1500 円", {"1500.00JPY"}),
    ("¥1500.50", set()),
    ("15 元", set()),
    ("1.500 KWD", set()),
    ("15 KWD", {"15.000KWD"}),
    ("15.5 BHD", {"15.500BHD"}),
    ("1,500.250 KWD", {"1500.250KWD"}),
    ("15.500 EUR", {"15500.00EUR"}),
    ("1500 CLP", {"1500.00CLP"}),
    ("S/ 15.00", {"15.00PEN"}),
    ("RM15.00", {"15.00MYR"}),
    ("Rp 15.000", {"15000.00IDR"}),
    ("15 Rs", set()),
    ("15 руб.", {"15.00RUB"}),
    ("15 ₴", {"15.00UAH"}),
    ("15 XYZ", set()),
    ("$15.00 USD €13.00 EUR", {"15.00USD", "13.00EUR"}),
    ("$15.00 USD C$20.00", {"20.00CAD"}),
    ("12,00 EUR 15,00 USD 9 GBP", {"12.00EUR", "15.00USD", "9.00GBP"}),
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
    ("CA$15", "15.00CAD"),
    ("C $15", None),
    ("15.000KWD", "15.000KWD"),
    ("1500JPY", "1500.00JPY"),
    ("-15USD", None),
    ("15kr", None),
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


OTHER_WAYS = st.sampled_from(
    ["{q} $15.00", "{q}$15.00", "$15.00 {q}", "15.00 {q}$", "15 $ {q}", "${q} 15.00", "$15.00 ({q})"]
)
OTHERS_SIGNS = st.sampled_from(sorted({*DOLLARS, *DOLLAR_CODES} - {"US", "USA", "U.S", "U.S.A", "USD"}))


@given(
    OTHER_WAYS,
    OTHERS_SIGNS | st.from_regex(r"[A-Z]{3}", fullmatch=True).filter(lambda it: it.lower() not in NO_DOLLARS),
)
def test_no_other_dollar_is_that_of_the_united_states(way: str, qualifier: str) -> None:
    assume(qualifier not in {"US", "USA", "USD"})
    assert "15.00USD" not in amounts.find_amounts(way.format(q=qualifier))


@given(st.sampled_from(sorted(DECIMALS)), st.integers(1, 10**6))
def test_every_code_of_the_standard(code: str, whole: int) -> None:
    expected = f"{whole}.{'0' * max(2, DECIMALS[code])}{code}"
    assert amounts.find_amounts(f"{code} {whole}") == amounts.find_amounts(f"{whole} {code}") == {expected}
    assert amounts.normalise(expected) == expected


@given(
    st.lists(
        st.sampled_from(
            ["$", "15", "15.00", "1,015", "USD", "CAD", "CA", "€", " ", "\t", "\n", "-", "(", "١٥", ".", "٫٥٠"]
        )
    ).map("".join)
)
def test_the_candidates_have_all_amounts(text: str) -> None:
    """What finds lines that may name an amount misses none."""
    found = amounts.find_amounts(text)
    for value in ("15.00USD", "15.00CAD", "1015.00USD", "15.50USD", "15.00EUR"):
        assert make_amount_finder(value)(text) == make_amount_finder(value)(text.encode()) == (value in found)


@given(st.text(alphabet="0123456789.,'$€ USDEURCAxk\u00a0-\n"))
def test_what_is_found_is_normal(text: str) -> None:
    for amount in amounts.find_amounts(text):
        assert amounts.normalise(amount) == amount


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "$",
        "1 ",
        "1,",
        "USD ",
        "15.00 USD ",
        "$1",
        "A",
        "USD$",
        "$ ",
        "15.00 ",
        "USD 15 ",
        "(",
        "a$",
        "CA $15 ",
        "1 111",
        " 111",
        " ",
        "$ 1 ",
    ],
)
def test_linear_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    start = time.process_time()
    amounts.find_amounts(text)
    assert time.process_time() - start < 4
