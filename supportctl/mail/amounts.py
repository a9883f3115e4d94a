"""Amounts of money in a text, in one form: `15.00USD`. What may be another amount or another currency is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from supportctl.mail.currencies import (
    DECIMALS,
    DOLLAR_CODES,
    DOLLARS,
    MULTIPLES,
    NO_DOLLARS,
    OTHER_DOLLARS,
    SIGNS,
    SMALL,
    UNSPACED,
)

_SPACE = " \u00a0\u2007\u2009\u202f"
#: The zero of each script that has its own digits, one to nine behind it.
ZEROS = tuple(map(ord, "٠۰०০੦૦୦௦౦೦൦๐໐༠၀០᠐０"))
_WIDE = {0xFF00 + code - 0x20: chr(code) for code in range(0x21, 0x7F)}
_TO_ASCII = _WIDE | {zero + digit: str(digit) for zero in ZEROS for digit in range(10)} | {0x66B: ".", 0x66C: ","}
_WORDS = sorted((sign for sign in SIGNS if sign not in UNSPACED), key=len, reverse=True)
_LETTER = r"[^\W\d_]"
# Each alternative begins in its own way and repeats single characters possessively, so matching takes linear time.
_TOKEN = re.compile(
    r"(?P<dollar>\$)"
    rf"|(?P<sign>[{''.join(sorted(UNSPACED))}]|(?<!{_LETTER})(?:{'|'.join(map(re.escape, _WORDS))})(?!{_LETTER}))"
    rf"|(?P<us>(?<!{_LETTER})(?:(?:US|U\.S\.)[{_SPACE}-]?[Dd]ollars?|[Dd]ollars?[{_SPACE}]US)(?!{_LETTER}))"
    rf"|(?P<code>(?<!{_LETTER})(?:[A-Z]{{3}}|Usd|Eur|{'|'.join(sorted(SMALL))})(?!{_LETTER}))"
    rf"|(?P<number>[0-9][0-9.,'’]*+(?:[{_SPACE}](?=[0-9]{{3}}(?![0-9]))[0-9.,'’]*+)*(?:(?<=[.,])[-–—]{{1,2}})?)"
)
_GAP = re.compile(rf"\)?[\t{_SPACE}]{{0,12}}(?::[\t{_SPACE}]{{0,12}})?\Z|[{_SPACE}]?\(\Z")
_WRAP = re.compile(r"[ \t\u00a0]{0,3}:?[ \t\u00a0]{0,3}\r?\n[ \t\u00a0]{0,20}\Z")
_WORD_BEFORE = re.compile(rf"((?:U\.S(?:\.A)?)|{_LETTER}{{1,12}})(\.?[{_SPACE}(\[/:|*-]{{0,3}})\Z")
_WORD_AFTER = re.compile(rf"([{_SPACE}(\[/:|*-]{{0,3}})({_LETTER}{{1,12}})")
_CODE_BELOW = re.compile(r"[ \t\u00a0]{0,3}(?:\r?\n[ \t\u00a0(]{0,20}|in |en )([A-Z]{3})(?![^\W\d_])")
_CODE_ABOVE = re.compile(r"(?<![^\W\d_])([A-Z]{3})[ \t\u00a0):]{0,4}\r?\n[ \t\u00a0]{0,20}\Z")
_OTHER = re.compile(rf"(?<!{_LETTER})(?:{'|'.join(other for other in OTHER_DOLLARS if other != 'real')})")
_GROUPED = re.compile(r"([1-9][0-9]{0,2})((?:([.,'’ ])[0-9]{3})(?:\3[0-9]{3}){0,8})(?:(?!\3)[.,]([0-9]{1,4}))?\Z")
_INDIAN = re.compile(r"([1-9][0-9]?)((?:,[0-9]{2}){1,8},[0-9]{3})()(?:\.([0-9]{1,4}))?\Z")
_SIMPLE = re.compile(r"(0|[1-9][0-9]{0,24})(?:[.,]([0-9]{1,4}))?\Z")
_CENTS = re.compile(r"[.,](?:[0-9]{2}|[-–—]{1,2})\Z")
_MINUS = frozenset("-−–")
_JOINING, _PARTING = frozenset(".,_#"), frozenset("/:")
#: No amount of money has more characters.
_LONGEST = 24
#: How far the words around an amount are looked at.
_AROUND = 40


class _Token(NamedTuple):
    """A number (`value` as written) or a currency.

    `value` of a currency is its code, "$" for a dollar that nothing qualifies so far, "" for one that is not certain.
    """

    is_number: bool
    value: str
    start: int
    end: int


def find_amounts(text: str) -> frozenset[str]:
    """All amounts with a currency in `text`, as `15.00USD`; in time linear in its length.

    A number and a currency with no other neighbour belong together even across the end of a line.
    """
    if not text.isascii():
        text = text.translate(_TO_ASCII)
    runs = list(_runs(_read_tokens(text), text))
    wrapped = ([*first, *second] for first, second in pairwise(runs) if _is_wrapped(first, second, text))
    return frozenset(amount for run in (*runs, *wrapped) for amount in _amounts(run, text))


def normalise(value: str) -> str | None:
    """One amount such as `15USD`, `USD 15,00` or `15€` as `15.00USD`; None for anything else."""
    text = value.strip()[:100].translate(_TO_ASCII)
    runs = list(_runs(_read_tokens(text), text))
    if len(runs) != 1 or runs[0][0].start or runs[0][-1].end != len(text):
        return None
    amounts = _amounts(runs[0], text, is_typed=True)
    return amounts[0] if len(amounts) == 1 and sum(token.is_number for token in runs[0]) == 1 else None


# --- the tokens


def _read_tokens(text: str) -> Iterator[_Token]:
    end = -1  # of the last currency
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        if kind == "number":
            alone = _stands_alone(text, match.start(), match.end(), end)
            yield _Token(True, word if alone else "", match.start(), match.end())
            continue
        value = _read_currency(kind, word)
        if value is not None:
            token = _Token(False, value, match.start(), match.end())
            token = _qualify(token, text) if value == "$" else token
            end = token.end
            yield token


def _read_currency(kind: str, word: str) -> str | None:
    """The code of a currency, "$", "" for one that is not certain, None for three letters that are none."""
    if kind == "code":
        return word.upper() if word.upper() in DECIMALS else None
    return {"dollar": "$", "us": "USD"}.get(kind) or SIGNS[word]


def _stands_alone(text: str, start: int, end: int, currency_end: int) -> bool:
    """Whether a number is no part of a word, a date, a range or a longer number, as in `v15.00`, `15.00k`, `.15.00`."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if start != currency_end and (before.isalnum() or before in _JOINING):
        return False
    if before in _MINUS or (before in _PARTING and text[start - 2 : start - 1].isdigit()):
        return False
    if after in _MINUS or after in {"%", "_"} or (after in _PARTING and text[end + 1 : end + 2].isdigit()):
        return False
    return not after.isalnum() or _TOKEN.match(text, end) is not None


