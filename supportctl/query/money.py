"""Amounts of money in a text: only the lines that may name one are parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from supportctl.query.patterns import find_spans, make_finder


@lru_cache(maxsize=64)
def make_amount_finder(value: str) -> Callable[[str | bytes], bool]:
    """The test whether a text, or its UTF-8, names an amount (`1500.00USD`)."""
    # A pattern of RE2 finds the candidates in the whole text; only their lines are worth Python's time.
    pattern = _sketch(value)
    may_name = make_finder(pattern)
    return lambda text: may_name(text) and _is_named(value, pattern, text)


def _is_named(value: str, pattern: str, text: str | bytes) -> bool:
    from supportctl.mail.amounts import find_amounts  # an amount reaches across the end of one line at most

    lines = "\n\n".join(_lines(pattern, text.decode() if isinstance(text, bytes) else text))
    return value in find_amounts(lines)


def _lines(pattern: str, text: str) -> Iterator[str]:
    """Each line that may name the amount, with the lines before and after it."""
    line_end = 0
    for first, last in find_spans(pattern, text):
        if last > line_end:
            line = text.rfind("\n", 0, first)
            start = text.rfind("\n", 0, max(line, 0)) + 1
            line_end = _line_end(text, last - 1)
            yield text[start : _line_end(text, line_end + 1)]


def _line_end(text: str, offset: int) -> int:
    """The offset of the line feed at or after an offset, or the end of the text where there is none."""
    line_end = text.find("\n", offset)
    return len(text) if line_end < 0 else line_end


def _sketch(value: str) -> str:
    """A pattern for all ways to write a number: in groups, with the digits of any script, no cents where none are."""
    whole, _, cents = value.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").partition(".")
    needed = cents.rstrip("0")
    zeros = f"{_any_script('0')}{{0,{len(cents) - len(needed)}}}"
    rest = f"[.,٫．，]{''.join(map(_any_script, needed))}{zeros}"
    return f"(?:^|[^0-9]){'[^0-9]?'.join(map(_any_script, whole))}{rest if needed else f'(?:{rest})?'}(?:[^0-9]|$)"


def _any_script(digit: str) -> str:
    """A class of characters: a digit in all scripts."""
    from supportctl.mail.amounts import ZEROS

    return f"[{digit}{''.join(chr(zero + int(digit)) for zero in ZEROS)}]"
