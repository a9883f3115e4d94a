"""`classify`: the rules act once, on what no person has touched, and say why."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportctl.config.sections import ACTIONS
from tests.support.desks import CACERT, EXAMPLES, DeskDir, make_mail

RULES = """
  - name: first
    when: 'subject:alpha'
    tag: [one]
    continue: true
  - name: second
    when: 'subject:alpha'
    move: support-engineers
    issue_type: Wiki ACL
  - name: third
    when: 'subject:alpha'
    tag: [three]
  - name: closing
    when: 'subject:beta'
    move: support-engineers
    issue_type: Wiki ACL
    close: true
  - name: sent on
    when: 'subject:gamma'
    forward: else@example.org
    close: true
  - name: a person answers
    on: follow-up
    when: 'not automatic:reply'
    tag: [answered]
"""


@pytest.fixture
def ruled(tmp_path: Path) -> DeskDir:
    """A desk of CAcert's queues with a handful of rules."""
    desk = DeskDir(tmp_path / "desk")
    desk.set_rules(RULES)
    return desk


def test_rules_act_in_order_up_to_the_first_that_decides(ruled: DeskDir) -> None:
    desk = ruled
    rows = desk.take(make_mail("alpha"), make_mail("beta"), make_mail("gamma"), make_mail("delta"))
    alpha, beta, gamma, delta = (row["ticket"] for row in rows)
    assert sorted(desk.lines("classify")) == sorted([alpha, beta, gamma])
    tickets = desk.tickets()
    assert tickets[alpha]["tags"] == ["one"]
    assert tickets[alpha]["rules"] == ["first", "second"]
    assert [(tickets[name]["queue"], tickets[name]["state"]) for name in (alpha, beta, gamma, delta)] == [
        ("support-engineers", "open"), ("support-engineers", "closed"), ("triage", "closed"), ("triage", "open")
    ]  # fmt: skip
    assert tickets[beta]["issue_type"] == "Wiki ACL"
    (sent,) = desk.mails("outbox").values()
    assert b"X-Envelope-To: else@example.org" in sent
    assert not any(ticket.get("touched") for ticket in tickets.values())
    assert desk.rows("log", alpha)[0]["why"] == "first, second"
    assert desk.rows("log")[0]["role"] == "robot"
    desk.check()


def test_a_rule_sends_nothing_back_to_where_it_came_from(ruled: DeskDir) -> None:
    desk = ruled
    rows = desk.take(make_mail("gamma", "Else <ELSE@example.org>"), make_mail("gamma"), options=["--classify"])
    assert len(desk.outbox()) == 1
    why = desk.rows("log", rows[0]["ticket"])[0]["why"]
    assert "not forwarded to else@example.org: the message came from there" in why
    desk.check()


ALONE = {
    "move": "move: support-engineers",
    "close": "close: true",
    "tag": "tag: [x]",
    "issue_type": "issue_type: Wiki ACL",
    "notice": "notice: sent-in-error",
    "forward": "forward: else@example.org",
}
"""Each action as the only one of a rule."""


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_that_is_read_is_carried_out(action: str, tmp_path: Path) -> None:
    desk = DeskDir(tmp_path / "desk")
    desk.set_rules(f"  - name: alone\n    when: 'subject:alpha'\n    {ALONE[action]}\n")
    (row,) = desk.take(make_mail("alpha"))
    before = desk.tickets()[row["ticket"]]
    desk.run("classify")
    after = desk.tickets()[row["ticket"]]
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed - {"rules", "changed"} != set()
    desk.check()


def test_a_second_run_is_silent_and_no_operation(desk: DeskDir) -> None:
    desk.take_examples()
    assert len(desk.lines("classify")) > 20
    before = desk.contents()
    again = desk.run("classify")
    assert (again.stdout, again.stderr) == (b"", b"")
    assert desk.contents() == before
    desk.run("classify", "--dry-run")
    assert desk.contents() == before


def test_at_intake_or_afterwards_is_the_same(desk: DeskDir, tmp_path: Path) -> None:
    at_once = DeskDir(tmp_path / "other")
    at_once.take_examples("--classify")
    desk.take_examples()
    planned = desk.lines("classify", "--dry-run")
    assert desk.lines("classify") == planned
    seen = [
        {name: (ticket["queue"], ticket["state"], ticket.get("tags"), ticket.get("issue_type"), ticket.get("rules"),
                len(ticket["messages"]), len(ticket.get("outgoing", ())))
         for name, ticket in one.tickets().items()}
        for one in (at_once, desk)
    ]  # fmt: skip
    assert seen[0] == seen[1]
    assert len({queue for queue, *_ in seen[0].values()}) > 5


