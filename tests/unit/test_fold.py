"""Folding: letters read as people type them, and every place leads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.query.fold import fold, unfold

TRICKY = st.sampled_from("aB éÉİßΣσς漢ｶ\u0301\u200bﬃ½😀ǅ") | st.characters()


@given(st.text(TRICKY, max_size=30))
def test_every_character_of_a_folded_text_leads_back_to_its_own(text: str) -> None:
    pieces = [fold(character) for character in text]
    assert fold(text) == "".join(pieces)
    own = [place for place, piece in enumerate(pieces) for _ in piece]
    assert [unfold(text, position) for position in range(len(own))] == own


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Grüße, ÉCOLE", "grusse, ecole"),
        ("Sørensen", "sorensen"),
        ("Łódź", "lodz"),
        ("Þór Sigríður", "thor sigridur"),
        ("Yıldız İstanbul", "yildiz istanbul"),
        ("Œuvre æther", "oeuvre aether"),
        ("Đặng", "dang"),
        ("ΑΣ Σας", "ας σας".replace("ς", "σ")),
        ("ﬁn ½", "fin 1 2"),
    ],
)
def test_letters_read_as_people_type_them(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_place_far_down_is_found() -> None:
    text = "Füllung, und mehr\n" * 20_000 + "ß nadel"
    assert text[unfold(text, fold(text).index("nadel")) :] == "nadel"
