"""Bounces, automatic replies and list mail are told from people's mail: by table, and on real mail."""

# ruff: noqa: E501 - a table of mails reads best with a mail in a line or two
from __future__ import annotations

from collections import Counter

import pytest

from supportctl.mail import message
from tests.conftest import RealMails


def parts(kind: str, *inner: str) -> str:
    return f"Content-Type: multipart/{kind}; boundary=b\n\n" + "".join(f"--b\n{one}\n" for one in inner) + "--b--\n"


PERSON = "From: Ann <ann@example.org>\nTo: support@example.net\n"
DAEMON = "Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@example.org>\n"
STATUS = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n"
RETURNED = (
    "Content-Type: message/rfc822\n\nMessage-ID: <sent@example.net>\nFrom: support@example.net\nSubject: x\n\ny\n"
)
HEADERS = "Content-Type: text/rfc822-headers\n\nSubject: x\nMessage-ID: <sent@example.net>\n"
NOTE = "Content-Type: text/plain\n\nSorry.\n"
RECEIPT = (
    "Content-Type: message/disposition-notification\n\nOriginal-Message-ID: <sent@example.net>\n"
    "Disposition: manual-action/MDN-sent-manually; displayed\n"
)
EXIM = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to\n"
    "one or more of its recipients.\n\n  a@b\n    550 5.1.1 user unknown\n\n"
    "------ This is a copy of the message, including all the headers. ------\n\n"
    "Received: from x\nMessage-ID: <sent@example.net>\n\nhello\n"
)

BOUNCES = {
    "RFC 3464": DAEMON + "Subject: x\n" + parts("report; report-type=delivery-status", NOTE, STATUS, RETURNED),
    "RFC 3464 with headers only": "From: x@y\n" + parts("report; report-type=delivery-status", NOTE, STATUS, HEADERS),
    "status without its report": DAEMON + "Subject: x\n" + parts("mixed", NOTE, STATUS, RETURNED),
    "a delay": DAEMON + "Subject: Warning: message 1abc delayed 24 hours\n\nstill trying\n" + EXIM,
    "Exim": "From: Mail Delivery System <Mailer-Daemon@x.org>\nSubject: Mail delivery failed: returning message to sender\n\n" + EXIM,
    "Exim, by its field": "From: x@y.org\nX-Failed-Recipients: a@b\nSubject: x\n\n" + EXIM,
    "qmail": "Return-Path: <>\nFrom: MAILER-DAEMON@x.org\nSubject: failure notice\n\nHi. This is the qmail-send program\n" + EXIM,
    "sendmail": DAEMON + "Subject: Returned mail: see transcript for details\n\n550 5.1.1 <a@b>... User unknown\n" + EXIM,
    "Exchange": "Return-Path: <>\nFrom: System Administrator <postmaster@x.org>\nSubject: Undeliverable: hello\n\n"
    "Your message did not reach some recipients.\n" + EXIM,
    "Exchange, German": "Return-Path: <>\nFrom: postmaster@x.de\nSubject: Unzustellbar: hallo\n\n" + EXIM,
    "no subject known, null sender": "Return-Path: <>\nFrom: postmaster@x.org\nSubject: hm\n\nuser unknown\n" + EXIM,
    "by its comment": "From: x@y\nAuto-Submitted: auto-generated (failure)\nSubject: hm\n\nhm <sent@example.net>\n"
    "Message-ID: <sent@example.net>\n",
    "nobody writes": "Return-Path: <>\nFrom: <>\nIn-Reply-To: <sent@example.net>\nSubject:\n\nThat's not a valid user here.\n",
}  # fmt: skip

REPLIES = {
    "RFC 3834": PERSON + "Auto-Submitted: auto-replied\nIn-Reply-To: <sent@example.net>\nSubject: Re: x\n\naway",
    "RFC 3834, with parameters": PERSON + "Auto-Submitted: auto-replied; owner=a\nReferences: <o@x> <sent@example.net>\n\naway",
    "Exchange": "Return-Path: <>\n" + PERSON + "Subject: Automatic reply: x\nX-Auto-Response-Suppress: All\n"
    "In-Reply-To: <sent@example.net>\n\nI am out",
    "Exchange, German": PERSON + "Subject: Automatische Antwort: x\nX-Auto-Response-Suppress: All\nIn-Reply-To: <sent@example.net>\n\nx",
    "Lotus": PERSON + "Subject: AUTO: Ann is out of the office\nAuto-Submitted: auto-generated\nIn-Reply-To: <sent@example.net>\n\nx",
    "vacation": PERSON + "Precedence: junk\nSubject: away from my office\nIn-Reply-To: <sent@example.net>\n\nI am on holiday",
    "X-Autoreply": PERSON + "X-Autoreply: yes\nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "X-Autorespond": PERSON + "X-Autorespond: \nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "by precedence": PERSON + "Precedence: auto_reply\nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "RFC 8098": PERSON + "Subject: x\n" + parts("report; report-type=disposition-notification", NOTE, RECEIPT),
    "a receipt without its report": PERSON + "Subject: x\n" + parts("mixed", NOTE, RECEIPT),
    "a receipt in words": PERSON + "In-Reply-To: <sent@example.net>\nSubject: Read: x\n\nYour message was read on Monday.",
    "about a bounce": "Return-Path: <>\n" + PERSON + "Auto-Submitted: auto-replied\nSubject: Automatic reply: Undeliverable: x\n"
    "In-Reply-To: <sent@example.net>\n\nI am out",
}  # fmt: skip

