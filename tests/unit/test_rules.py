"""What the desk does by itself: small written mails and the rules of CAcert's desk that act on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportctl import config
from supportctl.mail.message import parse_message
from supportctl.model import Ticket
from supportctl.policy import rules
from supportctl.query.evaluate import Target

NOW = 1_790_000_000
ROOT = Path(__file__).parents[2]
CACERT = config.load(ROOT / "queues.yaml")

PAID = "payment for a password reset"
PAYPAL = "mail from PayPal"
CLAIMED = "claims to be PayPal"
MENTIONED = "writes about PayPal"
DISPUTE = "may be a dispute"
BAT = "The Bat! in error"
BOUNCE = "delivery failure"
REPLY = "automatic reply"
PERHAPS_BOUNCE = "may be a delivery failure"
PERHAPS_REPLY = "may be an automatic reply"
PRECEDENT = "precedent case"
ARBITRATOR = "from an arbitrator"
CASE = "running arbitration case"
LOST = "lost passphrase"
ABUSE = "verification refused"
REMOVAL = "account removal"

PASSED = "Authentication-Results: mx.cacert.org; dkim=pass header.d=paypal.com; dmarc=pass header.from=paypal.com"
SERVICE = 'From: "service@paypal.com" <service@paypal.com>'
WEBSITE = "Sender: returns@cacert.org"
VIA_THE_LIST = 'From: "Ann via CAcert Support" <support@cacert.org>\r\nList-Id: <support.lists.cacert.org>'
THE_BAT = "X-Mailer: The Bat! (v1.61) Educational"
ROBOT_SAYS = "Auto-Submitted: auto-replied"


def mail(*lines: str) -> bytes:
    """A mail of some header lines, an empty line, and the body; with From, Subject and Date unless given."""
    headers = list(lines[: lines.index("")]) if "" in lines else list(lines)
    body = lines[len(headers) + 1 :] or ("Hello,", "", "please help me with my certificate.")
    for default in ("From: user@example.net", "Subject: a question", "To: support@cacert.org"):
        if not any(line.lower().startswith(default.split()[0].lower()) for line in headers):
            headers.append(default)
    headers += ["Date: Sun, 22 Nov 2026 12:00:00 +0000", "Message-ID: <one@example.net>"]
    return "\r\n".join((*headers, "", *body, "")).encode()


def candidate(raw: bytes, *acted: str) -> Target:
    trusted = frozenset(CACERT.desk.trusted_authserv)
    ticket = Ticket("s20261122.1", "triage", "open", "", "", NOW, NOW, rules=list(acted))
    return Target(parse_message(raw, received=NOW, trusted=trusted), ticket)


MIME = ("MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"')
REPORT = ("MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"')
DELIVERY_STATUS = (
    *("", "--b", "", "Your mail could not be delivered.", "--b", "Content-Type: message/delivery-status", ""),
    *("Reporting-MTA: dns; mail.example.net", "", "Final-Recipient: rfc822; user@example.net"),
    *("Action: failed", "Status: 5.1.1", "", "--b--"),
)

SENT_ON = ("", "--b", "", "What does this mean? It came back.", "", *DELIVERY_STATUS[5:])
RESENT = "Resent-From: user@example.net"
CLIENT = "User-Agent: Mozilla Thunderbird"

MAILS = [
    # PayPal
    ((SERVICE, PASSED, "", "You received USD 15,00 from A. User"), [PAID]),
    ((SERVICE, PASSED, "", "You received a payment of $15.00 USD"), [PAID]),
    ((SERVICE, PASSED, "Subject: 15.00 USD received"), [PAID]),
    ((SERVICE, PASSED, "", "You received 15,00 USD"), [PAID]),
    ((SERVICE, PASSED, "", "You received USD 115.00"), [PAYPAL]),
    ((SERVICE, PASSED, "", "You received USD 15.001"), [PAYPAL]),
    ((SERVICE, PASSED, "", "You received EUR 15.00"), [PAYPAL]),
    ((SERVICE, PASSED, "Subject: Dispute about a20141022.2", "", "A dispute is open."), [PAYPAL]),
    ((SERVICE, PASSED, ROBOT_SAYS, "", "USD 15,00"), [PAID]),
    ((SERVICE, "", "You received USD 15,00"), [CLAIMED]),
    ((SERVICE, PASSED.replace("mx.cacert", "mx.evil"), "", "You received USD 15,00"), [CLAIMED]),
    ((SERVICE, PASSED.replace("pass", "fail"), "", "You received USD 15,00"), [CLAIMED]),
    (("From: service@paypal.com.evil.example", "", "You received USD 15,00"), [CLAIMED]),
    (("From: Pay Pal <x@evil.example>", PASSED.replace("paypal", "evil"), "", "USD 15,00"), [CLAIMED]),
    ((SERVICE, "Subject: a20141022.2 and USD 15,00"), [CLAIMED]),
    ((SERVICE, ROBOT_SAYS, "", "You received USD 15,00"), [CLAIMED]),
    ((SERVICE, WEBSITE, "Subject: [CAcert.org] Requested Pass Phrase Change"), [CLAIMED]),
    (("", "I sent the USD 15,00 by PayPal yesterday."), [MENTIONED]),
    (("To: paypal@cacert.org", "", "I sent the money."), [MENTIONED]),
    (("Subject: paypal dispute",), [MENTIONED, DISPUTE]),
    # the system's own mails
    ((WEBSITE, "Subject: [CAcert.org] Requested Pass Phrase Change"), [LOST]),
    (("From: support@cacert.org", "Subject: Requested Passphrase"), [LOST]),
    (("Subject: [CAcert.org] Requested Pass Phrase Change",), []),
    (("Sender: CAcert <returns@cacert.org>", "Subject: [CAcert.org] Requested Pass Phrase Change"), [LOST]),
    (("Sender: returns@cacert.org.evil.example", "Subject: [CAcert.org] Requested Pass Phrase Change"), []),
    ((WEBSITE, "Subject: Re: [CAcert.org] Requested Pass Phrase Change"), []),
    (("From: support@cacert.org", "Subject: [CAcert.org] Verification Abuse"), [ABUSE]),
    (("From: support@cacert.org", ROBOT_SAYS, "Subject: [CAcert.org] Verification Abuse"), [ABUSE]),
    (("Subject: [CAcert.org] Verification Abuse",), []),
    ((WEBSITE, "Subject: [CAcert.org] Account removed"), [REMOVAL]),
    ((WEBSITE, "Subject: [CAcert.org] Your account a20141022.2 has been deleted"), [REMOVAL]),
    ((WEBSITE, "Subject: [CAcert.org] Removal of account"), [REMOVAL]),
    (("Subject: please delete my account",), []),
    ((WEBSITE, "Subject: [CAcert.org] TTP request."), []),
    # … and what people send on of them, write in the website's form, or through a list that puts its address for theirs
    (("Subject: Fwd: [CAcert.org] Verification Abuse", "", "I did not mean to."), []),
    (("Subject: WG: [CAcert.org] Requested Pass Phrase Change", "", "Was that me?"), []),
    ((WEBSITE, "Resent-From: user@example.net", "Subject: [CAcert.org] Verification Abuse"), []),
    ((WEBSITE, "Resent-From: user@example.net", "Subject: [CAcert.org] Requested Pass Phrase Change"), []),
    ((WEBSITE, "Subject: [CAcert.org] Requested pass phrase did not arrive"), []),
    ((WEBSITE, "Subject: [CAcert.org] Verification abuse: I clicked by mistake"), []),
    ((VIA_THE_LIST, "Subject: Requested passphrase"), []),
    ((VIA_THE_LIST, "Subject: Verification abuse"), []),
    ((WEBSITE, "Subject: [CAcert.org] Requested Pass Phrase Change (17)."), [LOST]),
    # The Bat!
    ((THE_BAT, "", ""), [BAT]),
    ((THE_BAT, "Subject: Re: [CAcert.org] Your certificate is about to expire", "", ""), [BAT]),
    ((THE_BAT, "Subject: Re[2]: [CAcert.org] Your certificate is about to expire", "", ""), [BAT]),
    ((THE_BAT, "Subject: please delete my account", "", ""), []),
    ((THE_BAT, "Subject: locked out?", "", ""), []),
    ((THE_BAT, "Subject: Re: locked out?", "", ""), []),
    ((THE_BAT, "Subject: Fwd: your notice", "", "> what you wrote"), []),
    (
        (THE_BAT, "Subject: Fwd: Undelivered Mail Returned to Sender", "", "> <a@example.net>: unknown"),
        [],
    ),
    ((THE_BAT, "", "?"), []),
    ((THE_BAT, "", "\U0001f44d"), []),
    ((THE_BAT, "", "-- ", "Please delete my account"), []),
    ((THE_BAT, "", "-----Original Message-----", "From: support@cacert.org", "", "Your account expires."), []),
    ((THE_BAT, "", "\u200b", "\xa0"), [BAT]),
    ((THE_BAT, "Content-Type: text/html", "", "<p>&nbsp;</p>"), [BAT]),
    (("User-Agent: The Bat! Voyager", "", "  ", ""), [BAT]),
    ((THE_BAT, "", "> what you wrote", "> and wrote"), [BAT]),
    ((THE_BAT, ROBOT_SAYS, "", "Your message was received."), [BAT]),
    ((THE_BAT,), []),
    ((THE_BAT, "Subject: a20141022.2", "", ""), [CASE]),
    ((THE_BAT, *MIME, "", "--b", "Content-Type: image/png; name=scan.png", "", "PNG", "--b--"), []),
    ((THE_BAT, *MIME, "", "--b", "Content-Type: application/octet-stream; name=encrypted.asc", "", "--b--"), []),
    ((THE_BAT, "Content-Type: application/pkcs7-mime; name=smime.p7m", "", "AAAA"), []),
    (("X-Mailer: Mutt", "", ""), []),
    (("Subject: The Bat!", "", ""), []),
    # Machines that answer machines
    (("From: MAILER-DAEMON@example.net", "Return-Path: <>", *REPORT, *DELIVERY_STATUS), [BOUNCE]),
    (("From: MAILER-DAEMON@paypal.com", "Return-Path: <>", *REPORT, *DELIVERY_STATUS), [BOUNCE]),
    ((THE_BAT, "From: MAILER-DAEMON@example.net", "Return-Path: <>", *REPORT, *DELIVERY_STATUS), [BOUNCE]),
    ((ROBOT_SAYS, "Subject: Out of office: your certificate expires"), [REPLY]),
    ((ROBOT_SAYS, "Subject: Out of office: a20141022.2", "", "Dispute it by PayPal."), [REPLY]),
    (("List-Id: <users.example.net>", "Precedence: list", "Subject: [users] hello"), []),
    # … and what only seems to
    ((RESENT, "From: MAILER-DAEMON@example.net", *REPORT, *DELIVERY_STATUS), [PERHAPS_BOUNCE]),
    (
        (RESENT, "From: MAILER-DAEMON@x.example", "Subject: a20141022.2", *REPORT, *DELIVERY_STATUS),
        [PERHAPS_BOUNCE, CASE],
    ),
    (
        (RESENT, "From: MAILER-DAEMON@x.example", "Subject: dispute", *REPORT, *DELIVERY_STATUS),
        [PERHAPS_BOUNCE, DISPUTE],
    ),
    ((THE_BAT, RESENT, "From: MAILER-DAEMON@x.example", *REPORT, *DELIVERY_STATUS), [PERHAPS_BOUNCE]),
    (
        ("From: postmaster@x.example", "Subject: Mail could not be delivered", "", "No such user here."),
        [PERHAPS_BOUNCE],
    ),
    (("Subject: Fwd: Undelivered Mail Returned to Sender", CLIENT, *MIME, *SENT_ON), []),
    (("Subject: Out of office: your certificate expires", "X-Auto-Response-Suppress: All"), [PERHAPS_REPLY]),
    (("Auto-Submitted: auto-generated", "Subject: [HD-17] Anna has added a comment"), []),
    # Arbitration
    (("Subject: Name change as in a20110119.1",), [PRECEDENT]),
    (("Subject: A20200227.1",), [PRECEDENT]),
    (("Subject: [a20110213.1] a dispute",), [PRECEDENT]),
    (("Subject: a20110610.1, please", "From: Dora <dora@cacert.org>"), [PRECEDENT]),
    (("Subject: a20110119.10",), [CASE]),
    (("Subject: Re: a20141022.2: a dispute",), [CASE]),
    (("Subject: Anfrage (a20141022.2)", "From: Dora <Dora@CAcert.org>"), [ARBITRATOR]),
    (("From: dora@cacert.org",), [ARBITRATOR]),
    (("From: dora@cacert.org.evil.example",), []),
    (("Subject: =?utf-8?b?YTIwMTQxMDIyLjI=?=",), [CASE]),
    (("Subject: order ba20141022.2",), []),
    (("Subject: a20141022",), []),
    (("", "It is about a20141022.2."), []),
    # For a person
    (("", "I want to file a dispute."), [DISPUTE]),
    (("Subject: Disputing an assurance",), [DISPUTE]),
    (("", "That is indisputable."), []),
    ((), []),
]


@pytest.mark.parametrize(("lines", "expected"), MAILS, ids=[" ".join(row[0])[:50] or "plain" for row in MAILS])
def test_which_rules_act(lines: tuple[str, ...], expected: list[str]) -> None:
    decisions = rules.decide_by_rules(CACERT, candidate(mail(*lines)), now=NOW)
    assert [decision.rule for decision in decisions] == expected


def test_every_rule_of_the_desk_is_tried_here() -> None:
    assert {name for _, expected in MAILS for name in expected} == {rule.name for rule in CACERT.rules}


@pytest.mark.parametrize(
    ("rule", "actions"),
    [
        (PAID, config.Actions(move="support-engineers", issue_type="Old Style Password reset")),
        (PAYPAL, config.Actions(move="paypal")),
        (CLAIMED, config.Actions(tags=("paypal?",))),
        (LOST, config.Actions(move="requested-passphrase")),
        (ABUSE, config.Actions(move="verification-abuse")),
        (REMOVAL, config.Actions(move="deleted-accounts")),
        (BAT, config.Actions(move="the-bat", notice="sent-in-error")),
        (BOUNCE, config.Actions(move="returns")),
        (REPLY, config.Actions(move="returns")),
        (PERHAPS_BOUNCE, config.Actions(tags=("bounce?",))),
        (PERHAPS_REPLY, config.Actions(tags=("reply?",))),
        (PRECEDENT, config.Actions(move="support-engineers", issue_type="Name Change Precedent Case")),
        (ARBITRATOR, config.Actions(move="support-engineers", issue_type="Arbitration Support")),
        (CASE, config.Actions(move="support-engineers")),
        (MENTIONED, config.Actions(tags=("paypal?",))),
        (DISPUTE, config.Actions(tags=("dispute?",))),
    ],
)
def test_what_each_rule_does(rule: str, actions: config.Actions) -> None:
    lines = next(lines for lines, expected in MAILS if rule in expected)
    decisions = rules.decide_by_rules(CACERT, candidate(mail(*lines)), now=NOW)
    assert rules.Decision(rule, actions) in decisions


def test_a_rule_acts_once_on_a_ticket() -> None:
    raw = mail("Subject: paypal dispute")
    assert [d.rule for d in rules.decide_by_rules(CACERT, candidate(raw, MENTIONED), now=NOW)] == [DISPUTE]
    assert rules.decide_by_rules(CACERT, candidate(raw, MENTIONED, DISPUTE), now=NOW) == []


def test_a_ticket_that_a_rule_has_decided_stays_decided() -> None:
    raw = mail("Subject: dispute a20141022.2")
    assert rules.decide_by_rules(CACERT, candidate(raw, CASE), now=NOW) == []
    assert rules.decide_by_rules(CACERT, candidate(mail("Subject: a dispute"), CASE), now=NOW) == []


FOLLOW_UPS = """
  - name: thanks
    on: follow-up
    when: subject:thanks
    tag: [thanked]
  - name: again
    on: follow-up
    when: subject:thanks or subject:again
    tag: [again]
