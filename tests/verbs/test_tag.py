"""`tag`: tags, issue type and owner."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskDir, make_mail


def test_tags_are_added_and_taken_away(desk: DeskDir) -> None:
    one, other = [row["ticket"] for row in desk.take(make_mail("One"), make_mail("Two"))]
    assert desk.lines("tag", "+urgent", "+dispute?", one, other) == [one, other]
    assert desk.lines("tag", "-urgent", "+answered", one) == [one]
    assert desk.lines("tag", "-never-was", "+answered", one) == []
    assert [desk.tickets()[name]["tags"] for name in (one, other)] == [["answered", "dispute?"], ["dispute?", "urgent"]]
    assert desk.ids("search", "tag:urgent") == [other]
    assert sorted(desk.ids("search", "tag:dispute?")) == sorted([one, other])
    assert desk.tickets()[one]["touched"]


def test_words_stand_anywhere_and_tickets_come_from_a_pipe(desk: DeskDir) -> None:
    ids = [row["ticket"] for row in desk.take(make_mail("A"), make_mail("B"))]
    desk.run("tag", "-", "+x", "-m", "-because", "-y", input="\n".join(ids))
    assert [ticket["tags"] for ticket in desk.tickets().values()] == [["x"], ["x"]]
    assert desk.rows("log")[0]["why"] == "-because"
    desk.run("tag", "-y", "-x", "-", input="\n".join(ids))
    assert not any(ticket.get("tags") for ticket in desk.tickets().values())


def test_issue_type_and_owner_are_set_and_taken_away(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("One"))
    desk.run("tag", row["ticket"], "--type", "CODE signing", "--owner", "ben")
    ticket = desk.tickets()[row["ticket"]]
    assert (ticket["issue_type"], ticket["owner"]) == ("Code Signing", "ben")
    assert desk.ids("search", "owner:ben", 'type:"code signing"') == [row["ticket"]]
    desk.run("tag", row["ticket"], "--type", "", "--owner", "")
    assert not {"issue_type", "owner"} & desk.tickets()[row["ticket"]].keys()


def test_a_closed_ticket_may_be_tagged_and_stays_closed(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("One"))
    desk.run("close", row["ticket"])
    folder = desk.tickets()[row["ticket"]]["folder"]
    desk.run("tag", "+late", row["ticket"])
    ticket = desk.tickets()[row["ticket"]]
    assert (ticket["tags"], ticket["state"], ticket["folder"]) == (["late"], "closed", folder)


@pytest.mark.parametrize(
    "arguments",
    [[".1"], ["+a"], ["+a,b", ".1"], ['+"a', ".1"], ["+" + "x" * 61, ".1"], ["--type", "No Such", ".1"],
     ["+a\tb", ".1"], ["+a\x1b[31m", ".1"], ["+\udcff", ".1"],
     ["--owner", "two words", ".1"], ["--owner", "\udcff", ".1"]],
)  # fmt: skip
def test_what_is_no_tag_is_refused(desk: DeskDir, arguments: list[str]) -> None:
    desk.take(make_mail("One"))
    before = desk.contents()
    refused = desk.run("tag", *arguments, status=2)
    assert b"\x1b" not in refused.stderr
    assert desk.contents() == before
