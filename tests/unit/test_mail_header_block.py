"""The block of header fields: where it begins, what belongs to it, and where it ends, in mail that is not in order."""

from __future__ import annotations

import email.message
import email.policy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail.content import MessageContent
from supportctl.mail.message import parse_message, read_attachments

FIELDS = b"From: Ann <ann@example.org>\nTo: help@example.org\nDate: Tue, 14 Nov 2023 22:13:20 +0000\nSubject: Hi\n"
BODY = b"\nHello you\n"
MARK = b"\xef\xbb\xbf"


def parse(raw: bytes) -> MessageContent:
    return parse_message(raw, received=1_700_000_000)


def doubled(mark: bytes) -> bytes:
    return mark.decode("latin-1").encode()


STRAYS = "lines in the header that are no fields"
UNBROKEN = "no empty line after the header"
WHOLE = [
    (FIELDS + BODY, []),
    # before the header
    (MARK + FIELDS + BODY, ["a byte order mark before the header"]),
    (doubled(MARK) + FIELDS + BODY, ["a byte order mark before the header"]),
    (b"\n\n" + FIELDS + BODY, ["empty lines before the header"]),
    (MARK + b"\n" + FIELDS + BODY, ["a byte order mark before the header", "empty lines before the header"]),
    (b"From ann@example.org Tue Nov 14 22:13:20 2023\n" + FIELDS + BODY, []),
    (b">From ann@example.org Tue Nov 14 22:13:20 2023\n" + FIELDS + BODY, []),
    (b"From a Tue Nov 14 22:13:20 2023\n>From b Tue Nov 14 22:13:20 2023 remote from c\n" + FIELDS + BODY, []),
    (MARK + b"From a Tue Nov 14 22:13:20 2023\n" + FIELDS + BODY, ["a byte order mark before the header"]),
    (b"a stray line\n" + FIELDS + BODY, [STRAYS]),
    (b"* 1 FETCH (RFC822 {123}\n" + FIELDS + BODY, [STRAYS]),
    (b"one\ntwo\nthree\n" + FIELDS + BODY, [STRAYS]),
    # within the header
    (FIELDS.replace(b"Date", b"a stray line\nDate") + BODY, [STRAYS]),
    (FIELDS.replace(b"Date", b">From a Tue Nov 14 22:13:20 2023\nDate") + BODY, [STRAYS]),
    (FIELDS.replace(b"Date", MARK + b"Date") + BODY, [STRAYS]),
    (FIELDS.replace(b"Date", b"a stray line\nanother\nDate").replace(b"Sub", b"more\nSub") + BODY, [STRAYS]),
    (FIELDS.replace(b"Date", b"DKIM-Signature: v=1\n" + b"b64=\n" * 12 + b"Date") + BODY, [STRAYS]),
    (FIELDS.replace(b"Date", b"X: y\n  \n\t\nDate") + BODY, []),
    (FIELDS.replace(b"Date", b"\xe4\xe4: x\nDate") + BODY, [STRAYS]),
    (FIELDS.replace(b"Date:", b"Date \t:").replace(b"Subject:", b"Subject :") + BODY, []),
    (FIELDS.replace(b"Subject: Hi", b"Subject:\n Hi").replace(b"To: ", b"To:\n\t") + BODY, []),
    (FIELDS.replace(b"Subject: ", b"Subject:") + BODY, []),
    # behind the header
    (FIELDS + b"  \t\nHello you\n", []),
    (FIELDS + b"Hello you\n", [UNBROKEN]),
    (FIELDS + b"Hello you\n\nSubject: another\n", [UNBROKEN]),
    (FIELDS + b"Hello you\nFrom: Bob <bob@example.org>\nSubject: another\n\nmore\n", [UNBROKEN]),
    (FIELDS + b"  \nHello you\nTo: Bob <bob@example.org>\n\nmore\n", []),
]


@pytest.mark.parametrize(("raw", "problems"), WHOLE)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_header_is_read(raw: bytes, problems: list[str], end: bytes) -> None:
    mail = parse(raw.replace(b"\n", end))
    assert (mail.sender.addr, mail.subject, mail.date) == ("ann@example.org", "Hi", 1_700_000_000)
    assert [one.addr for one in mail.to] == ["help@example.org"]
    assert mail.text.startswith("Hello you\n")
    assert mail.problems == problems


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n", b"\r\r\r\n"])
def test_line_ends(end: bytes) -> None:
    raw = FIELDS.replace(b"Hi", b"Hi\n you") + b"Content-Type: multipart/mixed; boundary=b\n\n"
    raw += b"--b\n\nHello\n\nyou\n--b\nContent-Type: text/csv; name=a.csv\n"
    raw += b"Content-Disposition: attachment\n\n1,2\n--b--\n"
    mail = parse(raw.replace(b"\n", end))
    assert (mail.subject, mail.sender.addr, mail.text) == ("Hi you", "ann@example.org", "Hello\n\nyou")
    assert [one.name for one in mail.attachments] == ["a.csv"]
    assert [b"".join(pieces).strip() for _, pieces in read_attachments(raw.replace(b"\n", end))] == [b"1,2"]
    assert mail.problems == (["doubled carriage returns"] if b"\r\r" in end else [])


