"""Amounts of money in a text, in one form: `15.00USD`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_CODES = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HKD HRK HUF IDR ILS INR ISK JPY KRW MAD MXN MYR"
    " NOK NZD PEN PHP PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
_SMALL = "usd|Usd|eur|Eur|gbp|chf|cad|aud|Euros?|euros?"  # other codes are words when written small
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "zł": "PLN", "Kč": "CZK"}
_DOLLARS = {
    "": "USD", "US": "USD", "USD": "USD", "A": "AUD", "AU": "AUD", "AUD": "AUD", "C": "CAD", "CA": "CAD", "CAD": "CAD",
    "CDN": "CAD", "NZ": "NZD", "NZD": "NZD", "HK": "HKD", "HKD": "HKD", "S": "SGD", "SG": "SGD", "R": "BRL",
    "MX": "MXN", "NT": "TWD",
}  # fmt: skip
# Each alternative begins in its own way and repeats single characters possessively, so matching takes linear time.
_TOKEN = re.compile(
    r"(?P<sign>(?<![A-Za-z])[A-Z]{0,3}\$|[€£¥₹₽₩]|zł(?!\w)|Kč(?!\w))"
    rf"|(?P<code>(?<![^\W\d_])(?:{_CODES.replace(' ', '|')}|{_SMALL})(?![^\W\d_]))"
    r"|(?P<number>[0-9][0-9.,'’]*+(?:[ \u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))[0-9.,'’]*+)*(?:(?<=[.,])[-–—]{1,2})?)"
)
_GAP = re.compile(r"[ \t\u00a0\u2009\u202f]{0,3}(?::[ \t\u00a0\u2009\u202f]{0,3})?\Z")
_WRAP = re.compile(r"[ \t\u00a0]{0,3}:?[ \t\u00a0]{0,3}\r?\n[ \t\u00a0]{0,20}\Z")
_GROUPED = re.compile(r"([1-9][0-9]{0,2})((?:([.,'’ ])[0-9]{3})(?:\3[0-9]{3}){0,8})(?:(?!\3)[.,]([0-9]{1,2}))?\Z")
_SIMPLE = re.compile(r"(0|[1-9][0-9]{0,24})(?:[.,]([0-9]{1,2}))?\Z")
# No amount of money has more characters.
_LONGEST = 24


@dataclass(slots=True, frozen=True)
class _Token:
    """A currency or a number; `value` is a currency's code, a number's normal form, or "" where there is none."""

    kind: str
    value: str
    start: int
    end: int


def find_amounts(text: str) -> frozenset[str]:
    """All amounts with a currency in `text`, as `15.00USD`; in time linear in its length.

    A number and a currency with no other neighbour belong together even across the end of a line.
    """
    chains = list(_chains(_read_tokens(text), text))
    wrapped = (pair for pair in pairwise(chains) if _is_wrapped(*pair, text))
    runs = [*chains, *([*first, *second] for first, second in wrapped)]
    return frozenset(amount for run in runs for amount in _amounts(run))


def _is_wrapped(first: list[_Token], second: list[_Token], text: str) -> bool:
    if len(first) != 1 or len(second) != 1 or (first[0].kind == "number") == (second[0].kind == "number"):
        return False
    return _WRAP.match(text[first[0].end : min(second[0].start, first[0].end + 64)]) is not None


def normalise(value: str) -> str | None:
    """One amount such as `15USD`, `USD 15,00` or `15€` as `15.00USD`; None for anything else."""
    text = value.strip()[:100]
    tokens = list(_read_tokens(text))
    chains = list(_chains(iter(tokens), text))
    if len(chains) != 1 or tokens[0].start or tokens[-1].end != len(text):
        return None
    amounts = _amounts(chains[0])
    return amounts[0] if len(amounts) == 1 and sum(token.kind == "number" for token in tokens) == 1 else None


def _read_tokens(text: str) -> Iterator[_Token]:
    currency_end = -1
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        if kind == "number":
            value = _read_number(word) if _stands_alone(text, match.start(), match.end(), currency_end) else ""
        else:
            value = _read_currency(kind, word)
            currency_end = match.end()
        yield _Token(kind, value, match.start(), match.end())


def _stands_alone(text: str, start: int, end: int, currency_end: int) -> bool:
    """Whether a number is no part of a word or of a longer number, as in `v15.00`, `15.00k`, `.15.00`."""
    before = text[start - 1 : start]
    if start != currency_end and (before.isalnum() or before in {".", ",", "_"}):
        return False
    after = text[end : end + 1]
    return not (after.isalnum() or after == "_") or _TOKEN.match(text, end) is not None


def _read_number(word: str) -> str:
    word = word.rstrip(".,'’-–—")
    if len(word) > _LONGEST:
        return ""
    word = re.sub(r"[\u00a0\u2009\u202f]", " ", word)
    grouped = _GROUPED.match(word)
    if grouped:
        return f"{grouped[1]}{re.sub('[^0-9]', '', grouped[2])}.{grouped[4] or '':0<2}"
    simple = _SIMPLE.match(word)
    return f"{simple[1]}.{simple[2] or '':0<2}" if simple else ""


def _read_currency(kind: str, word: str) -> str:
    if kind == "code":
        return word[:3].upper()
    if word.endswith("$"):
        return _DOLLARS.get(word[:-1], "")
    return _SIGNS[word]


def _chains(tokens: Iterator[_Token], text: str) -> Iterator[list[_Token]]:
    """Runs of neighbours in which currencies and numbers take turns; `CAD $` is one currency."""
    chain: list[_Token] = []
    for token in tokens:
        last = chain[-1] if chain else None
        if last is None or not _GAP.match(text, last.end, token.start):
            pass
        elif (last.kind == "number") != (token.kind == "number"):
            chain.append(token)
            continue
        elif last.kind == "code" and token.kind == "sign" and len(chain) == 1:
            value = last.value if token.value in {last.value, "USD"} else ""
            chain = [_Token("code", value, last.start, token.end)]
            continue
        elif last.kind == "sign" and token.kind == "code" and len(chain) > 1:
            chain[-1] = _Token("code", token.value if last.value == "USD" else "", last.start, token.end)
            continue
        if chain:
            yield chain
        chain = [token]
    if chain:
        yield chain


def _amounts(chain: list[_Token]) -> list[str]:
    """Each number with its currency: the one after it where the chain begins with a number, else the one before."""
    is_suffix = chain[0].kind == "number"
    numbers = range(0 if is_suffix else 1, len(chain), 2)
    amounts = []
    for at in numbers:
        before = chain[at - 1] if at else None
        after = chain[at + 1] if at + 1 < len(chain) else None
        if is_suffix:
            currency = after.value if after else ""
        else:
            currency = _agree(before, after if at + 2 == len(chain) else None)
        if currency and chain[at].value:
            amounts.append(chain[at].value + currency)
    return amounts


def _agree(before: _Token | None, after: _Token | None) -> str:
    """The currency of a number between two: a code beats a bare sign, and two codes must be equal."""
    if before is None or after is None or before.value == after.value:
        return before.value if before else ""
    if before.kind == "sign" and after.kind == "code" and before.value == "USD":
        return after.value
    return ""
