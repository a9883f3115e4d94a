"""Bytes → text, whatever the label says: nothing raises, and all text can be encoded."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from supportctl.values import make_encodable

# What programs really write under these labels, as browsers read them
# (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "ascii": "",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_ALIASES = {
    "ks_c_5601-1987": "cp949",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "x-big5": "big5",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
# Codecs of Python that are no character sets of mail; some take time out of all proportion.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# Seven-bit bytes that do not mean ASCII.
_STATEFUL = re.compile(r"utf-?(7|16|32)|iso2022|hz|cp037|cp\d{0,5}_?ebcdic|cp(273|424|500|875|1026|1140)", re.I)
_MOJIBAKE_SAMPLE = 4096


@lru_cache(maxsize=256)
def codec_name(label: str) -> str:
    """Python's codec for a charset label; "" for an unknown one and for ASCII."""
    label = label.strip().strip("'\"").lower()[:64]
    label = _ALIASES.get(label, label)
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError, UnicodeError):
        return ""
    if codec.name in _REFUSED or not getattr(codec, "_is_text_encoding", True):
        return ""
    return _MEANT.get(codec.name, codec.name)


@lru_cache(maxsize=256)
def _is_stateful(codec: str) -> bool:
    return bool(_STATEFUL.match(codec))


def is_known(label: str) -> bool:
    """Whether a charset label names a character set that can be read."""
    return bool(codec_name(label)) or label.strip().strip("'\"").lower() in {"us-ascii", "ascii", ""}


def decode_text(data: bytes, label: str = "") -> str:
    """`data` as text: by its label, else as UTF-8, else by a guess. NUL becomes U+FFFD."""
    codec = codec_name(label) if label else ""
    if data.isascii() and not (codec and _is_stateful(codec)):
        return data.decode("ascii") if b"\0" not in data else data.decode("ascii").replace("\0", "\ufffd")
    return make_encodable(_decode_unclean(data, codec))


def _decode_unclean(data: bytes, codec: str) -> str:
    for name in (codec, "utf-8"):
        if name:
            try:
                return data.decode(name)
            except (UnicodeError, ValueError):
                continue
    # A label that is nearly right beats a guess; UTF-8 and cp1252 are what is guessed.
    if codec and codec != "utf-8" and codec != "cp1252":
        return data.decode(codec, "replace")
    return _guess(data)


def _guess(data: bytes) -> str:
    """Text that is neither UTF-8 nor what its label says: mostly UTF-8 with broken bytes, or Western."""
    loose = data.decode("utf-8", "replace")
    broken = loose.count("\ufffd")
    wide = sum(1 for char in loose[:_MOJIBAKE_SAMPLE] if char > "\x7f") - broken
    if wide > 3 * broken:
        return loose
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
