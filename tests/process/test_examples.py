"""The example INBOX is what its README says: mail that reads well, filed by the rules of queues.yaml."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from supportctl.config import Config, load
from supportctl.mail.content import MessageContent
from supportctl.mail.message import parse_message
from supportctl.mail.sameness import are_same
from supportctl.model import Ticket
from supportctl.policy.rules import decide_by_rules
from supportctl.query.evaluate import Target

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
MAILDIR = EXAMPLES / "maildir"


class Outcome(NamedTuple):
    """What the rules make of a mail that opens a ticket."""

    rules: tuple[str, ...]
    queue: str = "triage"
    closed: bool = False
    tags: tuple[str, ...] = ()
    issue_type: str = ""
    notice: str = ""


UNCLAIMED = Outcome(())
RETURNED = Outcome(("automatic reply",), "returns", closed=True)
BOUNCED = Outcome(("delivery failure",), "returns", closed=True)
PRECEDENT = Outcome(("precedent case",), "support-engineers", issue_type="Name Change Precedent Case")
PAID = Outcome(("payment for a password reset",), "support-engineers", issue_type="Old Style Password reset")
FROM_PAYPAL = Outcome(("mail from PayPal",), "paypal", closed=True)
FORGED = Outcome(("claims to be PayPal",), tags=("paypal?",))
SENT_IN_ERROR = Outcome(("The Bat! in error",), "the-bat", closed=True, notice="sent-in-error")
DISPUTE = Outcome(("may be a dispute",), tags=("dispute?",))

PERHAPS_BOUNCED = Outcome(("may be a delivery failure",), tags=("bounce?",))
PERHAPS_REPLIED = Outcome(("may be an automatic reply",), tags=("reply?",))

RULED = {
    "arbitrator-execution-request": Outcome(
        ("from an arbitrator",), "support-engineers", issue_type="Arbitration Support"
    ),
    "auto-reply-by-its-words": PERHAPS_REPLIED,
    "auto-reply-out-of-office": RETURNED,
    "auto-reply-vacation": RETURNED,
    "bounce-delayed": BOUNCED,
    "bounce-exchange": BOUNCED,
    "bounce-qmail": BOUNCED,
    "bounce-sent-on": PERHAPS_BOUNCED,
    "bounce-standard": BOUNCED,
    "dispute-request": DISPUTE,
    "dispute-word-only": DISPUTE,
    "paypal-115-us-dollars": FROM_PAYPAL,
    "paypal-15-us-dollars-comma": PAID,
    "paypal-15-us-dollars-point": PAID,
    "paypal-25-us-dollars": FROM_PAYPAL,
    "paypal-forged-check-failed": FORGED,
    "paypal-forged-own-stamp": FORGED,
    "paypal-forged-unchecked": FORGED,
    "precedent-a20110119": PRECEDENT,
    "precedent-a20110213": PRECEDENT,
    "precedent-a20110610": PRECEDENT,
    "precedent-a20200227": PRECEDENT,
    "read-receipt": RETURNED,
    "running-arbitration-case": Outcome(("running arbitration case",), "support-engineers"),
    "the-bat-in-error": SENT_IN_ERROR,
    "the-bat-in-error-again": SENT_IN_ERROR,
    "website-account-removed": Outcome(("account removal",), "deleted-accounts"),
    "website-lost-passphrase": Outcome(("lost passphrase",), "requested-passphrase", closed=True),
    "website-verification-refused": Outcome(("verification refused",), "verification-abuse", closed=True),
    "writes-about-paypal": Outcome(("writes about PayPal", "may be a dispute"), tags=("paypal?", "dispute?")),
}

LEFT_TO_A_PERSON = [
    "assurance-question",
    "broken-boundary",
    "cannot-log-in",
    "close-my-account",
    "code-signing",
    "duplicate-first-copy",
    "empty-body",
    "expired-certificate",
    "hostile-attachment-names",
    "html-only",
    "iso-2022-jp",
    "junk-advance-fee",
    "junk-invoice-chinese",
    "junk-pharmacy",
    "junk-phishing",
    "koi8-r",
    "latin-1-without-mime",
    "lost-password",
    "name-change-marriage",
    "new-point-calculation",
    "nul-byte",
    "openpgp-encrypted",
    "openpgp-signed",
    "organisation-assurance",
    "password-reset-with-assurance",
    "points-missing",
    "points-missing-references-lost",
    "question-for-the-community",
    "revoke-assurance",
    "root-not-trusted",
    "same-id-direct",
    "screenshot-inline",
    "sign-my-key",
    "signing-request",
    "smime-signed",
    "terminal-escapes",
    "the-bat-by-a-person",
    "very-long-line",
    "wiki-acl",
    "without-date",
    "without-from",
    "without-message-id",
]

JOINS = {
    "expired-certificate-again": "expired-certificate",
    "expired-certificate-solved": "expired-certificate-again",
    "name-change-marriage-documents": "name-change-marriage",
    "organisation-assurance-extract": "organisation-assurance",
    "out-of-office-in-a-thread": "organisation-assurance",
}

COPIES = {"duplicate-second-copy": "duplicate-first-copy", "same-id-through-the-list": "same-id-direct"}

READS = {
    "assurance-question": "É suficiente um único documento",
    "cannot-log-in": "od wczoraj nie mogę się zalogować",
    "html-only": "the wiki & FAQ",
    "iso-2022-jp": "新しいクライアント証明書を作成しました",
    "junk-invoice-chinese": "本公司可代开各类发票",
    "koi8-r": "Можно ли отправить его ещё раз?",
    "latin-1-without-mime": "j'ai réussi le défi d'assureur",
    "name-change-marriage": "født Sørensen",
    "points-missing": "Őry Ágnes",
    "screenshot-inline": 'when I press "Generate certificate"',
    "the-bat-by-a-person": "Как импортировать сертификат CAcert",
    "broken-boundary": "the scans of my two assurance forms",
}

SUBJECTS = {
    "cannot-log-in": "Nie mogę się zalogować / cannot log in",
    "iso-2022-jp": "証明書のダウンロードについて",
    "junk-invoice-chinese": "代开发票",
    "koi8-r": "Не приходит письмо для проверки домена",
    "latin-1-without-mime": "Problème avec le défi d'assureur",
    "the-bat-by-a-person": "Сертификат в The Bat!",
}

ATTACHMENTS = {
    "organisation-assurance-extract": ["Vereinsregister – Auszug für Freie Funknetze Ährenfeld e.V.pdf"],
    "screenshot-inline": ["screenshot.png"],
}

NOW = 1795305600  # 2026-11-22, the day on which the tour begins
SMALL, ALL = 20_000, 200_000


def _name(file: Path) -> str:
    return file.name.partition(":")[0].split(".", 2)[2]


@cache
def _files() -> dict[str, Path]:
    """The mails by name, in the order in which they came."""
    found = sorted([*MAILDIR.glob("new/*"), *MAILDIR.glob("cur/*")], key=lambda file: file.name)
    return {_name(file): file for file in found}


@cache
def _desk() -> Config:
    return load(ROOT / "queues.yaml")


def _arrived(file: Path) -> int:
    return int(file.name.partition(".")[0])


@cache
def _mail(name: str) -> MessageContent:
    file = _files()[name]
    return parse_message(file.read_bytes(), received=_arrived(file), trusted=frozenset(_desk().desk.trusted_authserv))


def _outcome(name: str) -> Outcome:
    """What the rules make of the mail, if it opens a ticket in the intake."""
    mail, at = _mail(name), _arrived(_files()[name])
    ticket = Ticket("s20261122.1", _desk().desk.intake, "open", mail.subject, mail.sender.addr, at, at)
    decisions = decide_by_rules(_desk(), Target(mail, ticket, unread=True), "new", now=NOW)
    queue, closed, issue_type, notice = ticket.queue, False, "", ""
    for actions in [decision.actions for decision in decisions]:
        queue, issue_type, notice = (
            actions.move or queue,
            actions.issue_type or issue_type,
            actions.notice or notice,
        )
        closed = closed or actions.close or (actions.move != "" and _desk().queues[queue].on_arrival == "close")
    tags = tuple(tag for decision in decisions for tag in decision.actions.tags)
    return Outcome(tuple(decision.rule for decision in decisions), queue, closed, tags, issue_type, notice)


def _rows() -> dict[str, tuple[str, str]]:
    """The rows of the README: name → what it shows, where it goes."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    return {name: (shows, goes_to) for name, shows, goes_to in rows}


