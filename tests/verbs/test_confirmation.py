"""What is asked before more than 50 tickets are changed, of a person at a terminal and of nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.teletypes import run_on_terminal


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with 51 tickets, only to be copied."""
    desk = DeskDir(tmp_path_factory.mktemp("crowded") / "desk")
    desk.deliver(*(make_mail(f"Question {number}") for number in range(51)))
    desk.run("ingest")
    return desk


@pytest.fixture
def desk(crowded: DeskDir, tmp_path: Path) -> DeskDir:
    return crowded.copy(tmp_path / "desk")


def answer(desk: DeskDir, *arguments: str, typed: bytes = b"") -> tuple[int, bytes]:
    """Exit status, and what was said on the terminal."""
    command = [*desk.command, *arguments]
    return run_on_terminal(command, environment=desk.environment, folder=desk.folder, typed=typed)


def folders(desk: DeskDir) -> set[str]:
    return {ticket["folder"] for ticket in desk.tickets().values()}


@pytest.mark.parametrize(
    ("typed", "status", "goal"), [(b"n\n", 77, "triage"), (b"\n", 77, "triage"), (b"y\n", 0, "support-engineers")]
)
def test_many_tickets_are_changed_once_that_is_confirmed(desk: DeskDir, typed: bytes, status: int, goal: str) -> None:
    ended, said = answer(desk, "mv", *desk.ids("ls"), "SE", typed=typed)
    assert (ended, folders(desk)) == (status, {goal})
    assert b"Run mv on 51 tickets?" in said
    desk.check()


@pytest.mark.parametrize(("typed", "status", "state"), [(b"n\n", 77, "pending"), (b"y\n", 0, "open")])
def test_many_tickets_that_are_due_wake_once_that_is_confirmed(
    desk: DeskDir, typed: bytes, status: int, state: str
) -> None:
    desk.run("pend", "--until", "1d", "--yes", *desk.ids("ls"))
    desk.clock = 2 * 86400
    ended, said = answer(desk, "wake", typed=typed)
    assert (ended, {ticket["state"] for ticket in desk.tickets().values()}) == (status, {state})
    assert b"Run wake on 51 tickets?" in said


def test_fifty_tickets_are_changed_unasked(desk: DeskDir) -> None:
    ended, said = answer(desk, "mv", *desk.ids("ls")[:50], "SE")
    assert (ended, b"?" in said) == (0, False)


def test_what_changes_nothing_is_not_asked(desk: DeskDir) -> None:
    assert answer(desk, "mv", *desk.ids("ls"), "triage")[0] == 0


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_nobody_is_asked_who_has_said_so(desk: DeskDir, option: str) -> None:
    ended, said = answer(desk, "mv", option, *desk.ids("ls"), "SE")
    assert (ended, b"[y/N]" in said) == (0, False)


def test_undo_says_what_it_would_undo(desk: DeskDir) -> None:
    ended, said = answer(desk, "undo", "1", typed=b"n\n")
    assert ended == 77
    assert b"Undo operation 1 (ingest of 51 tickets)?" in said
    ended, _ = answer(desk, "undo", "1", typed=b"y\n")
    assert (ended, desk.tickets()) == (0, {})
    desk.check()


def test_a_script_is_not_asked(desk: DeskDir) -> None:
    assert len(desk.lines("mv", *desk.ids("ls"), "SE")) == 51