"""


def test_rules_on_follow_ups_see_follow_ups_only_and_each_anew(tmp_path: Path) -> None:
    text = (ROOT / "tests" / "support" / "desks" / "help.yaml").read_text().rstrip() + FOLLOW_UPS
    desk = config.parse_config(text.encode(), tmp_path / "queues.yaml")
    thanks, again = (candidate(mail(f"Subject: {word}"), "thanks") for word in ("thanks", "again"))
    printer = candidate(mail("Subject: thanks for the printer"))
    assert [d.rule for d in rules.decide_by_rules(desk, printer, now=NOW)] == ["printers"]
    assert [d.rule for d in rules.decide_by_rules(desk, printer, "follow-up", now=NOW)] == ["thanks"]
    assert rules.decide_by_rules(desk, thanks, "follow-up", now=NOW) == []
    assert [d.rule for d in rules.decide_by_rules(desk, again, "follow-up", now=NOW)] == ["again"]


def test_relative_dates_count_from_now(tmp_path: Path) -> None:
    text = (ROOT / "tests" / "support" / "desks" / "help.yaml").read_text().replace("subject:printer", "older:3d")
    desk = config.parse_config(text.encode(), tmp_path / "queues.yaml")
    fresh = candidate(mail())
    sent = fresh.content.date
    assert rules.decide_by_rules(desk, fresh, now=sent + 86_400) == []
    assert [d.rule for d in rules.decide_by_rules(desk, fresh, now=sent + 4 * 86_400)] == ["printers"]


@pytest.mark.parametrize(("zone", "acts"), [("Pacific/Auckland", True), ("UTC", False)])
def test_days_are_those_of_the_desk(tmp_path: Path, zone: str, acts: bool) -> None:
    text = (
        (ROOT / "tests" / "support" / "desks" / "help.yaml").read_text().replace("subject:printer", "date:2026-11-23")
    )
    text = text.replace("  intake: new", f"  intake: new\n  timezone: {zone}")
    desk = config.parse_config(text.encode(), tmp_path / "queues.yaml")
    noon = candidate(mail("Date: Sun, 22 Nov 2026 12:00:00 +0000"))  # in Auckland it is the 23rd
    assert [d.rule for d in rules.decide_by_rules(desk, noon, now=NOW)] == ["printers"] * acts
    assert ("matches" in {trial.result for trial in rules.explain_rules(desk, noon, now=NOW)}) == acts


@pytest.mark.parametrize(("lines", "expected"), MAILS, ids=[" ".join(row[0])[:50] or "plain" for row in MAILS])
def test_explaining_tells_what_judging_does(lines: tuple[str, ...], expected: list[str]) -> None:
    trials = rules.explain_rules(CACERT, candidate(mail(*lines)), now=NOW)
    assert [trial.rule for trial in trials] == list(CACERT.rules)
    assert [trial.rule.name for trial in trials if trial.result == "matches"] == expected
    decided = [number for number, trial in enumerate(trials) if trial.decides]
    assert len(decided) <= 1
    assert {trial.result for trial in trials[decided[0] + 1 :]} <= {"not reached"} if decided else True


def test_an_explanation_names_what_each_part_found() -> None:
    trials = rules.explain_rules(CACERT, candidate(mail(SERVICE, PASSED, "", "USD 16.00")), now=NOW)
    paid, own = trials[:2]
    assert (paid.rule.name, paid.result, paid.decides) == (PAID, "does not match", False)
    assert [(finding.text, finding.is_true) for finding in paid.findings] == [
        ("all of", False),
        ("auth:paypal.com", True),
        ("amount:15.00USD", False),
    ]
    assert (own.rule.name, own.result, own.decides) == (PAYPAL, "matches", True)
    assert trials[2].result == "not reached"
    assert trials[2].findings == ()


def test_an_explanation_says_what_has_acted_before() -> None:
    trials = rules.explain_rules(CACERT, candidate(mail("Subject: a20141022.2"), CASE), now=NOW)
    results = {trial.rule.name: trial.result for trial in trials}
    assert results[PRECEDENT] == "does not match"
    assert results[CASE] == "has acted before"
    assert results[DISPUTE] == "not reached"
