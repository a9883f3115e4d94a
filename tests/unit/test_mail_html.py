"""HTML reads as a person reads it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportctl.mail import html

CASES = [
    ("", ""),
    ("a <b>bold</b> word", "a bold word\n"),
    ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree\n"),
    ("<div>a<div>b</div></div>c", "a\nb\nc\n"),
    ("<ul><li>a</li><li>b</li></ul>", "- a\n- b\n"),
    ("<table><tr><td>Amount</td><td>$15.00 USD</td></tr><tr><td>b</td></tr></table>", "Amount $15.00 USD\nb\n"),
    ("<head><title>t</title><style>p{}</style></head><body>x<script>y()</script><!-- z --></body>", "x\n"),
    ("&euro;15&nbsp;&amp; &lt;b&gt;", "€15\u00a0& <b>\n"),
    ("a\n   b\t c", "a b c\n"),
    ("<pre>a\n  b</pre>", "a\n  b\n"),
    ("x<blockquote>old<br>older<blockquote>oldest</blockquote></blockquote>y", "x\n> old\n> older\n> > oldest\ny\n"),
    ("<p>never closed", "never closed\n"),
    ("</p></div>stray", "stray\n"),
    ("<b", ""),
]


@pytest.mark.parametrize(("source", "text"), CASES)
def test_to_text(source: str, text: str) -> None:
    assert html.extract_text(source) == text


def test_too_deep_for_a_parser_is_text_all_the_same() -> None:
    source = "<div>" * 40_000 + "deep &amp; <b>far</b>" + "</div>" * 40_000
    start = time.process_time()
    assert html.extract_text(source).split() == ["deep", "&", "far"]
    assert time.process_time() - start < 2


def test_long_but_flat_is_parsed() -> None:
    assert html.extract_text("<p>a<br>b" * 3000).startswith("a\nb\n\na\nb\n")


PIECES = [
    "<p>",
    "<b>",
    "</b>",
    "</p>",
    "<pre>",
    "<br>",
    "<",
    ">",
    "&",
    "x",
    "<blockquote>",
    "</blockquote>",
    "<!--",
    "-->",
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES)))
def test_anything_is_text(pieces: list[str]) -> None:
    text = html.extract_text(" ".join(pieces))
    assert text == "" or (text.endswith("\n") and text.strip("\n"))
    assert "\n\n\n" not in text
    text.encode()
