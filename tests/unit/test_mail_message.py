"""Any bytes become a MessageContent; the table says what of them, real mail says that it holds."""

from __future__ import annotations

import email
import hashlib
import json
import pickle
import time
from collections.abc import Iterator
from email.message import Message as StandardMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportctl.mail import message, mime
from supportctl.mail.allowance import Allowance
from supportctl.mail.content import Address, Attachment, MessageContent
from tests.conftest import RealMails

NOW = 1_700_000_000
HEAD = b"From: Ann <ann@example.org>\nDate: Tue, 14 Nov 2023 22:13:20 +0000\n"


def parse(raw: bytes) -> MessageContent:
    return message.parse_message(raw, received=NOW)


def assert_storable(mail: MessageContent) -> None:
    """SQLite and JSON take every text, workers can send it."""
    again: MessageContent = pickle.loads(pickle.dumps(mail))
    assert again == mail
    for text in (mail.text, mail.written, mail.quoted, mail.subject, mail.mid, mail.original, *mail.recipients):
        text.encode("utf-8")
        assert "\0" not in text
    json.dumps([mail.headers, mail.references, mail.problems, [one.name for one in mail.attachments]]).encode()
    for name, value in mail.headers:
        (name + value).encode("utf-8")
        assert "\n" not in value


SUBJECTS = [
    (b"plain", "plain"),
    (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    (b"=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
    (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
    (b"=?utf-8?q?a?=\n =?utf-8?q?b?=", "ab"),
    (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
    (b"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),  # split in the midst of a character
    (b"=?UTF-8?B?w7w?=", "ü"),  # no padding
    (b"=?utf-8*de?q?=C3=BC?=", "ü"),  # RFC 2231, section 5
    (b"=?x-nothing?q?=FCber?=", "über"),
    (b"=?iso-8859-1?q?a_b?=", "a b"),
    (b"=?utf-8?q?a=0Ab?=", "a b"),  # a line end in an encoded word begins no field
    (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
    ("Grüße".encode(), "Grüße"),
    ("Grüße".encode("latin-1"), "Grüße"),
    (b"a\n b\n\tc", "a b c"),
    (b"a\0b", "a\ufffdb"),
    (b"", ""),
]


@pytest.mark.parametrize(("raw", "subject"), SUBJECTS)
def test_subject(raw: bytes, subject: str) -> None:
    assert parse(HEAD + b"Subject: " + raw + b"\n\nx").subject == subject


def test_raw_header_by_the_charset_of_the_body() -> None:
    raw = HEAD + b"Content-Type: text/plain; charset=koi8-r\nSubject: " + "привет".encode("koi8-r") + b"\n\nx"
    assert parse(raw).subject == "привет"


SENDERS = [
    (b"ann@example.org", Address("", "ann@example.org")),
    (b"Ann <Ann@Example.org>", Address("Ann", "ann@example.org")),
    (b'"Bee, Ann" <ann@example.org>', Address("Bee, Ann", "ann@example.org")),
    (b'"a \\"b\\" c" <ann@example.org>', Address('a "b" c', "ann@example.org")),
    (b"Ann <ann@example.org", Address("Ann", "ann@example.org")),
    (b"ann@example.org (Ann Bee)", Address("Ann Bee", "ann@example.org")),
    (b"Ann (the (first)) <ann@example.org>", Address("Ann", "ann@example.org")),
    (b"=?utf-8?q?Bee=2C_J=C3=B6?= <a@example.org>", Address("Bee, Jö", "a@example.org")),
    (b"=?utf-8?q?x=40evil.org=2C?= <a@example.org>", Address("x@evil.org,", "a@example.org")),
    (b"People: a@example.org, b@example.org;", Address("", "a@example.org")),
    (b"<>", Address("", "")),
    (b"nobody at all", Address("nobody at all", "")),
    (b"Ann ann@example.org", Address("Ann", "ann@example.org")),
    (b"<@relay.org:ann@example.org>", Address("", "ann@example.org")),
    (b"a @ example.org", Address("", "a@example.org")),
    (b'"john doe"@example.org', Address("", '"john doe"@example.org')),
    (b'"john"@example.org', Address("", "john@example.org")),
    (b'"x@evil.org" <ann@example.org>', Address("x@evil.org", "ann@example.org")),
]


@pytest.mark.parametrize(("raw", "sender"), SENDERS)
def test_sender(raw: bytes, sender: Address) -> None:
    assert parse(b"From: " + raw + b"\n\nx").sender == sender


def test_recipients_of_every_kind() -> None:
    raw = (
        b"To: A <a@example.org>, undisclosed-recipients:;\nCc: b@example.org, A@example.org\nBcc: c@example.org\n"
        b"Resent-To: d@example.org\nDelivered-To: e@example.org\nX-Original-To: f@example.org\n"
        b"Envelope-To: g@example.org\n\nx"
    )
    assert parse(raw).recipients == [f"{letter}@example.org" for letter in "abcdefg"]
    assert parse(raw).to == [Address("A", "a@example.org")]


DATES = [
    (b"Date: Tue, 14 Nov 2023 22:13:20 +0000", NOW),
    (b"Date: 14 Nov 2023 23:13:20 +0100", NOW),
    (b"Date: Tue, 14 Nov 2023 17:13:20 EST", NOW),
    (b"Date: Tue, 14 Nov 23 22:13:20 GMT (Greenwich)", NOW),
    (b"Date: never\nReceived: from a by b; Tue, 14 Nov 2023 22:13:21 +0000", NOW + 1),
    (b"Date: Fri, 01 Jan 1960 00:00:00 +0000\nReceived: x\nReceived: y; 14 Nov 2023 22:13:22 +0000", NOW + 2),
    (b"Date: Fri, 01 Jan 2038 00:00:00 +0000", NOW),
    (b"Date: Fri, 99 Jan 2020 00:00:00 +0000", NOW),
    (b"Date: Fri, 31 Dec 99999 00:00:00 +0000", NOW),
    (b"Received: from a by b", NOW),
    (b"X: y", NOW),
]


@pytest.mark.parametrize(("raw", "date"), DATES)
def test_date(raw: bytes, date: int) -> None:
    assert parse(raw + b"\n\nx").date == date


REFERENCES = [
    (b"In-Reply-To: <c@x>\nReferences: <a@x> <b@x>\n <c@x>", ["c@x", "b@x", "a@x"]),
    (b"References: <a@x><b@x>", ["b@x", "a@x"]),
    (b"In-Reply-To: Your message of Friday <a@x>", ["a@x"]),
    (b"In-Reply-To: a@x", ["a@x"]),
    (b"In-Reply-To: <>\nReferences: garbage < > <", []),
    (b"References: <a\n b@x>", ["ab@x"]),
    (b"References: <" + b"a" * 2000 + b"@x> <b@x>", ["b@x"]),
]


@pytest.mark.parametrize(("raw", "references"), REFERENCES)
def test_references(raw: bytes, references: list[str]) -> None:
    assert parse(raw + b"\n\nx").references == references


def test_at_most_a_hundred_references_the_nearest_kept() -> None:
    found = parse(b"References: " + b" ".join(b"<%d@x>" % at for at in range(1000)) + b"\n\n").references
    assert found == [f"{at}@x" for at in range(999, 899, -1)]


IDS = [(b"<a@b>", "a@b"), (b" < a@b > (x)", "a@b"), (b"a@b", "a@b"), (b"", ""), (b"<>", ""), (b"x" * 5000, "")]


@pytest.mark.parametrize(("raw", "mid"), IDS)
def test_mid(raw: bytes, mid: str) -> None:
    assert parse(b"Message-ID: " + raw + b"\n\nx").mid == mid


def multipart(kind: str, *inner: bytes) -> bytes:
    body = b"".join(b"--b\n" + part + b"\n" for part in inner)
    return f"Content-Type: multipart/{kind}; boundary=b\n\n".encode() + body + b"--b--\n"


PLAIN, HTML = b"Content-Type: text/plain\n\nplain\n", b"Content-Type: text/html\n\n<p>rich</p>\n"
FILE = b'Content-Type: text/plain\nContent-Disposition: attachment; filename="a.txt"\n\nsecret\n'
INNER = b"Content-Type: message/rfc822\n\nSubject: Inner\nFrom: bob@example.org\n\nfrom within\n"

TEXTS = [
    (b"\nplain\n", "plain\n"),
    (b"\na\r\nb\rc\n", "a\nb\nc\n"),
    (multipart("alternative", PLAIN, HTML), "plain\n"),
    (multipart("alternative", HTML, PLAIN), "plain\n"),
    (multipart("alternative", b"Content-Type: text/plain\n\n \n", HTML), "rich\n"),
    (multipart("mixed", PLAIN, HTML), "plain\n\nrich\n"),
    (multipart("mixed", PLAIN, FILE), "plain\n"),
    (multipart("mixed", PLAIN, b"\nno header\n"), "plain\n\nno header\n"),
    (b"Content-Transfer-Encoding: base64\n\naGkK", "hi\n"),
    (b"Content-Transfer-Encoding: base64\n\naGkK!!\n", "hi\n"),
    (b"Content-Transfer-Encoding: base64\n\naG", "h"),
    (b"Content-Transfer-Encoding: base64\n\nthis is no base64 at all\n", "this is no base64 at all\n"),
    (b"Content-Transfer-Encoding: quoted-printable\n\na=20b=\nc=XY\n", "a bc=XY\n"),
    (b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#:&D*\n`\nend\n", "hi\n"),
    (b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\nno such line\n#:&D*\n`\nend\n", "hi\n"),
    (b"Content-Type: text/plain; charset=iso-8859-15\n\n\xa4", "€"),
    (b"Content-Type: text/plain; charset=iso-8859-1\n\n\x80 and \xfc", "€ and ü"),
    (b"Content-Type: text/plain; charset=utf-8\n\n\xfcber", "über"),
    (b"Content-Type: text/plain; charset=nonsense\n\n\xc3\xbc", "ü"),
    (b"Content-Type: text/plain; charset=unicode_escape\n\n\\ud800", "\\ud800"),
    (b"Content-Type: text/plain; charset=utf-7\n\n+2AA-x", "\ufffdx"),
    (b"Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B%K\x1b(B", "ニ"),
    (b"Content-Type: text/plain; charset=euc-jp\n\n\xa5\xcb\xff!", "ニ\ufffd!"),
    (b"Content-Type: text/plain; charset=gb2312\n\n\xc4\xe3", "你"),
    (b"\na\0b", "a\ufffdb"),
    (b"Content-Type: multipart/mixed\n\nno boundary", "no boundary"),
    (b"Content-Type: multipart/mixed; boundary=never\n\nstill text", "still text"),
    (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nunfinished", "unfinished"),
]


@pytest.mark.parametrize(("raw", "text"), TEXTS)
def test_text(raw: bytes, text: str) -> None:
    assert parse(HEAD + raw).text == text


def test_a_message_within_is_text_and_attachment() -> None:
    mail = parse(HEAD + multipart("mixed", PLAIN, INNER))
    assert mail.text == "plain\n"
    assert mail.attached == "Subject: Inner\nFrom: bob@example.org\n\nfrom within\n"
    assert [(one.name, one.type) for one in mail.attachments] == [("Inner.eml", "message/rfc822")]


NAMES = [
    (b'attachment; filename="a b.pdf"', "a b.pdf"),
    (b"attachment; filename*=utf-8''gr%C3%BC%C3%9Fe.pdf", "grüße.pdf"),
    (b"attachment; filename*0=lo; filename*1=ng.pdf", "long.pdf"),
    (b"attachment; filename*1*=%C3%BC.pdf; filename*0*=utf-8''gr", "grü.pdf"),
    (b'attachment; filename="=?utf-8?q?=C3=BC?=.pdf"', "ü.pdf"),
    (b"attachment; filename=../../etc/passwd", "../../etc/passwd"),
    (b"attachment", ""),
]


@pytest.mark.parametrize(("disposition", "name"), NAMES)
def test_attachment_name(disposition: bytes, name: str) -> None:
    part = b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: " + disposition
    raw = HEAD + multipart("mixed", PLAIN, part + b"\n\nJVBERi0=\n")
    assert parse(raw).attachments == [Attachment(name, "application/pdf", 5)]
    assert [b"".join(pieces) for _, pieces in message.read_attachments(raw)] == [b"%PDF-"]


SIGNATURE = b"Content-Type: application/pgp-signature\n\nx\n"
ARMOR = b"-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n"
ENVELOPED, SIGNED = (bytes.fromhex("308006092a864886f70d01070" + last) for last in "32")
SIGNED_WITHIN = b"Content-Type: message/rfc822\n\n" + multipart("signed", PLAIN).replace(b"b", b"c")
PROTECTED = [
    (b"\nplain", False, False),
    (multipart("signed", PLAIN, SIGNATURE), True, False),
    (multipart("encrypted", b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n", b"\n" + ARMOR), False, True),
    (b"\n" + ARMOR, False, True),
    (b"\n> " + ARMOR.replace(b"\n", b"\n> "), False, False),
    (b"\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nx\n", True, False),
    (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx", False, True),
    (b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx", True, False),
    (b"Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\n" + ENVELOPED, False, True),
    (b"Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\n" + SIGNED, True, False),
    (multipart("mixed", PLAIN, SIGNED_WITHIN), False, False),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "is_signed", "is_encrypted"), PROTECTED)
def test_protection(raw: bytes, is_signed: bool, is_encrypted: bool) -> None:
    mail = parse(HEAD + raw)
    assert (mail.is_signed, mail.is_encrypted) == (is_signed, is_encrypted)


PROBLEMS = [
    (b"", "empty"),
    (b"\n\n\n", "empty"),
    (b"hello", "no header"),
    (b"Subject: x\n\ny", "no From"),
    (b"From: a@b\n\ny", "no Date"),
    (b"From: a@b\nDate: soon\n\ny", "is not valid"),
    (b"From: a@b\nnonsense here\n\ny", "no empty line after"),
    (b"\nFrom: a@b\n\ny", "empty lines before"),
    (b"From: a@b\n\n\0", "NUL"),
    (HEAD + b"Content-Type: text/plain; charset=x-nothing\n\n\xfc", "unknown charset"),
    (HEAD + b"Content-Type: multipart/mixed\n\nx", "without a boundary"),
    (HEAD + b"Content-Type: multipart/mixed; boundary=b\n\nx", "never appears"),
    (HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx", "without an end"),
]


@pytest.mark.parametrize(("raw", "words"), PROBLEMS)
def test_problem_in_words(raw: bytes, words: str) -> None:
    assert any(words in problem for problem in parse(raw).problems)


def test_nothing_wrong_no_problem() -> None:
    assert parse(HEAD + multipart("mixed", PLAIN, HTML)).problems == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends(end: bytes) -> None:
    raw = HEAD + b"Subject: one\n two\n" + multipart("mixed", PLAIN, FILE)
    mail = parse(raw.replace(b"\n", end))
    assert (mail.subject, mail.text, len(mail.attachments)) == ("one two", "plain\n", 1)
    assert (mail.size, mail.digest) == (
        len(raw.replace(b"\n", end)),
        hashlib.sha256(raw.replace(b"\n", end)).hexdigest(),
    )


def test_the_from_line_of_an_mbox_is_no_header() -> None:
    mail = parse(b"From ann@example.org Tue Nov 14 22:13:20 2023\n" + HEAD + b"\nhi\n")
    assert (mail.sender.addr, mail.text, mail.problems) == ("ann@example.org", "hi\n", [])


MANY = 10_000
HOSTILE = {
    "nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(MANY)
    ),
    "nested messages": b"Content-Type: message/rfc822\n\n" * MANY + b"\nx",
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 100_000,
    "long header": b"Subject: " + b"x" * 1_000_000 + b"\n\nx",
    "many headers": b"X: y\n" * 100_000 + b"\nx",
    "many folds": b"Subject: a" + b"\n b" * 300_000 + b"\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\n\nx",
    "brackets": b"From: " + b"<" * 500_000 + b"\nReferences: " + b"< " * 200_000 + b"\n\nx",
    "comments": b"From: " + b"(" * 500_000 + b"\n\nx",
    "quotes": b"To: " + b'"' * 300_000 + b"\n\nx",
    "parameters": b"Content-Type: text/plain" + b"".join(b"; a*%d*=b" % at for at in range(20_000)) + b"\n\nx",
    "an escaped file name": b'Content-Disposition: attachment; filename="' + rb"\a" * 500_000 + b"\n\nx",
    "an escaped name": b'From: "' + rb"\"" * 500_000 + b"\n\nx",
    "deep html": b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
    "quotations": b"\n" + b"On 1:\n> a\n\n" * 50_000,
    "carriage returns": b"\r" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_takes_no_time(name: str) -> None:
    start = time.process_time()
    assert_storable(parse(HOSTILE[name]))
    assert time.process_time() - start < 5


def test_what_lies_too_deep_is_said() -> None:
    assert any("levels" in problem for problem in parse(HOSTILE["nested parts"]).problems)


@settings(max_examples=300)
@given(st.binary(max_size=2000))
def test_any_bytes_parse(raw: bytes) -> None:
    assert_storable(parse(raw))


GOOD = HEAD + b"Subject: =?utf-8?q?=C3=BC?=\nMessage-ID: <a@b>\n" + multipart("mixed", PLAIN, HTML, FILE, INNER)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 20), st.binary(max_size=8)), max_size=8))
def test_damaged_mail_parses(damages: list[tuple[int, int, bytes]]) -> None:
    raw = GOOD
    for at, length, new in damages:
        raw = raw[:at] + new + raw[at + length :]
    assert_storable(parse(raw))
    assert len(list(message.read_attachments(raw))) == len(parse(raw).attachments)


def test_real_mail_parses(real_mails: RealMails) -> None:
    for file in real_mails.files:
        raw = file.read_bytes()
        mail = parse(raw)
        assert_storable(mail)
        assert (mail.size, mail.digest) == (len(raw), hashlib.sha256(raw).hexdigest())


def leaves(part: mime.Part) -> Iterator[tuple[str, bytes]]:
    if not part.parts or not part.type.startswith(("multipart/", "message/")):
        yield part.type, part.data  # the standard library does not look into files and signatures
        return
    for inner in part.parts:
        yield from leaves(inner)


def standard_leaves(part: StandardMessage) -> Iterator[tuple[str, bytes]]:
    inner = part.get_payload()
    if not isinstance(inner, list):
        yield part.get_content_type(), part.get_payload(decode=True)  # type: ignore[misc]
    elif part.get_content_type().startswith("message/") and part.get_content_type() != "message/rfc822":
        yield part.get_content_type(), b""  # the standard library takes reports apart, we read them as text
    else:
        for one in inner:
            assert isinstance(one, StandardMessage)
            yield from standard_leaves(one)


def test_a_fault_of_the_reader_keeps_no_mail_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(root: object, allowance: object) -> None:
        raise RuntimeError("a\x1bfault")

    monkeypatch.setattr("supportctl.mail.message.read_body", fail)
    mail = message.parse_message(b"From: ann@example.org\n\nHello\n", received=1763800000)
    assert (mail.size, mail.date) == (29, 1763800000)
    assert mail.digest == hashlib.sha256(b"From: ann@example.org\n\nHello\n").hexdigest()
    assert "RuntimeError" in mail.problems[0]


def test_real_mail_has_the_parts_that_the_standard_library_finds(real_mails: RealMails) -> None:
    """Two readers, one result, but for broken mail: of 5,000 fewer than 30 differ where neither of them notes that."""
    different = []
    for file in real_mails.files:
        raw = file.read_bytes()
        if b"\n" not in raw:
            continue
        allowance = Allowance()
        ours, theirs = mime.read_parts(raw, allowance), email.message_from_bytes(raw)
        pairs = list(zip(leaves(ours), standard_leaves(theirs), strict=False))
        is_same = [name for name, _ in ours.fields] == theirs.keys() and all(
            one[0] == other[0] and (one[0].startswith("message/") or one[1].split() == other[1].split())
            for one, other in pairs
        )
        is_noted = allowance.problems and any(part.defects for part in theirs.walk())
        if (not is_same or len(list(leaves(ours))) != len(list(standard_leaves(theirs)))) and not is_noted:
            different.append(file.name)
    assert len(different) < 30, different
