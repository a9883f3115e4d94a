"""A fault of ours that one message brings about: the others are done, that one gets a ticket, and it is told once.

The fault is put into a function of the program, in this process: there is no message that is known to have one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from supportctl.desk.requests import WriteOutcome, WriteRequest
from supportctl.intake.plan import IngestOptions
from supportctl.intake.run import Tally, gather, list_warnings, take_in_inbox, take_one
from supportctl.operations import rule_actions
from supportctl.operations.classification import classify_untouched
from supportctl.query import parse_query
from tests.support.desks import DeskDir, make_mail
from tests.support.inside import open_desk

MANY = 120
"""So many mails are read by a worker, and taken in by one operation."""

RULE = """\
  - name: all
    when: common
    move: support-engineers
    tag: [x]
    notice: sent-in-error
    forward: else@example.org
"""


def take_in(desk: DeskDir, *, classify: bool = False) -> Tally:
    return gather(take_in_inbox(open_desk(desk), WriteRequest("ingest"), IngestOptions(classify)))


def classify(desk: DeskDir) -> WriteOutcome:
    return open_desk(desk).as_robot().write(WriteRequest("classify", keep_going=True), classify_untouched)


def fail_for_poison(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException, subjects: str = "Poison") -> None:
    """Let a function fail where one of its arguments has to do with a message of these subjects, a pattern."""
    module, _, function = name.rpartition(".")
    real: Callable[..., Any] = getattr(__import__(module, fromlist=[function]), function)

    def broken(*arguments: Any, **named: Any) -> Any:
        texts = [str(getattr(each, "subject", "") or getattr(each, "content", each)) for each in arguments]
        if any(re.search(subjects, text) for text in texts):
            raise error
        return real(*arguments, **named)

    monkeypatch.setattr(name, broken)


def deliver(desk: DeskDir, count: int) -> None:
    mails = [
        make_mail(f"Mail {number}", f"a{number}@x.test", text=f"common {number}\n", mid=f"{number}@x.test")
        for number in range(count)
    ]
    mails[count // 2] = make_mail("Poison", text="common words\n", mid="poison@x.test")
    desk.deliver(*mails)


def poisoned(desk: DeskDir) -> dict[str, Any]:
    """The ticket of the message that brought about a fault."""
    (ticket,) = (ticket for ticket in desk.tickets().values() if ticket["subject"] in ("Poison", ""))
    return ticket


@pytest.mark.parametrize("count", [3, MANY])
@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        (
            "supportctl.intake.plan.find_where_it_belongs",
            KeyError("no key"),
            "not taken in as usual: KeyError: 'no key'",
        ),
        ("supportctl.intake.plan.find_where_it_belongs", RecursionError(), "not taken in as usual: RecursionError"),
        ("supportctl.operations.rule_actions.decide_by_rules", ValueError("x\ny"), "the rules failed: ValueError: x y"),
        ("supportctl.mail.message.read_parts", MemoryError(), "can't be read (MemoryError"),
        ("supportctl.mail.message.read_parts", IndexError("b"), "can't be read (IndexError: b"),
    ],
)
def test_a_fault_in_the_intake_is_a_problem_of_its_ticket(
    desk: DeskDir, monkeypatch: pytest.MonkeyPatch, count: int, name: str, error: BaseException, said: str
) -> None:
    deliver(desk, count)
    fail_for_poison(monkeypatch, name, error)
    done = take_in(desk, classify=True)
    assert (len(done.tickets), done.left) == (count, [])
    ticket = poisoned(desk)
    assert (ticket["queue"], ticket["state"]) == ("triage", "open")
    (problem,) = (problem for problem in ticket["problems"] if problem.startswith(said))
    assert re.search(r"\([a-z_/]+\.py, line \d+\)", problem), "and where to look"
    assert desk.mails("") == desk.mails("duplicates") == {}
    assert take_in(desk) == Tally()
    monkeypatch.undo()
    desk.run("undo", str(done.op), "--yes")
    assert desk.tickets() == {}, "all of it is one group"


def test_a_message_that_gets_no_ticket_stays_and_is_told_once_a_run(
    desk: DeskDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(desk, MANY)
    fail_for_poison(monkeypatch, "supportctl.intake.plan._new_ticket", ZeroDivisionError("division"))
    for count in (MANY - 1, 0):
        done = take_in(desk)
        assert len(done.tickets) == count
        (said,) = list_warnings(done)
        assert "ZeroDivisionError: division" in said
        assert len(desk.mails("")) == 1
    assert desk.mails("duplicates") == {}
    operations = len(desk.rows("log"))
    take_in(desk)
    assert len(desk.rows("log")) == operations
    monkeypatch.undo()
    assert len(take_in(desk).tickets) == 1


@pytest.mark.parametrize("function", ["enter_queue", "write_notice", "write_forward", "note_left_open"])
def test_a_rule_that_fails_is_undone_for_its_ticket_and_told_once(
    desk: DeskDir, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """Half of its actions would be worse than none; and cron must not note the same every five minutes."""
    desk.set_rules(RULE)
    deliver(desk, 3)
    take_in(desk)
    # By the order of the tickets: in the middle is "Poison". The plan is made again once all messages are read.
    acts = cycle([False, True, False])
    real = getattr(rule_actions, function)

    def broken(*arguments: Any) -> Any:
        if next(acts):
            raise TypeError("a fault")
        return real(*arguments)

    monkeypatch.setattr(rule_actions, function, broken)
    outcome = classify(desk)
    ticket = poisoned(desk)
    assert (ticket["queue"], ticket.get("tags", []), ticket.get("outgoing", [])) == ("triage", [], [])
    assert len(outcome.changes) == 3
    assert len(desk.outbox()) == 4, "a notice and a forward for each of the others"
    (problem,) = ticket["problems"]
    assert problem.startswith("the rules failed: TypeError: a fault (operations/rule_actions.py, line ")
    assert [warning.text for warning in outcome.warnings] == [problem]
    acts = cycle([True])
    again = classify(desk)
    assert (again.operation, again.warnings) == (None, [])
    monkeypatch.undo()
    classify(desk)
    ticket = poisoned(desk)
    assert (ticket["queue"], ticket.get("problems", [])) == ("support-engineers", [])
    assert len(desk.outbox()) == 6


def test_a_notice_that_is_taken_back_counts_for_nothing(desk: DeskDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is answered twice; but where the first answer failed, the next message is answered."""
    desk.set_rules(RULE)
    desk.deliver(*(make_mail(f"Mail {number}", text="common\n", mid=f"{number}@x.test") for number in range(3)))
    take_in(desk)
    first = min(desk.tickets())
    real: Callable[..., Any] = vars(rule_actions)["write_forward"]

    def broken(draft: Any, ticket: Any, to: str) -> Any:
        if ticket.id == first:
            raise TypeError("a fault")
        return real(draft, ticket, to)

    monkeypatch.setattr(rule_actions, "write_forward", broken)
    classify(desk)
    kinds = [[sent["kind"] for sent in ticket.get("outgoing", [])] for _, ticket in sorted(desk.tickets().items())]
    assert kinds == [[], ["notice", "forward"], ["forward"]]


