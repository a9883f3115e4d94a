"""Content-Transfer-Encoding (RFC 2045, section 6) → bytes, piece by piece, so that a large file takes no memory."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

PIECE = 1 << 20
"""The number of encoded bytes that are decoded at once."""

_LARGEST_UU = 4 << 20
"""The number of bytes beyond which a uuencoded part is left as it is: a line may stand for 22 times its size."""

_SIGNS = {"base64": "base64", "quoted-printable": "quotedprintable"}
"""The letters and digits by which an encoding is known, whatever stands between and around them."""

_UU = {"uuencode", "x-uuencode", "uue", "x-uue"}
_BASE64_LINES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"
_YENC = bytes(byte - 42 & 255 for byte in range(256))
_BLANKS_AT_END = re.compile(rb"=[ \t]{1,99}(\r?\n)")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def read_encoding(text: str) -> str:
    """The encoding that the value of a Content-Transfer-Encoding field names, as `decode` takes it."""
    low = text.lower()
    if low in {"7bit", "8bit", "quoted-printable", "base64"}:
        return low
    word = low.partition("(")[0].replace(",", ";").partition(";")[0].strip(" \t\"'")
    letters = "".join(filter(str.isalnum, word))
    return next((name for name, sign in _SIGNS.items() if sign in letters), word)


def decode(data: bytes, encoding: str) -> bytes:
    """`data` without its encoding, as far as possible; an unknown encoding is ignored."""
    if encoding == "base64":
        return data if _is_mislabelled(data) else decode_base64(data)
    if encoding == "quoted-printable":
        return _decode_quoted(data)
    if encoding == "x-yenc":
        return _decode_yenc(data)
    return b"".join(_decode_uu(data)) if encoding in _UU else data


def decode_pieces(raw: bytes, start: int, end: int, encoding: str) -> Iterator[bytes]:
    """The bytes between two offsets, decoded like that."""
    if encoding == "quoted-printable":
        yield from map(_decode_quoted, _split_at_lines(raw, start, end))
    elif encoding in _UU and end - start <= _LARGEST_UU:
        yield from _decode_uu(raw[start:end])
    elif end - start <= PIECE:
        yield decode(raw[start:end], encoding)
    elif encoding == "base64" and not _has_spaces(raw[start : start + PIECE]):
        yield from _decode_long_base64(raw, start, end)
    else:
        yield from (raw[at : min(at + PIECE, end)] for at in range(start, end, PIECE))


def _decode_quoted(data: bytes) -> bytes:
    if b"= " in data or b"=\t" in data:  # blanks that were added at the ends of lines (RFC 2045, 6.7)
        data = _BLANKS_AT_END.sub(rb"=\1", data)
    return binascii.a2b_qp(data)


def decode_base64(data: bytes) -> bytes:
    """Base64, as much of it as is readable: other characters, wrong padding and a missing end are ignored."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return _decode_clean(data.translate(None, _NOT_BASE64))


def decode_base64_text(data: bytes) -> bytes:
    """The text of a part in base64, and what a mailing list has put before or after it in the clear."""
    if not data.translate(None, _BASE64_LINES) and b"=" not in data.rstrip(b"=\r\n \t"):
        return decode(data, "base64")
    lines = data.splitlines(keepends=True)
    if not any(map(_begins_base64, lines)) and not _is_text_in_base64(lines[0]):
        return decode(data, "base64")
    pieces: list[bytes] = []
    encoded: list[bytes] = []
    is_inside = True
    for line in lines:
        is_inside = _begins_base64(line) or (is_inside and _goes_on_in_base64(line))
        if is_inside:
            encoded.append(line)
        if encoded and (not is_inside or line.rstrip().endswith(b"=")):  # the end of one text, where several are joined
            pieces.append(decode_base64(b"".join(encoded)))
            encoded.clear()
        if not is_inside:
            pieces.append(line if not pieces or pieces[-1].endswith(b"\n") else b"\n" + line)
    return b"".join([*pieces, decode_base64(b"".join(encoded))])


def _begins_base64(line: bytes) -> bool:
    """Whether a line must be base64: a long one, or one with the padding of the end."""
    text = line.strip()
    return (len(text) >= 20 or text.endswith(b"=")) and _goes_on_in_base64(line)


def _is_text_in_base64(line: bytes) -> bool:
    """Whether a short line can be nothing but text in base64."""
    if not _goes_on_in_base64(line) or len(line) < 8:
        return False
    text = decode_base64(line)
    return text.isascii() and text.decode("ascii").isprintable()


def _goes_on_in_base64(line: bytes) -> bool:
    text = line.strip()
    return not text.translate(None, _BASE64_LINES) and b" " not in text and (len(text) % 4 == 0 or len(text) >= 20)


def _decode_clean(clean: bytes) -> bytes:
    """Characters of base64 alone."""
    if len(clean) % 4 == 1:  # six bits are no byte
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _decode_long_base64(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    rest = b""
    for at in range(start, end, PIECE):
        piece, padding, _ = raw[at : min(at + PIECE, end)].partition(b"=")
        clean = rest + piece.translate(None, _NOT_BASE64)
        whole = len(clean) - len(clean) % 4
        rest = clean[whole:]
        yield binascii.a2b_base64(clean[:whole])
        if padding:  # the end, as for `binascii`
            break
    yield _decode_clean(rest)


def _is_mislabelled(data: bytes) -> bool:
    """Whether words are labelled as base64: with spaces, or in a few short lines that no encoder would make."""
    if _has_spaces(data):
        return bool(data.strip())
    words = data.split(None, 20)
    return len(words) < 20 and len(b"".join(words)) % 4 == 1 and all(len(word) < 40 for word in words)


def _has_spaces(data: bytes) -> bool:
    return data.count(b" ") * 20 > len(data)


def _split_at_lines(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    """Pieces that end with a line, or at least not within what encodes a byte."""
    while start < end:
        stop = min(start + PIECE, end)
        if stop < end:
            line = raw.rfind(b"\n", start, stop) + 1
            stop = line or stop - (raw.find(b"=", stop - 2, stop) >= 0) * 2
        yield raw[start:stop]
        start = stop


def _decode_yenc(data: bytes) -> bytes:
    first, *escaped = data.translate(None, b"\r\n").split(b"=")
    pieces = [
        first.translate(_YENC),
        *(_YENC[piece[0] - 64 & 255 :][:1] + piece[1:].translate(_YENC) for piece in escaped if piece),
    ]
    return b"".join(pieces)


def _decode_uu(data: bytes) -> Iterator[bytes]:
    lines = data.splitlines()
    begin = next((at for at, line in enumerate(lines) if line.startswith(b"begin ")), None)
    if begin is None:
        yield data
        return
    for line in lines[begin + 1 :]:
        if line.strip() in {b"end", b"`", b""}:
            return
        yield _decode_uu_line(line)


def _decode_uu_line(line: bytes) -> bytes:
    """A uuencoded line, even if a program cut or padded it beyond its length byte; nothing for any other line."""
    for attempt in (line, line[: 1 + ((line[0] - 32 & 63) * 4 + 2) // 3]):
        try:
            return binascii.a2b_uu(attempt)
        except binascii.Error:
            continue
    return b""
