"""Bytes → text, whatever the label says: nothing raises, and all text can be encoded.

In this order: a byte order mark, which nobody writes by chance; valid UTF-8, which text in other charsets almost never
is; the label, as long as it decodes and makes sense; what the document says of itself; what the bytes look like.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from supportctl.values import make_encodable

_MEANT = {
    "ascii": "",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5hkscs": "big5",
    "cp950": "big5",
}
"""What a codec of Python stands for, as browsers read it (https://encoding.spec.whatwg.org/#names-and-labels)."""

_LABELS = {
    "utf-8": "unicode11utf8 unicode20utf8 xunicode20utf8 utf8mb4 utf8mac utf8bom xutf8 cesu8",
    "utf-7": "unicode11utf7 unicode20utf7 xunicode20utf7 utf7imap",
    "utf-16": "iso10646ucs2 ucs2 unicode csunicode unicodefeff unicodefffe xutf16",
    "cp1252": "latin1 xlatin1 xansi ansi westerneuropean iso88591windows30latin1",
    "iso8859-6": "iso88596e iso88596i csiso88596e csiso88596i",
    "iso8859-7": "suneugreek",
    "iso8859-8": "iso88598e iso88598i csiso88598e csiso88598i logical visual",
    "iso8859-15": "csisolatin9 latin0",
    "koi8-r": "koi koi8",
    "koi8-u": "koi8ru",
    "cp874": "dos874",
    "gb18030": "xgbk csgb2312 gb231280 gb2312w cngb eucgb xeuccn",
    "big5": "cnbig5 xxbig5 xbig5 big5eten big5uao big5hkscs2004 csbig5hkscs macchinesetrad xmacchinesetrad",
    "cp949": "cseuckr csksc56011987 isoir149 ksc5601 ksc56011987 ksc56011989 korean uhc xeuckr xmackorean",
    "cp932": "windows31j cswindows31j xsjis sjiswin mskanji xmsxp932 cp943 cp943c ibm943 xmacjapanese",
    "euc_jp": "cseucpkdfmtjapanese xeucjp eucjpms eucjpwin xeucjpopen19970715ms cp51932 ujis",
    "iso2022_jp": "cp50220 cp50221 cp50222 iso2022jpms jis junet xiso2022jp iso2022jp1 iso2022jp2 iso2022jp3",
    "iso2022_cn": "iso2022cn iso2022cnext xiso2022cngb xiso2022cncns",
    "mac-roman": "mac csmacintosh xmacroman xmacgaelic",
    "mac-cyrillic": "xmacukrainian macukrainian",
    "mac-latin2": "xmacce macce maccentraleurope xmaccentraleurroman",
    "cp1255": "xmachebrew",
}
"""Labels that Python does not know, or takes for less than programs send, without what is no letter or digit."""

_ALIASES = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_ASCII = {"usascii", "ascii", "ansix341968", "iso646us", "us", "7bit"}
_NUMBERED = re.compile(r"(?:x|cs)?(?:cp|windows|win|ibm|ms|dos|oem)0{0,2}(\d{3,5})")
_ISO = re.compile(r"(?:x|cs)?iso8859(\d{1,2})(?:\d{4})?")
_MAC = re.compile(r"x?mac(\w{4,9})")
_NOISE = re.compile(r"[^a-z0-9]+")
_END = re.compile(r"[;,\s]")

# Codecs of Python that are no character sets of mail; some take time out of all proportion.
_REFUSED = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
# Seven-bit bytes that do not mean ASCII.
_STATEFUL = re.compile(r"utf-?(7|16|32)|iso2022|hz|cp037|cp\d{0,5}_?ebcdic|cp(273|424|500|875|1026|1140)", re.I)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ISO2022 = re.compile(rb"\x1b(?:\$[@AB]|\$\([@-Q]|\$\)[@-I]|\(I)")
_WIDE = {"cp932", "euc_jp", "gb18030", "big5", "cp949", "johab", "shift_jisx0213", "shift_jis_2004", "euc_jis_2004"}
"""The charsets of two bytes a character, in which short texts can be valid UTF-8 by chance."""

_SAMPLE = 1024
"""The number of bytes that a guess looks at."""

_KANA = re.compile(rb"(?:[\x82\x83][\x40-\xfc]){3}")  # in Shift_JIS
_FOREIGN_RUN = re.compile(rb"[\xa4-\xff]{4}")
_NOT_LETTERS = bytes(
    set(range(256)) - set(range(0xC0, 0x100)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
)
_DECLARED = re.compile(
    rb"<(?:meta\s[^>]{0,200}?charset|\?xml\s[^>]{0,100}?encoding)\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w.:-]{1,40})", re.I
)
_HEAD = 2048
"""The number of bytes at the beginning of a document that may name its charset; browsers look at 1,024."""

_LOW, _HIGH = bytes(range(0x80)), bytes(range(0x80, 0x100))
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_HIGH_CONTROLS = re.compile("[\x80-\x9f]+")


@lru_cache(maxsize=256)
def codec_name(label: str) -> str:
    """The codec for a charset label: Python's name, or `iso2022_cn`; "" for an unknown label and for ASCII."""
    label = _END.split(label.strip().strip("'\"").lower()[:64], maxsplit=1)[0].strip("'\"")
    bare = _NOISE.sub("", label.removeprefix("charset="))
    for name in (_ALIASES.get(bare, ""), label, *_similar_names(bare)):
        if name == "iso2022_cn":
            return name
        if name and (codec := _look_up(name)) is not None:
            return _MEANT.get(codec, codec)
    return ""


def _look_up(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    if codec.name.replace("_", "-") in _REFUSED or not getattr(codec, "_is_text_encoding", True):
        return None
    return codec.name


def _similar_names(bare: str) -> list[str]:
    """What a label that nobody knows may mean: `windows1251`, `x-cp1251`, `win-1251` are all one."""
    if match := _ISO.fullmatch(bare):
        return [f"iso8859-{match[1]}"]
    if match := _NUMBERED.fullmatch(bare):
        return [f"cp{match[1]}"]
    if match := _MAC.fullmatch(bare):
        return [f"mac_{match[1]}"]
    return [bare]


@lru_cache(maxsize=256)
def is_stateful(codec: str) -> bool:
    """Whether bytes without the eighth bit may mean other characters than those of ASCII."""
    return bool(_STATEFUL.match(codec))


def is_known(label: str) -> bool:
    """Whether a charset label names a character set that can be read."""
    return bool(codec_name(label)) or not label.strip() or _NOISE.sub("", label.lower()) in _ASCII


def decode_text(data: bytes, label: str = "", declared: str = "") -> str:
    """`data` as text. NUL becomes U+FFFD.

    `label` is the charset that the sender gave, `declared` the one that the document names itself.
    """
    codec = codec_name(label) if label else ""
    if data.isascii() and not (codec and is_stateful(codec)):
        if b"\x1b" in data and _ISO2022.search(data):
            return make_encodable(_read_east_asian(data, "iso2022_jp"))
        return data.decode("ascii") if b"\0" not in data else data.decode("ascii").replace("\0", "\ufffd")
    return make_encodable(_decode(data, codec, codec_name(declared) if declared else ""))


def find_declared(document: bytes) -> str:
    """The charset that an HTML document names itself; "" if it names none, or one that such text can't be in."""
    match = _DECLARED.search(document, 0, _HEAD)
    label = match[1].decode("ascii") if match else ""
    # What a browser could read up to the name is not UTF-16; UTF-7 only ever hid something.
    return "" if is_stateful(codec_name(label)) else label


def _decode(data: bytes, codec: str, declared: str) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark) and (len(mark) > 2 or not codec or is_stateful(codec)):
            return data.decode(name, "replace").replace("\ufeff", "")
    if codec.startswith(("utf-16", "utf-32")):
        return _decode_unmarked(data, codec)
    text = _read_utf8(data, codec)
    if text is not None:
        return text
    for name in dict.fromkeys(filter(None, (codec, declared))):
        if name != "utf-8" and (text := _read_whole(data, name)) is not None:
            return text
    return _mend(data, codec or declared)


def _decode_unmarked(data: bytes, codec: str) -> str:
    """UTF-16 or UTF-32 without a byte order mark; what has no NUL is text of another charset with a wrong label."""
    if b"\0" not in data and (b" " in data or b"\n" in data):
        return decode_text(data)
    if codec == "utf-16":
        codec += "-be" if data[:_SAMPLE:2].count(0) > data[1:_SAMPLE:2].count(0) else "-le"
    return data.decode(codec, "replace")


def _read_utf8(data: bytes, codec: str) -> str | None:
    """The text, if it is UTF-8, even where the label says something else; None if not."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if codec == "utf-7" and not data.isascii():
        return text
    if is_stateful(codec) or (codec in _WIDE and not _has_wide_characters(text)):
        return None
    return text


def _has_wide_characters(text: str) -> bool:
    """Whether a text has two characters that take three bytes in UTF-8."""
    # In GBK, "一些" is valid UTF-8, of two bytes a character; with three, it is no chance.
    return sum(1 for character in text[:_SAMPLE] if character > "\u07ff") >= 2


def _read_whole(data: bytes, codec: str) -> str | None:
    """The text by a codec that knows all of its bytes; None if it does not, or the text makes no sense."""
    if b"\x0e" in data and codec.startswith("iso2022_jp"):
        return None  # katakana by shifting, which Python takes for a control character
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None
    # Python passes on what begins an escape and is none.
    if _looks_foreign(data, codec) or ("\x1b" in text and is_stateful(codec)):
        return None
    return _with_punctuation(text, codec) if codec.startswith("iso8859") else text


def _looks_foreign(data: bytes, codec: str) -> bool:
    """Whether text that claims to be Western has words of accented letters alone, or is Japanese."""
    # The default of many programs, written above text of every charset there is.
    if codec != "cp1252" or 16 * len(data.translate(None, _LOW)) < len(data):
        return False
    if _KANA.search(data):
        return True
    run = _FOREIGN_RUN.search(data)
    if run is None:
        return False
    letters = data[run.start() : run.start() + _SAMPLE].translate(None, _NOT_LETTERS)
    # Of fewer letters there are Western words, too, such as somebody's list of umlauts.
    return 2 * len(letters.translate(None, _HIGH)) < len(letters) >= 12 and len(set(letters)) > 7


def _with_punctuation(text: str, codec: str) -> str:
    """A text in ISO 8859, where programs write the quotes and dashes of Windows in the place of controls."""
    windows = "cp1250" if codec == "iso8859-2" else "cp1252"
    return _HIGH_CONTROLS.sub(lambda run: run[0].encode("latin-1").decode(windows, "replace"), text)


def _mend(data: bytes, codec: str) -> str:
    """Text that no label reads well: by the label if a few characters are broken, else by a guess."""
    loose = _read_loosely(data, codec or "utf-8")
    broken = loose.count("\ufffd")
    whole = len(loose) - len(loose.encode("ascii", "ignore")) - broken
    if _is_nearly_right(codec, broken, whole) and not _looks_foreign(data, codec):
        return loose
    other = _read_loosely(data, guess_codec(data))
    # A label that is nearly right beats a guess that is not better.
    return other if not codec or other.count("\ufffd") < max(broken, 1) else loose


def _is_nearly_right(codec: str, broken: int, whole: int) -> bool:
    """Whether text under a label has few broken characters beside those that are whole."""
    if codec in {"", "utf-8"}:  # whose form no other text has by chance
        return broken <= whole
    return is_stateful(codec) or (broken <= whole and broken <= 2 + whole // 4)


_ACCENTED = re.compile(rb"[\xc0-\xff]|[A-Za-z][\x80-\xbf]|[\x80-\xbf][A-Za-z]|[\x80-\xbf]{2}")
"""What may be a letter that is not ASCII: a sign such as the one of the pound stands alone, before digits or blanks."""


def guess_codec(data: bytes) -> str:
    """The charset that text looks to be in, by a sample of it; UTF-8 is never guessed."""
    from chardetng_py import EncodingDetector

    detector = EncodingDetector()
    sample = _sample(data)
    if not _ACCENTED.search(sample):
        return "cp1252"
    detector.feed(sample, last=len(sample) == len(data))
    return codec_name(detector.guess(tld=None, allow_utf8=False)) or "cp1252"


def _sample(data: bytes) -> bytes:
    """The beginning of a text from its first words that are not ASCII."""
    if len(data) <= _SAMPLE:
        return data
    first = _HIGH_BYTE.search(data)
    start = max(0, data.rfind(b"\n", 0, first.start() if first else len(data)))
    return data[start : start + _SAMPLE]


def _read_loosely(data: bytes, codec: str) -> str:
    """The text by a codec, with U+FFFD for each broken character."""
    if codec == "utf-8":
        return _read_loose_utf8(data)
    if codec == "big5" or codec.startswith(("iso2022", "euc_jp")):
        return _read_east_asian(data, codec)
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        return data.decode("latin-1")


def _read_loose_utf8(data: bytes) -> str:
    """UTF-8, and what Java programs write for characters beyond U+FFFF: two surrogates, each in three bytes."""
    if b"\xed" in data:
        try:
            return data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        except UnicodeError:
            pass
    return data.decode("utf-8", "replace")


def _read_east_asian(data: bytes, codec: str) -> str:
    from supportctl.mail.east_asian import decode_east_asian  # whose tables are for few messages

    return decode_east_asian(data, codec)
