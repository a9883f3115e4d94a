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
    "RFC 3464 with headers only": "Return-Path: <>\nFrom: postmaster@x.org\n" + parts("report; report-type=delivery-status", NOTE, STATUS, HEADERS),
    "status without its report": DAEMON + "Subject: x\n" + parts("mixed", NOTE, STATUS, RETURNED),
    "a delay": DAEMON + "Subject: Warning: message 1abc delayed 24 hours\n\nstill trying\n" + EXIM,
    "Exim": "From: Mail Delivery System <Mailer-Daemon@x.org>\nSubject: Mail delivery failed: returning message to sender\n\n" + EXIM,
    "Exim, by its field": "From: x@y.org\nX-Failed-Recipients: a@b\nSubject: x\n\n" + EXIM,
    "qmail": "Return-Path: <>\nFrom: MAILER-DAEMON@x.org\nSubject: failure notice\n\nHi. This is the qmail-send program\n" + EXIM,
    "sendmail": DAEMON + "Subject: Returned mail: see transcript for details\n\n550 5.1.1 <a@b>... User unknown\n" + EXIM,
    "RFC 3834, by a server": "From: postmaster@x.org\nAuto-Submitted: auto-replied\nSubject: hm\n\nuser unknown\n" + EXIM,
    "RFC 3834, of nobody": "Return-Path: <>\nFrom: mx@x.org\nAuto-Submitted: auto-replied\nSubject: failure notice\n\n" + EXIM,
    "Amazon's message service": "From: no-reply@x.org\nX-Amz-Sns-Message-Id: 1\n\n"
    '{"notificationType":"Bounce"}\nMessage-ID: <sent@example.net>\n',
    "by its comment": "From: x@y\nAuto-Submitted: auto-generated (failure)\nSubject: hm\n\nhm <sent@example.net>\n"
    "Message-ID: <sent@example.net>\n",
}  # fmt: skip

LIKELY_BOUNCES = {
    "a report from nobody knows whom": "From: x@y\n" + parts("report; report-type=delivery-status", NOTE, STATUS, HEADERS),
    "a report within": "From: x@y\n" + parts("mixed", NOTE, parts("report; report-type=delivery-status", NOTE, STATUS, RETURNED)),
    "Exchange": "Return-Path: <>\nFrom: System Administrator <postmaster@x.org>\nSubject: Undeliverable: hello\n\n"
    "Your message did not reach some recipients.\n" + EXIM,
    "Exchange, German": "Return-Path: <>\nFrom: postmaster@x.de\nSubject: Unzustellbar: hallo\n\n" + EXIM,
    "no subject known, null sender": "Return-Path: <>\nFrom: postmaster@x.org\nSubject: hm\n\n" + EXIM,
    "nobody writes": "Return-Path: <>\nFrom: <>\nIn-Reply-To: <sent@example.net>\nSubject:\n\nThat's not a valid user here.\n",
    "somebody whose address is a daemon's": PERSON.replace("ann@", "mailer-daemon@")
    + "Subject: a question\n\nHello, my mail was rejected: 550 no.\nMessage-ID: <sent@example.net>\n",
    "status without its report": PERSON + "Subject: x\n" + parts("mixed", NOTE, STATUS, RETURNED),
    "a server's words below others": "Return-Path: <>\nFrom: postmaster@x.org\nSubject: hm\n\nuser unknown\n" + EXIM,
    "sent on by hand": "Resent-From: ann@example.org\n" + DAEMON + "Subject: failure notice\n\n" + EXIM,
    "sent on by a list": DAEMON.replace("<>", "<list-bounces@example.org>") + "Subject: failure notice\n\n" + EXIM,
    "no envelope sender known": "From: postmaster@x.org\nSubject: Undeliverable Mail\n\n" + EXIM,
    "a virus scanner": "From: virus_scan_smtp@x.org\nSubject: Delivery failed\n\n" + EXIM,
    "a program of people": DAEMON + "X-Mailer: Zoho Mail\nSubject: failure notice\n\n" + EXIM,
}  # fmt: skip

