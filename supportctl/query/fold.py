"""Text → words, in one way for both evaluators: without case, accents and invisible characters.

An accent goes, a mark that makes another letter stays: people who read German, Polish or Vietnamese type words without
accents and strokes, but か is not が, and another vowel sign of Hindi or tone of Thai makes another word. Otherwise the
form is Unicode's NFKC with full case folding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

#: What FTS5's `ascii` tokenizer takes as part of a word, and what it does not (in folded text). Written with ASCII
#: alone: a class that reaches to U+10FFFF takes milliseconds to compile.
WORD = r"[^\x00-/:-`{-\x7f]"
GAP = r"[\x00-/:-`{-\x7f]"
#: A word that no folded text and no query can have, so that no phrase reaches across it.
BARRIER = "\ue000"

_TOKEN = re.compile(f"{WORD}+")
_FOREIGN = re.compile("[^\x00-\x7f]+")
#: Letters that Unicode does not decompose, and people write without their stroke or as two letters.
_APART = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
#: The strides, longest first, in which `unfold` approaches an offset.
_STRIDES = (1 << 15, 1 << 10, 1 << 5, 1)
#: Kana and Han.
_UNSPACED = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
#: Marks that go: accents of any script; the points of Hebrew and the short vowels of Arabic and Syriac, which people
#: mostly leave out; and signs that choose a glyph.
_ACCENTS = (
    *((0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F)),
    *((0x0670, 0x0670),),
    *((0x06D6, 0x06ED), (0x0711, 0x0711), (0x0730, 0x074A), (0x0897, 0x089F), (0x08CA, 0x08FF), (0x135D, 0x135F)),
    *((0x180B, 0x180F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0x302A, 0x302F), (0x3099, 0x309A)),
    *((0xFE00, 0xFE2F), (0x1BCA0, 0x1BCA3), (0x1D165, 0x1D1AD), (0xE0100, 0xE01EF)),
)
#: Scripts in which a letter with such a mark is another letter (й, ї, ؤ, が), but for those that people often write
#: without it (ё, أ).
_OWN_LETTERS = ((0x0400, 0x052F), (0x0620, 0x06D5), (0x3040, 0x30FF), (0xAC00, 0xD7A3))
_WITHOUT = frozenset("ёѐѝѷآأإ")
#: What makes one letter of these scripts with the character before it: marks, and parts of Korean syllables.
_JOINS = "\u0301\u0304\u0306\u0308\u030b\u0653-\u0655\u1161-\u1175\u11a8-\u11c2\u3099\u309a\uff9e\uff9f"
_JOIN = re.compile(f"[{_JOINS}]")
_PAIR = re.compile(f"[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[^\x00-\x7f][{_JOINS}]")
#: Stands in folded text before what may have to be joined; and in a text after what was, so that offsets stay.
_SIGN, _FILLER = "\ue001", "\u2060"


class _Table(dict[int, str]):
    """The folded form of each character beyond ASCII, computed when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = result = _fold_character(chr(code))
        return result


def _fold_character(character: str) -> str:
    # Twice: casefolding can leave characters that decompose again, and the other way round.
    once = unicodedata.normalize("NFKC", character.casefold())
    folded = "".join(map(_fold_letter, unicodedata.normalize("NFKC", once.casefold())))
    return _SIGN + folded if _JOIN.match(character) else folded


def _fold_letter(letter: str) -> str:
    if _is_in(letter, _OWN_LETTERS) and letter not in _WITHOUT:
        return _plain(letter)
    return "".join(map(_plain, unicodedata.normalize("NFKD", letter).translate(_APART)))


def _plain(character: str) -> str:
    """A decomposed character as it is, as nothing (accents), or as a space (neither letter nor number).

    Scripts without spaces between words are read character by character, so that a phrase finds them.
    """
    if character < "\x80":
        return character
    kind = unicodedata.category(character)
    if kind in ("Me", "Cf") or _is_in(character, _ACCENTS):
        return ""
    if kind[0] not in "LN" and kind not in ("Mn", "Mc"):
        return " "
    return f" {character} " if _is_in(character, _UNSPACED) else character


def _is_in(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)


_TABLE = _Table()


def fold(text: str) -> str:
    """A text in the form in which words are compared; ASCII text is only lower-cased."""
    if text.isascii():
        return text.lower()
    folded = _translate(text)
    return _translate(join_marks(text)).replace(_SIGN, "") if _SIGN in folded else folded


def _translate(text: str) -> str:
    # By runs, since even a text in German or French is mostly ASCII, which str.lower does in one go.
    return _FOREIGN.sub(lambda run: run[0].translate(_TABLE), text.lower())


def join_marks(text: str) -> str:
    """A text in which marks that make other letters are joined to them; every other character keeps its offset.

    Mail and file names of a Mac have them apart.
    """
    return _PAIR.sub(_join, text)


def _join(pair: re.Match[str]) -> str:
    joined = unicodedata.normalize("NFKC", pair[0])
    return joined + _FILLER * (len(pair[0]) - 1) if len(joined) == 1 else pair[0]


def unfold(text: str, position: int) -> int:
    """The offset in a text of the character at an offset in its folded form."""
    if text.isascii():
        return position
    return _find_offset(join_marks(text), position)


def unfold_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets in a text of a piece of its folded form, with the marks behind the last character."""
    if text.isascii():
        return start, end
    text = join_marks(text)
    last = _find_offset(text, end - 1) + 1
    while last < len(text) and not fold(text[last]):
        last += 1
    return _find_offset(text, start), last


def _find_offset(text: str, position: int) -> int:
    # By strides, since folding may shorten or lengthen any character: only folding again tells by how much.
    offset = 0
    for size in _STRIDES:
        while offset + size < len(text) and position >= (length := len(fold(text[offset : offset + size]))):
            position -= length
            offset += size
    return offset


def split_words(text: str) -> list[str]:
    """The words of a text, folded."""
    return _TOKEN.findall(fold(text))


def has_words(folded: str) -> bool:
    """Whether a folded text has a letter or a digit."""
    return _TOKEN.search(folded) is not None


def compile_phrase(tokens: tuple[str, ...], is_prefix: bool) -> re.Pattern[str]:
    """A pattern that finds consecutive words in folded text, in time linear in the text's length."""
    end = f"{WORD}*" if is_prefix else f"(?!{WORD})"
    return re.compile(f"(?<!{WORD})" + f"{GAP}+".join(map(re.escape, tokens)) + end)


def lower_ascii(text: str) -> str:
    """A text with its ASCII letters alone in lower case, as SQLite's lower() does."""
    # bytes.lower knows ASCII alone.
    return text.lower() if text.isascii() else text.encode().lower().decode()


def make_words_finder(tokens: tuple[str, ...], is_prefix: bool) -> Callable[[str], bool]:
    """The test for consecutive words in folded text."""
    # The longest word first: a plain search for it is many times faster than the pattern, and mostly fails.
    longest = max(tokens, key=len)
    search = compile_phrase(tokens, is_prefix).search
    return lambda text: longest in text and search(text) is not None


def list_spellings(ticket: str) -> tuple[str, str, str]:
    """The spellings of a ticket id: as typed, in lower case, in upper case."""
    return ticket, lower_ascii(ticket), ticket.upper()
