"""HTML → text for a person: blocks on their own lines, quotations with `>`, no scripts, no styles."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_SILENT = frozenset(
    {"head", "script", "style", "template", "noscript", "title", "object", "svg", "-comment", "!doctype"}
)
_BLOCKS = frozenset(
    (  # noqa: SIM905
        "address article aside center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
        "hr li main nav ol p pre section table tr ul"
    ).split()
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre"})
_SPACES = re.compile(r"[ \t\n\r\f\u200b\u200c\ufeff]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_LONG_TAG = re.compile(r"(<[A-Za-z][^\s<>]{0,20}+)[^<>]{2000,}+")
# What the parser opens again in every block where it was left open: 20 KB would take 600 MB. No text shows it.
_FORMATTING = re.compile(r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.I)
# The only two that take more bytes than their names, of which the parser (selectolax 1.0.2) overflows a buffer.
_LONGER_THAN_THEIR_NAMES = (("&nGt;", "\u226b\u20d2"), ("&nLt;", "\u226a\u20d2"))
_TAG = re.compile(r"</?[A-Za-z]")
_USUAL = 100_000  # characters of a document that can have no such images, and need not be searched for them
_FEW_TAGS = 1_000
_MANY_TAGS = 20_000
_TAGS_AT_ONCE = 4_000


def without_long_tags(source: str) -> str:
    """An HTML document without the attributes that take most of it: images within the document."""
    return _LONG_TAG.sub(r"\1", source) if len(source) > _USUAL else source


def extract_text(source: str) -> str:
    """The text of an HTML document or fragment; never raises. A `blockquote` becomes `> ` lines."""
    from selectolax.lexbor import LexborHTMLParser

    writer = _Writer()
    for piece in _make_harmless(source):
        root = LexborHTMLParser(piece).root
        if root is not None:
            writer.walk(root)
    return writer.finish()


def _make_harmless(source: str) -> list[str]:
    """The pieces of a document that the parser reads in time and memory linear in their length."""
    for name, character in _LONGER_THAN_THEIR_NAMES:
        source = source.replace(name, character)
    if source.count("<") <= _FEW_TAGS or len(_TAG.findall(source)) <= _FEW_TAGS:
        return [source]
    source = _FORMATTING.sub(r"<\1span", source)
    tags = [tag.start() for tag in _TAG.finditer(source)]
    if len(tags) <= _MANY_TAGS:
        return [source]
    # The time is quadratic in the number of elements that are open.
    bounds = [0, *tags[_TAGS_AT_ONCE::_TAGS_AT_ONCE], len(source)]
    return [source[start:end] for start, end in pairwise(bounds)]


class _Writer:
    """Collects the lines of a document while it is walked."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0

    def walk(self, root: LexborNode) -> None:
        """Walk depth first, without recursion, as documents nest as deep as their writers like."""
        node: LexborNode | None = root
        depth_of_pre, end = 0, root.mem_id
        while node is not None:
            tag = node.tag
            is_open = self._enter(node, tag, depth_of_pre > 0)
            depth_of_pre += tag == "pre" and is_open
            child = node.child if is_open else None
            if child is not None:
                node = child
                continue
            while node is not None:
                if (tag := node.tag) != "-text":
                    depth_of_pre = max(0, depth_of_pre - (tag == "pre"))
                    self._leave(tag)
                if node.mem_id == end:
                    return
                if (following := node.next) is not None:
                    node = following
                    break
                node = node.parent

    def _enter(self, node: LexborNode, tag: str | None, is_preformatted: bool) -> bool:
        if tag == "-text":
            self._write(node.text_content or "", is_preformatted)
            return False
        if tag in _SILENT or tag is None:
            return False
        if tag == "br":
            self._break(force=True)
        elif tag == "blockquote":
            self._break()
            self.quotes += 1
        elif tag in _BLOCKS:
            self._break()
            if tag == "li":
                self.line.append("- ")
        elif tag in {"td", "th"} and self.line:
            self.line.append(" ")
        return True

    def _leave(self, tag: str | None) -> None:
        if tag == "blockquote":
            self._break()
            self.quotes = max(0, self.quotes - 1)
        elif tag in _BLOCKS:
            self._break(keep=tag == "pre")
            if tag in _SPACED:
                self.lines.append("> " * min(self.quotes, 20))

    def _write(self, text: str, is_preformatted: bool) -> None:
        if not is_preformatted:
            self.line.append(_SPACES.sub(" ", text))
            return
        first, *others = text.split("\n")
        self.line.append(first)
        for other in others:
            self._break(force=True, keep=True)
            self.line.append(other)

    def _break(self, force: bool = False, keep: bool = False) -> None:
        text = "".join(self.line)
        if force or text.strip():
            self.lines.append("> " * min(self.quotes, 20) + (text if keep else text.strip(" ")))
        self.line.clear()

    def finish(self) -> str:
        """All lines, with single empty lines between paragraphs."""
        self._break()
        text = _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in self.lines)).strip("\n")
        return text + "\n" if text else ""