def _promise(name: str) -> str:
    """How the README begins to say where the mail goes, before anything that a person does."""
    if name in JOINS:
        return f"joins {JOINS[name]}"
    if name in COPIES:
        return f"set aside as a duplicate of {COPIES[name]}"
    outcome = RULED.get(name, UNCLAIMED)
    closed = ["closed"] if outcome.closed else []
    tagged = [f"tagged `{tag}`" for tag in outcome.tags]
    return ", ".join([f"`{outcome.queue}`", *closed, *tagged, *filter(None, [outcome.issue_type])])


@pytest.mark.parametrize("name", sorted([*RULED, *LEFT_TO_A_PERSON]))
def test_the_rules_file_a_mail_where_it_belongs(name: str) -> None:
    assert _outcome(name) == RULED.get(name, UNCLAIMED)


def test_the_tables_name_every_mail_once() -> None:
    named = [*RULED, *LEFT_TO_A_PERSON, *JOINS, *COPIES]
    assert sorted(named) == sorted(_files())
    assert len(_files()) == len([*MAILDIR.glob("new/*"), *MAILDIR.glob("cur/*")])


@pytest.mark.parametrize("name", sorted(_files()))
def test_the_readme_says_where_a_mail_goes(name: str) -> None:
    goes_to = _rows()[name][1]
    assert goes_to.partition(" · ")[0] == _promise(name)


