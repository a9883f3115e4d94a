"""Encoded words in header fields (RFC 2047) → text, as programs write them, which is not always as the RFC says."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

from supportctl.mail import charset
from supportctl.mail.transfer import decode_base64

_HEAD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?")
_BLANK = re.compile(r"\s")
_CUT_ESCAPE = re.compile(r"=[0-9A-Fa-f]?\Z")
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CONTROLS = re.compile(r"[\r\n]+")


class _Word(NamedTuple):
    """An encoded word: its place in the text, charset, encoding (`b`, `q`) and what is encoded."""

    start: int
    end: int
    label: str
    encoding: str
    text: str


def decode_words(text: str) -> str:
    """`text` with its encoded words decoded; never raises, never returns a line end.

    Adjacent words of one charset are joined as bytes first, since some programs split characters.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    run: list[_Word] = []
    at = 0
    for word in _find_words(text):
        between = text[at : word.start]
        if run and (between.strip() or word.label != run[0].label):
            pieces.append(_decode_run(run))
            run.clear()
        # Blanks between two words are no text (RFC 2047, section 6.2).
        pieces.append(between if at == 0 or between.strip() else "")
        run.append(word)
        at = word.end
    pieces += [_decode_run(run) if run else "", text[at:]]
    return _CONTROLS.sub(" ", "".join(pieces))


def _find_words(text: str) -> Iterator[_Word]:
    heads = list(_HEAD.finditer(text))
    for at, head in enumerate(heads, 1):
        limit = heads[at].start() if at < len(heads) else len(text)
        encoding = head[2].lower()
        end = _find_end(text, head.end(), limit, encoding)
        if end is not None:
            # RFC 2231, section 5, adds a language to the charset.
            label = head[1].partition("*")[0].lower()
            yield _Word(head.start(), min(end + 2, limit), label, encoding, text[head.end() : end])


def _find_end(text: str, start: int, limit: int, encoding: str) -> int | None:
    """The offset where the encoded text ends that begins at `start`; None where it has no end before `limit`."""
    end = text.find("?=", start, limit)
    if end < 0:
        return _find_cut_end(text, start) if limit == len(text) else None
    if encoding == "q" and text[end + 2 : min(end + 3, limit)].isalnum():
        # A question mark of the text that was not encoded: `=?utf-8?q?Why?=C3=A9?=`.
        blank = _BLANK.search(text, end, limit)
        end = text.rfind("?=", end, blank.start() if blank else limit)
    return end


def _find_cut_end(text: str, start: int) -> int | None:
    """The end of a word that a program cut off, as it cuts long subjects: that of the text."""
    return len(text.rstrip("?")) if start < len(text.rstrip("?")) and not _BLANK.search(text, start) else None


def _decode_run(words: list[_Word]) -> str:
    """Adjacent words of one charset."""
    if len(words) > 1 and _is_cut_anywhere(words):
        words = _join_base64(words)
    return charset.decode_text(b"".join([_decode_word(word) for word in words]), words[0].label)


def _is_cut_anywhere(words: list[_Word]) -> bool:
    """Whether base64 was cut into words with no regard to its groups of four characters.

    So it was if only the last word has the padding, or one ends with bits that are no part of a byte.
    """
    odd = [word.text for word in words[:-1] if word.encoding == "b" and len(word.text) % 4]
    return bool(odd) and (words[-1].text.endswith("=") or not all(map(_is_whole, odd)))


def _is_whole(text: str) -> bool:
    """Whether base64 without padding ends with a byte."""
    unused = {2: 15, 3: 3}.get(len(text) % 4)
    return unused is not None and _BASE64.find(text[-1]) & unused == 0


def _join_base64(words: list[_Word]) -> list[_Word]:
    """The words, with what is base64 in one word where it goes on in the next."""
    joined = words[:1]
    for before, word in pairwise(words):
        if before.encoding == word.encoding == "b" and not before.text.endswith("="):
            joined[-1] = joined[-1]._replace(text=joined[-1].text + word.text)
        else:
            joined.append(word)
    return joined


def _decode_word(word: _Word) -> bytes:
    if word.encoding == "q":
        return binascii.a2b_qp(_encode(_CUT_ESCAPE.sub("", word.text), word.label), header=True)
    return decode_base64(_encode(word.text, word.label))


def _encode(text: str, label: str) -> bytes:
    """The bytes that stood in the header for `text`."""
    if not text.isascii() and (codec := charset.codec_name(label)):
        with suppress(UnicodeError):
            return text.encode(codec)
    return text.encode("utf-8", "replace")