def _qualify(dollar: _Token, text: str) -> _Token:
    """Which dollar a sign stands for by the words beside it, which become part of it if they are no codes."""
    before, after = _qualifier_before(text, dollar.start), _qualifier_after(text, dollar.end)
    start = dollar.start - before.length if before.is_part else dollar.start
    end = dollar.end + after.length if after.is_part else dollar.end
    return _Token(False, _join_qualifiers(before, after), start, end)


class _Qualifier(NamedTuple):
    """What a word beside a dollar sign makes of it: a code, "" for an unknown one, None where it says nothing of it."""

    value: str | None = None
    length: int = 0
    is_part: bool = False


def _join_qualifiers(*qualifiers: _Qualifier) -> str:
    values = {qualifier.value for qualifier in qualifiers if qualifier.value is not None}
    return ("" if len(values) > 1 else values.pop()) if values else "$"


def _qualifier_before(text: str, start: int) -> _Qualifier:
    match = _WORD_BEFORE.search(text[max(0, start - _AROUND) : start])
    return _read_qualifier(match, match[1], match[2].strip(".-")) if match else _Qualifier()


def _qualifier_after(text: str, end: int) -> _Qualifier:
    match = _WORD_AFTER.match(text[end : end + _AROUND])
    return _read_qualifier(match, match[2], match[1].strip("-")) if match else _Qualifier()


