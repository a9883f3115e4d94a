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
    assert html.read_html(source).text == text


def test_too_deep_for_a_parser_is_text_all_the_same() -> None:
    source = "<div>" * 40_000 + "deep &amp; <b>far</b>" + "</div>" * 40_000
    start = time.process_time()
    assert html.read_html(source).text.split() == ["deep", "&", "far"]
    assert time.process_time() - start < 2


def test_long_but_flat_is_parsed() -> None:
    assert html.read_html("<p>a<br>b" * 3000).text.startswith("a\nb\n\na\nb\n")


def hidden(source: str) -> tuple[str, str]:
    read = html.read_html(source)
    return read.text.rstrip("\n"), read.hidden.rstrip("\n")


UNSEEN = [
    '<span style="display:none">x</span>',
    '<span style="DISPLAY : none !important">x</span>',
    '<span style="visibility: hidden">x</span>',
    '<span style="font-size:0">x</span>',
    '<span style="font-size: 0px; color: red">x</span>',
    '<span style="font-size:1px">x</span>',
    '<span style="font:0/0 a">x</span>',
    '<span style="opacity:0">x</span>',
    '<span style="opacity:.01">x</span>',
    '<div style="max-height:0;overflow:hidden">x</div>',
    '<div style="height:1px; width:1px; overflow: hidden">x</div>',
    '<span style="mso-hide:all">x</span>',
    '<div style="position:absolute;left:-9999px">x</div>',
    '<p style="text-indent:-999em">x</p>',
    '<p style="clip:rect(0 0 0 0)">x</p>',
    "<p hidden>x</p>",
    '<p hidden="hidden">x</p>',
    '<font color="#FFFFFF">x</font>',
    '<font color="white">x</font>',
    '<span style="color:#fefefe">x</span>',
    '<span style="color:rgb(255, 255, 255)">x</span>',
    '<span style="color:transparent">x</span>',
    '<span style="color:rgba(0,0,0,0)">x</span>',
    '<table bgcolor="#003366"><tr><td><font color="#003366">x</font></td></tr></table>',
    '<div style="background:#ccc"><b style="color:#cccccc">x</b></div>',
    '<div style="display:none"><p style="display:block">x</p></div>',
    "<style>.a{display:none}</style><p class=a>x</p>",
    "<style><!-- p.a , #b { color:red; visibility:hidden } --></style><p class='c a'>x</p>",
    "<style>.a{font-size:0}</style><p class=a>x</p>",
]


@pytest.mark.parametrize("source", UNSEEN)
def test_what_nobody_sees_stands_apart(source: str) -> None:
    assert hidden(f"<p>seen</p>{source}<p>too</p>") == ("seen\n\ntoo", "x")


SEEN = [
    '<table bgcolor="#003366"><tr><td><font color="#FFFFFF">x</font></td></tr></table>',
    '<table><tr><td style="background-color:navy"><font color="white">x</font></td></tr></table>',
    '<div style="background:url(a.png)"><font color="white">x</font></div>',
    '<table background="a.png"><tr><td><font color="white">x</font></td></tr></table>',
    '<td style="font-size:0"><span style="font-size:14px">x</span></td>',
    '<div style="visibility:hidden"><b style="visibility:visible">x</b></div>',
    '<div style="overflow:hidden;height:100px">x</div>',
    '<span style="font-size:10px;line-height:0">x</span>',
    '<span style="opacity:0.9">x</span>',
    '<span aria-hidden="true" data-hidden="1">x</span>',
    '<p title=" hidden ">x</p>',
    '<a href="https://example.org/?style=display:none">x</a>',
    '<font color="#010101">x</font>',
    "<style>@media only screen { .a{display:none} }</style><p class=a>x</p>",
    "<style>.a .b{display:none}</style><p class=b>x</p>",
    "<style>.b{background:navy}</style><p class=b><font color=white>x</font></p>",
    "<style>.a{display:none}",
    '<p style="margin-left:-4px">x</p>',
]


@pytest.mark.parametrize("source", SEEN)
def test_what_is_seen_is_text(source: str) -> None:
    text = "" if "x" not in source.rpartition("}")[2] else "x"
    assert hidden(source) == (text, "")


