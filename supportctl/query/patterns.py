"""Regular expressions that take linear time (RE2), compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from supportctl.query.errors import ValueProblem

#: The test whether a pattern matches a text, or its UTF-8.
Finder = Callable[[str | bytes], bool]
_FLAGS = "(?im)"
#: The number of empty matches after which the rest of a text is skipped: `x*` has one at every character.
_EMPTY = 200


@lru_cache(maxsize=256)
def make_finder(pattern: str) -> Finder:
    """The test for a pattern in RE2 syntax; case counts only where the pattern says (?-i).

    `^` and `$` match at lines. Raises ValueProblem for a pattern that is wrong.
    """
    search = _compiled(pattern).search
    return lambda text: search(text) is not None


def find_spans(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """The non-empty matches of a pattern in a text, as (start, end); after 200 empty ones the rest is skipped."""
    empty = 0
    for match in _compiled(pattern).finditer(text):
        first, last = match.span()
        if first < last:
            yield first, last
        elif (empty := empty + 1) == _EMPTY:
            return


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    # Not `re`: a rule's or a person's pattern meets hostile mail, and RE2 takes linear time whatever both are.
    import re2  # 7 ms: only where there is a pattern

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True  # groups are of no use here, and cost RE2 its fastest engine
    try:
        return re2.compile(_FLAGS + pattern, options)
    except re2.error as error:
        raise _problem(pattern, error) from error


def _problem(pattern: str, error: Exception) -> ValueProblem:
    detail = error.args[0] if error.args else ""
    message = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
    message = message.replace(_FLAGS, "")
    culprit = message.rpartition(": ")[2]
    offset = max(0, pattern.rfind(culprit))
    hint = ""
    if culprit.startswith(("(?", "\\")):
        hint = "patterns use RE2 syntax: no look-around, no back-references"
    return ValueProblem(f"expected a pattern: {message}", offset, hint)
