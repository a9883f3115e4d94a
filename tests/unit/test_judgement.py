"""No person's mail is certainly automatic, whatever it looks like; what programs send is recognised, in many forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

import pytest

from supportctl.mail import message
from supportctl.mail.automatic_signs import CLUES, KNOWN_FORMAT
from supportctl.mail.content import MessageContent
from tests.conftest import RealMails
from tests.support.automatic_replies import write_replies
from tests.support.peoples_mail import write_about_bounces, write_about_words
from tests.support.returned_mail import BOUNCES, ask_about, with_its_parts

PEOPLES = {"", "list"}
NOW = 1793750400  # 2026-11-03


def judge(raw: bytes) -> MessageContent:
    mail = message.parse_message(raw, received=NOW)
    assert not any("can't be read" in problem for problem in mail.problems), mail.problems
    return mail


def find_certain(mails: Iterable[tuple[str, bytes]]) -> tuple[int, dict[str, list[str]]]:
    """How many mails there are, and those that are certainly automatic, with what proves it."""
    certain: dict[str, list[str]] = {}
    count = 0
    for count, (name, raw) in enumerate(mails, 1):  # noqa: B007 - the last one is the number of all
        mail = judge(raw)
        if mail.automatic not in PEOPLES:
            certain[name] = [sign.text for sign in mail.signs if sign.weight == "proves"]
    return count, certain


def test_words_and_names_of_programs_in_peoples_mail_are_never_certain() -> None:
    count, certain = find_certain(write_about_words())
    assert count > 500
    assert certain == {}


def test_people_who_write_about_bounces_are_never_certain() -> None:
    count, certain = find_certain(write_about_bounces())
    assert count > 1_000
    assert certain == {}


def test_a_bounce_or_a_reply_that_a_person_sends_on_is_never_certain() -> None:
    """Each of the made-up ones in each way."""
    returned = chain((text.encode() for text in BOUNCES.values()), (raw for _, raw in write_replies()))
    count, certain = find_certain(chain.from_iterable(map(ask_about, returned)))
    assert count > 1_000
    assert certain == {}


def sent_on(real_mails: RealMails, every: int) -> tuple[int, dict[str, list[str]]]:
    """As `find_certain`, of real bounces and replies, sent on in each way."""
    files = [file for file in real_mails.files if real_mails.label(file) in {"bounce", "auto-reply"}][::every]
    return find_certain((f"{file.name}, {name}", raw) for file in files for name, raw in ask_about(file.read_bytes()))


def test_a_real_bounce_that_a_person_sends_on_is_never_certain(real_mails: RealMails) -> None:
    count, certain = sent_on(real_mails, every=12)
    assert count > 400
    assert certain == {}


@pytest.mark.slow
def test_no_real_bounce_that_a_person_sends_on_is_ever_certain(real_mails: RealMails) -> None:
    count, certain = sent_on(real_mails, every=1)
    assert count > 5_000
    assert certain == {}


def test_what_a_person_hangs_a_report_on_is_still_likely_to_be_one() -> None:
    """Nothing is lost by caution: a report among the parts is told, as a question to a person."""
    assert judge(with_its_parts(BOUNCES["Postfix"].encode(), "en")).likely == "bounce"


def test_bounces_of_many_servers_are_found() -> None:
    found = Counter((mail.automatic, mail.likely) for mail in (judge(text.encode()) for text in BOUNCES.values()))
    assert found["bounce", ""] + found["", "bounce"] + found["list", "bounce"] == len(BOUNCES)
    assert found["bounce", ""] >= 0.75 * len(BOUNCES)


def test_replies_of_many_programs_are_found() -> None:
    mails = {name: judge(raw) for name, raw in write_replies()}
    missed = {name for name, mail in mails.items() if "reply" not in (mail.automatic, mail.likely)}
    assert len(mails) >= 100
    assert len(missed) <= 0.05 * len(mails), missed
    assert sum(mail.automatic == "reply" for mail in mails.values()) >= 0.4 * len(mails)


def test_every_sign_is_seen_somewhere_and_says_something_of_its_own() -> None:
    seen: set[str] = set()
    mails = chain(
        (raw for _, raw in write_replies()),
        (text.encode() for text in BOUNCES.values()),
        (raw for _, raw in write_about_words()),
        (raw for _, raw in write_about_bounces()),
        RARE,
    )
    for raw in mails:
        seen.update(sign.text for sign in judge(raw).signs)
    texts = [(clue.sign.kind, clue.sign.text) for clue in (*CLUES, KNOWN_FORMAT)]
    assert {text for _, text in texts} == seen
    assert len(set(texts)) == len(texts)


RARE = (
    b'From: a@example.org\nX-Amz-Sns-Message-Id: 1\n\n{"notificationType":"Bounce"}\n',
    b"From: mailer-daemon@example.org\nResent-From: a@example.org\nSubject: failure notice\n\n550 unknown\n",
    b"From: a@example.org\nAuto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\nSubject: unsubscribe\n\nx\n",
    b"From: postmaster@example.org\nReturn-Path: <>\nMessage-ID: <CAabcdefghijklmnopqrstuvwx@mail.gmail.com>\n\nx\n",
    b"From: postmaster@example.org\nSubject: x\n\n----- Forwarded message -----\nx\n",
    b"From: postmaster@example.org\nAuto-Submitted: auto-replied\nSubject: x\n\nuser unknown\n",
    b"From: mx@example.org\nReturn-Path: <>\n\nFailed addresses follow:\n a@example.org\nMessage text follows:\n",
    b"From: a@example.org\nAuto-Submitted: auto-generated (failure)\nSubject: hm\n\nx\n",
    b"From: a@example.org\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
    b"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n",
    b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\nContent-Type: message/disposition-notification\n\nDisposition: x\n--b--\n",
)
"""Mails with signs that none of the collections has."""
