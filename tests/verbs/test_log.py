"""`log`: each change is one operation, with who did it, when and why."""

from __future__ import annotations

import re

from tests.support.desks import DeskDir, make_mail
from tests.support.tickets import take


def test_log_says_who_did_what_when_and_why(desk: DeskDir) -> None:
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Two")))
    desk.run("mv", one, "SE", "-m", "certificates")
    desk.run("tag", one, other, "+x", role="support-engineer", status=None)
    rows = desk.rows("log")
    assert [(row["op"], row["verb"]) for row in rows] == [(3, "tag"), (2, "mv"), (1, "ingest")]
    move = rows[1]
    assert (move["why"], move["tickets"], move["ids"]) == ("certificates", one, [one])
    assert "triage → support-engineers" in move["change"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", move["at"])
    assert [row["op"] for row in desk.rows("log", one)] == [3, 2, 1]
    assert [row["op"] for row in desk.rows("log", other)] == [3, 1]
    assert [row["op"] for row in desk.rows("log", "-n", "1")] == [3]
    desk.run("log", "s20200101.1", status=66)


def test_log_shows_twenty_or_all(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("One"))
    for number in range(11):
        desk.run("tag", f"+t{number}", row["ticket"])
        desk.run("undo")
    assert len(desk.lines("log")) == 20
    assert len(desk.lines("log", "--all")) == 23


def test_each_verb_is_one_operation_with_its_reason(desk: DeskDir) -> None:
    tickets = take(desk, 3)
    for arguments in (["mv", *tickets, "SE"], ["tag", "+a", *tickets], ["pend", *tickets, "--until", "2d"],
                      ["wake", *tickets], ["close", *tickets, "--type", "Wiki ACL"], ["reopen", *tickets]):  # fmt: skip
        desk.run(*arguments, "-m", f"because of {arguments[0]}")
    log = desk.rows("log")
    assert [(row["verb"], row["why"]) for row in log[:-1]] == [
        (verb, f"because of {verb}") for verb in ("reopen", "close", "wake", "pend", "tag", "mv")
    ]
    assert all(sorted(row["ids"]) == sorted(tickets) for row in log)
    assert [row["op"] for row in log] == [7, 6, 5, 4, 3, 2, 1]


def test_a_reason_of_any_bytes_is_logged(desk: DeskDir) -> None:
    desk.take(make_mail("One"))
    desk.run("tag", "+a", ".1", "-m", "caf\udce9 ü")
    assert desk.rows("log")[0]["why"] == "caf? ü"
