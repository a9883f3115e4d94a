"""HTML → text for a person: blocks on their own lines, quotations with `>`, no scripts, no styles.

What nobody sees is kept apart, and a link says where it leads if its text names another place.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from supportctl.mail.html_look import Appearance, Sheet, look_of, may_be_named, may_matter, read_sheet
from supportctl.mail.plain_text import has_words_beyond

_SILENT = [
    *("head", "title", "script", "style", "template", "noscript", "noframes", "noembed", "object", "iframe", "svg"),
]
_BLOCKS = frozenset(
    (  # noqa: SIM905
        "address article aside center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
        "hr li main nav ol p pre section table tr ul blockquote"
    ).split()
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"}
)
# Elements that say nothing by themselves, and those whose ends say something: of most tags a glance is enough.
_PLAIN = frozenset("b i u em font span strong small big tbody html body code tt s sub option".split())  # noqa: SIM905
_WITH_ENDS = frozenset({*_BLOCKS, "a", "x-a", "sup"})
_BLANKS = " \t\n\r\f"
# What the parser writes: text, then a comment or a tag; values are in double quotes, and `<` in a text is escaped.
_TOKEN = re.compile(r'([^<]*+)<(?:(?:!--.*?--|(/?)([a-z][^\s/>]*+)([^>=]*+(?:=(?:"[^"]*+")?[^>=]*+)*))>)?', re.S)
_EMPTY_LINES = re.compile(r"\n{3,}")
_LONG_TAG = re.compile(r"(<[A-Za-z][^\s<>]{0,20}+)[^<>]{2000,}+")
# In these, tags are text, and are not told from others when the parser writes them.
_VERBATIM = re.compile(r"<(/?)(?:xmp|plaintext)(?=[\s/>])", re.I)
# What the parser opens again in every block where it was left open: 20 KB would take 600 MB. No text shows it.
# Not with re.I, which looks at every character of a document; one after the other, as one with a group takes longer.
_NAMES = "".join(
    f"[{c}{c.upper()}]" if c.isalpha() else c for c in "a|b(?:ig)?|code|em|font|i|nobr|s(?:mall|trike|trong)?|tt|u"
)
_FORMATTING = re.compile(rf"<(?:{_NAMES})(?=[\s/>])")
_FORMATTING_END = re.compile(rf"</(?:{_NAMES})(?=[\s/>])")
_ANCHORS = (("<a ", "<x-a "), ("<A ", "<x-a "), ("</a>", "</x-a>"), ("</A>", "</x-a>"))  # links that can be told later
# The only two that take more bytes than their names, of which the parser (selectolax 1.0.2) overflows a buffer.
_LONGER_THAN_THEIR_NAMES = (("&nGt;", "\u226b\u20d2"), ("&nLt;", "\u226a\u20d2"))
_LONGER = re.compile("&n[GL]t;")
_TAG = re.compile(r"</?[A-Za-z]")
_USUAL = 100_000  # characters of a document that can have no such images, and need not be searched for them
_FEW_TAGS = 1_000
_MANY_TAGS = 20_000
_TAGS_AT_ONCE = 4_000
_RAISED = "\0"
"""Stands before and after raised text while a line is written; no document has it."""


# The only characters that the parser escapes in a text.
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u00a0"), ("&quot;", '"'), ("&amp;", "&"))
_CURRENCY = re.compile(r"[$€£¥₹₽₩]|\b(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|BRL|PLN|CZK|SEK|NOK|DKK|RUB|Euro)\b")
_CENTS = re.compile(r"(\d{1,12})\0[ \n]{0,3}(\d{1,3})[ \n]{0,3}\0")
_USUAL_CENTS = {"00", "49", "50", "90", "95", "98", "99"}
_HREF = re.compile(r'\shref="([^"]*)"')
_TARGET = re.compile(r"(?:https?|ftp)://([^/?#\s]{1,255})|mailto:([^?\s]{1,255})", re.I)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,62})\.){1,8}([^\W\d_]{2,24})\b")
_FILES = frozenset(
    (  # noqa: SIM905
        "pdf doc docx xls xlsx ppt pptx odt ods txt csv jpg jpeg png gif zip html htm php asp aspx js xml eml"
    ).split()
)
_LONGEST_LINK = 200


class HtmlText(NamedTuple):
    """What a document says, and what stands in it that nobody sees."""

    text: str
    hidden: str


def without_long_tags(source: str) -> str:
    """An HTML document without the attributes that take most of it: images within the document."""
    return _LONG_TAG.sub(r"\1", source) if len(source) > _USUAL else source


def read_html(source: str, known: str = "") -> HtmlText:
    """The texts of an HTML document or fragment; never raises. A `blockquote` becomes `> ` lines.

    Nothing is read of a document all of whose words are in another text that is `known`.
    """
    from selectolax.lexbor import LexborHTMLParser

    writer = _Writer(read_sheet(source) if "<style" in source or "<STYLE" in source else {})
    for piece in _make_harmless(source):
        parser = LexborHTMLParser(piece)
        parser.strip_tags(_SILENT)
        if parser.root is not None:
            # The words alone are had in a tenth of the time.
            if known and not has_words_beyond(parser.root.text(separator=" "), known):
                continue
            document = parser.root.html or ""
            if "<xmp" in document or "<plaintext" in document:
                return read_html(_VERBATIM.sub(r"<\1pre", source), known)
            writer.read(document)
    return writer.finish()


def _make_harmless(source: str) -> list[str]:
    """The pieces of a document that the parser reads in time and memory linear in their length."""
    if _LONGER.search(source):
        for name, character in _LONGER_THAN_THEIR_NAMES:
            source = source.replace(name, character)
    if source.count("<") <= _FEW_TAGS:
        return [source]
    for name, harmless in _ANCHORS:
        source = source.replace(name, harmless)
    source = _FORMATTING_END.sub("</span", _FORMATTING.sub("<span", source))
    if source.count("<") <= _MANY_TAGS or len(tags := [tag.start() for tag in _TAG.finditer(source)]) <= _MANY_TAGS:
        return [source]
    # The time is quadratic in the number of elements that are open.
    bounds = [0, *tags[_TAGS_AT_ONCE::_TAGS_AT_ONCE], len(source)]
    return [source[start:end] for start, end in pairwise(bounds)]


class Looks(dict[str, tuple[Appearance, "Looks"]]):
    """The looks of elements within one look, by their attributes, and of those within each of them."""


class _Writer:
    """Collects the lines of a document while its tags are read."""

    def __init__(self, sheet: Sheet) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.hidden: list[str] = []
        self.sink = self.line
        self.quotes = 0
        self.preformatted = 0
        self.link: tuple[int, int, str] | None = None
        self.sheet = sheet
        self.look = Appearance()
        # The looks that attributes give to what is within the present one: documents repeat a few hundreds of times.
        self.known = Looks()
        # For each element that changes the look: its name, how many of the name are open within, what was around it.
        self.changes: list[tuple[str, int, Appearance, Looks]] = []
        self.changed = ""

    def read(self, document: str) -> None:
        """Read a document as the parser writes it, in which every element that is opened is closed."""
        line = self.line
        for text, slash, name, attributes in _TOKEN.findall(document):
            if text:
                if self.preformatted:
                    self._write_lines(text)
                elif line or self.sink is not line or text.strip(_BLANKS):
                    self.sink.append(text)
            if slash:
                if name in _WITH_ENDS:
                    self._leave(name)
                if name == self.changed:
                    self._count(-1)
            elif name in _VOID:
                if name in {"br", "hr"}:
                    self._break(force=name == "br")
            elif name and (attributes or name not in _PLAIN or name == self.changed):
                self._enter(name, attributes)

    def _enter(self, name: str, attributes: str) -> None:
        is_changed = (self.sheet or may_matter(attributes)) and self._change_look(name, attributes)
        if name == self.changed and not is_changed:
            self._count(1)
        if name in _PLAIN:
            return
        if name in _BLOCKS:
            self._open_block(name)
        elif name in {"td", "th"}:
            if self.line:
                self.sink.append(" ")
        elif name == "sup":
            self.sink.append(_RAISED)
        elif name in {"a", "x-a"} and (href := _HREF.search(attributes)) and self.sink is self.line:
            self.link = len(self.lines), len(self.line), href[1]

    def _open_block(self, name: str) -> None:
        self._break()
        if name == "blockquote":
            self.quotes += 1
        elif name == "li":
            self.sink.append("- ")
        elif name == "pre":
            self.preformatted += 1

    def _leave(self, name: str) -> None:
        if name in _BLOCKS:
            self._close_block(name)
        elif name != "sup":
            self._close_link()
        else:
            self.sink.append(_RAISED)

    def _close_block(self, name: str) -> None:
        self._break(keep=name == "pre")
        if name == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        elif name == "pre":
            self.preformatted = max(0, self.preformatted - 1)
        if name in _SPACED and self.sink is self.line:
            self.lines.append(("> " * min(self.quotes, 20)).rstrip() if self.quotes else "")

    def _close_link(self) -> None:
        if self.link is None:
            return
        line, start, href = self.link
        self.link = None
        if line == len(self.lines) and (place := find_other_place("".join(self.line[start:]), href)):
            self.line.append(f" [leads to {place}]")

    def _change_look(self, name: str, attributes: str) -> bool:
        """Turn to the look of an element; returns whether it is another one."""
        # What no style sheet can name has the look of its name in one.
        key = attributes if not self.sheet else f"{name} {attributes if may_be_named(attributes) else ''}"
        if (found := self.known.get(key)) is None:
            found = self.known[key] = look_of(name, attributes, self.look, self.sheet), Looks()
        look, known = found
        if look is self.look:
            return False
        self.changes.append((name, 1, self.look, self.known))
        self._turn_to(look, known, name)
        return True

    def _count(self, step: int) -> None:
        name, count, around, known = self.changes.pop()
        if count + step:
            self.changes.append((name, count + step, around, known))
        else:
            self._turn_to(around, known, self.changes[-1][0] if self.changes else "")

    def _turn_to(self, look: Appearance, known: Looks, changed: str) -> None:
        if look.is_raised != self.look.is_raised:
            self.sink.append(_RAISED)
        self.look, self.known, self.changed = look, known, changed
        self.sink = self.hidden if look.is_hidden else self.line

    def _write_lines(self, text: str) -> None:
        first, *others = text.split("\n")
        self.sink.append(first)
        for other in others:
            self._break(force=True, keep=True)
            self.sink.append(other)

    def _break(self, force: bool = False, keep: bool = False) -> None:
        if self.sink is not self.line:
            self.hidden.append("\n")
            if self.look.is_gone:  # what is only invisible takes its place
                return
        if not (self.line or force):
            return
        text = "".join(self.line)
        self.line.clear()
        if not force and text.isspace():
            return
        if "&" in text or _RAISED in text:
            text = _finish_line(text)
        if force or text.strip():
            if not keep:
                text = _fold_blanks(text) if "\n" in text or "  " in text or "\t" in text else text.lstrip(" ")
            self.lines.append((f"{'> ' * min(self.quotes, 20)}{text}" if self.quotes else text).rstrip())

    def finish(self) -> HtmlText:
        """All lines, with single empty lines between paragraphs."""
        self._break()
        text = _EMPTY_LINES.sub("\n\n", "\n".join(self.lines)).strip("\n")
        hidden = " ".join(_finish_line("".join(self.hidden)).split())
        return HtmlText(text + "\n" if text else "", hidden + "\n" if hidden else "")


def _fold_blanks(text: str) -> str:
    """A line with single spaces between its words; only the blanks of HTML are blanks. Takes a third of `re.sub`."""
    for blank in "\n\t\r\f":
        text = text.replace(blank, " ")
    return " ".join(filter(None, text.split(" ")))


def _finish_line(text: str) -> str:
    """A line as it is read, without the markup that is left in it."""
    for name, character in _ESCAPED:
        text = text.replace(name, character)
    if _RAISED in text:
        separator = "." if _CURRENCY.search(text) else "^"
        text = _CENTS.sub(lambda match: _join_raised(match, separator), text).replace(_RAISED, "")
    return text


def _join_raised(match: re.Match[str], separator: str) -> str:
    """A number and what is raised after it: cents, or an exponent, or the number of a footnote."""
    whole, raised = match[1], match[2]
    if separator != "." and raised in _USUAL_CENTS and whole not in {"2", "10"}:
        separator = "."
    return f"{whole}{separator if len(raised) == 2 else '^'}{raised}"


def find_other_place(text: str, href: str) -> str:
    """Where a link leads, if its text names another host (or no host at all that it leads to); else nothing."""
    if "." not in text:
        return ""
    target = _TARGET.match(href.strip())
    if target is None:
        return ""
    host = (target[1] or target[2]).rpartition("@")[2].partition(":")[0].lower()
    named = [match[0].lower() for match in _HOST.finditer(text[:300]) if match[1].lower() not in _FILES]
    if not host or not named or any(_is_same_place(name, host) for name in named):
        return ""
    return "".join(href.split())[:_LONGEST_LINK]


def _is_same_place(one: str, other: str) -> bool:
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