def _read_qualifier(match: re.Match[str], word: str, gap: str) -> _Qualifier:
    if word.upper() in DECIMALS and (word.isupper() or word in SMALL):
        return _Qualifier(word.upper() if word.upper() in DOLLAR_CODES else "")
    value = _which_dollar(word, is_attached=not gap)
    return _Qualifier(value, len(match[0]), value is not None)


def _which_dollar(word: str, is_attached: bool) -> str | None:
    small, upper = word.casefold(), word.upper()
    if small.startswith(OTHER_DOLLARS) or (not small.isascii() and any(other in small for other in OTHER_DOLLARS)):
        return ""
    if upper in DOLLARS and not word.islower():
        return DOLLARS[upper] if is_attached or (word == upper and len(word) > 1) else ""
    if small in NO_DOLLARS:
        return None
    if is_attached:
        return "" if len(word) <= 5 and word.isascii() else None
    return "" if upper in DOLLARS or (len(word) <= 3 and word.isupper()) else None


# --- runs of neighbours


def _runs(tokens: Iterator[_Token], text: str) -> Iterator[list[_Token]]:
    """Runs of neighbours in which currencies and numbers take turns; `CAD $` is one currency."""
    run: list[_Token] = []
    for token in tokens:
        last = run[-1] if run else None
        if last is None or not _GAP.match(text, last.end, token.start):
            pass
        elif last.is_number != token.is_number:
            if len(run) > 1 and token.is_number and _leads(run[-2], last, token):
                yield run[:-1]
                run = [last]
            run.append(token)
            continue
        elif not token.is_number and (value := _agree(last.value, token.value)):
            run[-1] = _Token(False, value, last.start, token.end)
            continue
        if run:
            yield run
        run = [token]
    if run:
        yield run


def _leads(number: _Token, currency: _Token, following: _Token) -> bool:
    """Whether a currency between two numbers is that of the second by its place, as in `2 $15.00`."""
    return number.end < currency.start and currency.end == following.start


def _agree(one: str, other: str) -> str:
    """The currency that two signs or codes of the same amount stand for; "" where they contradict each other."""
    if one == other:
        return one
    for dollar, code in ((one, other), (other, one)):
        if dollar == "$" and code in DOLLAR_CODES:
            return code
    return ""


def _is_wrapped(first: list[_Token], second: list[_Token], text: str) -> bool:
    if len(first) != 1 or len(second) != 1 or first[0].is_number == second[0].is_number:
        return False
    return _WRAP.match(text[first[0].end : min(second[0].start, first[0].end + 64)]) is not None


def _amounts(run: list[_Token], text: str, is_typed: bool = False) -> list[str]:
    """The amounts of a run: each number with its currency."""
    amounts = []
    for number, currency, start, end in _pairs(run, text):
        code = _decide(currency, start, end, text)
        if code and not _is_another(text, start, end):
            amount = _read_number(number.value, DECIMALS[code], is_typed)
            amounts += [amount + code] if amount else []
    return amounts


