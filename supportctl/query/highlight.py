"""The line of a message that shows why a query found it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from supportctl.query.ast import Addresses, And, Node, Or, Pattern, Query, Words
from supportctl.query.fold import compile_phrase, fold, split_words, unfold, unfold_span
from supportctl.records import Record

_IN_BODY = ("", "body", "unquoted", "attached")
_IN_HEADING = ("", "from", "to", "cc", "recipient", "subject", "attachment")
#: The length of a line in characters, and of the part before the first match.
_WIDTH, _LEAD = 100, 30

Extent = tuple[int, int]


class Snippet(Record):
    """A line of text, and the offsets of the matches in it, as (start, end)."""

    text: str
    spans: tuple[Extent, ...] = ()


class _Folded:
    """A text, and its folded form, computed on demand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words: str | None = None

    @property
    def words(self) -> str:
        if self._words is None:
            self._words = fold(self.text)
        return self._words


class Locator(Protocol):
    """Finds the matches of one part of a query in a text: the first offset, or all spans."""

    def first(self, text: _Folded) -> int | None: ...

    def spans(self, text: _Folded) -> Iterator[Extent]: ...


class _WordsLocator:
    def __init__(self, tokens: tuple[str, ...], is_prefix: bool) -> None:
        self._pattern = compile_phrase(tokens, is_prefix)

    def first(self, text: _Folded) -> int | None:
        match = self._pattern.search(text.words)
        return unfold(text.text, match.start()) if match else None

    def spans(self, text: _Folded) -> Iterator[Extent]:
        for match in self._pattern.finditer(text.words):
            yield unfold_span(text.text, match.start(), match.end())


class _PatternLocator:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def first(self, text: _Folded) -> int | None:
        return next((start for start, _ in self.spans(text)), None)

    def spans(self, text: _Folded) -> Iterator[Extent]:
        from supportctl.query.patterns import find_spans

        return find_spans(self._pattern, text.text)


class Highlighter:
    """Finds the matches of a query in texts."""

    def __init__(self, query: Query) -> None:
        self._in_body = list(_locators(query.root, _IN_BODY))
        self._in_heading = list(_locators(query.root, _IN_HEADING))

    def snippet(self, heading: str, body: str) -> Snippet:
        """The text around the first match in the body, or else the line of the heading with a match.

        Without either, the beginning of the body.
        """
        offset = _first(body, self._in_body)
        if offset is not None:
            return _highlight(self._window(body, offset), self._in_body)
        offset = _first(heading, self._in_heading)
        if offset is not None:
            start = heading.rfind("\n", 0, offset) + 1
            line = heading[start:].partition("\n")[0]
            return _highlight(self._window(line, offset - start), self._in_heading)
        return Snippet(" ".join(body[: _WIDTH * 8].split())[:_WIDTH].rstrip())

    def _window(self, text: str, offset: int) -> str:
        before = " ".join(text[max(0, offset - _WIDTH) : offset].split())
        gap = " " if text[offset - 1 : offset].isspace() else ""
        if len(before) > _LEAD:
            before = before[-_LEAD:].partition(" ")[2]
        # Eight times the width: white space is joined, and HTML as text has a lot of it.
        after = " ".join(text[offset : offset + _WIDTH * 8].split())
        line = (before + gap if before else "") + after
        return line[:_WIDTH].rstrip()


def _first(text: str, locators: list[Locator]) -> int | None:
    folded = _Folded(text)
    return min((start for locator in locators if (start := locator.first(folded)) is not None), default=None)


def _highlight(line: str, locators: list[Locator]) -> Snippet:
    folded = _Folded(line)
    spans = sorted(span for locator in locators for span in locator.spans(folded))
    apart: list[Extent] = []
    for start, end in spans:
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return Snippet(line, tuple(apart))


def _locators(node: Node, fields: tuple[str, ...]) -> Iterator[Locator]:
    """The locators for the parts of a query that are not negated and look into one of these fields."""
    match node:
        case And() | Or():
            for part in node.parts:
                yield from _locators(part, fields)
        case Words() if node.field in fields:
            yield _WordsLocator(node.tokens, node.is_prefix)
        case Addresses() if node.field in fields:
            yield from (
                _WordsLocator(tuple(split_words(address)), False) for address in node.addresses if split_words(address)
            )
        case Pattern() if node.field in fields:
            yield _PatternLocator(node.pattern)
