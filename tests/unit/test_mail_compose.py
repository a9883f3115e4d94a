"""Outgoing mail: what it says survives the way, what it must not say it can't be made to say."""

from __future__ import annotations

import email
import email.policy
import email.utils
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportctl.errors import DataError
from supportctl.mail import compose, message
from supportctl.mail.content import Address, MessageContent
from supportctl.mail.plain_text import without_invisible
from supportctl.values import is_address
from tests.conftest import RealMails

NOW = 1_700_000_000
DESK = Address("The Desk", "support@example.net")
RAW = (
    b"From: =?utf-8?q?J=C3=B6?= <jo@example.org>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMessage-ID: <c@x>\n"
    b"References: <a@x> <b@x>\nReceived: from secret.example.org\nDate: Tue, 14 Nov 2023 22:13:20 +0000\n"
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: image/png\n\nx\n--b--\n"
)
ORIGINAL = message.parse_message(RAW, received=NOW)


def parse(raw: bytes) -> MessageContent:
    """Read it as we do, and have the standard library find nothing wrong in it."""
    standard = email.message_from_bytes(raw, policy=email.policy.default)
    assert not [
        defect for part in standard.walk() for defect in part.defects if part.get_content_maintype() != "message"
    ]
    assert b"\r" not in raw.partition(b"\n\n")[0]
    mail = message.parse_message(raw, received=NOW)
    assert mail.problems == []
    assert str(standard["Subject"]) == mail.subject
    return mail


def notice(
    original: MessageContent = ORIGINAL, *, text: str = "Sorry.\n", sender: Address = DESK, subject: str = ""
) -> bytes:
    return compose.compose_notice(original, text=text, sender=sender, mid="1@example.net", date=NOW, subject=subject)


def forward(original: MessageContent, raw: bytes, text: str = "") -> bytes:
    return compose.compose_forward(
        original,
        raw,
        to=["list@example.org"],
        sender=DESK,
        envelope_sender="support@example.net",
        mid="1@example.net",
        date=NOW,
        text=text,
    )


def forward_inline(original: MessageContent, text: str = "") -> bytes:
    return compose.compose_inline_forward(
        original,
        to=["list@example.org", "b@example.org"],
        sender=DESK,
        envelope_sender="support@example.net",
        mid="1@example.net",
        date=NOW,
        text=text,
    )


def test_notice() -> None:
    raw = notice(text="Grüße\n")
    mail = parse(raw)
    headers = dict(mail.headers)
    assert raw.startswith(b"Return-Path: <>\nX-Envelope-To: jo@example.org\n")
    assert (mail.sender, mail.to) == (DESK, [Address("", "jo@example.org")])
    assert (mail.subject, mail.text, mail.mid, mail.date) == ("Re: Grüße", "Grüße\n", "1@example.net", NOW)
    assert headers["In-Reply-To"] == "<c@x>"
    assert headers["References"] == "<a@x> <b@x> <c@x>"
    assert headers["Auto-Submitted"] == "auto-replied"
    assert (mail.automatic, mail.original) == ("reply", "c@x")


def test_the_subject_is_said_once() -> None:
    assert parse(notice(ORIGINAL._replace(subject="Re: x"))).subject == "Re: x"
    assert parse(notice(subject="Given")).subject == "Given"
    tagged = compose.compose_notice(ORIGINAL, text="", sender=DESK, mid="1@x", date=NOW, prefix="[s20231114.1]")
    assert parse(tagged).subject == "[s20231114.1] Re: Grüße"


def test_nothing_to_refer_to() -> None:
    mail = parse(notice(ORIGINAL._replace(mid="", references=[])))
    assert not {"In-Reply-To", "References"} & {name for name, _ in mail.headers}


