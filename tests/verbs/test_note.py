"""`note`: texts that stay with the ticket and never leave the desk."""

from __future__ import annotations

import json
import time
from email.utils import formatdate

import pytest

from tests.support.desks import Colleagues, DeskDir, make_mail
from tests.support.teletypes import run_on_terminal


def noted(desk: DeskDir, ticket: str) -> list[str]:
    return [note["text"] for note in desk.tickets()[ticket].get("notes", [])]


def test_a_note_is_shown_in_its_place_in_time(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("One", mid="1@x.test"))
    name = row["ticket"]
    assert desk.lines("note", name, "--text", "He called,\nall is well.") == [name]
    desk.take(make_mail("Two", In_Reply_To="<1@x.test>", date=formatdate(time.time() + 3600)))
    lines = desk.lines("show", name)
    marks = [line.strip("─ ") for line in lines if line.startswith("──")]
    assert [mark.split(",")[0].split(" by ")[0] for mark in marks] == ["1 of 2", "note", "2 of 2"]
    assert lines[lines.index("He called,") + 1] == "all is well."
    assert not any("He called" in line for line in desk.lines("show", name, "--message", "1"))


def test_a_note_comes_by_standard_input(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    desk.run("note", row["ticket"], input="Grüße\n\n")
    desk.run("note", row["ticket"], input="more")
    assert noted(desk, row["ticket"]) == ["Grüße", "more"]
    (shown,) = [json.loads(desk.run("show", row["ticket"], "--format", "json").stdout)]
    assert [note["text"] for note in shown["ticket"]["notes"]] == ["Grüße", "more"]


@pytest.mark.parametrize(
    ("script", "status", "expected"),
    [("echo Grüße > $1", 0, ["Grüße"]), ("true", 2, []), ("echo half > $1; exit 1", 2, [])],
)
def test_a_note_is_written_in_an_editor(desk: DeskDir, script: str, status: int, expected: list[str]) -> None:
    (row,) = desk.take(make_mail())
    editor = desk.folder / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    exited, said = run_on_terminal(
        [*desk.command, "note", row["ticket"]],
        environment={**desk.environment, "VISUAL": str(editor)},
        folder=desk.folder,
    )
    assert (exited, noted(desk, row["ticket"])) == (status, expected), said.decode()


def test_a_guarded_desk_starts_no_editor(colleagues: Colleagues) -> None:
    (row,) = colleagues.of("").take(make_mail())
    person = colleagues.of("4244")
    person.variables = {"VISUAL": "touch"}
    exited, said = run_on_terminal(
        [*person.command, "note", row["ticket"]], environment=person.environment, folder=person.folder
    )
    assert (exited, b"a guarded desk opens no files" in said) == (77, True)
    person.run("note", row["ticket"], input="by standard input")
    assert noted(person.of(""), row["ticket"]) == ["by standard input"]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("note:called", True), ("note:CALL*", True), ('note:"he called"', True), ("note:/cal+ed/", True),
        ("note:müller", True), ("note:muller", True), ("-note:called", False), ("called", False),
        ("note:he note:nobody", False), ('note:"called again"', False),
    ],
)  # fmt: skip
def test_a_note_is_found(desk: DeskDir, query: str, is_found: bool) -> None:
    (row,) = desk.take(make_mail())
    for text in ("He called, Müller", "again"):
        desk.run("note", row["ticket"], "--text", text)
    assert desk.ids("search", query, status=0 if is_found else 1) == [row["ticket"]] * is_found


def test_a_rule_sees_notes_as_a_search_does(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    desk.run("note", row["ticket"], "--text", "known fraud")
    assert desk.ids("search", "note:fraud", "is:open") == [row["ticket"]]


def test_undo_takes_a_note_back_and_brings_it_again(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    for text in ("one", "two"):
        desk.run("note", row["ticket"], "--text", text)
    desk.run("undo")
    assert noted(desk, row["ticket"]) == ["one"]
    assert desk.ids("search", "note:two", status=1) == []
    desk.run("undo", str(desk.rows("log")[0]["op"]))
    assert noted(desk, row["ticket"]) == ["one", "two"]
    desk.run("note", row["ticket"], "--text", "three")
    assert noted(desk, row["ticket"]) == ["one", "two", "three"]


def test_the_log_names_a_note(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    desk.run("note", row["ticket"], "--text", "first line\nsecond")
    assert desk.rows("log")[0]["change"] == "note: first line"


@pytest.mark.parametrize("text", ["", "  \n", "x" * 100_001])
def test_what_is_no_note_is_refused(desk: DeskDir, text: str) -> None:
    (row,) = desk.take(make_mail())
    before = desk.contents()
    desk.run("note", row["ticket"], input=text, status=2)
    assert desk.contents() == before


def test_tickets_and_text_cant_both_come_by_standard_input(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    refused = desk.run("note", "-", input=row["ticket"], status=2).stderr.decode()
    assert "standard input can't give both tickets and text\nhint: give the text with --text" in refused
    desk.run("note", "-", "--text", "both", input=row["ticket"])
    assert noted(desk, row["ticket"]) == ["both"]


def test_a_note_cant_steer_a_terminal(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    desk.run("note", row["ticket"], "--text", "a\x1b[31mb", "-m", "c\x1b[31md")
    assert b"\x1b" not in desk.run("show", row["ticket"]).stdout + desk.run("log", row["ticket"]).stdout


def test_reasons_are_shown_until_they_are_undone(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    desk.run("mv", row["ticket"], "support-engineers", "-m", "asks for signing")
    assert [line.partition(": ")[2] for line in desk.lines("show", row["ticket"]) if " by " in line] == [
        "asks for signing"
    ]
    shown = json.loads(desk.run("show", row["ticket"], "--format", "json").stdout)["ticket"]
    assert [(reason["verb"], reason["text"]) for reason in shown["reasons"]] == [("mv", "asks for signing")]
    desk.run("undo")
    assert not any(" by " in line for line in desk.lines("show", row["ticket"]))
