"""How an amount of money may be written: a sketch that passes over most mails before the careful reading."""

from __future__ import annotations


def sketch(value: str) -> str:
    """Return a pattern that is in every text that names an amount (`1500.00USD`), and in few others.

    Digits may be grouped by three, cents left out where there are none.
    """
    whole, _, cents = value.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").partition(".")
    first = len(whole) % 3
    groups = [whole[:first]] if first else []
    groups += [whole[place : place + 3] for place in range(first, len(whole), 3)]
    return f"(?:^|[^0-9]){'.?'.join(groups)}{_cents(cents)}(?:[^0-9]|$)"


def _cents(cents: str) -> str:
    if not cents.strip("0"):
        return "(?:[.,]0{1,2})?"
    return f"[.,]{cents[0]}{cents[1]}{'?' if cents[1] == '0' else ''}"
