"""Content-Type, Content-Disposition and Content-Transfer-Encoding, as the RFCs have them and as programs write them."""

from __future__ import annotations

import email.message
import email.policy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail.allowance import Allowance
from supportctl.mail.message import parse_message
from supportctl.mail.mime import read_parts
from supportctl.mail.parameters import read_content_type, read_parameters
from supportctl.mail.transfer import read_encoding

TYPES = [
    ("text/plain", "text/plain", {}),
    ('TEXT/Html; Charset="UTF-8"', "text/html", {"charset": "UTF-8"}),
    ("text/plain;charset=utf-8;", "text/plain", {"charset": "utf-8"}),
    ('text/plain; charset="utf-8"; charset=koi8-r', "text/plain", {"charset": "utf-8"}),
    ("text/plain ; charset = utf-8 ; format = flowed", "text/plain", {"charset": "utf-8", "format": "flowed"}),
    # what stands between parameters
    ("text/html charset=utf-8", "text/html", {"charset": "utf-8"}),
    ("text/html, charset=utf-8, format=flowed", "text/html", {"charset": "utf-8", "format": "flowed"}),
    ("text/html;; charset=utf-8", "text/html", {"charset": "utf-8"}),
    ('text/plain; charset="utf-8"format=flowed', "text/plain", {"charset": "utf-8", "format": "flowed"}),
    ("text/plain; charset=utf-8 format=flowed", "text/plain", {"charset": "utf-8", "format": "flowed"}),
    ('multipart/mixed boundary="b b" charset=utf-8', "multipart/mixed", {"boundary": "b b", "charset": "utf-8"}),
    ("text/plain; charset=us-ascii (Plain text)", "text/plain", {"charset": "us-ascii"}),
    ("text/plain (a comment); charset=utf-8", "text/plain", {"charset": "utf-8"}),
    # quotes
    ("text/plain; charset='utf-8'", "text/plain", {"charset": "utf-8"}),
    ('text/plain; charset="utf-8;"', "text/plain", {"charset": "utf-8"}),
    ('text/plain; charset="utf-8', "text/plain", {"charset": "utf-8"}),
    ('text/plain; charset=utf-8"', "text/plain", {"charset": "utf-8"}),
    ('"text/html"; charset=utf-8', "text/html", {"charset": "utf-8"}),
    ("multipart/mixed; boundary=--=_P1.2'()+_,-./:=?;", "multipart/mixed", {"boundary": "--=_P1.2'()+_,-./:=?"}),
    ('multipart/mixed; boundary="=?utf-8?q?x?="', "multipart/mixed", {"boundary": "=?utf-8?q?x?="}),
    # types
    ("text/html; text/html", "text/html", {}),
    ("text/html; text/html; charset=utf-8", "text/html", {"charset": "utf-8"}),
    ("multipart/multipart/mixed; boundary=b", "multipart/mixed", {"boundary": "b"}),
    ("text/plain/html", "text/plain", {}),
    ("text / html; charset=utf-8", "text/html", {"charset": "utf-8"}),
    ("Content-Type: text/html; charset=utf-8", "text/html", {"charset": "utf-8"}),
    ("text", "text/plain", {}),
    ("html", "text/html", {}),
    ("text/; charset=utf-8", "text/plain", {"charset": "utf-8"}),
    ("multipart; boundary=b", "multipart/mixed", {"boundary": "b"}),
    ("application; name=a.zip", "application/octet-stream", {"name": "a.zip"}),
    ("charset=utf-8", "text/plain", {"charset": "utf-8"}),
    ("; charset=utf-8", "text/plain", {"charset": "utf-8"}),
    ("boundary=b", "multipart/mixed", {"boundary": "b"}),
    ("nonsense", "text/plain", {}),
    ("", "text/plain", {}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kind", "parameters"), TYPES)
def test_type(value: str, kind: str, parameters: dict[str, str]) -> None:
    assert read_content_type(value) == (kind, parameters)


NAMES = [
    ('filename="a b.pdf"', "a b.pdf"),
    ("filename=a.pdf", "a.pdf"),
    ("filename=a b, c.pdf; size=1", "a b, c.pdf"),
    ("filename='a.pdf'", "a.pdf"),
    ('filename="a;b.pdf"; size=1', "a;b.pdf"),
    ('filename="a.pdf', "a.pdf"),
    ('filename="a.pdf; size=1', "a.pdf"),
    (r'filename="a \"b\" c.pdf"', 'a "b" c.pdf'),
    ('filename="a "b" c.pdf"', 'a "b" c.pdf'),
    (r'filename="C:\Users\ann\a.pdf"', r"C:\Users\ann\a.pdf"),
    ('filename="grüße.pdf"', "grüße.pdf"),
    ("filename = a.pdf", "a.pdf"),
    ('FileName="a.pdf"', "a.pdf"),
    ('filename=""', ""),
    # encoded words
    ('filename="=?utf-8?q?gr=C3=BC=C3=9Fe_1=2Epdf?="', "grüße 1.pdf"),
    ("filename==?utf-8?q?gr=C3=BC=C3=9Fe?=.pdf", "grüße.pdf"),
    ("filename==?utf-8?q?gr=C3=BC=C3=9Fe a.pdf?=; size=1", "grüße a.pdf"),
    ('filename="=?utf-8?b?w7w=?= =?utf-8?b?w58=?=.pdf"', "üß.pdf"),
    ("filename*0==?utf-8?q?gr=C3; filename*1==BC=C3=9Fe?=.pdf", "grüße.pdf"),
    ("filename*0=\"=?utf-8?q?gr=C3=BC\"; filename*1=\"=C3=9Fe?=.pdf\"", "grüße.pdf"),
    ("filename*=\"=?utf-8?q?gr=C3=BC=C3=9Fe.pdf?=\"", "grüße.pdf"),
    ("filename*=utf-8''=?utf-8?q?gr=C3=BC=C3=9Fe.pdf?=", "grüße.pdf"),
    # RFC 2231
    ("filename*=utf-8''gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    ("filename*=UTF-8'de'gr%c3%bc%c3%9fe.pdf", "grüße.pdf"),
    ("filename*=\"utf-8''gr%C3%BC%C3%9Fe.pdf\"", "grüße.pdf"),
    ("filename*=utf-8''\"gr%C3%BC%C3%9Fe.pdf\"", "grüße.pdf"),
    ("filename*=iso-8859-1''gr%FC%DFe.pdf", "grüße.pdf"),
    ("filename*=us-ascii''gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    ("filename*=x-nothing''gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    ("filename*=''gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    ("filename*=gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    ("filename*=utf-8'gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    ("filename*=it's.pdf", "it's.pdf"),
    ("filename*0=lo; filename*1=ng.pdf", "long.pdf"),
    ("filename*1*=%C3%BC.pdf; filename*0*=utf-8''gr", "grü.pdf"),
    ("filename*0*=utf-8''gr%C3; filename*1*=%BC%C3; filename*2*=%9Fe.pdf", "grüße.pdf"),
    ("filename*0*=utf-8''gr%C3%BC; filename*1=\"%20.pdf\"", "grü%20.pdf"),
    ("filename*0=gr; filename*1*=%C3%BC.pdf", "grü.pdf"),
    ("filename*0=a; filename*2=b.pdf", "ab.pdf"),
    ("filename*10=c; filename*2=b; filename*1=a", "abc"),
    # both forms
    ("filename=\"gr?e.pdf\"; filename*=utf-8''gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    ("filename*=utf-8''gr%C3%BC%C3%9Fe.pdf; filename=a.pdf", "grüße.pdf"),
    ("filename=a.pdf; filename*=utf-8''", "a.pdf"),
    ("filename=a.pdf; filename*=utf-8''a%FFb%00", "a.pdf"),
    # percent-encoding without a star
    ("filename=\"gr%C3%BC%C3%9Fe%20a.pdf\"", "grüße a.pdf"),
    ("filename=\"100%.pdf\"", "100%.pdf"),
    ("filename=\"100%25 %zz.pdf\"", "100%25 %zz.pdf"),
    ("filename=\"%FF.pdf\"", "%FF.pdf"),
    ("filename=\"..%2Fa%00.pdf\"", "..%2Fa%00.pdf"),
]  # fmt: skip


@pytest.mark.parametrize(("parameter", "name"), NAMES)
def test_the_name_of_a_file(parameter: str, name: str) -> None:
    for between in ("; ", ";", " ; ", ";;"):
        assert read_parameters(f"attachment{between}{parameter}")[1]["filename"] == name
    assert read_parameters(f"attachment; {parameter}")[0] == "attachment"
    assert read_parameters(f"attachment {parameter}")[1]["filename"] == name
    assert read_parameters(f"attachment; {parameter}; read-date=7")[1]["read-date"] == "7"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *(("base64", "base64"), ("BASE64", "base64"), ('"base64"', "base64"), ("base64;", "base64")),
        *(("base-64", "base64"), ("base64 (MIME)", "base64"), ("base64; charset=utf-8", "base64")),
        *(("quoted-printable", "quoted-printable"), ("quoted_printable", "quoted-printable")),
        *(("QuotedPrintable", "quoted-printable"), ("7bit (not base64)", "7bit"), ("7bit, base64", "7bit")),
        *(("x-uuencode", "x-uuencode"), ("", ""), ("encoding=base64", "base64")),
    ],
)
def test_encoding(text: str, encoding: str) -> None:
    assert read_encoding(text) == encoding


PDF = b'Content-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n'
BOUNDARIES = [
    (b"; boundary=b", b"--b", []),
    (b'; boundary="b  "', b"--b", []),
    (b"; boundary=b", b"--b \t", []),
    (b"; boundary='b'", b"--'b'", []),
    (b"; boundary='b'", b"--b", []),
    (b"", b"--some thing=", ["a multipart without a boundary"]),
    (b"; boundary=other", b"--b", ["a multipart whose boundary never appears"]),
    (b"; boundary=\"b", b"--b", []),
    (b"; boundary=a?b=(c)", b"--a?b=(c)", []),
]  # fmt: skip


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_parameters_that_are_not_indented(end: bytes) -> None:
    raw = b"From: a@example.org\nDate: Tue, 14 Nov 2023 22:13:20 +0000\nContent-Type: multipart/mixed;\nboundary=b\n"
    raw += (
        b"Subject: Hi\n\n--b\nContent-Type: text/plain;\ncharset=utf-8\nContent-Transfer-Encoding: base64\n\naGVsbG8="
    )
    mail = parse_message((raw + b"\n--b\n" + PDF + b"--b--\n").replace(b"\n", end), received=0)
    assert (mail.subject, mail.text, [one.name for one in mail.attachments]) == ("Hi", "hello", ["a.pdf"])
    assert mail.problems == []


@pytest.mark.parametrize(("parameter", "line", "problems"), BOUNDARIES)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_boundary(parameter: bytes, line: bytes, problems: list[str], end: bytes) -> None:
    first = b"\nContent-Type: text/plain\n\nhello\n"
    body = b"a preamble\n" + line + first + line + b"\n" + PDF + line.rstrip() + b"--\n"
    raw = b"From: a@example.org\nDate: Tue, 14 Nov 2023 22:13:20 +0000\nContent-Type: multipart/mixed" + parameter
    mail = parse_message((raw + b"\n\n" + body).replace(b"\n", end), received=0)
    assert [attachment.name for attachment in mail.attachments] == ["a.pdf"]
    assert mail.text.strip() == "hello"
    assert mail.problems == problems


def test_a_second_content_type_counts_where_the_first_is_empty() -> None:
    part = read_parts(b"Content-Type: \nContent-Type: text/html\nContent-Type: text/plain\n\nx", Allowance())
    assert part.type == "text/html"


def test_hostile_parameters_take_linear_time() -> None:
    start = time.process_time()
    pieces = [
        'a="b"c d',
        "a=",
        "a =",
        '="',
        "; name",
        "a*1*=%",
        '";"',
        ",, ",
        "name =",
        'a="\\"',
        "=?utf-8?q?",
        "a=b ",
        "%41",
    ]
    for piece in pieces:
        for frame in ("text/plain; ", "", 'a; filename="', "a; filename*0*=utf-8''", "a; filename="):
            read_content_type(frame + piece * (200_000 // len(piece)))
            read_content_type(frame + piece * (200_000 // len(piece)) + ";")
    assert time.process_time() - start < 15


@given(
    st.text(), st.sampled_from(["", "text/plain; ", "a; filename=", "a; filename*=", "a; filename*0*=", 'a; name="'])
)
def test_any_text_has_a_type(text: str, frame: str) -> None:
    kind, parameters = read_content_type(frame + text)
    assert kind.count("/") == 1
    assert all(isinstance(value, str) for value in parameters.values())


FILE_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=120)


@given(
    FILE_NAMES.filter(lambda name: "%" not in name and "=?" not in name),
    st.sampled_from(["default", "SMTP", "compat32"]),
)
def test_the_name_that_a_program_wrote_is_read(name: str, policy: str) -> None:
    """Python's `email` composes it, with RFC 2231."""
    message = email.message.EmailMessage if policy != "compat32" else email.message.Message
    mail = message(getattr(email.policy, policy))
    mail["From"] = "a@example.org"
    mail["Content-Type"] = "application/pdf"
    mail.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    attachments = parse_message(mail.as_bytes(), received=0).attachments
    assert [attachment.name for attachment in attachments] == [name]