def test_the_look_ends_with_its_element() -> None:
    inner = '<div><div style="display:none"><div>a<div style="color:red">b</div></div>c</div>seen</div>'
    assert hidden(f"{inner}<p>too") == ("seen\ntoo", "a b c")
    assert hidden("<font color=white>a<font color=red>b</font>c<br>d</font>e") == ("b\ne", "ac d")
    assert hidden("one<span style=display:none> two </span>three") == ("onethree", "two")


LINKS = [
    ('<a href="https://evil.example/x?a=1&amp;b=2">www.paypal.com</a>',
     "www.paypal.com [leads to https://evil.example/x?a=1&b=2]"),
    ('<a href="https://evil.example/">https://paypal.com/a</a>', "https://paypal.com/a [leads to https://evil.example/]"),
    ('Go to <a href="http://evil.example">the page of <b>paypal.com</b></a>!',
     "Go to the page of paypal.com [leads to http://evil.example]!"),
    ('<a href="https://paypal.com@evil.example/">paypal.com</a>', "paypal.com [leads to https://paypal.com@evil.example/]"),
    ('<a href="https://paypal.com.evil.org/">paypal.com</a>', "paypal.com [leads to https://paypal.com.evil.org/]"),
    ('<a href="mailto:a@evil.example">help@paypal.com</a>', "help@paypal.com [leads to mailto:a@evil.example]"),
    ('<a href="https://www.paypal.com/x">paypal.com</a>', "paypal.com"),
    ('<a href="https://paypal.com/x">https://www.PayPal.com</a>', "https://www.PayPal.com"),
    ('<a href="https://example.org/invoice.pdf">invoice.pdf</a>', "invoice.pdf"),
    ('<a href="https://example.org">Click here.</a>', "Click here."),
    ('<a name="paypal.com">paypal.com</a>', "paypal.com"),
    ('<a href="#top">paypal.com</a>', "paypal.com"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text"), LINKS)
def test_a_link_says_where_it_leads(source: str, text: str) -> None:
    assert html.read_html(source).text == text + "\n"
    assert html.read_html(source + "<i>.</i>" * 1200).text == text + "." * 1200 + "\n"


RAISED = [
    ("It costs $15<sup>00</sup>.", "It costs $15.00."),
    ("<sup>$</sup>15<sup>99</sup>", "$15.99"),
    ("15<sup>00</sup>", "15.00"),
    ("15<sup><u>00</u></sup> USD", "15.00 USD"),
    ('€ 15<span style="vertical-align:super;font-size:60%">90</span>', "€ 15.90"),
    ("15,<sup>00</sup> €", "15,00 €"),
    ("10<sup>15</sup> atoms", "10^15 atoms"),
    ("5 m<sup>2</sup>", "5 m2"),
    ("the 1<sup>st</sup>", "the 1st"),
    ("in 2024<sup>1</sup>", "in 2024^1"),
]


@pytest.mark.parametrize(("source", "text"), RAISED)
def test_raised_cents_are_cents(source: str, text: str) -> None:
    assert html.read_html(source).text == text + "\n"


ODD = [
    *(
        '<b a"b>seen</b>',
        '<b 17"">seen</b>',
        '<b ="x>seen</b>',
        "<b a='>'>seen</b>",
        '<b a=">" c"d>seen',
        "<b a<c>seen",
    ),
    *("<xmp>seen", "<plaintext>seen", "<textarea>seen</textarea>", "<!-- a > b -->seen", "<b>seen<", "<b>seen<!--"),
]


@pytest.mark.parametrize("source", ODD)
def test_odd_tags_hide_no_text(source: str) -> None:
    assert "seen" in html.read_html(source).text


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
    '<b style="display:none">',
    "<font color=white>",
    "</font>",
    '<a href="https://a.bc">',
    "<sup>",
    "12",
    "d.ef",
    "<style>.a{font-size:0}</style>",
    "<p class=a>",
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES)))
def test_anything_is_text(pieces: list[str]) -> None:
    text = html.read_html(" ".join(pieces)).text
    assert text == "" or (text.endswith("\n") and text.strip("\n"))
    assert "\n\n\n" not in text
    text.encode()
