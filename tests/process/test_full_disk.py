"""A disk that is full from some call on: before the commit point nothing is changed, after it the next command
finishes; the exit status is 75, also to a mail server."""

from __future__ import annotations

from pathlib import Path

from tests.support.crash import GROWING
from tests.support.crash_fixtures import NOTHING_TO_DO, Trial, crash_desk, crash_folder, runner, scenarios, trial
from tests.support.crash_scenarios import run
from tests.support.pictures import read_contents, take_picture

__all__ = ["crash_desk", "crash_folder", "runner", "trial"]


def growing(trial: Trial) -> list[int]:
    """The calls that a full disk refuses."""
    return [stop for stop, (name, _) in enumerate(trial.events, 1) if name in GROWING]


def files_of_desk(maildir: Path) -> dict[str, bytes]:
    """What must be the same after a failed command: all but the stage and an empty log file."""
    return {
        path: content
        for path, content in read_contents(maildir).items()
        if "/stage/" not in path and (content or "/log/" not in path)
    }


@scenarios("ingest --classify", "ingest a file", "mv to a queue that closes", "tag", "forward", "undo ingest")
def test_the_disk_is_full_from_a_call_on(trial: Trial) -> None:
    stops = growing(trial)
    assert len(stops) >= trial.scenario.least // 2
    before = files_of_desk(trial.start)
    ends = set()
    for stop in stops:
        maildir = trial.fresh()
        done = trial.launch(maildir, stop, "fill").ended(75)
        is_committed = trial.is_committed(maildir)
        assert is_committed or files_of_desk(maildir) == before
        assert is_committed == ("is committed but not finished: " in done.stderr)
        ends.add(is_committed)
        if trial.is_new(maildir):
            trial.assert_recovers(maildir, stop)
    assert ends == {True, False}


@scenarios("ingest -")
def test_what_a_mail_server_was_told_holds(trial: Trial) -> None:
    mail = trial.scenario.input
    told = set()
    for stop in growing(trial):
        maildir = trial.fresh()
        status = trial.launch(maildir, stop, "fill").ended(0, 75).status
        told.add(status)
        assert not list((maildir / "tmp").iterdir()), "pieces of mails would fill the disk for good"
        run(trial.runner, maildir, *NOTHING_TO_DO)
        copies = take_picture(maildir).copies_of(mail)
        assert len(copies) <= 1
        assert copies or status == 75
        run(trial.runner, maildir, "ingest", "-", input=mail)
        assert len(take_picture(maildir).tickets_with(mail)) == 1
        assert trial.ask(maildir, "check") == (0, b"")
    assert told == {0, 75}


@scenarios("mv to a queue that closes")
def test_the_disk_is_still_full_when_the_next_command_comes(trial: Trial) -> None:
    (line,) = [stop for stop, event in enumerate(trial.events, 1) if event[0] == "write" and "/log/" in event[1]]
    maildir = trial.die(line + 1)
    for stop in range(1, 100):
        done = trial.stop_recovery(maildir, stop, "fill").ended(0, 75)
        if done.status == 0:
            break
        assert trial.is_committed(maildir)
    assert stop > 15
    trial.assert_sound(maildir, trial.after)
