"""A right that is revoked while a command waits, for an answer or for the lock, counts no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.desks import Colleagues, make_mail
from tests.support.inside import await_lock, locked
from tests.support.teletypes import run_on_terminal

TRIAGE = "4244"


def dismiss(desk: Colleagues) -> None:
    text = desk.config.read_text()
    assert f'agents: ["{TRIAGE}"]' in text
    desk.config.write_text(text.replace(f'agents: ["{TRIAGE}"]', "agents: [anna]"))


def break_it(desk: Colleagues) -> None:
    desk.config.write_text("desk: [")


def comment(desk: Colleagues) -> None:
    desk.config.write_text(desk.config.read_text() + "# what changes nothing\n")


def answer(desk: Colleagues, change: Callable[[Colleagues], None], *words: str) -> tuple[int, str]:
    """What a command comes to whose question is answered with yes, once something has changed."""
    desk.of(TRIAGE)
    status, heard = run_on_terminal(
        [*desk.command, *words], environment=desk.environment, folder=desk.folder, typed=b"y\n",
        while_asked=lambda: change(desk),
    )  # fmt: skip
    desk.of("")
    return status, heard.decode()


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        (dismiss, 77, "4244 has no role"),
        (break_it, 78, "not valid YAML"),
        (comment, 0, "now in secure-test"),
    ],
)
def test_while_a_question_is_on_the_screen(
    colleagues: Colleagues, change: Callable[[Colleagues], None], status: int, says: str
) -> None:
    desk = colleagues
    desk.of("").take(make_mail("One"))
    before, text = desk.contents(), desk.config.read_text()
    told, heard = answer(desk, change, "mv", ".1", "secure-test")
    assert (told, says in heard) == (status, True), heard
    desk.config.write_text(text)
    assert (desk.contents() == before) == (status != 0)
    desk.check()


def test_a_role_that_is_picked_and_the_robot_that_is_set_going(colleagues: Colleagues) -> None:
    desk = colleagues
    desk.of("").deliver(*(make_mail("Case a20141022.2", mid=f"{number}@x.test") for number in range(51)))
    desk.run("ingest")
    before, text = desk.contents(), desk.config.read_text()
    picked = ["--role", "triage", "close", *desk.ids("ls", "triage")]
    for words, says in (["classify"], "4244 has no role"), (picked, "4244 doesn't have the role"):
        told, heard = answer(desk, dismiss, *words)
        assert (told, says in heard) == (77, True), heard
        desk.config.write_text(text)
        assert desk.contents() == before


def test_while_another_writer_holds_the_lock(colleagues: Colleagues) -> None:
    desk = colleagues
    desk.of("").take(make_mail("One"))
    before = desk.contents()
    with locked(desk.maildir):
        waiting = desk.of(TRIAGE).start("tag", "+x", ".1")
        await_lock(desk, waiting)
        dismiss(desk)
    _, said = waiting.communicate(timeout=60)
    assert (waiting.returncode, b"4244 has no role" in said) == (77, True), said
    desk.of("")
    assert desk.contents() == before
