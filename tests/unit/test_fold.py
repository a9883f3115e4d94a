"""Folding: letters read as people type them, and every place leads back."""

from __future__ import annotations

import time
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.query import parse_query
from supportctl.query.fold import compile_phrase, fold, join_marks, split_words, unfold
from supportctl.query.highlight import Highlighter

TRICKY = (
    st.sampled_from(
        "aB éÉİßΣσς漢ｶ\u0301\u200bﬃ½😀ǅかが\u3099\u309aﾞﾟйИ\u0306\u0308і\u1112\u1161\u11ab하ক\u093c\u0654و\u2060\ue001"
    )
    | st.characters()
)


@given(st.text(TRICKY, max_size=30))
def test_every_character_of_a_folded_text_leads_back_to_its_own(text: str) -> None:
    characters = join_marks(text)
    assert len(characters) == len(text)
    pieces = [fold(character) for character in characters]
    assert fold(text) == "".join(pieces)
    own = [place for place, piece in enumerate(pieces) for _ in piece]
    assert [unfold(text, position) for position in range(len(own))] == own


@given(st.text(TRICKY, max_size=30))
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert split_words(fold(text)) == split_words(text)


@given(st.text(TRICKY, max_size=30))
def test_marks_apart_are_marks_joined(text: str) -> None:
    """Unicode has two forms of the same text."""
    assert split_words(unicodedata.normalize("NFC", text)) == split_words(unicodedata.normalize("NFD", text))


SAME = [
    ("Grüße, ÉCOLE", "grusse, ecole"),
    ("Sørensen", "sorensen"),
    ("Łódź", "lodz"),
    ("Þór Sigríður", "thor sigridur"),
    ("Yıldız İstanbul", "yildiz istanbul"),
    ("Œuvre æther", "oeuvre aether"),
    ("Nguyễn Thị Thuỳ", "nguyen thi thuy"),
    ("Đặng ơ ư", "dang o u"),
    ("Čeština řeže žluťoučký", "cestina reze zlutoucky"),
    ("ŐŰ ăâîșț", "ou aaist"),
    ("ñandú São", "nandu sao"),
    ("ΑΣ Σας", "ασ σασ"),
    ("Αθήνα Άγιος ΐ", "αθηνα αγιοσ ι"),
    ("ᾳ", "αι"),
    ("ﬁn ½", "fin 1 2"),
    ("Ｆｕｌｌ　ｗｉｄｔｈ １５", "full width 15"),
    ("①Ⅳ", "1iv"),
    ("ёлка Ёж", "елка еж"),
    ("за́мок", "замок"),
    ("שָׁלוֹם", "שלום"),
    ("مُحَمَّد", "محمد"),
    ("أحمد إلى آمن", "احمد الى امن"),
    ("مـــرحبا", "مرحبا"),
    ("ﻣﺮﺣﺒﺎ", "مرحبا"),
    ("ｶﾞｷﾞﾊﾟﾝ", "ガギパン"),
    ("㈱", "株"),
    ("می\u200cخواهم", "میخواهم"),
    ("soft\u00adhyphen", "softhyphen"),
    ("ﬀ ﬆ", "ff st"),
]


@pytest.mark.parametrize(("text", "typed"), SAME)
def test_words_are_found_as_people_type_them(text: str, typed: str) -> None:
    assert split_words(text) == split_words(typed)
    assert split_words(unicodedata.normalize("NFD", text)) == split_words(typed)
    assert split_words(text.upper()) == split_words(typed)


APART = [
    ("か", "が"),
    ("は", "ぱ"),
    ("は", "ば"),
    ("ハ", "ﾊﾞ"),
    ("はし", "ばし"),
    ("и", "й"),
    ("мои", "мой"),
    ("і", "ї"),
    ("у", "ў"),
    ("г", "ѓ"),
    ("к", "ќ"),
    ("а", "ӑ"),
    ("क", "कि"),
    ("क", "कु"),
    ("कल", "काल"),
    ("क", "क़"),
    ("क", "क्"),
    ("क", "कं"),
    ("কল", "কুল"),
    ("த", "தி"),
    ("గ", "గీ"),
    ("ก", "กุ"),
    ("มา", "ม้า"),
    ("ມາ", "ມ້າ"),
    ("က", "ကို"),
    ("ក", "កុ"),
    ("ک", "ڪ"),
    ("و", "ؤ"),
    ("ي", "ئ"),
    ("ہ", "ۂ"),
    ("하", "한"),
    ("ތ", "ތި"),
    ("བ", "བོ"),
]


@pytest.mark.parametrize(("one", "other"), APART)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_other_letters_are_other_words(one: str, other: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    one, other = unicodedata.normalize(form, one), unicodedata.normalize(form, other)
    assert split_words(one) != split_words(other)
    # Nor is the one in a text that has the other.
    assert compile_phrase(tuple(split_words(one)), False).search(fold(f"x {other} y")) is None


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("der Strom Straße x", "strasse", "Straße"),
        ("un e\u0301te\u0301 ici", "ete", "e\u0301te\u0301"),
        ("これは か\u3099く です", "がく", "か\u3099く"),
        ("ﾊﾟｿｺﾝ", "パソ", "ﾊﾟｿ"),
        ("мои\u0306 дом", "мой", "мои\u0306"),
        ("\u1112\u1161\u11ab글 x", "한글", "\u1112\u1161\u11ab글"),
        ("xx किताब x", "किताब", "किताब"),
        ("a ﬁne b", "fine", "ﬁne"),
        ("Ｆｕｌｌ x", "full", "Ｆｕｌｌ"),
        ("İİ İSTANBUL x", "istanbul", "İSTANBUL"),
    ],
)
def test_the_right_part_is_marked(text: str, word: str, marked: str) -> None:
    snippet = Highlighter(parse_query(f'"{word}"')).snippet("", text)
    assert [snippet.text[start:end] for start, end in snippet.spans] == [marked]


def test_a_place_far_down_is_found() -> None:
    text = "Füllung, und mehr\n" * 20_000 + "ß nadel"
    assert text[unfold(text, fold(text).index("nadel")) :] == "nadel"


@pytest.mark.parametrize(
    "piece", ["\u0301", "か\u3099", "\u3099", "\u1112\u1161\u11ab", "\u1161", "é", "и\u0306", "\u0301\u0316"]
)
def test_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    fold(text)
    assert time.process_time() - start < 4
