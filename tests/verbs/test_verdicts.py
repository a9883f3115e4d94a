"""What the desk makes of a verdict: what is certain is closed by a rule, what is likely waits for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import CACERT, DeskDir, make_mail
from tests.support.people_about_machines import STATUS

REPORT = f"""--b

Your message could not be delivered.
--b
{STATUS}
--b--
"""
AS_REPORT = {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b", "Return_Path": "<>"}
BOUNCE = make_mail("Undelivered Mail", "MAILER-DAEMON@x.test", REPORT, "bounce@x.test", **AS_REPORT)
REPLY = make_mail("Away", text="I am away.\n", mid="reply@x.test", Auto_Submitted="auto-replied")
SENT_ON = b"Resent-From: Ann <ann@x.test>\n" + BOUNCE.replace(b"bounce@x.test", b"sent-on@x.test")
BY_ITS_WORDS = make_mail(
    "Out of office: your notice", text="I am out of the office until Monday.\n", mid="words@x.test",
    X_Auto_Response_Suppress="All",
)  # fmt: skip
NOTIFICATION = make_mail(
    "[HD-17] Anna has added a comment", "helpdesk@x.test", "Anna writes: which form do you need?\n",
    mid="note@x.test", Auto_Submitted="auto-generated",
)  # fmt: skip
PERSON = make_mail("Undelivered since Monday?", text="Hello, nothing arrives here.\n", mid="person@x.test")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with a message of each verdict; only looked at."""
    desk = DeskDir(tmp_path_factory.mktemp("judged") / "desk")
    desk.take(BOUNCE, REPLY, SENT_ON, BY_ITS_WORDS, NOTIFICATION, PERSON, options=["--classify"])
    return desk


EXPECTED = [
    ("bounce", "returns", "closed", [], "a bounce", "automatic:bounce"),
    ("reply", "returns", "closed", [], "an automatic reply", "automatic:reply"),
    ("sent-on", "triage", "open", ["bounce?"], "perhaps a bounce", "likely:bounce"),
    ("words", "triage", "open", ["reply?"], "perhaps an automatic reply", "likely:reply"),
    ("note", "triage", "open", [], "a notification of another system", "automatic:notification"),
    ("person", "triage", "open", [], "", "-automatic:* -likely:*"),
]


@pytest.mark.parametrize(
    ("name", "queue", "state", "tags", "told", "query"), EXPECTED, ids=[row[0] for row in EXPECTED]
)
def test_certain_mail_is_closed_and_likely_mail_waits_with_a_tag(
    judged: DeskDir, name: str, queue: str, state: str, tags: list[str], told: str, query: str
) -> None:
    (ticket,) = (it for it in judged.tickets().values() if it["messages"][0]["mid"] == f"{name}@x.test")
    assert (ticket["queue"], "closed" if ticket.get("closed") else "open", ticket.get("tags", [])) == (
        queue,
        state,
        tags,
    )
    assert judged.ids("search", query) == [ticket["id"]]
    notes = [line[1:-1] for line in judged.lines("show", ticket["id"]) if line.startswith("(")]
    assert notes == ([told] if told else [])
    stored = {field: ticket["messages"][0].get(field, "") for field in ("automatic", "likely")}
    field, _, kind = query.rpartition(" ")[2].partition(":")
    assert stored == {"automatic": "", "likely": ""} | ({field: kind} if told else {})
    judged.check()


def test_nothing_automatic_is_sent_to_what_only_may_be_automatic(desk: DeskDir) -> None:
    desk.set_rules("  - name: all\n    when: '*'\n    notice: sent-in-error\n")
    rows = desk.take(BOUNCE, REPLY, SENT_ON, BY_ITS_WORDS, NOTIFICATION, PERSON, options=["--classify"])
    assert [mail["In-Reply-To"] for mail in desk.outbox()] == ["<person@x.test>"]
    for row, (_, _, _, _, told, _) in zip(rows[:-1], EXPECTED, strict=False):
        assert f": the message is {told}" in desk.rows("log", row["ticket"])[0]["why"]
    desk.check()


