"""Each call of a command fails once, with an error of each class: whatever fails, the next command goes on.

Before the commit nothing is changed; after it, the desk becomes what the undisturbed command makes of it. No error is a
fault of the program, and none stops a reader.
"""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.support.crash import Event, Job, Run
from tests.support.crash_fixtures import (
    NOTHING_TO_DO,
    QUESTIONS,
    SEED,
    Trial,
    crash_desk,
    crash_folder,
    runner,
    scenarios,
    trial,
)
from tests.support.crash_scenarios import DECEMBER, copy_desk, run

__all__ = ["crash_desk", "crash_folder", "runner", "trial"]

ERRORS = (
    errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR, errno.ENOTDIR, errno.EXDEV, errno.ENAMETOOLONG,
    errno.EPERM, errno.EACCES, errno.EIO, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.EINTR,
)  # fmt: skip
"""Missing, in the way, of another kind, on another disk, too long, not permitted, broken, read-only, full, too many."""

STATUSES = (0, 65, 75, 77)
FEW = ("ingest the INBOX", "mv to a queue that closes", "undo forward")


def calls_of(trial: Trial) -> list[tuple[int, Event]]:
    """All calls of the command with their numbers, those that only open or lock as well."""
    return list(enumerate(trial.fail(trial.fresh(), 0, 0).ended().events, 1))


def may_fail(event: Event, error: int) -> bool:
    """Whether a call may fail with an error so that afterwards all is as after a crash.

    What is there can't be missing or a folder when it is opened, of which the program draws conclusions; and mail that
    can't be read is left.
    """
    name, path = event
    is_mail = f"/{path}".rpartition("/")[0].endswith(("/new", "/cur"))
    return name != "open" or (not is_mail and error not in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR))


def assert_told(done: Run) -> None:
    """The command ended well, or said what is wrong; it is no fault of the program."""
    assert done.status in STATUSES, f"exit {done.status}, {done.events[-1:]}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    assert done.status == 0 or "supportctl" in done.stderr


def assert_goes_on(trial: Trial, maildir: Path, number: int, done: Run) -> None:
    """The next command finishes what was committed, and nothing else has happened."""
    if done.status == 0:  # what comes by pipe may wait in the INBOX
        assert trial.is_committed(maildir) or trial.scenario.input, "a success without a commit"
    if trial.is_new(maildir):
        trial.assert_recovers(maildir, number)


@scenarios(*FEW)
def test_a_call_fails(trial: Trial) -> None:
    """One error for each call, another one for the next."""
    calls = calls_of(trial)
    assert len(calls) > trial.scenario.least + 20
    ends = set()
    for stop, event in calls:
        error = ERRORS[stop % len(ERRORS)]
        if not may_fail(event, error):
            continue
        maildir = trial.fresh()
        done = trial.fail(maildir, stop, error)
        assert_told(done)
        assert_goes_on(trial, maildir, stop, done)
        ends.add((done.status == 0, trial.is_committed(maildir)))
    assert ends == {(True, True), (False, True), (False, False)}


@pytest.mark.slow
@scenarios()
def test_a_call_fails_with_any_error(trial: Trial) -> None:
    for error in ERRORS:
        for stop in (stop for stop, event in calls_of(trial) if may_fail(event, error)):
            maildir = trial.fresh()
            done = trial.fail(maildir, stop, error)
            assert_told(done)
            assert_goes_on(trial, maildir, stop, done)


def crashed_after_commit(trial: Trial) -> Path:
    """A desk on which the command died as soon as its line was in the log."""
    line = next(stop for stop, (name, path) in enumerate(trial.events, 1) if (name, "/log/" in path) == ("write", True))
    return trial.die(line + 1)


def recover(trial: Trial, maildir: Path, stop: int, error: int) -> Run:
    """Run a command that does nothing but recover; one of its calls fails."""
    job = Job(maildir, list(NOTHING_TO_DO), stop=stop, deed="fail", now=DECEMBER, seed=SEED, error=error, is_wide=True)
    return trial.runner.run(job)


def fail_recovery(trial: Trial, errors: tuple[int, ...], step: int) -> int:
    """Let calls of the recovery fail; return how many did."""
    crashed = crashed_after_commit(trial)
    count = len(recover(trial, copy_desk(crashed, crashed.parents[1] / "again"), 0, 0).ended().events)
    hit = 0
    for number, error in enumerate(errors):
        for stop in range(1 + number % step, count + 1, step):
            maildir = copy_desk(crashed, crashed.parents[1] / "again")
            assert_told(recover(trial, maildir, stop, error))
            run(trial.runner, maildir, *NOTHING_TO_DO)
            trial.assert_sound(maildir, trial.after)
            hit += 1
    return hit


@scenarios(*FEW)
def test_a_call_of_the_recovery_fails(trial: Trial) -> None:
    assert fail_recovery(trial, ERRORS, len(ERRORS)) > 35


@pytest.mark.slow
@scenarios()
def test_a_call_of_the_recovery_fails_with_any_error(trial: Trial) -> None:
    assert fail_recovery(trial, ERRORS, 1) > 300


LASTING = (errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EIO)
"""What may last until a person comes."""


def refuse(trial: Trial, maildir: Path, error: int, *arguments: str) -> Run:
    """Run another command, all of whose calls that change the disk fail."""
    return trial.runner.run(Job(maildir, list(arguments), stop=1, deed="refuse", now=DECEMBER, seed=SEED, error=error))


@scenarios("reopen")
def test_a_fault_that_lasts_keeps_nobody_from_reading(trial: Trial) -> None:
    assert_readers_go_on(trial)


@pytest.mark.slow
@scenarios(*FEW, "ingest --classify")
def test_a_fault_that_lasts_keeps_nobody_from_reading_after_larger_operations(trial: Trial) -> None:
    assert_readers_go_on(trial)


def assert_readers_go_on(trial: Trial) -> None:
    """From some call on, the desk can't be changed: readers see it as it was, until a writer can finish."""
    line = next(stop for stop, (name, path) in enumerate(trial.events, 1) if (name, "/log/" in path) == ("write", True))
    seen = set()
    for number, stop in enumerate(range(line + 1, len(trial.events) + 1)):
        maildir, error = trial.die(stop), LASTING[number % len(LASTING)]
        if not trial.is_committed(maildir) or not trial.is_new(maildir):
            continue
        answers = {question: refuse(trial, maildir, error, *question).ended() for question in QUESTIONS}
        states = {
            name
            for name, state in (("before", trial.before), ("after", trial.after))
            if {question: (0, done.stdout) for question, done in answers.items()} == state.answers
        }
        assert states, "what is read belongs to no one state"
        seen |= states
        if states == {"before"}:
            assert all("what you see is the desk before" in done.stderr for done in answers.values())
            told = refuse(trial, maildir, error, *NOTHING_TO_DO).ended(75).stderr
            assert "is committed but not finished: " in told
            assert refuse(trial, maildir, error, "check").ended(75).stderr.splitlines()[0] == told.splitlines()[
                0
            ].replace(NOTHING_TO_DO[0], "check")
        run(trial.runner, maildir, *NOTHING_TO_DO)
        trial.assert_sound(maildir, trial.after)
    assert seen == {"before", "after"}
