"""One reading of text as words, for both evaluators: without case, diacritics and invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

#: What FTS5's `ascii` tokenizer takes as part of a word, and what it does not (in folded text; written with
#: ASCII alone, since a class that reaches to U+10FFFF takes milliseconds to compile).
WORD = r"[^\x00-/:-`{-\x7f]"
GAP = r"[\x00-/:-`{-\x7f]"
#: A word that no folded text and no query can hold: no phrase reaches across it.
BARRIER = "\ue000"

_TOKEN = re.compile(f"{WORD}+")
_FOREIGN = re.compile("[^\x00-\x7f]+")
#: Letters that Unicode takes for whole, and people write without their stroke or apart.
_APART = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
#: The strides, longest first, in which an offset in a text is approached.
_STRIDES = (1 << 15, 1 << 10, 1 << 5, 1)
#: Kana and Han.
_UNSPACED = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


class _Table(dict[int, str]):
    """How each character beyond ASCII reads, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = result = "".join(map(_plain, _decomposed(chr(code))))
        return result


def _decomposed(character: str) -> str:
    once = unicodedata.normalize("NFKD", character.casefold())
    return unicodedata.normalize("NFKD", once.casefold()).translate(_APART)


def _plain(character: str) -> str:
    """Return a decomposed character as it is, as nothing (marks), or as a space (neither letter nor number).

    Scripts that put no space between words are read character by character, so that a phrase finds them.
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
    """Return a text in the form in which words are compared: what is ASCII only gets its letters lowered."""
    if text.isascii():
        return text.lower()
    return _FOREIGN.sub(lambda run: run[0].translate(_TABLE), text.lower())


def unfold(text: str, position: int) -> int:
    """Return the offset in a text of the character that stands at a position of its folded form."""
    if text.isascii():
        return position
    offset = 0
    for size in _STRIDES:
        while offset + size < len(text) and position >= (length := len(fold(text[offset : offset + size]))):
            position -= length
            offset += size
    return offset


def split_words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _TOKEN.findall(fold(text))


def has_words(folded: str) -> bool:
    """Is there a letter or a digit in a folded text?"""
    return _TOKEN.search(folded) is not None


def compile_phrase(tokens: tuple[str, ...], is_prefix: bool) -> re.Pattern[str]:
    """Return a pattern that finds consecutive words in folded text; linear in the text's length."""
    end = f"{WORD}*" if is_prefix else f"(?!{WORD})"
    return re.compile(f"(?<!{WORD})" + f"{GAP}+".join(map(re.escape, tokens)) + end)


def lower_ascii(text: str) -> str:
    """Lower the ASCII letters alone, as SQLite does."""
    return text.lower() if text.isascii() else text.encode().lower().decode()


def make_words_finder(tokens: tuple[str, ...], is_prefix: bool) -> Callable[[str], bool]:
    """Return the test for consecutive words in folded text; looks for the longest of them first."""
    longest = max(tokens, key=len)
    search = compile_phrase(tokens, is_prefix).search
    return lambda text: longest in text and search(text) is not None


def list_spellings(ticket: str) -> tuple[str, str, str]:
    """Return how an id may be spelt: as typed, in lower and in upper case."""
    return ticket, lower_ascii(ticket), ticket.upper()
