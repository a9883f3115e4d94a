"""Patterns that are looked for in mail in linear time (RE2), however many their alternatives.

Python's `re` tries one alternative after the other at each character: with a hundred of them, to look at a subject
takes as long as to read all of a small message.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

_MEMORY = 8 << 20
"""The number of bytes that a set may keep of what it has found out about texts."""


class PatternSet:
    """Named patterns that are looked for in one pass, compiled when they are first used.

    Case does not count, `^` matches at lines, `\\A` at the beginning.
    """

    def __init__(self, **patterns: str) -> None:
        self._patterns = patterns
        self._names = tuple(patterns)

    def found_in(self, text: str) -> frozenset[str]:
        """The names of the patterns that match anywhere in a text."""
        return frozenset([self._names[at] for at in self._compiled.Match(text) or ()])

    def text(self, name: str) -> str:
        """The pattern with a name, in RE2 syntax."""
        return self._patterns[name]

    @cached_property
    def _compiled(self) -> Any:
        import re2

        options = re2.Options()
        options.log_errors = False
        options.never_capture = True
        options.max_mem = _MEMORY
        compiled = re2.Set.SearchSet(options)
        for pattern in self._patterns.values():
            compiled.Add(f"(?im){pattern}")
        compiled.Compile()
        return compiled


class TextPattern:
    """One pattern, as in a set."""

    def __init__(self, pattern: str) -> None:
        self._set = PatternSet(it=pattern)

    def is_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in a text."""
        return bool(self._set.found_in(text))
