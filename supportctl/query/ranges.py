"""`a..b`, `>a`, `<=b`: limits of dates and sizes, and how sizes are written."""

from __future__ import annotations

import re
from collections.abc import Callable

from supportctl.query.errors import ValueProblem

Limits = tuple[int | None, int | None]
#: A value as typed → the span of values that it names, the first and the one after the last.
Reader = Callable[[str], tuple[int, int]]

_SIZE = r"(?i)(\d+(?:\.\d+)?)\s*([kmg]?)i?b?"
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_LARGEST = 1 << 62  # beyond every message, and within what SQLite can compare


def read_range(value: str, read: Reader) -> Limits:
    """The limits (low, high), with low <= value < high, of a range, a comparison or a single value.

    Raises ValueProblem with the offset of the side that makes no sense.
    """
    if ".." in value:
        return _between(value, read)
    for sign in (">=", "<=", ">", "<", "="):
        if value.startswith(sign):
            return _compared(sign, _at(read, value[len(sign) :], len(sign)))
    return read(value)


def _at(read: Reader, value: str, offset: int) -> tuple[int, int]:
    try:
        return read(value.strip())
    except ValueProblem as problem:
        raise ValueProblem(problem.problem, offset + problem.offset, problem.hint) from problem


def _compared(sign: str, span: tuple[int, int]) -> Limits:
    first, end = span
    limits: dict[str, Limits] = {
        ">": (max(first, end), None),
        ">=": (first, None),
        "<": (None, first),
        "<=": (None, end),
        "=": (first, end),
    }
    return limits[sign]


def _between(value: str, read: Reader) -> Limits:
    left, _, right = value.partition("..")
    if not left.strip() and not right.strip():
        raise ValueProblem("expected a value before or after the '..'")
    low = _at(read, left, 0)[0] if left.strip() else None
    high = _at(read, right, len(left) + 2)[1] if right.strip() else None
    if low is not None and high is not None and high <= low:
        raise ValueProblem("the range ends before it begins", len(left) + 2)
    return low, high


def read_size(value: str) -> tuple[int, int]:
    """The span of a size such as `10k`, `1.5M`, `2048` (units of 1024 bytes); raises ValueProblem."""
    match = re.fullmatch(_SIZE, value)
    if not match:
        raise ValueProblem("expected a size", hint="for example size:>1M, size:..10k, size:100k..2M")
    size = int(min(float(match[1]) * _UNITS[match[2].lower()], _LARGEST))
    return size, size + 1
