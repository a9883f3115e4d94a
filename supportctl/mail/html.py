"""HTML → text for a person: blocks on their own lines, quotations with `>`, no scripts, no styles."""

from __future__ import annotations

import re
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
# Characters of a document that are read; nobody reads more than a book.
_LONGEST = 2_000_000
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})[^<>]*+>|<[!?/][^<>]*+>")
# Elements that hold nothing, or that end where the next of their kind begins: they do not nest by themselves.
_FLAT = frozenset(
    (  # noqa: SIM905
        "area base br col embed hr img input link meta source track wbr p li td th tr dt dd option tbody thead"
    ).split()
)
_DEEPEST = 500
_FEW_TAGS = 2_000


def extract_text(source: str) -> str:
    """The text of an HTML document or fragment; never raises. A `blockquote` becomes `> ` lines."""
    source = source[:_LONGEST]
    # The parser itself has no limit.
    if _is_too_deep(source):
        return _strip_tags(source)
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(source).root
    if root is None:
        return ""
    writer = _Writer()
    writer.walk(root)
    return writer.finish()


def _is_too_deep(source: str) -> bool:
    """Whether elements nest so deep that HTML parsers take time quadratic in the depth."""
    if source.count("<") < _FEW_TAGS:
        return False
    depth, opened = 0, dict[str, int]()
    for match in _TAG.finditer(source):
        name = (match[2] or "").lower()
        if not name or name in _FLAT:
            continue
        count = opened.get(name, 0)
        if not match[1]:
            opened[name] = count + 1
            depth += 1
        elif count:
            opened[name] = count - 1
            depth -= 1
        if depth > _DEEPEST:
            return True
    return False


def _strip_tags(source: str) -> str:
    from html import unescape

    lines = (_SPACES.sub(" ", line).strip() for line in unescape(_TAG.sub("\n", source)).split("\n"))
    text = "\n".join(line for line in lines if line)
    return text + "\n" if text else ""


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