def test_a_message_that_the_index_can_not_take_keeps_no_other_out(
    desk: DeskDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(desk, 3)
    fail_for_poison(monkeypatch, "supportctl.index.writer.join_boolean_terms", AttributeError("none"))
    take_in(desk)
    reader = open_desk(desk)
    scope_of = parse_query("common")
    assert reader.search(lambda snapshot, index: index.count(scope_of, snapshot.scope())) == (2, 2)
    assert reader.count_unindexed() == 1
    reader.close_index()
    monkeypatch.undo()
    desk.run("check", "--repair")
    assert len(desk.ids("search", "common")) == 3


def test_a_message_that_the_index_still_can_not_take_is_not_forgotten(
    desk: DeskDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(desk, 3)
    for failing, lacking in (("Mail|Poison", 3), ("Poison", 1)):
        fail_for_poison(monkeypatch, "supportctl.index.writer.join_boolean_terms", AttributeError("none"), failing)
        if lacking == 3:
            take_in(desk)
        reader = open_desk(desk)
        reader.index_again()
        assert reader.count_unindexed() == lacking
        reader.close_index()
        monkeypatch.undo()
    desk.run("check", "--repair")
    assert len(desk.ids("search", "common")) == 3


def test_a_fault_while_a_mail_server_waits_is_told_with_its_place(
    desk: DeskDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("no key")

    monkeypatch.setattr("supportctl.intake.run.split_batches", broken)
    (said,) = take_one(open_desk(desk), WriteRequest("ingest"), [make_mail("Safe")], IngestOptions())
    assert re.search(r"takes it in: KeyError: 'no key' \(intake/run\.py, line \d+\)$", said)
    monkeypatch.undo()
    assert len(take_in(desk).tickets) == 1


def test_an_interruption_is_none_of_these(desk: DeskDir, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(desk, 3)
    fail_for_poison(monkeypatch, "supportctl.intake.plan._new_ticket", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        take_in(desk)
    assert desk.tickets() == {}
    monkeypatch.undo()
    assert len(take_in(desk).tickets) == 3