def test_mixed_line_ends() -> None:
    mail = parse(b"Received: x\r\n" + FIELDS.replace(b"Hi\n", b"Hi\r you\rCc: bob@example.org\n") + BODY)
    assert (mail.subject, [one.addr for one in mail.cc], mail.text) == ("Hi you", ["bob@example.org"], "Hello you\n")
    mail = parse(FIELDS.replace(b"\n", b"\r\n") + BODY)
    assert (mail.subject, mail.text) == ("Hi", "Hello you\n")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_message_in_utf_16(codec: str) -> None:
    mail = parse((FIELDS + BODY).decode().replace("Hi", "Grüße").encode(codec))
    assert (mail.subject, mail.sender.addr, mail.text) == ("Grüße", "ann@example.org", "Hello you\n")
    assert "the message is in UTF-16" in mail.problems


@pytest.mark.parametrize("raw", [FIELDS, FIELDS[:-1], FIELDS + b"\n", FIELDS.replace(b"\n", b"\r\n")])
def test_a_header_alone(raw: bytes) -> None:
    assert (parse(raw).subject, parse(raw).text, parse(raw).problems) == ("Hi", "", [])


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Hello you",
            "Hello you:\nhow are you",
            "\nHello\nSubject: what\n",
            "Note: this\nand that",
            "Hello\nSubject: x",
        ),
        *("From here on,\nall is text", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n" + FIELDS.decode()),
    ],
)
def test_a_text_without_a_header(text: str) -> None:
    mail = parse(text.encode())
    assert mail.text.strip().endswith(text.strip().splitlines()[-1])
    assert mail.sender.addr == ""


def test_a_message_within_begins_as_freely() -> None:
    inner = (
        b"From bob Tue Nov 14 22:13:20 2023\n"
        + MARK
        + b"From: Bob <bob@example.org>\nstray\nSubject: Inner\n\nwithin\n"
    )
    raw = FIELDS + b"Content-Type: message/rfc822\n\n" + inner
    assert [one.name for one in parse(raw).attachments] == ["Inner.eml"]
    assert "Bob <bob@example.org>" in parse(raw).attached and "stray" not in parse(raw).attached
    assert parse(raw).problems == []


def test_the_from_line_says_when_a_mail_without_a_date_came() -> None:
    mail = parse(b"From ann@example.org Mon Nov 13 22:13:20 2023\nFrom: ann@example.org\n\nx")
    assert (mail.date, mail.problems) == (1_700_000_000 - 86_400, ["no Date"])


RAW = [
    ("", "привет", "koi8-r"),
    ("Content-Type: text/plain; charset=koi8-r\n", "привет", "koi8-r"),
    (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-2\n\nx",
        "źle",
        "latin2",
    ),
    ("Content-Type: text/plain; charset=utf-8\n", "Grüße aus Köln", "cp1252"),
    ("", "Grüße", "utf-8"),
    ("Content-Type: text/plain; charset=iso-8859-1\n", "Grüße", "utf-8"),
]


@pytest.mark.parametrize(("fields", "text", "codec"), RAW)
def test_raw_bytes_in_a_header(fields: str, text: str, codec: str) -> None:
    """The charset of the body counts, if they are not UTF-8."""
    raw = f"Subject: {text}\nFrom: {text} <ann@example.org>\n{fields}\n".encode(codec)
    assert (parse(raw).subject, parse(raw).sender.name) == (text, text)


def test_hostile_headers_take_linear_time() -> None:
    start = time.process_time()
    pieces = [
        b"stray\n",
        b"X: y\nstray\n",
        b"\n",
        b" \n",
        b"From a\n",
        MARK,
        b"Subject: x\nstray\n",
        b"\r",
        b"\r\r\n",
        b"a:\r",
        b"\0",
    ]
    for piece in pieces:
        for frame in (b"", FIELDS, b"From x\n", b"\xff\xfe"):
            parse(frame + piece * (500_000 // len(piece)) + BODY)
    assert time.process_time() - start < 30


NAMES = st.text("abcXYZ-", min_size=1, max_size=12).map(lambda name: "X-" + name)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=90)


@given(st.lists(st.tuples(NAMES, VALUES.filter(lambda value: "=?" not in value)), max_size=8))
def test_fields_are_read_in_their_order(fields: list[tuple[str, str]]) -> None:
    """Python's `email` composes them."""
    mail = email.message.EmailMessage(email.policy.SMTP)
    for name, value in fields:
        mail[name] = value
    mail.set_content("x")
    found = [(name, value) for name, value in parse(mail.as_bytes()).headers if name.startswith("X-")]
    assert found == fields


@given(st.binary(max_size=300), st.sampled_from([b"", MARK, b"From x\n", b"stray\n", b"\n", b"\xff\xfe", b"\r\r\n"]))
def test_any_bytes_before_and_after_a_header(raw: bytes, frame: bytes) -> None:
    read = [parse(whole) for whole in (frame + raw, frame + FIELDS + raw, raw + frame + FIELDS + BODY)]
    # A fault of ours does not raise: the message has it among its problems.
    assert not [problem for each in read for problem in each.problems if problem.startswith("can't be read")]
    assert frame == b"\xff\xfe" or read[1].sender.addr == "ann@example.org"