LISTS = {
    "RFC 2919": PERSON + "List-Id: <l.example.org>\nSubject: x\n\nx",
    "RFC 2369": PERSON + "List-Post: <mailto:l@example.org>\nSubject: x\n\nx",
    "by precedence": PERSON + "Precedence: list\nSubject: x\n\nx",
    "about someone who is away": PERSON
    + "List-Id: <l.example.org>\nPrecedence: bulk\nSubject: [l] Ann is out of the office\n\nWho?",
}

PEOPLE = {
    "plain": PERSON + "Subject: x\n\nx",
    "about a bounce": PERSON + "Subject: Undelivered Mail Returned to Sender\nUser-Agent: Mutt/1.10\n\nWhat is this?\n\n" + EXIM,
    "about a bounce, from the web": PERSON + "Subject: Mail delivery failed\n\nHello, I got this:\n\n" + EXIM,
    "forwards a bounce": PERSON + "Subject: Fwd: Undelivered Mail Returned to Sender\n\nWhat is this?\n\n" + EXIM,
    "attaches a bounce": PERSON
    + "Subject: help\n"
    + parts("mixed", NOTE, "Content-Type: message/rfc822\n\n" + DAEMON + "Subject: x\n\n" + EXIM),
    "the postmaster himself": "From: Postmaster <postmaster@example.org>\nSubject: Certificate for our mail server\n\nHello, our host"
    " name is rejected. Error 550.",
    "the postmaster about a bounce": "From: postmaster@example.org\nUser-Agent: Mozilla Thunderbird\nSubject: Undelivered mail\n\n" + EXIM,
    "about holidays": PERSON + "Subject: on vacation\n\nI'll be out of the office.",
    "a system": "From: support@cacert.org\nAuto-Submitted: auto-generated\nSubject: Lost passphrase\n\nThe answers were wrong.",
    "a system with no one behind it": "Return-Path: <>\nFrom: noreply@shop.example\nAuto-Submitted: auto-generated\nSubject: Your order\n\nThanks.",
    "a parcel": "From: noreply@parcels.example\nSubject: Delivery failed: your parcel\n\nThe address does not exist.",
    "not automatic": PERSON + "Auto-Submitted: no\nX-Autoreply: no\nSubject: x\n\nx",
    "suppresses replies": PERSON + "X-Auto-Response-Suppress: All\nSubject: x\n\nx",
    "reads something": PERSON + "Subject: Read: the new rules\n\nPlease do.",
}  # fmt: skip


def judge(text: str) -> tuple[str, str]:
    mail = message.parse_message(text.encode(), received=0)
    return mail.automatic, mail.original


@pytest.mark.parametrize("name", BOUNCES)
def test_bounce(name: str) -> None:
    assert judge(BOUNCES[name]) == ("bounce", "sent@example.net")


@pytest.mark.parametrize("name", REPLIES)
def test_reply(name: str) -> None:
    assert judge(REPLIES[name]) == ("reply", "sent@example.net")


@pytest.mark.parametrize("name", LISTS)
def test_list(name: str) -> None:
    assert judge(LISTS[name]) == ("list", "")


@pytest.mark.parametrize("name", PEOPLE)
def test_people(name: str) -> None:
    assert judge(PEOPLE[name]) == ("", "")


@pytest.fixture(scope="module")
def verdicts(real_mails: RealMails) -> Counter[tuple[str, str]]:
    return Counter(
        (real_mails.label(file), message.parse_message(file.read_bytes(), received=0).automatic)
        for file in real_mails.files
    )


def share(verdicts: Counter[tuple[str, str]], labels: set[str], kinds: set[str]) -> float:
    all_of_them = sum(count for (label, _), count in verdicts.items() if label in labels)
    return sum(count for (label, kind), count in verdicts.items() if label in labels and kind in kinds) / all_of_them


def test_real_bounces_are_found(verdicts: Counter[tuple[str, str]]) -> None:
    assert share(verdicts, {"bounce"}, {"bounce"}) >= 0.99


def test_real_replies_are_found(verdicts: Counter[tuple[str, str]]) -> None:
    assert share(verdicts, {"auto-reply"}, {"reply"}) >= 0.95


def test_people_and_lists_are_left_alone(verdicts: Counter[tuple[str, str]]) -> None:
    """No treatment of any mail: two that their source calls ham are a mail server's own, and count as false here."""
    assert share(verdicts, {"ham", "list"}, {"bounce", "reply"}) <= 0.001


def test_spam_is_left_alone(verdicts: Counter[tuple[str, str]]) -> None:
    assert share(verdicts, {"spam"}, {"bounce", "reply"}) <= 0.002