INJECTIONS = [
    "x\nBcc: evil@example.org",
    "x\r\nBcc: evil@example.org",
    "x\rBcc: e@x",
    "x\n\nbody",
    "ü\nBcc: e@x",
    "a\u2028Bcc: e@x",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_header_by_injection(text: str) -> None:
    original = ORIGINAL._replace(subject=text, mid=text, references=[text], sender=Address(text, "jo@example.org"))
    raw = compose.compose_notice(
        original, text="x\n", sender=Address(text, "support@example.net"), mid="1@x", date=NOW, prefix=text
    )
    inline = forward_inline(original)
    for one in (raw, inline, forward(original, RAW), notice(original, subject=text)):
        assert "bcc" not in {name.lower() for name, _ in parse(one).headers}
        assert b"\nBcc" not in one.partition(b"\n\n")[0]


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_subject_and_name(subject: str, name: str) -> None:
    names = [name for name, _ in parse(notice()).headers]
    mail = parse_loosely(notice(subject=subject, sender=Address(name, "support@example.net")))
    assert [name for name, _ in mail.headers] == names
    assert mail.sender.addr == "support@example.net"


def parse_loosely(raw: bytes) -> MessageContent:
    return message.parse_message(raw, received=NOW)


WORDS = st.lists(
    st.text(st.characters(whitelist_categories=["L", "N"]), min_size=1, max_size=12), min_size=1, max_size=30
)


@given(WORDS)
def test_a_subject_of_words_survives(words: list[str]) -> None:
    subject = " ".join(words)[:300].strip()
    assert parse_loosely(notice(subject=subject)).subject == subject


NAMES = st.lists(
    st.one_of(
        st.text(st.characters(whitelist_categories=["L", "N", "P", "S"]), min_size=1, max_size=20),
        st.sampled_from(["a@evil.example", "<a@evil.example>", ".", ",", '"', "\\", "=?utf-8?q?x?=", "x" * 60]),
    ),
    max_size=12,
)


@given(NAMES)
def test_a_name_survives_and_no_address_is_read_in_it(words: list[str]) -> None:
    name = " ".join(words)[:100].strip()
    raw = notice(sender=Address(name, "support@example.net"))
    assert parse_loosely(raw).sender.addr == "support@example.net"
    assert all(len(line) <= 100 + len("From: ") for line in raw.partition(b"\n\n")[0].split(b"\n"))
    (read,) = email.utils.getaddresses([str(email.message_from_bytes(raw)["From"]).replace("\n", "")])
    assert (str(make_header(decode_header(read[0]))), read[1]) == (name, "support@example.net")


def test_an_id_is_never_encoded_however_long() -> None:
    ids = [f"{'x' * size}@{'y' * size}.example" for size in (10, 100, 380)]
    raw = notice(ORIGINAL._replace(mid=ids[0], references=ids[1:]))
    headers = dict(parse(raw).headers)
    assert headers["In-Reply-To"] == f"<{ids[0]}>"
    assert headers["References"].split() == [f"<{mid}>" for mid in (ids[2], ids[1], ids[0])]
    assert b"=?utf-8" not in raw.partition(b"References: ")[2].partition(b"Auto-Submitted")[0]


def test_many_recipients_are_folded() -> None:
    to = [f"person{number}@example.org" for number in range(100)]
    raw = compose.compose_inline_forward(ORIGINAL, to=to, sender=DESK, envelope_sender="", mid="1@x", date=NOW)
    assert parse(raw).recipients == to
    assert max(map(len, raw.partition(b"\n\n")[0].split(b"\n"))) <= 76


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=3000))
def test_a_text_survives(text: str) -> None:
    assert parse_loosely(notice(text=text)).text.rstrip("\n") == without_invisible(text).rstrip("\n")


BAD_ADDRESSES = [
    "",
    "nobody",
    "a@b\nBcc: e@x",
    "a b@c",
    "a@b>",
    "<a@b",
    "jö@example.org",
    "a@-",
    "a,b@c.d",
    "a..b@c.d",
    "a@b c",
]


@pytest.mark.parametrize("addr", BAD_ADDRESSES)
def test_nothing_goes_to_what_is_no_address(addr: str) -> None:
    assert not is_address(addr)
    with pytest.raises(DataError):
        notice(ORIGINAL._replace(sender=Address("", addr)))
    with pytest.raises(DataError):
        compose.compose_forward(ORIGINAL, RAW, to=["a@b.c", addr], sender=DESK, envelope_sender="", mid="1@x", date=NOW)


@pytest.mark.parametrize("mid", ["", "x", "a b@c", "a@b\nBcc: x", "<a@b>"])
def test_no_mail_without_a_proper_id(mid: str) -> None:
    with pytest.raises(DataError):
        compose.compose_notice(ORIGINAL, text="", sender=DESK, mid=mid, date=NOW)


