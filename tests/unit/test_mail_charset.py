"""Text reads as it was written, under the label that programs put on it, under a wrong one, or under none."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from shutil import which

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supportctl.mail import charset
from supportctl.mail.charset import codec_name, decode_text
from supportctl.mail.message import parse_message

JIS = "証明書の更新について、次の手順で失敗しました。"
RUSSIAN = "Добрый день, я не могу войти в свою учётную запись. Пожалуйста, помогите."

GREEK = "Καλημέρα, δεν μπορώ να συνδεθώ"
HEBREW = "שלום, אני לא מצליח להתחבר"
KOREAN = "안녕하세요. 계정에 로그인할 수 없습니다"
CHINESE = "我的证书已经过期了，请帮助我"

LABELS = [
    *(("iso-8859-1", "cp1252"), ("latin1", "cp1252"), ("windows-1252", "cp1252"), ('"ISO_8859-1:1987"', "cp1252")),
    *(("iso-8859-9", "cp1254"), ("tis-620", "cp874"), ("iso-8859-11", "cp874"), ("windows-874", "cp874")),
    *(("gb2312", "gb18030"), ("GBK", "gb18030"), ("x-gbk", "gb18030"), ("gb_2312-80", "gb18030")),
    *(("ks_c_5601-1987", "cp949"), ("euc-kr", "cp949"), ("KSC5601", "cp949"), ("windows-949", "cp949")),
    *(("shift_jis", "cp932"), ("x-sjis", "cp932"), ("Windows-31J", "cp932"), ("cp943c", "cp932")),
    *(("euc-jp", "euc_jp"), ("eucJP-ms", "euc_jp"), ("cp51932", "euc_jp"), ("x-euc-jp", "euc_jp")),
    *(("iso-2022-jp", "iso2022_jp"), ("cp50220", "iso2022_jp"), ("csISO2022JP", "iso2022_jp")),
    *(("big5", "big5"), ("big5-hkscs", "big5"), ("cn-big5", "big5"), ("cp950", "big5")),
    *(("utf8mb4", "utf-8"), ("utf8", "utf-8"), ("utf-8; format=flowed", "utf-8"), ("x-unicode20utf8", "utf-8")),
    *(("unicode-1-1-utf-7", "utf-7"), ("utf-7", "utf-7"), ("unicode", "utf-16"), ("iso-10646-ucs-2", "utf-16")),
    *(("iso-8859-8-i", "iso8859-8"), ("koi8-u", "koi8-u"), ("koi", "koi8-r"), ("hz-gb-2312", "hz")),
    *(("x-mac-cyrillic", "mac-cyrillic"), ("macintosh", "mac-roman"), ("x-mac-ce", "mac-latin2")),
    *(("win-1251", "cp1251"), ("x-cp1250", "cp1250"), ("windows1257", "cp1257"), ("dos-866", "cp866")),
    *(("us-ascii", ""), ("x-unknown", ""), ("unicode_escape", ""), ("base64", ""), ("", "")),
]


@pytest.mark.parametrize(("label", "codec"), LABELS)
def test_a_label_means_what_programs_send_under_it(label: str, codec: str) -> None:
    assert codec_name(label) == codec
    assert charset.is_known(label) == (label not in {"x-unknown", "unicode_escape", "base64"})


READS = {
    # ISO-2022-JP with what Windows adds, and with damage
    "a circled digit": (b"\x1b$B-!\x1b(B \x1b$B>ZL@\x1b(B", "iso-2022-jp", "① 証明"),
    "half-width katakana": (b"\x1b$B>ZL@\x1b(B \x1b(I6@6E\x1b(B.", "iso-2022-jp", "証明 ｶﾀｶﾅ."),
    "half-width katakana with eight bits": (b"\xb6\xc0 \x1b$B>ZL@\x1b(B", "iso-2022-jp", "ｶﾀ 証明"),
    "half-width katakana by shifting": (b"\x0e6@\x0f \x1b$B>ZL@\x1b(B", "iso-2022-jp", "ｶﾀ 証明"),
    "a character of IBM": (b"\x1b$B|q\x1b(B", "iso-2022-jp", "ⅰ"),
    "half a character": (b"\x1b$B>Z>\x1b(B x \x1b$B>Z\x1b(B", "iso-2022-jp", "証\ufffd x 証"),
    "no escape at the end of a line": (b"\x1b$B>ZL@\nplain\n", "iso-2022-jp", "証明\nplain\n"),
    "the supplement": (b"\x1b$(D0!\x1b(B\x1b$B>Z\x1b(B", "iso-2022-jp-1", "丂証"),
    "Roman letters": (b"\x1b(Jabc\x1b(B\x1b$B>Z\x1b(B", "iso-2022-jp", "abc証"),
    "no label": (b"\x1b$B>ZL@\x1b(B", "", "証明"),
    "a label that can't be": (b"\x1b$B>ZL@\x1b(B", "us-ascii", "証明"),
    "Korean by shifting": (b"\x1b$)C\x0e>H3g\x0f ok", "iso-2022-kr", "안녕 ok"),
    "Chinese by shifting": (b"\x1b$)A\x0eVPND\x0f ok", "iso-2022-cn", "中文 ok"),
    "Chinese between tildes": (b"~{VPND~} ok", "hz-gb-2312", "中文 ok"),
    # EUC-JP
    "EUC-JP with a circled digit": (b"\xad\xa1 \xbe\xda\xcc\xc0", "euc-jp", "① 証明"),
    "EUC-JP with katakana": (b"\x8e\xb6\x8e\xc0", "euc-jp", "ｶﾀ"),
    "EUC-JP of Unix": (b"\x8f\xf3\xf3\x8f\xf4\xab \xbe\xda", "eucjp-ms", "ⅰ㈱ 証"),
    "EUC-JP with half a character": (b"\xbe\xda\xcc!", "euc-jp", "証\ufffd!"),
    # Chinese and Korean
    "Big5 of Hong Kong": ("唔係嘅".encode("big5hkscs"), "big5", "唔係嘅"),
    "Big5 with the euro of Windows": (b"\xa3\xe1 \xa4\xa4", "big5", "€ 中"),
    "Big5 of bulletin boards": (b"\x81\x41 \xa4\xa4", "big5", "丢 中"),
    "Big5 with half a character": (b"\xa4\xa4\xa4\n\xa4\xa4", "big5", "中\ufffd\n中"),
    "Korean beyond the standard": ("똠방각하".encode("cp949"), "ks_c_5601-1987", "똠방각하"),
    "GB18030 as GB2312": ("朱镕基㐂".encode("gb18030"), "gb2312", "朱镕基㐂"),
    "a short text in GBK that is valid UTF-8": ("一些".encode("gbk"), "gb2312", "一些"),
    "UTF-8 as GB2312": ("证书已经过期".encode(), "gb2312", "证书已经过期"),
    # one byte a character
    "Windows as Latin 1": ("“€15” – ok".encode("cp1252"), "iso-8859-1", "“€15” – ok"),
    "Windows as Latin 2": ("„Příliš“ – 5 €".encode("cp1250"), "windows-1250", "„Příliš“ – 5 €"),
    "quotes of Windows in Latin 2": (b"\x84\xc8esky\x93", "iso-8859-2", "„Česky“"),
    "quotes of Windows in Latin 9": (b"\x93\xa4\x94", "iso-8859-15", "“€”"),
    "Turkish": ("İyi günler, ş".encode("cp1254"), "iso-8859-9", "İyi günler, ş"),
    "UTF-8 as Latin 1": ("Grüße, é".encode(), "iso-8859-1", "Grüße, é"),
    "UTF-8 as ASCII": ("Grüße".encode(), "us-ascii", "Grüße"),
    "UTF-8 as Russian": (RUSSIAN.encode(), "koi8-r", RUSSIAN),
    "Latin 1 as UTF-8": ("Schöne Grüße".encode("latin-1"), "utf-8", "Schöne Grüße"),
    "Latin 1 as ASCII": ("Schöne Grüße".encode("latin-1"), "us-ascii", "Schöne Grüße"),
    "Russian as Latin 1": (RUSSIAN.encode("cp1251"), "iso-8859-1", RUSSIAN),
    "Russian as ASCII": (RUSSIAN.encode("koi8-r"), "us-ascii", RUSSIAN),
    "a list of umlauts": ("ÄäÖöÜü ÄäÖöÜü".encode("latin-1"), "iso-8859-1", "ÄäÖöÜü ÄäÖöÜü"),
    "the sign of the pound": ("for £80m".encode("latin-1"), "", "for £80m"),
    "no word of any language": ("éééééé".encode("latin-1"), "iso-8859-1", "éééééé"),
    "Japanese as Latin 1": (JIS.encode("cp932"), "iso-8859-1", JIS),
    "Chinese as Windows": (CHINESE.encode("gbk"), "windows-1252", CHINESE),
    # Unicode
    "one broken byte in UTF-8": (b"Gr\xc3\xbc\xc3\x9fe \xff \xe2\x82\xac", "utf-8", "Grüße \ufffd €"),
    "UTF-8 that ends within a character": ("Grüße €".encode()[:-1], "utf-8", "Grüße \ufffd"),
    "two surrogates in UTF-8": (b"\xed\xa0\xbd\xed\xb8\x80 \xc3\xbc", "utf-8", "😀 ü"),
    "a byte order mark": (b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", "iso-8859-1", "Grüße"),
    "a byte order mark of UTF-16": ("hé".encode("utf-16"), "", "hé"),
    "UTF-16 without a mark": ("hello é".encode("utf-16-be"), "utf-16", "hello é"),
    "UTF-16 without a mark, the other way": ("hello é".encode("utf-16-le"), "utf-16", "hello é"),
    "no UTF-16 at all": (b"hello you", "utf-16", "hello you"),
    "UTF-7": (b"Gr+APwA3w-e", "unicode-1-1-utf-7", "Grüße"),
    "no UTF-7 at all": ("Grüße".encode(), "utf-7", "Grüße"),
    # no label
    "Russian": (RUSSIAN.encode("cp1251"), "", RUSSIAN),
    "Russian of Unix": (RUSSIAN.encode("koi8-r"), "", RUSSIAN),
    "Japanese": (JIS.encode("cp932"), "", JIS),
    "Japanese of Unix": (JIS.encode("euc_jp"), "", JIS),
    "Greek": (GREEK.encode("cp1253"), "", GREEK),
    "Hebrew": (HEBREW.encode("cp1255"), "x-unknown", HEBREW),
    "Korean": (KOREAN.encode("cp949"), "", KOREAN),
    "Western": ("Größe: 5 m²".encode("latin-1"), "", "Größe: 5 m²"),
    "after much ASCII": (b"From the desk.\n" * 5000 + GREEK.encode("cp1253"), "", "From the desk.\n" * 5000 + GREEK),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_text_is_read(name: str) -> None:
    data, label, text = READS[name]
    assert decode_text(data, label) == text


def test_a_broken_byte_spoils_no_more_than_a_line() -> None:
    lines = [JIS] * 20
    for codec, most in (("iso2022_jp", 2), ("euc_jp", 25), ("cp932", 25), ("utf-8", 3), ("gb18030", 25)):
        data = bytearray("\n".join(lines).encode(codec))
        at = data.index(b"\n", len(data) // 2) + 7
        data[at] = 0xFF
        read = decode_text(bytes(data), codec).split("\n")
        assert len(read) == 20
        assert sum(1 for line in read if line != JIS) == 1, codec
        assert sum(line.count("\ufffd") for line in read) <= most


HTML = [
    ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "", "cp1251"),
    ("<META CHARSET=koi8-r>", "", "koi8-r"),
    ("<meta charset='gb18030'>", "us-ascii", "gb18030"),
    ('<?xml version="1.0" encoding="iso-8859-5"?><html>', "x-unknown", "iso8859-5"),
    ("<meta charset=windows-1251>", "iso-8859-1", "cp1251"),  # the label makes no sense
    ("<meta charset=iso-8859-1>", "windows-1251", "cp1251"),  # the label of the part comes first
    ("<meta charset=iso-8859-1>", "", "utf-8"),  # and valid UTF-8 before all
    ("<meta charset=utf-16>", "", "cp1251"),  # which can't be
    ("<meta charset=utf-7>", "", "cp1251"),
    ("<meta charset=nonsense>", "", "cp1251"),
]


@pytest.mark.parametrize(("head", "label", "codec"), HTML)
def test_an_html_document_names_its_charset(head: str, label: str, codec: str) -> None:
    kind = f"text/html; charset={label}" if label else "text/html"
    raw = f"From: a@b.cd\nContent-Type: {kind}\n\n<html><head>{head}</head><body><p>".encode() + RUSSIAN.encode(codec)
    assert parse_message(raw, received=0).text == RUSSIAN + "\n"


def letters(first: int, last: int, more: str = " .,\n") -> st.SearchStrategy[str]:
    return st.text(st.one_of(st.characters(min_codepoint=first, max_codepoint=last), st.sampled_from(more)))


THAI = dict.fromkeys(("tis-620", "windows-874", "iso-8859-11"), "cp874")
ALPHABETS = {
    **dict.fromkeys(("utf-8", "utf-7", "gb18030"), st.text(st.characters(exclude_categories=["Cs", "Cc"]))),
    **dict.fromkeys(("koi8-r", "koi8-u", "iso-8859-5", "windows-1251", "ibm866"), letters(0x410, 0x44F)),
    **dict.fromkeys(("iso-8859-7", "windows-1253", "mac-greek"), letters(0x3B1, 0x3C1)),
    **dict.fromkeys(("iso-8859-8", "iso-8859-8-i", "windows-1255"), letters(0x5D0, 0x5EA)),
    **dict.fromkeys(("iso-8859-6", "windows-1256"), letters(0x621, 0x63A)),
    **dict.fromkeys(THAI, letters(0xE01, 0xE3A)),
    **dict.fromkeys(("iso-2022-jp", "euc-jp", "shift_jis", "cp50220"), letters(0x3041, 0x3093)),
    **dict.fromkeys(("gb2312", "gbk", "hz", "big5", "big5-hkscs"), st.text(st.sampled_from("一些中文是在有 ."))),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "iso-2022-kr"), letters(0xAC00, 0xAC01)),
    **dict.fromkeys(("iso-8859-2", "windows-1250"), st.text(st.sampled_from("Příliš žluťoučký kůň. \n"))),
    **dict.fromkeys(("iso-8859-9", "windows-1254"), st.text(st.sampled_from("ığüşöç İyi günler. \n"))),
    **dict.fromkeys(("iso-8859-1", "windows-1252", "iso-8859-15"), letters(0x61, 0x7A, "äé. \n")),
    **dict.fromkeys(("iso-8859-13", "windows-1257"), st.text(st.sampled_from("ąčęėįšų ž. \n"))),
}  # fmt: skip


@given(data=st.data(), label=st.sampled_from(sorted(ALPHABETS)))
def test_what_is_written_in_a_charset_reads_back(data: st.DataObject, label: str) -> None:
    text = data.draw(ALPHABETS[label])
    codec = {"cp50220": "iso2022_jp", "iso-8859-8-i": "iso8859-8", **THAI}.get(label, label)
    encoded = text.encode(codec)
    assume(codec in {"utf-8", "utf-7"} or not is_utf8(encoded) or encoded.isascii())
    assume(not text.startswith("\ufeff"))
    assert decode_text(encoded, label) == text.replace("\0", "\ufffd")


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(st.binary() | st.text().map(lambda text: text.encode("utf-16")), st.text(max_size=12), st.text(max_size=12))
def test_any_bytes_are_text_under_any_label(data: bytes, label: str, declared: str) -> None:
    text = decode_text(data, label, declared)
    assert text.encode().decode() == text and "\0" not in text


PIECES = [b"\x1b$B", b"\x1b(B", b"\x1b(I", b"\x1b$)C", b"\x0e", b"\x0f", b"\x1b", b"\n", b"\x1b$(D", b">Z", b"a"]
ESCAPES = st.lists(st.sampled_from(PIECES))


@given(ESCAPES.map(b"".join), st.sampled_from([label for label, _ in LABELS]))
def test_any_escapes_are_text(data: bytes, label: str) -> None:
    text = decode_text(data, label)
    text.encode()
    if codec_name(label).startswith("iso2022"):
        assert not re.search(r"\x1b[$(][BI]", text)


@pytest.mark.skipif(which("iconv") is None, reason="iconv is not installed")
def test_euc_jp_reads_as_iconv_reads_it() -> None:
    cells = [bytes([0x8F, row, cell]) for row in (0xA2, 0xB0, 0xED, 0xF3, 0xF4) for cell in range(0xA1, 0xFF)]
    cells += [bytes([row, cell]) for row in (0xA1, 0xA4, 0xAD, 0xB0, 0xF4, 0xF9) for cell in range(0xA1, 0xFF)]
    command = ["iconv", "-f", "EUC-JP-MS", "-t", "UTF-8"]
    different = []
    for cell in cells:
        known = subprocess.run(command, input=cell, capture_output=True).stdout.decode()
        read = decode_text(cell + b"\n\xad\xa1", "euc-jp").split("\n")[0]
        # What it takes for characters of private use, Windows writes for others.
        if known and not "\ue000" <= known <= "\uf8ff" and normal(read) != normal(known):
            different.append((cell.hex(), known, read))
    assert different == []


def normal(text: str) -> str:
    """A text without what Unix and Windows spell differently."""
    return unicodedata.normalize("NFKC", text).translate(str.maketrans("〜−‖", "~-∥"))