def _pairs(run: list[_Token], text: str) -> Iterator[tuple[_Token, str, int, int]]:
    """Each number with its currency, and where both begin and end."""
    first, last = run[0].is_number, run[-1].is_number
    if first and last:
        # `15 USD 20.00`: only if one number alone has cents is it known whose the currency is.
        side = _side_with_cents(run)
        if not side:
            return
        first, last = side < 0, side > 0
        run = run[:-1] if first else run[1:]
    for at, token in enumerate(run):
        if not token.is_number:
            continue
        before = run[at - 1] if at and not first else None
        after = run[at + 1] if at + 1 < len(run) and not last else None
        near = [other for other in (before, after) if other]
        if near and not (first and _may_lead(run, at, text)):
            value = near[0].value if len(near) == 1 else _agree(near[0].value, near[1].value)
            yield token, value, min(token.start, near[0].start), max(token.end, near[-1].end)


def _may_lead(run: list[_Token], at: int, text: str) -> bool:
    """Whether the currency after a number may as well belong to the next one, as in `2 $ 15.00 USD`."""
    if at + 3 >= len(run):
        return False
    sign, code = run[at + 1], run[at + 3]
    return bool(_agree(sign.value, code.value)) and text[sign.start : sign.end] != text[code.start : code.end]


def _side_with_cents(run: list[_Token]) -> int:
    """-1 or 1 if the first or the last number of a run is an amount, and the other one is none; else 0."""
    if len(run) < 3:
        return 0
    has_cents = [_CENTS.search(token.value) is not None for token in run if token.is_number]
    if has_cents[0] == has_cents[-1]:
        return 0
    return -1 if has_cents[0] else 1


def _decide(value: str, start: int, end: int, text: str) -> str:
    """The code of an amount's currency; a bare dollar is that of the United States if nothing around says another."""
    if value != "$":
        return value
    words = _join_qualifiers(_qualifier_before(text, start), _qualifier_after(text, end))
    if words != "$":
        return words
    near = (_CODE_ABOVE.search(text[max(0, start - _AROUND) : start]), _CODE_BELOW.match(text[end : end + _AROUND]))
    if _OTHER.search(text[max(0, start - _AROUND) : end + _AROUND].casefold()):
        return ""
    codes = {match[1] for match in near if match and match[1] in DECIMALS}
    return "USD" if codes <= {"USD"} else ""


def _is_another(text: str, start: int, end: int) -> bool:
    """Whether what stands beside an amount makes another one of it: a minus, a multiple, a rate of two currencies."""
    before, after = text[max(0, start - 1) : start], text[end : end + _AROUND]
    if before in _MINUS or after[:1] in _MINUS:
        return True
    word = _WORD_AFTER.match(after)
    if word and (word[2].casefold() in MULTIPLES or (word[1] == "/" and word[2] in DECIMALS)):
        return True
    return before == "/" and text[max(0, start - 4) : start - 1] in DECIMALS


# --- the numbers


def _read_number(word: str, decimals: int, is_typed: bool) -> str:
    """The normal form of a number: without groups, with the decimals of its currency, at least two; "" for none."""
    word = word.rstrip(".,'’-–—")
    if not word or len(word) > _LONGEST:
        return ""
    word = re.sub(f"[{_SPACE}]", " ", word)
    simple = _SIMPLE.match(word)
    if is_typed and decimals > 2 and simple and "," not in word:
        return _join_number(simple[1], simple[2] or "", decimals)
    grouped = _GROUPED.match(word) or _INDIAN.match(word)
    if grouped:
        # `1.500` of a currency with three decimals is one and a half, or one thousand five hundred.
        if decimals > 2 and grouped[4] is None and grouped[3] in {".", ","}:
            return ""
        return _join_number(grouped[1] + re.sub("[^0-9]", "", grouped[2]), grouped[4] or "", decimals)
    return _join_number(simple[1], simple[2] or "", decimals) if simple else ""


def _join_number(whole: str, rest: str, decimals: int) -> str:
    if len(rest) > max(decimals, 2) or (not decimals and rest.strip("0")):
        return ""
    return f"{whole}.{rest:0<{max(decimals, 2)}}"
