"""Values with parameters, such as that of Content-Type (RFC 2045, 2183, 2231), as programs write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from supportctl.mail import charset
from supportctl.mail.encoded_words import decode_words
from supportctl.mail.headers import QUOTED

# Nearly all values have the form of the RFC, which takes one look.
_USUAL = re.compile(
    r"[\w.+-]{1,80}(?:/[\w.+-]{1,80})?"
    r"(?:\s{0,9};\s{0,9}[\w-]{1,40}=(?:\"[^\"\\%?;]{0,200}\"|[^\s\";,()'%?*=\\]{1,200})){0,9};?\s{0,9}\Z"
)
_USUAL_PARAMETER = re.compile(r"([\w-]{1,40})=(?:\"([^\"]{0,200})\"|([^\s\";]{1,200}))")
_MAIN = re.compile(
    r"\s*(?:content-type\s{0,9}:\s{0,9}){0,3}\"?([^\s;,\"=()]*+(?:\s{0,9}/\s{0,9}[^\s;,\"=()]*+)?)", re.I
)
_NAME = re.compile(r"(?<![^\s;,\")])([^\s=;,\"()]++)\s*+=\s*+")
_QUOTED = re.compile(rf'"({QUOTED})"', re.S)
_ENDED = re.compile(r"\s*+(?:[;,(]|\Z|[^\s=;,\"()]++\s*+=)")
_KNOWN = "charset|boundary|name|filename|type|format|delsp|size|protocol|micalg|report-type|smime-type|method|start"
# Where an unquoted value ends: at a semicolon, or where a parameter begins without one.
_END = re.compile(rf";|(?<![\s,])[\s,]++(?=(?:{_KNOWN})(?:\*\d{{0,4}}\*?)?\s{{0,9}}=)", re.I)
_ESCAPED = re.compile(r'\\(["\\])')
_CONTINUED = re.compile(r"([^*]{1,200})(?:\*(\d{1,4}))?(\*)?\Z")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]")
_LONGEST_NAME = 1_000
_NAMES = {"name", "filename"}
# Types that programs write without their other half.
_SHORT_TYPES = {"html": "text/html", "multipart": "multipart/mixed"}
_DATA = {"application", "image", "audio", "video", "font", "model", "pdf"}


class _Piece(NamedTuple):
    """A piece of a parameter (RFC 2231): its number (-1: it is the whole), whether it is percent-encoded, its text."""

    number: int
    is_encoded: bool
    text: str


def read_content_type(value: str) -> tuple[str, dict[str, str]]:
    """The type in lower case, which has always two halves, and the parameters (see `read_parameters`).

    What can't be a type is text/plain (RFC 2045, section 5.2), or data if its first half says so.
    """
    main, parameters = read_parameters(value)
    first, _, second = main.partition("/")
    if not (first and second) or "/" in second:
        main = _mend_type([half for half in main.split("/") if half], parameters)
    return main, parameters


def _mend_type(halves: list[str], parameters: dict[str, str]) -> str:
    if len(halves) > 2:
        halves = halves[1:3] if halves[0] == halves[1] else halves[:2]
        return "/".join(halves)
    if not halves:
        return "multipart/mixed" if parameters.get("boundary") else "text/plain"
    return "application/octet-stream" if halves[0] in _DATA else _SHORT_TYPES.get(halves[0], "text/plain")


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """The text before the parameters, and the parameters, names in lower case; the first of a name counts.

    RFC 2231 (charsets, continuations) is decoded; in the names of files, so are encoded words and percent-encoding.
    """
    if _USUAL.match(value) and "=?" not in value:
        main = value.partition(";")[0].strip().lower()
        parameters: dict[str, str] = {}
        for name, quoted, plain in _USUAL_PARAMETER.findall(value, len(main)):
            parameters.setdefault(name.lower(), quoted or plain)
        return main, parameters
    main = ""
    start = _MAIN.match(value)
    if start and not value[start.end() :].lstrip().startswith("="):
        main = "".join(start[1].split()).replace("\\", "/").lower()
    return main, _read_all(value, start.end() if start and main else 0)


def _read_all(value: str, at: int) -> dict[str, str]:
    plain: dict[str, str] = {}
    extended: dict[str, list[_Piece]] = {}
    for name, text in _split(value, at):
        match = _CONTINUED.match(name) if "*" in name else None
        if match:
            number = int(match[2]) if match[2] else -1
            extended.setdefault(match[1], []).append(_Piece(number, bool(match[3]) or number < 0, text))
        else:
            plain.setdefault(name, _decode_plain(name, text))
    for name, pieces in extended.items():
        text = _join_extended(pieces)
        # What can't be read in full gives way to what can (programs write both forms).
        if not (name in plain and (not text or "\ufffd" in text)):
            plain[name] = text
    return plain


def _split(value: str, at: int) -> Iterator[tuple[str, str]]:
    """The names and texts of the parameters behind an offset, without their quotes."""
    while match := _NAME.search(value, at):
        name = match[1].lower()
        text, at = _read_text(value, match.end())
        if name in {"charset", "type", "format", "delsp", "report-type", "smime-type"}:
            text = (text.partition("(")[0].split() or [""])[0].strip("\"';,")
        elif name in _NAMES and len(text) > 1 and text[0] == text[-1] == "'":
            text = text[1:-1]
        yield name, text


def _read_text(value: str, at: int) -> tuple[str, int]:
    """The text that begins at an offset, and the offset behind it."""
    quoted = _QUOTED.match(value, at)
    if quoted and _ENDED.match(value, quoted.end()):
        return _ESCAPED.sub(r"\1", quoted[1]), quoted.end()
    # What follows a quoted text is looked at no farther than a name of a file goes, as it is looked at again.
    limit = min(len(value), at + _LONGEST_NAME) if quoted else len(value)
    end = _END.search(value, at, limit)
    stop = end.start() if end else limit
    text = value[at:stop].strip(" \t,")
    if quoted and not (len(text) > 1 and text.endswith('"')):
        return _ESCAPED.sub(r"\1", quoted[1]), quoted.end()
    # Quotes that are not escaped (`"a "b" c"`), or of which one is missing.
    if text[:1] == '"':
        return _ESCAPED.sub(r"\1", text[1:].removesuffix('"')), stop
    return text, stop


def _decode_plain(name: str, text: str) -> str:
    if name not in _NAMES:
        return text
    text = decode_words(text)
    if "%" not in text or _PERCENT.search(text):
        return text
    from urllib.parse import unquote

    decoded = unquote(text, errors="replace")
    return text if "\ufffd" in decoded or _UNSAFE.search(decoded) else decoded


def _join_extended(pieces: list[_Piece]) -> str:
    from urllib.parse import unquote_to_bytes

    pieces.sort(key=lambda piece: piece.number)
    if pieces[0].number < 0:
        pieces = pieces[:1]
    label, first = _split_label(pieces[0]) if pieces[0].is_encoded else ("", pieces[0].text)
    pieces[0] = pieces[0]._replace(text=first)
    data = [unquote_to_bytes(text) if is_encoded else _encode(text, label) for _, is_encoded, text in pieces]
    return decode_words(charset.decode_text(b"".join(data), label))


def _split_label(piece: _Piece) -> tuple[str, str]:
    """The charset and the text of `charset'language'text`; programs leave out the language with its apostrophe."""
    label, _, rest = piece.text.partition("'")
    if "'" in rest and label.isascii() and " " not in label:
        return label, rest.partition("'")[2].strip('"')
    return (label, rest) if rest and charset.is_known(label) else ("", piece.text)


def _encode(text: str, label: str) -> bytes:
    with suppress(UnicodeError):
        return text.encode(charset.codec_name(label) or "utf-8")
    return text.encode("utf-8", "replace")