REPLIES = {
    "RFC 3834": PERSON + "Auto-Submitted: auto-replied\nIn-Reply-To: <sent@example.net>\nSubject: Re: x\n\naway",
    "RFC 3834, with parameters": PERSON + "Auto-Submitted: auto-replied; owner=a\nReferences: <o@x> <sent@example.net>\n\naway",
    "Exchange": "Return-Path: <>\n" + PERSON + "Subject: Automatic reply: x\nX-Auto-Response-Suppress: All\n"
    "X-MS-Exchange-Inbox-Rules-Loop: ann@example.org\nIn-Reply-To: <sent@example.net>\n\nI am out",
    "Exchange, later": PERSON + "Subject: Automatische Antwort: x\nAuto-Submitted: auto-generated\nIn-Reply-To: <sent@example.net>\n\nx",
    "Lotus": PERSON + "Subject: AUTO: Ann is out of the office\nAuto-Submitted: auto-generated\nIn-Reply-To: <sent@example.net>\n\nx",
    "X-Autoreply": PERSON + "X-Autoreply: yes\nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "X-Autorespond": PERSON + "X-Autorespond: \nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "by precedence": PERSON + "Precedence: auto_reply\nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "RFC 8098": PERSON + "Subject: x\n" + parts("report; report-type=disposition-notification", NOTE, RECEIPT),
    "RFC 8098, by a program of people": PERSON
    + "User-Agent: Thunderbird\nSubject: Return Receipt (displayed) - x\n"
    + parts("report; report-type=disposition-notification", NOTE, RECEIPT),
    "vacation": PERSON + "X-Mailer: vacation 1.2\nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "qmail": PERSON + "Delivered-To: Autoresponder\nIn-Reply-To: <sent@example.net>\nSubject: x\n\nx",
    "on a list": PERSON + "List-Id: <l.example.org>\nAuto-Submitted: auto-replied\nIn-Reply-To: <sent@example.net>\n\nx",
    "about a bounce": "Return-Path: <>\n" + PERSON + "Auto-Submitted: auto-replied\nSubject: Automatic reply: Undeliverable: x\n"
    "In-Reply-To: <sent@example.net>\n\nI am out",
}  # fmt: skip

LIKELY_REPLIES = {
    "Exchange, some fields": "Return-Path: <>\n" + PERSON + "Subject: Automatic reply: x\nX-Auto-Response-Suppress: All\n"
    "In-Reply-To: <sent@example.net>\n\nI am out",
    "Exchange, somebody else's rule": PERSON + "Subject: Automatische Antwort: x\nX-Auto-Response-Suppress: All\n"
    "X-MS-Exchange-Inbox-Rules-Loop: ben@example.org\nIn-Reply-To: <sent@example.net>\n\nx",
    "vacation": PERSON + "Precedence: junk\nSubject: away from my office\nIn-Reply-To: <sent@example.net>\n\nI am on holiday",
    "a receipt without its report": PERSON + "Subject: x\n" + parts("mixed", NOTE, RECEIPT),
    "a receipt in words": PERSON + "In-Reply-To: <sent@example.net>\nSubject: Read: x\n\nYour message was read on Monday.",
    "sent on by hand": "Resent-From: b@example.org\n" + PERSON + "Auto-Submitted: auto-replied\nIn-Reply-To: <sent@example.net>\n\nx",
}  # fmt: skip

NOTIFICATIONS = {
    "a system": "From: support@cacert.org\nAuto-Submitted: auto-generated\nSubject: Lost passphrase\n\nThe answers were wrong.",
    "a system with no one behind it": "Return-Path: <>\nFrom: noreply@shop.example\nAuto-Submitted: auto-generated\nSubject: Your order\n\nThanks.",
    "an agent's answer about absence": PERSON + "Auto-Submitted: auto-generated\nReturn-Path: <>\nIn-Reply-To: <sent@example.net>\n"
    "Subject: [HD-7] Ann is out of the office\n\nWhom do I ask instead?",
    "RFC 5436": PERSON + "Auto-Submitted: auto-notified; owner-email=\"me@example.com\"\nSubject: New mail\n\nx",
    "a tracker, on a list": PERSON + "List-Id: <bugs.example.org>\nAuto-Submitted: auto-generated\nSubject: Re: [Bug 7] x\n\nAnn wrote:",
    "RFC 5965": PERSON + "Subject: FW: x\n".replace("FW: ", "") + parts("report; report-type=feedback-report", NOTE, "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"),
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
    "a parcel": "From: noreply@parcels.example\nSubject: Delivery failed: your parcel\n\nThe address does not exist.",
    "not automatic": PERSON + "Auto-Submitted: no\nX-Autoreply: no\nSubject: x\n\nx",
    "suppresses replies": PERSON + "X-Auto-Response-Suppress: All\nSubject: x\n\nx",
    "sent on by a rule": PERSON + "Auto-Submitted: auto-forwarded\nSubject: x\n\nx",
    "to a mailbox of that name": PERSON + "Delivered-To: autoresponder@example.net\nSubject: x\n\nx",
    "named, and without an address": "From: System Administrator\nSubject: x\n\nYour message was rejected.",
    "sent on by CommuniGate": "Return-Path: <>\n" + PERSON + "X-Autogenerated: Redirect\nSubject: x\n\nx",
    "a program of people, in the name of another": PERSON + "Auto-Submitted: auto-generated\nUser-Agent: Thunderbird\nSubject: x\n\nx",
    "reads something": PERSON + "Subject: Read: the new rules\n\nPlease do.",
}  # fmt: skip


