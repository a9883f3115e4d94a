"""Text in the encodings of ISO 2022 (RFC 1468, 1554, 1557, 1922), EUC-JP and Big5, with what programs add to them.

Python's own codecs know the standards alone, and give up at the first character beyond: circled digits, half-width
katakana and the characters of IBM and NEC. A broken character is U+FFFD, and the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

BROKEN = "\ufffd"

_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))
_EIGHT_BITS = bytes(byte | 0x80 for byte in range(256))
_LEADS = bytes(
    ((row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)) & 0xFF if 0x21 <= row <= 0x7E else 0 for row in range(256)
)
"""The first byte of Shift_JIS for each row of JIS X 0208."""

_TRAILS_ODD = bytes(cell + (0x1F if cell < 0x60 else 0x20) if 0x21 <= cell <= 0x7E else 0 for cell in range(256))
_TRAILS_EVEN = bytes(cell + 0x7E if 0x21 <= cell <= 0x7E else 0 for cell in range(256))

_CONTROL = re.compile(rb"(\x1b(?:\$\([@-Q]|\$\)[@-I]|\$[*+][@-M]|\$[@AB]|\([@-J]|&@|[.][AF]|[NO])|[\x0e\x0f]|\r?\n|\r)")
_PAIRS = re.compile(rb"((?:[\x21-\x7e]{2})+)")


def _to_shift_jis(pairs: bytes) -> bytes:
    rows, cells = pairs[::2], pairs[1::2]
    trails = bytes(
        [_TRAILS_ODD[cell] if row & 1 else _TRAILS_EVEN[cell] for row, cell in zip(rows, cells, strict=True)]
    )
    return b"".join([bytes(pair) for pair in zip(rows.translate(_LEADS), trails, strict=True)])


def _to_euc(pairs: bytes) -> bytes:
    return pairs.translate(_EIGHT_BITS)


def _to_euc_third(pairs: bytes) -> bytes:
    high = pairs.translate(_EIGHT_BITS)
    return b"".join([b"\x8f" + high[at : at + 2] for at in range(0, len(high), 2)])


Converter = Callable[[bytes], bytes]
_JIS: tuple[str, Converter] = ("cp932", _to_shift_jis)
_PAIRED: dict[bytes, tuple[str, Converter]] = {
    b"$@": _JIS,
    b"$B": _JIS,
    b"$(@": _JIS,
    b"$(B": _JIS,
    b"$A": ("gbk", _to_euc),
    b"$(A": ("gbk", _to_euc),
    b"$)A": ("gbk", _to_euc),
    b"$)E": ("gbk", _to_euc),
    b"$(C": ("cp949", _to_euc),
    b"$)C": ("cp949", _to_euc),
    b"$(D": ("euc_jp", _to_euc_third),
    b"$(O": ("euc_jis_2004", _to_euc),
    b"$(Q": ("euc_jis_2004", _to_euc),
    b"$(P": ("euc_jis_2004", _to_euc_third),
}
"""The sets of two bytes a character, by what follows ESC: a codec, and the way to write the pairs for it."""

_KANA = b"(I"


def decode_east_asian(data: bytes, codec: str) -> str:
    """Text in a codec of `mail.charset`: `big5`, `euc_jp`, or one that begins with `iso2022`."""
    if codec == "big5":
        return decode_big5(data)
    return decode_euc_jp(data) if codec == "euc_jp" else decode_iso2022(data)


def decode_iso2022(data: bytes) -> str:
    """Text in ISO-2022-JP, -KR or -CN, with their extensions."""
    # At the end of a line all begins with ASCII again (RFC 1468), so a missing escape spoils a line.
    pieces: list[str] = []
    first, second, is_shifted = b"(B", _KANA, False
    for at, piece in enumerate(_CONTROL.split(data)):
        if at % 2 == 0:
            pieces.append(_decode_run(piece, second if is_shifted else first) if piece else "")
        elif piece in {b"\x0e", b"\x0f"}:
            is_shifted = piece == b"\x0e"
        elif piece.startswith(b"\x1b$)"):
            second = piece[1:]
        elif piece.startswith((b"\x1b$", b"\x1b(")):
            first = piece[1:]
        elif not piece.startswith(b"\x1b"):
            first, is_shifted = b"(B", False
            pieces.append(piece.decode("ascii"))
    return "".join(pieces)


def _decode_run(run: bytes, charset: bytes) -> str:
    if charset == _KANA:
        return run.translate(_EIGHT_BITS).decode("cp932", "replace") if run.strip() else run.decode("ascii", "replace")
    if charset in _PAIRED:
        return "".join(_decode_paired(run.translate(_SEVEN_BITS), *_PAIRED[charset]))
    if charset.startswith(b"$"):  # a set that nobody here can read
        return BROKEN * (len(run) // 2)
    # Eight bits where there must not be any are half-width katakana, or Shift_JIS.
    return run.decode("ascii") if run.isascii() else run.decode("cp932", "replace")


def _decode_paired(run: bytes, codec: str, convert: Converter) -> Iterator[str]:
    for at, piece in enumerate(_PAIRS.split(run)):
        if at % 2:
            yield decode_pairs(piece, codec, convert)
        else:  # what stands between characters: spaces, or half a character
            yield from (chr(byte) if byte <= 0x20 else BROKEN for byte in piece)


def decode_pairs(pairs: bytes, codec: str, convert: Converter) -> str:
    """Characters of two bytes each; one that the codec does not know is U+FFFD."""
    try:
        return convert(pairs).decode(codec)
    except UnicodeDecodeError:
        if len(pairs) == 2:
            return BROKEN
    return "".join([decode_pairs(pairs[at : at + 2], codec, convert) for at in range(0, len(pairs), 2)])


_EUC = re.compile(rb"([\x00-\x7f]++)|\x8e([\xa1-\xdf])|\x8f([\xa1-\xfe]{2})|((?:[\xa1-\xfe]{2})+)|(.)", re.S)
_IBM_EXTENSIONS = 0xF3F3
"""Where EUC-JP-MS has the characters of IBM that Shift_JIS has from 0xFA40 on, in the order of both."""


def decode_euc_jp(data: bytes) -> str:
    """Text in EUC-JP with the extensions of Windows and Unix (cp51932, EUC-JP-MS)."""
    pieces = []
    for plain, kana, third, pairs, _ in _EUC.findall(data):
        if plain:
            pieces.append(plain.decode("ascii"))
        elif pairs:
            pieces.append(decode_pairs(pairs.translate(_SEVEN_BITS), *_JIS))
        elif kana:
            pieces.append(kana.decode("cp932"))
        else:
            pieces.append(_decode_third(third) if third else BROKEN)
    return "".join(pieces)


def _decode_third(pair: bytes) -> str:
    found = decode_pairs(pair.translate(_SEVEN_BITS), "euc_jp", _to_euc_third)
    return _ibm_extensions().get(pair, BROKEN) if found == BROKEN else found


@lru_cache(maxsize=1)
def _ibm_extensions() -> dict[bytes, str]:
    """The characters of IBM by their places in the third set of EUC-JP-MS."""
    characters = []
    for lead, trail in ((lead, trail) for lead in (0xFA, 0xFB, 0xFC) for trail in range(0x40, 0xFD)):
        try:
            character = bytes((lead, trail)).decode("cp932")
        except UnicodeDecodeError:
            continue
        if character not in "￢￤∵" and not _is_in_supplement(character):  # which have other places
            characters.append(character)
    places = (bytes((row, cell)) for row in (0xF3, 0xF4) for cell in range(0xA1, 0xFF))
    first = _IBM_EXTENSIONS.to_bytes(2, "big")
    return dict(zip((place for place in places if place >= first), characters, strict=False))


def _is_in_supplement(character: str) -> bool:
    """Whether JIS X 0212, which is the same set, has the ideograph."""
    if character < "\u3400":
        return False
    try:
        return character.encode("euc_jp").startswith(b"\x8f")
    except UnicodeEncodeError:
        return False


_BIG5 = re.compile(rb"([\x00-\x7f]++)|([\x81-\xfe][\x40-\x7e\xa1-\xfe])|(.)", re.S)


def decode_big5(data: bytes) -> str:
    """Big5 with the extensions of Windows, of Hong Kong, or of Taiwan's bulletin boards, whichever reads most."""
    found = [data.decode(name, "replace") for name in ("cp950", "big5hkscs")]
    if all("\ufffd" in text for text in found):
        found.append("".join(_read_unicode_at_on(data)))
    return min(found, key=lambda text: text.count("\ufffd"))


def _read_unicode_at_on(data: bytes) -> Iterator[str]:
    from uao.b2u import b2u_table

    for plain, pair, _ in _BIG5.findall(data):
        yield plain.decode("ascii") if plain else b2u_table.get(int.from_bytes(pair, "big"), "\ufffd")
