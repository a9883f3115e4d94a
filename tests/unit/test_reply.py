"""Replies: whom they go to, their subject, the draft in an editor, and what others read in the finished mail."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail.compose import compose_reply, flow
from supportctl.mail.content import Address, MessageContent
from supportctl.mail.message import parse_message
from supportctl.mail.reply_draft import (
    AttachedFile,
    DraftError,
    ReplyDraft,
    draft_reply,
    is_unchanged,
    read_draft,
    retitle,
    write_draft,
)

NOW = 1_793_613_600
DESK = Address("CAcert Support", "support@example.net")
OWN = {"support@example.net", "paypal@example.net"}


def mail(header: str = "", text: str = "My certificate is broken.\n") -> MessageContent:
    raw = f"From: Kim <kim@example.org>\nMessage-ID: <m@example.org>\n{header}Subject: Hello\n\n{text}"
    return parse_message(raw.encode(), received=NOW)


def draft(original: MessageContent, *, to_all: bool = False, signature: str = "") -> ReplyDraft:
    return draft_reply(
        original, sender=DESK, own=OWN, tag="s20261102.1", zone="UTC", signature=signature, to_all=to_all
    )


@pytest.mark.parametrize(
    ("header", "to_all", "to", "cc"),
    [
        ("", False, ["kim@example.org"], []),
        ("Reply-To: kim@work.example\n", False, ["kim@work.example"], []),
        ("Reply-To: support@example.net\n", False, ["kim@example.org"], []),
        # A name is no address, however it is encoded.
        ("Reply-To: =?utf-8?q?eve=40evil.example=2C?= <kim@work.example>\n", False, ["kim@work.example"], []),
        ("Reply-To: =?utf-8?q?eve_=3Ceve=40evil.example=3E=2C?= <kim@work.example>\n", False, ["kim@work.example"], []),
        ("To: support@example.net, lou@example.org\nCc: max@example.org\n", False, ["kim@example.org"], []),
        (
            "To: support@example.net, lou@example.org\nCc: max@example.org, kim@example.org\n",
            True,
            ["kim@example.org"],
            ["lou@example.org", "max@example.org"],
        ),
    ],
)
def test_recipients(header: str, to_all: bool, to: list[str], cc: list[str]) -> None:
    written = draft(mail(header), to_all=to_all)
    assert ([each.addr for each in written.to], [each.addr for each in written.cc]) == (to, cc)


@pytest.mark.parametrize(
    "subject",
    [
        "Hello",
        "Re: Hello",
        "RE: AW: Re[2]: Hello",
        "Sv: [s20261102.1] Hello",
        "[s20261102.1] Re: Hello",
        "回复：Hello",
        "Re: [s20261102.1] Re: [s20261102.1] Hello",
        "Antw: Hello",
    ],
)
def test_subject(subject: str) -> None:
    assert retitle(subject, "s20261102.1") == "Re: [s20261102.1] Hello"


def test_a_draft_quotes_and_signs() -> None:
    assert draft(mail(text="one\n> older\n\ntwo\n"), signature="The desk\n").text == (
        "On 2026-11-02 10:00, Kim wrote:\n> one\n>> older\n>\n> two\n\n-- \nThe desk\n"
    )


def test_a_draft_comes_back_as_it_was() -> None:
    written = draft(mail('Reply-To: "Müller, Kim" <kim@work.example>\n'))
    assert read_draft(write_draft(written)) == written
    assert read_draft(write_draft(written, ["line 2 is wrong"])) == written


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("To: a@example.org\nSubject: x\n\nhi", "From needs one address"),
        ("From: a@example.org\nSubject: x\n\nhi", "To needs an address"),
        ("From: a@example.org\nTo: nobody\nSubject: x\n\nhi", "To: not a valid address: 'nobody'"),
        ("From: a@example.org\nTo: b@example.org\n\nhi", "the Subject is empty"),
        ("From: a@example.org\nBcc: b@example.org\n\nhi", "line 2 is no From, To, Cc or Subject: 'Bcc: b@example.org'"),
        ("From: a@example.org\nTo: b@example.org\nTo: c@example.org\n\nhi", "line 3: a second To"),
        ("Hello there\n\nhi", "line 1 is no From, To, Cc or Subject: 'Hello there'"),
        ("From: a@example.org", "the draft has no text"),
        (" x\n\n", "line 1 begins with a blank, and no field stands above it"),
    ],
)
def test_a_broken_draft_is_named(text: str, problem: str) -> None:
    with pytest.raises(DraftError) as error:
        read_draft(text)
    assert error.value.message == problem


def test_a_draft_without_own_words_is_unchanged() -> None:
    given_ = draft(mail())
    text = write_draft(given_)
    assert is_unchanged(text, given_) and is_unchanged("", given_) and is_unchanged(text + "\n\n", given_)
    assert is_unchanged(text.replace("> My certificate is broken.\n", ""), given_)
    assert not is_unchanged(text.replace("wrote:\n", "wrote:\nWhich one?\n"), given_)


def compose(written: ReplyDraft, *files: AttachedFile) -> EmailMessage:
    raw = compose_reply(
        mail("References: <a@example.org>\n"),
        written,
        envelope_sender="support@example.net",
        mid="1@example.net",
        date=NOW,
        files=files,
    )
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert not [defect for part in read.walk() for defect in part.defects]
    assert isinstance(read, EmailMessage)
    return read


def test_the_finished_mail() -> None:
    people = [
        Address("Müller, Kim", "kim@example.org"),
        Address('Lou "L" Doe', "lou@example.org"),
        Address("", "x@y.z"),
    ]
    read = compose(ReplyDraft(DESK, people, [Address("Ü" * 90, "max@example.org")], "Re: Grüße", "Grüße\n"))
    assert [(each.display_name, each.addr_spec) for each in read["To"].addresses] == [
        ("Müller, Kim", "kim@example.org"),
        ('Lou "L" Doe', "lou@example.org"),
        ("", "x@y.z"),
    ]
    assert [each.addr_spec for each in read["Cc"].addresses] == ["max@example.org"]
    assert read["X-Envelope-To"] == "kim@example.org, lou@example.org, x@y.z, max@example.org"
    assert (read["In-Reply-To"], read["References"]) == ("<m@example.org>", "<a@example.org> <m@example.org>")
    assert read.get_content() == "Grüße\n"
    assert read.get_content_type() == "text/plain" and read["Content-Type"].params["format"] == "flowed"


def test_attachments() -> None:
    content = bytes(range(256))
    files = [AttachedFile("Grüße.pdf", "application/pdf", content), AttachedFile("a.eml", "message/rfc822", b"From: x")]
    read = compose(ReplyDraft(DESK, [Address("", "kim@example.org")], [], "x", "hi\n"), *files)
    assert [(part.get_filename(), part.get_content_type()) for part in read.iter_attachments()] == [
        ("Grüße.pdf", "application/pdf"),
        ("a.eml", "application/octet-stream"),
    ]
    assert next(iter(read.iter_attachments())).get_content() == content
    body = read.get_body()
    assert body is not None and body.get_content() == "hi\n"


def unflow(lines: list[str]) -> str:
    """What a reader shows (RFC 3676, 4.5)."""
    plain = [line.removeprefix(" ") for line in lines]
    return "".join(plain)


@given(st.text(st.sampled_from("abc >F\u00fcrom"), max_size=300))
def test_a_flowed_line_reads_as_it_was_written(line: str) -> None:
    lines = flow(line)
    if line.startswith(">") or line == "-- ":
        assert lines == [line]
        return
    assert unflow(lines) == line.rstrip(" ")
    assert all(each.endswith(" ") for each in lines[:-1]) and not lines[-1].endswith(" ")
    assert not any(each.startswith((">", "From ")) for each in lines)


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_field_never_gains_a_line(subject: str, name: str) -> None:
    read = compose(ReplyDraft(DESK, [Address(name, "kim@example.org")], [], subject, "hi\n"))
    assert [each.addr_spec for each in read["To"].addresses] == ["kim@example.org"]
    assert len(read.keys()) == 12