def test_the_readme_names_no_other_mail_and_every_queue() -> None:
    assert set(_rows()) - {"file"} == set(_files())
    places = " ".join(goes_to for _, goes_to in _rows().values())
    assert [queue for queue in _desk().queues if queue not in places] == []


def test_the_readme_gives_a_path_that_exists() -> None:
    paths = re.findall(r"`(maildir/(?:new|cur)/\S+)`", (EXAMPLES / "README.md").read_text(encoding="utf-8"))
    assert paths and all((EXAMPLES / path).is_file() for path in paths)


def test_every_rule_has_an_example() -> None:
    used = {rule for outcome in RULED.values() for rule in outcome.rules}
    assert used == {rule.name for rule in _desk().rules}


@pytest.mark.parametrize(("name", "parent"), JOINS.items())
def test_a_follow_up_names_its_parent(name: str, parent: str) -> None:
    assert _mail(name).references[:1] == [_mail(parent).mid]
    assert list(_files()).index(parent) < list(_files()).index(name)


def test_a_lost_reference_leaves_the_subject_alone() -> None:
    lost, first = _mail("points-missing-references-lost"), _mail("points-missing")
    assert (lost.subject, lost.references) == (f"Re: {first.subject}", [])
    assert lost.sender.addr == first.sender.addr


def test_a_copy_is_the_same_message_to_the_byte_or_by_what_it_says() -> None:
    raw = {name: file.read_bytes() for name, file in _files().items()}
    assert [copy for copy, first in COPIES.items() if raw[copy] == raw[first]] == ["duplicate-second-copy"]
    assert all(are_same(raw[copy], raw[first]) for copy, first in COPIES.items() if raw[copy] != raw[first])


@pytest.mark.parametrize(("name", "words"), READS.items())
def test_the_text_reads_as_a_person_wrote_it(name: str, words: str) -> None:
    assert words in _mail(name).text


@pytest.mark.parametrize(("name", "subject"), SUBJECTS.items())
def test_the_subject_reads_as_a_person_wrote_it(name: str, subject: str) -> None:
    assert _mail(name).subject == subject


@pytest.mark.parametrize(("name", "names"), ATTACHMENTS.items())
def test_the_attachments_have_their_names(name: str, names: list[str]) -> None:
    assert [attachment.name for attachment in _mail(name).attachments] == names


def test_hostile_examples_carry_what_they_are_there_for() -> None:
    names = [attachment.name for attachment in _mail("hostile-attachment-names").attachments]
    assert names[0] == "../../etc/passwd"
    escaped = _files()["terminal-escapes"].read_bytes()
    assert b"\x1b]0;" in escaped and b"\x1b[2J" in escaped and b"=1B[2J" in escaped
    assert b"\0" in _files()["nul-byte"].read_bytes()
    assert max(map(len, _files()["very-long-line"].read_bytes().splitlines())) > 5_000


def test_signed_and_encrypted_mail_is_seen() -> None:
    signed = {name for name in _files() if _mail(name).is_signed}
    encrypted = {name for name in _files() if _mail(name).is_encrypted}
    assert (signed, encrypted) == ({"openpgp-signed", "smime-signed"}, {"openpgp-encrypted"})


def test_only_broken_mail_has_problems() -> None:
    troubled = {name for name in _files() if _mail(name).problems}
    assert troubled == {"broken-boundary", "nul-byte", "without-date", "without-from"}


def test_headers_are_missing_where_the_name_says_so() -> None:
    for name, header in [
        ("without-date", "date"),
        ("without-from", "from"),
        ("without-message-id", "message-id"),
    ]:
        assert header not in [field.lower() for field, _ in _mail(name).headers]


def test_mail_arrives_in_the_order_of_its_dates() -> None:
    delays = {name: _arrived(file) - _mail(name).date for name, file in _files().items()}
    assert {name: delay for name, delay in delays.items() if not 0 <= delay < 60} == {}


def test_the_examples_are_small() -> None:
    sizes = [file.stat().st_size for file in _files().values()]
    assert max(sizes) < SMALL and sum(sizes) < ALL


def test_line_ends_are_of_one_kind_in_each_mail() -> None:
    mixed = [name for name, file in _files().items() if _line_ends(file.read_bytes()) == {True, False}]
    assert mixed == []


def _line_ends(raw: bytes) -> set[bool]:
    return {line.endswith(b"\r\n") for line in raw.split(b"\n")[:-1] for line in [line + b"\n"]}
