"""Encoded words in header fields, as the RFC has them and as programs write them."""

from __future__ import annotations

import base64
import email.header
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail.encoded_words import decode_words

WORDS = [
    ("plain", "plain"),
    ("=?", "=?"),
    ("=?utf-8?q?=C3=BC?=", "ü"),
    ("=?utf-8?q??=", ""),
    ("=?utf-8?q?=3F?=", "?"),
    ("=?UTF-8?b?w7w=?=", "ü"),
    ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
    ("=?utf-8*de?q?=C3=BC?=", "ü"),  # RFC 2231, section 5
    ('=?"utf-8"?q?=C3=BC?=', "ü"),
    ("=?x-nothing?q?=FCber?=", "über"),
    ("=?utf-8?q?a=0D=0Ab?=", "a b"),
    # what stands around
    ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
    ("=?utf-8?q?a?=\t \t=?iso-8859-1?q?=FC?=", "aü"),
    ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
    ("Re:=?utf-8?q?a?=b", "Re:ab"),
    ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
    ("(=?utf-8?q?a?=)", "(a)"),
    ('"=?utf-8?q?a?=" <', '"a" <'),
    ("=?utf-8?q?=?utf-8?q?x?=", "=?utf-8?q?x"),
    # question marks and blanks in the text
    ("=?utf-8?q?Why??=", "Why?"),
    ("=?utf-8?q?Why?_Because?=", "Why? Because"),
    ("=?utf-8?q?O=C3=B9?=20=C3=A9?=", "Où? é"),
    ("=?utf-8?q?a b c?= d", "a b c d"),
    ("=?utf-8?q?Is it so? Yes.?=", "Is it so? Yes."),
    ("=?utf-8?q?J=C3=B6?=rg =?utf-8?q?B=C3=BC?=", "Jörg Bü"),
    ("=?utf-8?b?w7 w=?=", "ü"),
    # raw bytes in a word
    ("=?utf-8?q?grün?=", "grün"),
    ("=?iso-8859-1?q?gr\u00fcn_=FC?=", "grün ü"),
    # characters and base64 that are broken across words
    ("=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
    ("=?utf-8?b?w?= =?utf-8?b?7w=?=", "ü"),
    ("=?utf-8?q?=C3?= =?UTF-8?b?vA==?=", "ü"),
    ("=?utf-8?b?R3L?= =?utf-8?b?DvMOfZQ==?=", "Grüße"),
    ("=?utf-8?b?w7w?= =?utf-8?b?w7w?=", "üü"),  # no padding, and each word for itself
    ("=?iso-2022-jp?b?GyRCJUslSw==?= =?iso-2022-jp?b?JUsbKEI=?=", "ニニニ"),
    ("=?gb2312?b?xOPE?= =?gb2312?b?4w==?=", "你你"),
    # base64 that is cut or not base64 alone
    ("=?utf-8?b?w7w?=", "ü"),
    ("=?utf-8?b?w7w===?=", "ü"),
    ("=?utf-8?b?w7xh!?=", "üa"),
    # a subject that was cut off
    ("a =?utf-8?b?R3LDvMOfZQ", "a Grüße"),
    ("=?utf-8?b?R3LDvMOfZQ==?", "Grüße"),
    ("=?utf-8?q?Gr=C3=BC=", "Grü"),
    ("=?utf-8?q?no end", "=?utf-8?q?no end"),
]


@pytest.mark.parametrize(("raw", "text"), WORDS)
def test_words(raw: str, text: str) -> None:
    assert decode_words(raw) == text


def test_many_words_take_linear_time() -> None:
    start = time.process_time()
    for piece in ("=?utf-8?q?", "=?utf-8?q?a?=", "=?utf-8?q??=", "?=", "=?a?b?w?= ", "=?utf-8?q?a?=b"):
        decode_words(piece * (200_000 // len(piece)))
        decode_words("=?utf-8?q?" + piece * (200_000 // len(piece)))
    assert time.process_time() - start < 3


@given(st.text())
def test_any_text_is_decoded(text: str) -> None:
    assert isinstance(decode_words(text), str)
    assert isinstance(decode_words("=?" + text + "?="), str)
    assert isinstance(decode_words("=?utf-8?q?" + text + "?="), str)


ALPHABETS: dict[str, str | tuple[str, ...]] = {
    **dict.fromkeys(["utf-8", "gb18030", "utf-7"], "aZ?_=0üßжα你かㅏ한ก🙂"),
    # Accented letters alone would look like text of another charset under a wrong label.
    **dict.fromkeys(
        ["iso-8859-1", "iso-8859-15", "windows-1252"], ("a", "Z", "?", "_", "=", "0", "rü", "oß", "én", "ña")
    ),
    "iso-8859-2": "aZ?=čřůł",
    "iso-8859-7": "aZ?=αβωΐ",
    "windows-1255": "aZ?=שלום",
    "tis-620": "aZ?=กขฮ",
    **dict.fromkeys(["koi8-r", "windows-1251"], "aZ?_=0жыйЁ"),
    **dict.fromkeys(["euc-jp", "iso-2022-jp", "shift_jis"], "aZ?_=0かカ日本語表"),
    "big5": "aZ?=你好世界許功蓋",
    "gb2312": "aZ?=你好世界",
    "euc-kr": "aZ?=한국어가",
}


@given(data=st.data(), charset=st.sampled_from(sorted(ALPHABETS)))
def test_what_a_program_encoded_is_read(data: st.DataObject, charset: str) -> None:
    """Python's `email` composes it, in any charset and folded."""
    words = st.lists(st.sampled_from(list(ALPHABETS[charset])), min_size=1, max_size=30).map("".join)
    text = " ".join(data.draw(st.lists(words, min_size=1, max_size=8)))
    header = email.header.Header(text, charset, header_name="Subject", maxlinelen=60)
    assert decode_words(" ".join(header.encode().splitlines())).split() == text.split()


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), st.integers(1, 40), st.sampled_from("qb"))
def test_a_text_that_was_cut_anywhere_is_read(text: str, length: int, encoding: str) -> None:
    """Words of a fixed number of bytes, or of a fixed number of characters of base64."""
    data = (text + "x" * (len(text.encode()) % 3 == 0)).encode()  # with padding, as without it much can be meant
    if encoding == "b":
        whole = base64.b64encode(data).decode()
        pieces = [whole[at : at + length] for at in range(0, len(whole), length)]
    else:
        whole = "".join(f"={byte:02X}" for byte in data)
        pieces = [whole[at : at + 3 * length] for at in range(0, len(whole), 3 * length)]
    assert decode_words(" ".join(f"=?utf-8?{encoding}?{piece}?=" for piece in pieces)) == data.decode()