def test_what_a_person_has_touched_is_theirs(desk: DeskDir) -> None:
    rows = desk.take(*(make_mail(f"Case a20141022.{number}") for number in range(4)))
    tagged, moved, untouched, undone = (row["ticket"] for row in rows)
    desk.run("tag", tagged, "+mine")
    desk.run("mv", moved, "disputes")
    desk.run("mv", moved, "triage")
    desk.run("tag", undone, "+oops")
    desk.run("undo")
    assert desk.lines("classify") == [untouched, undone]
    assert desk.lines("classify", tagged, moved) == []
    assert {desk.tickets()[name]["queue"] for name in (tagged, moved)} == {"triage"}


def test_a_ticket_may_be_named(desk: DeskDir) -> None:
    one, other = (row["ticket"] for row in desk.take(make_mail("Case a20141022.2"), make_mail("Case a20141022.3")))
    assert desk.lines("classify", one) == [one]
    assert desk.lines("classify", "-", input=f"{other}\n") == [other]
    assert desk.lines("classify", "-", input="") == []
    desk.run("classify", "s20200101.1", status=66)


def test_a_closed_ticket_is_left_alone(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Case a20141022.2"), options=["--closed"])
    assert desk.lines("classify", row["ticket"]) == []
    assert desk.tickets()[row["ticket"]]["queue"] == "triage"


def test_explain_says_for_each_rule_why_and_changes_nothing(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Case a20141022.2", mid="q@x.test"))
    before = desk.contents()
    trials = desk.rows("classify", "--explain", row["ticket"])
    assert desk.contents() == before
    results = {trial["rule"]: trial["result"] for trial in trials}
    assert len(results) == CACERT.read_text().partition("\nrules:")[2].count("- name:")
    assert results["delivery failure"] == "does not match"
    assert results["running arbitration case"] == "matches, decides"
    assert results["may be a dispute"] == "not reached"
    assert all(trial["why"] for trial in trials if trial["result"] == "does not match")
    desk.run("classify")
    again = {trial["rule"]: trial["result"] for trial in desk.rows("classify", "--explain", "q@x.test")}
    assert again["running arbitration case"] == "has acted before, decides"
    assert desk.rows("classify", "--explain") == []


def test_no_names_on_standard_input_are_none_and_not_all(desk: DeskDir) -> None:
    desk.take_examples()
    assert desk.lines("classify", "--explain", "-") == []
    assert desk.lines("classify", "-") == []
    assert desk.lines("classify", "--explain") != []


def test_rules_on_follow_ups_act_on_those_alone(ruled: DeskDir) -> None:
    desk = ruled
    rows = desk.take(make_mail("alpha", mid="1@x.test"), make_mail("omega", mid="2@x.test"))
    desk.run("classify")
    desk.take(
        make_mail("omega", mid="3@x.test", References="<1@x.test>"),
        make_mail("Out of office", mid="4@x.test", References="<2@x.test>", Auto_Submitted="auto-replied"),
    )
    assert [desk.tickets()[row["ticket"]].get("tags") for row in rows] == [["answered", "one"], None]
    desk.check()


def test_a_ticket_whose_mail_is_gone_is_passed_over_and_said(desk: DeskDir) -> None:
    one, other = (row["ticket"] for row in desk.take(make_mail("Case a20141022.2"), make_mail("Case a20141022.3")))
    key = desk.tickets()[one]["messages"][0]["key"]
    (desk.maildir / ".triage" / "new" / key).unlink()
    done = desk.run("classify")
    assert done.stdout.decode().split() == [other]
    assert one.encode() in done.stderr
    desk.run("check", "--repair")


def test_the_examples_show_every_rule_of_the_desk(full_desk: DeskDir) -> None:
    names = {line.partition("name: ")[2] for line in CACERT.read_text().splitlines() if line.startswith("  - name: ")}
    acted = {rule for ticket in full_desk.tickets().values() for rule in ticket.get("rules", ())}
    assert acted == names
    assert len(list((EXAMPLES / "new").iterdir())) > 60