def test_show_says_why(judged: DeskDir) -> None:
    (proof, *_) = reasons(judged, "bounce@x.test")
    assert proof.startswith("proves a bounce: ")
    assert {"proves a bounce", "against"} <= {sign.partition(":")[0] for sign in reasons(judged, "sent-on@x.test")}
    assert {sign.partition(":")[0] for sign in reasons(judged, "words@x.test")} == {"suggests an automatic reply"}
    assert reasons(judged, "note@x.test")[0].startswith("proves a notification of another system: ")


def reasons(desk: DeskDir, name: str) -> list[str]:
    """The signs that `show --why` names."""
    lines = desk.lines("show", "--why", name)
    begin = next(number for number, line in enumerate(lines) if line.startswith("("))
    return [line.strip() for line in lines[begin + 1 : lines.index("", begin)]]


def test_a_trial_says_why_for_the_rules_that_ask(judged: DeskDir) -> None:
    trials = {trial["rule"]: trial for trial in judged.rows("classify", "--explain", "sent-on@x.test")}
    for rule in ("delivery failure", "may be a delivery failure"):
        assert {"proves", "objects"} <= {sign["weight"] for sign in trials[rule]["signs"]}
        assert "against: " in trials[rule]["why"]
    assert trials["running arbitration case"]["signs"] == []
    assert trials["may be a delivery failure"]["why"].startswith("+likely:bounce  (")


def test_a_configuration_from_before_is_remarked_and_works(desk: DeskDir, tmp_path: Path) -> None:
    text = CACERT.read_text()
    assert b":" not in desk.run("check").stderr
    old = text.replace("when: 'likely:bounce'", "when: 'subject:bounce'")
    desk.config.write_text(old)
    told = f"queues.yaml:{line_of(old, '- name: delivery failure')}: rule delivery failure: automatic:bounce finds only"
    assert desk.run("check").stderr.decode().startswith(told)
    assert told in desk.run("check", "--config", str(desk.config)).stderr.decode()
    assert desk.run("-q", "check").stderr == b""
    (row,) = desk.take(SENT_ON, options=["--classify"])
    assert (row["queue"], row["state"], row["rules"]) == ("triage", "open", [])
    for rule in ("when: 'likely:*'", "when: 'subject:x or likely:bounce'"):
        desk.config.write_text(old.replace("when: 'likely:reply'", rule))
        assert (b"automatic:bounce" in desk.run("check").stderr) is False
    # What a rule excludes is no rule for it.
    desk.config.write_text(old.replace("when: 'likely:reply'", "when: 'reply -likely:*'"))
    assert desk.run("check").stderr.count(b"finds only what is certain") == 2


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_what_an_earlier_version_closed_stays_closed(desk: DeskDir) -> None:
    """Whatever that took for a bounce: here by a rule that closes what is only likely."""
    text = CACERT.read_text()
    desk.config.write_text(text.replace("when: 'automatic:bounce'", "when: 'automatic:bounce or likely:bounce'"))
    (row,) = desk.take(SENT_ON, options=["--classify"])
    assert (row["queue"], row["state"]) == ("returns", "closed")
    desk.config.write_text(text)
    before = desk.contents()
    for verb in (
        ["classify"],
        ["ls"],
        ["show", "--raw", row["ticket"]],
        ["search", "likely:bounce"],
        ["check", "--repair"],
    ):
        desk.run(*verb)
    assert desk.lines("classify", row["ticket"]) == []
    seen = {name: data for name, data in desk.contents().items() if "/new/" not in name and "/cur/" not in name}
    assert seen == {name: data for name, data in before.items() if "/new/" not in name and "/cur/" not in name}
    assert desk.ids("search", "in:returns -automatic:bounce -automatic:reply") == [row["ticket"]]
