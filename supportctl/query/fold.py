"""Text → words, in one way for both evaluators: without case, diacritics and invisible characters."""

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


class _Table(dict[int, str]):
    """The folded form of each character beyond ASCII, computed when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = result = "".join(map(_plain, _decomposed(chr(code))))
        return result


def _decomposed(character: str) -> str:
    # Twice: casefolding can leave characters that decompose again, and the other way round.
    once = unicodedata.normalize("NFKD", character.casefold())
    return unicodedata.normalize("NFKD", once.casefold()).translate(_APART)


def _plain(character: str) -> str:
    """A decomposed character as it is, as nothing (marks), or as a space (neither letter nor number).

    Scripts without spaces between words are read character by character, so that a phrase finds them.
    """
    if character < "\x80":
        return character
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf"):
        return ""
    if kind[0] not in "LN" and kind != "Mc":
        return " "
    code = ord(character)
    return f" {character} " if any(low <= code <= high for low, high in _UNSPACED) else character


_TABLE = _Table()


def fold(text: str) -> str:
    """A text in the form in which words are compared; ASCII text is only lower-cased."""
    # By runs, since even a text in German or French is mostly ASCII, which str.lower does in one go.
    if text.isascii():
        return text.lower()
    return _FOREIGN.sub(lambda run: run[0].translate(_TABLE), text.lower())


def unfold(text: str, position: int) -> int:
    """The offset in a text of the character at an offset in its folded form."""
    if text.isascii():
        return position
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
