"""Each writing verb, stopped at every call that changes the disk: the next command leaves the desk as before it or
as after it.

What decides is the log: an operation whose line is whole in it is finished by whoever comes next, any other one has
never been.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.crash import DIED, Job, Runner
from tests.support.crash_fixtures import NOTHING_TO_DO, Trial, crash_desk, crash_folder, runner, scenarios, trial
from tests.support.crash_scenarios import (
    DECEMBER,
    FIRST_MAILS,
    NEXT_MAILS,
    REPAIRS,
    Scenario,
    copy_desk,
    deliver,
    run,
)
from tests.support.desks import make_mail
from tests.support.pictures import read_contents, take_picture

__all__ = ["crash_desk", "crash_folder", "runner", "trial"]

GIVES_IDS = ("ingest the INBOX", "ingest -", "undo ingest")
UNDONE_MAILS = {*NEXT_MAILS} - {*FIRST_MAILS}
DEEP = ("ingest --classify", "ingest -", "mv to a queue that closes", "forward", "undo ingest")


@scenarios()
def test_a_command_is_stopped_anywhere(trial: Trial) -> None:
    points = list(trial.points())
    assert len(points) >= trial.scenario.least, trial.events
    ends = set()
    for number, (stop, deed) in enumerate(points):
        maildir = trial.die(stop, deed)
        ends.add(trial.is_committed(maildir))
        if trial.is_new(maildir):
            trial.assert_recovers(maildir, number)
    assert ends == {True, False}


@scenarios()
def test_nothing_is_lost_or_doubled_by_the_command_itself(trial: Trial) -> None:
    duplicate = FIRST_MAILS[3]
    for mail in trial.scenario.mails():
        picture = trial.after.picture
        is_double = trial.scenario.has_inbox and mail == duplicate
        assert len(picture.copies_of(mail)) == 1 + is_double
        assert len(picture.tickets_with(mail)) == (trial.scenario.name != "undo ingest" or mail not in UNDONE_MAILS)


@scenarios(*DEEP)
def test_the_recovery_is_stopped_anywhere_too(trial: Trial) -> None:
    line = next(stop for stop, (name, path) in enumerate(trial.events, 1) if (name, "/log/" in path) == ("write", True))
    for stop in (line + 1, (line + len(trial.events)) // 2):
        crashed = trial.die(stop)
        expected = trial.expected(crashed)
        for again in range(1, 100):
            maildir = copy_desk(crashed, crashed.parents[1] / "again")
            if trial.stop_recovery(maildir, again).ended(0, DIED).status == 0:
                break
            run(trial.runner, maildir, *NOTHING_TO_DO)
            trial.assert_sound(maildir, expected)
        assert again > 10
        assert expected is trial.after


@scenarios(*GIVES_IDS)
def test_no_id_is_given_twice(trial: Trial) -> None:
    newcomer = make_mail("New", "New <new@example.org>", "Quite new.\n", mid="new@example.org")
    for stop in range(1, len(trial.events) + 1):
        maildir = trial.die(stop)
        if not trial.is_new(maildir):
            continue
        given = set(trial.before.picture.tickets)
        given |= set(trial.after.picture.tickets) if trial.is_committed(maildir) else set()
        run(trial.runner, maildir, "ingest", "-", input=newcomer)
        picture = take_picture(maildir)
        (fresh,) = picture.tickets_with(newcomer)
        assert fresh not in given
        numbers = [row["number"] for ticket in picture.tickets.values() for row in ticket["messages"]]
        assert len(set(numbers)) == len(numbers)


@scenarios("ingest -")
def test_a_mail_that_is_delivered_again_is_in_one_ticket(trial: Trial) -> None:
    mail = trial.scenario.input
    for stop, deed in trial.points():
        maildir = trial.die(stop, deed)
        if not trial.is_new(maildir):
            continue
        run(trial.runner, maildir, "ingest", "-", input=mail)
        run(trial.runner, maildir, "ingest")
        picture = take_picture(maildir)
        assert len(picture.tickets_with(mail)) == 1
        assert set(picture.copies_of(mail)) <= {".triage", ".duplicates"}
        assert trial.ask(maildir, "check") == (0, b"")


@scenarios("mv to a queue that closes", "ingest -")
def test_an_interrupt_comes_anywhere(trial: Trial) -> None:
    for stop in range(1, len(trial.events) + 1):
        maildir = trial.fresh()
        trial.launch(maildir, stop, "interrupt").ended(-2, 75 if trial.scenario.input else -2)
        if trial.is_new(maildir):
            trial.assert_recovers(maildir, stop)


@pytest.mark.parametrize("scenario", REPAIRS, ids=lambda scenario: scenario.name)
def test_a_repair_that_is_stopped_anywhere_is_done_by_the_next(
    runner: Runner, crash_desk: Path, crash_folder: Path, scenario: Scenario
) -> None:
    trial = Repair(runner, crash_desk, crash_folder / "repair", scenario)
    points = list(trial.points())
    assert len(points) >= scenario.least
    for stop, deed in points:
        maildir = trial.die(stop, deed)
        if trial.is_new(maildir):
            trial.launch(maildir).ended()
            trial.assert_sound(maildir, trial.after)


class Repair(Trial):
    """Of a broken desk there is no picture."""

    def view(self, maildir: Path):  # type: ignore[no-untyped-def]
        return super().view(maildir) if self.ask(maildir, "check")[0] == 0 else None


def test_a_desk_that_is_half_made_is_made_by_the_next_init(runner: Runner, crash_folder: Path) -> None:
    whole = make(runner, crash_folder / "new" / "whole", 0)
    deliver(whole, FIRST_MAILS)
    expected = read_contents(make(runner, crash_folder / "new" / "expected", 0))
    for stop in range(1, 200):
        maildir = make(runner, crash_folder / "new" / str(stop), stop)
        if read_contents(maildir) == expected:
            break
        run(runner, maildir, "init", str(maildir.parent))
        assert read_contents(maildir) == expected
    assert stop > 40
    run(runner, whole, "ingest", "--classify")
    assert len(take_picture(whole).tickets) == len(FIRST_MAILS) - 1


def make(runner: Runner, folder: Path, stop: int) -> Path:
    """Make a desk, unless the process dies at one of its calls (0: none); returns the Maildir."""
    folder.mkdir(parents=True)
    runner.run(Job(folder / "maildir", ["init", str(folder)], stop=stop, now=DECEMBER)).ended(DIED if stop else 0, 0)
    return folder / "maildir"