def judge(text: str) -> tuple[str, str, str]:
    mail = message.parse_message(text.encode(), received=0)
    assert not mail.problems or "no Date" in mail.problems
    return mail.automatic, mail.likely, mail.original


@pytest.mark.parametrize("name", BOUNCES)
def test_bounce(name: str) -> None:
    assert judge(BOUNCES[name]) == ("bounce", "", "sent@example.net")


@pytest.mark.parametrize("name", LIKELY_BOUNCES)
def test_likely_bounce(name: str) -> None:
    assert judge(LIKELY_BOUNCES[name]) == ("", "bounce", "sent@example.net")


@pytest.mark.parametrize("name", REPLIES)
def test_reply(name: str) -> None:
    assert judge(REPLIES[name]) == ("reply", "", "sent@example.net")


@pytest.mark.parametrize("name", LIKELY_REPLIES)
def test_likely_reply(name: str) -> None:
    assert judge(LIKELY_REPLIES[name]) == ("", "reply", "sent@example.net")


@pytest.mark.parametrize("name", NOTIFICATIONS)
def test_notification(name: str) -> None:
    assert judge(NOTIFICATIONS[name])[0] == "notification"


@pytest.mark.parametrize("name", LISTS)
def test_list(name: str) -> None:
    assert judge(LISTS[name]) == ("list", "", "")


@pytest.mark.parametrize("name", PEOPLE)
def test_people(name: str) -> None:
    assert judge(PEOPLE[name]) == ("", "", "")


Verdicts = Counter[tuple[str, str, str]]


@pytest.fixture(scope="module")
def verdicts(real_mails: RealMails) -> Verdicts:
    """How many mails of a label are certainly, and likely, of a kind."""
    found: Verdicts = Counter()
    for file in real_mails.files:
        mail = message.parse_message(file.read_bytes(), received=0)
        found[real_mails.label(file), mail.automatic, mail.likely] += 1
    return found


def share(verdicts: Verdicts, labels: set[str], kinds: set[str], *, is_likely_enough: bool) -> float:
    """The share of the mails of these labels that are of these kinds."""
    whole = {key: count for key, count in verdicts.items() if key[0] in labels}
    found = sum(
        count for (_, kind, likely), count in whole.items() if kind in kinds or (is_likely_enough and likely in kinds)
    )
    return found / sum(whole.values())


def test_real_bounces_are_found(verdicts: Verdicts) -> None:
    """Two that their source calls bounces are spam, and count as missed here."""
    assert share(verdicts, {"bounce"}, {"bounce"}, is_likely_enough=True) >= 0.995
    assert share(verdicts, {"bounce"}, {"bounce"}, is_likely_enough=False) >= 0.8


def test_real_replies_are_found(verdicts: Verdicts) -> None:
    assert share(verdicts, {"auto-reply"}, {"reply"}, is_likely_enough=True) >= 0.95


def test_people_and_lists_are_left_alone(verdicts: Verdicts) -> None:
    """Four that their source calls ham are servers' and autoresponders' own, on their way through a list: likely."""
    automatic = {"bounce", "reply", "notification"}
    assert share(verdicts, {"ham", "list"}, automatic, is_likely_enough=False) == 0
    assert share(verdicts, {"ham", "list"}, automatic, is_likely_enough=True) <= 0.002


def test_spam_is_left_alone(verdicts: Verdicts) -> None:
    """One that its source calls spam is a server's, which returned it."""
    assert share(verdicts, {"spam"}, {"bounce", "reply", "notification"}, is_likely_enough=True) <= 0.002