def test_message_id() -> None:
    assert compose.make_message_id("s1.2 <x>", "Example.NET") == "s1.2--x-@example.net"
    with pytest.raises(DataError):
        compose.make_message_id("x", "a b")


def test_forward_attaches_the_original() -> None:
    mail = parse(forward(ORIGINAL, RAW, "Please look.\n"))
    assert mail.subject == "Fwd: Grüße"
    assert mail.text.startswith("Please look.\n")
    assert [(one.name, one.type) for one in mail.attachments] == [("message.eml", "message/rfc822")]
    assert mail.recipients == ["list@example.org"]


TRAVEL = [
    (RAW, "message/rfc822"),
    (b"Subject: x\n\n\xc3\xbc", "message/rfc822"),
    (b"Subject: x\n\nno end", "message/rfc822"),
    (b"Subject: x\n\nends\n\n\n", "message/rfc822"),
    (b"Subject: x\r\n\r\nx\r\n", "application/octet-stream"),
    (b"Subject: x\n\n\0", "application/octet-stream"),
    (b"Subject: x\n\n" + b"x" * 999, "application/octet-stream"),
    (b"Subject: x\n\n" + b"x" * 998, "message/rfc822"),
    (b"From someone\nSubject: x\n\nx", "application/octet-stream"),
    (b"no header", "application/octet-stream"),
    (b"", "application/octet-stream"),
]


@pytest.mark.parametrize(("raw", "kind"), TRAVEL)
def test_the_original_is_attached_byte_for_byte(raw: bytes, kind: str) -> None:
    found = message.read_attachments(forward(ORIGINAL, raw))
    assert [(one.type, b"".join(pieces)) for one, pieces in found] == [(kind, raw)]


@settings(max_examples=200)
@given(st.binary(max_size=500))
def test_any_original_is_attached_byte_for_byte(raw: bytes) -> None:
    assert [b"".join(pieces) for _, pieces in message.read_attachments(forward(ORIGINAL, raw))] == [raw]


def test_the_standard_library_gets_the_same_file() -> None:
    raw = b"Subject: x\r\n\r\n\0\xff"
    attached = list(email.message_from_bytes(forward(ORIGINAL, raw)).walk())[-1]
    assert attached.get_filename() == "message.eml"
    assert attached.get_payload(decode=True) == raw


def test_forward_inline_says_no_more_than_the_text() -> None:
    raw = forward_inline(ORIGINAL, "For the list.")
    mail = parse(raw)
    assert mail.attachments == []
    assert b"secret" not in raw
    assert mail.text == (
        "For the list.\n\n---------- Forwarded message ----------\nFrom: Jö <jo@example.org>\n"
        "Date: Tue, 14 Nov 2023 22:13:20 -0000\nSubject: Grüße\n\nhello\n\n[1 attachment not forwarded]\n"
    )
    assert raw.startswith(b"Return-Path: <support@example.net>\nX-Envelope-To: list@example.org, b@example.org\n")


def test_real_mail_is_forwarded_byte_for_byte(real_mails: RealMails) -> None:
    for file in real_mails.files[::3]:
        raw = file.read_bytes()
        original = message.parse_message(raw, received=NOW)
        assert [b"".join(pieces) for _, pieces in message.read_attachments(forward(original, raw))] == [raw]
        assert message.parse_message(forward_inline(original), received=NOW).problems == []


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        (
            b"Return-Path: <>\nX-Envelope-To: a@b.c,\n d@e.f\nFrom: x\n\nReturn-Path: y\n",
            b"From: x\n\nReturn-Path: y\n",
        ),
        (b"From: x\nReturn-Path: <>\n\nhi\n", b"From: x\nReturn-Path: <>\n\nhi\n"),
        (b"Return-Path: <>\n\nhi\n", b"\nhi\n"),
        (b"X-Envelope-To: a@b.c\n\td@e.f", b""),
        (b"", b""),
    ],
)
def test_a_message_leaves_without_the_fields_of_its_envelope(raw: bytes, left: bytes) -> None:
    assert compose.without_envelope(raw) == left
