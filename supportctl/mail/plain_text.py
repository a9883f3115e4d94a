"""Plain text as a person reads it: without what nobody sees in it, and with its paragraphs whole."""

from __future__ import annotations

import re
from functools import lru_cache

# What joins the letters beside it wherever it stands, or only says where a line may end.
_INVISIBLE = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"
# What shapes the letters of Arabic, Indic and other scripts, and emoji; between others, and at spaces, it hides words.
_SHAPERS = "\u034f\u200c\u200d"
# Those others, by what is none of them: to compile the set of all of them takes `re` 7 ms.
_SHAPED = "[^\0-\u058f\u2000-\u218f\U000e1000-\U0010ffff]"
_SHAPING = re.compile(f"(?<!{_SHAPED})[\u034f\u200c\u200d]{{1,50}}(?!{_SHAPED})")
# Characters that fonts leave empty, although Unicode takes them for letters or symbols.
_BLANK = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_WORD = re.compile(r"[^\W_]")
_LONGEST_NOTICE = 600
_NOTICE = re.compile(
    r"\bhtml\b|multi-?part message|in mime format|browser|navigat(?:eur|or)|navegador|prohlížeč|przegląda|браузер"
    r"|böngésző|selain|tarayıcı|ブラウザ|浏览器|瀏覽器|브라우저",
    re.I,
)
"""What the plain part says that only tells a person to look at the other one, in any language."""


def without_invisible(text: str) -> str:
    """A text without the characters of no width that break its words up for programs and for nobody else."""
    if text.isascii():
        return text
    text = _without(_INVISIBLE, text)
    return _SHAPING.sub("", text) if any(character in text for character in _SHAPERS) else text


def _without(characters: str, text: str) -> str:
    # One by one: most texts have none of them, which takes no time to see.
    for character in characters:
        if character in text:
            text = text.replace(character, "")
    return text


def says_something(text: str) -> bool:
    """Whether a text has a letter or a digit that can be seen."""
    return _WORD.search(text if text.isascii() else _without(_BLANK, text)) is not None


def is_notice(text: str) -> bool:
    """Whether a plain text may only say that there is another one (`Your program can't show HTML`)."""
    return len(text) <= _LONGEST_NOTICE and _NOTICE.search(text) is not None


_WORDS = re.compile(r"\w+")


def has_words_beyond(text: str, known: str) -> bool:
    """Whether a text has words that another text does not have."""
    return bool(_words_beyond(_pieces_beyond(text, known), known))


def _pieces_beyond(text: str, known: str) -> set[str]:
    """What stands between spaces in a text and not in another one; mostly nothing, which is quick to see."""
    pieces = set(text.split())
    return pieces.difference(known.split()) if pieces else pieces


def _words_beyond(pieces: set[str], known: str) -> set[str]:
    if not pieces:
        return pieces
    more = _words_of(" ".join(pieces)) - _known_words(known)
    return {word for word in more if len(word) > 1 or word > "\x7f"}


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(text.lower()))


@lru_cache(maxsize=1)
def _known_words(text: str) -> frozenset[str]:
    # Kept, as the words, the lines and the hidden lines of a document are compared with the same text.
    return _words_of(" ".join(set(text.split())))


def lines_beyond(text: str, known: str) -> str:
    """The lines of a text with words that another text does not have; "" if there are none."""
    pieces = _pieces_beyond(text, known)
    more = _words_beyond(pieces, known)
    if not more:
        return ""
    # A new word stands in a new piece, and few lines have one.
    lines = [line for line in dict.fromkeys(text.split("\n")) if not pieces.isdisjoint(line.split())]
    return "\n".join([line for line in lines if not more.isdisjoint(_words_of(line))]) + "\n"


def unflow(text: str, deletes_space: bool) -> str:
    """A `format=flowed` text with each paragraph in one line (RFC 3676, section 4)."""
    lines: list[str] = []
    waiting, depth_before = "", -1  # the beginning of a paragraph that goes on, and its depth of quotation
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if depth_before >= 0:
            if depth == depth_before and content != "-- ":
                content = waiting + content
            else:
                lines.append(_quoted(waiting, depth_before))
        depth_before = depth if content.endswith(" ") and content != "-- " and line else -1
        if depth_before < 0:
            lines.append(_quoted(content, depth))
        else:
            waiting = content[:-1] if deletes_space else content
    if depth_before >= 0:
        lines.append(_quoted(waiting, depth_before))
    return "\n".join(lines)


def _quoted(content: str, depth: int) -> str:
    if not depth:
        # Stuffing kept apart what only looks like a quotation.
        return f" {content}" if content.startswith(">") else content
    return f"{'>' * depth} {content}".rstrip() if content != "-- " else f"{'>' * depth} -- "
