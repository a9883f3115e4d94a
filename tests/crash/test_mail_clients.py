"""Mail clients rename and delete messages whenever they like: at every call of a command, and while it lies dead."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.crash_fixtures import NOTHING_TO_DO, Trial, crash_desk, crash_folder, runner, scenarios, trial
from tests.support.crash_scenarios import DAY, run
from tests.support.desks import make_mail
from tests.support.pictures import Picture, take_picture

__all__ = ["crash_desk", "crash_folder", "runner", "trial"]

Act = tuple[str, str]
KEYS = ("1794290000.M0P1.test", "1794290001.M1P1.test")
"""Two messages of one ticket, an unread one and a read one; in the INBOX, two of those that arrive."""

NEWCOMER = make_mail("Of an old name", mid="newcomer@example.org")


def places(maildir: Path, folder: str = ".*") -> list[Path]:
    """Where these messages lie now."""
    return [path for key in KEYS for path in maildir.glob(f"{folder}/*/{key}*")]


def flagging(maildir: Path, folder: str = ".*") -> list[Act]:
    """What a client does to set the flag F on the messages, from where they lie now."""
    acts = []
    for path in places(maildir, folder):
        key, _, flags = path.name.partition(":2,")
        target = path.parents[1] / "cur" / f"{key}:2,{''.join(sorted({*flags, 'F'}))}"
        acts.append((str(path.relative_to(maildir)), str(target.relative_to(maildir))))
    return acts


def without_flags(picture: Picture) -> Picture:
    """A picture without what clients change."""
    tickets = {
        name: {**ticket, "messages": [{**row, "file": row["file"][2]} for row in ticket["messages"]]}
        for name, ticket in picture.tickets.items()
    }
    return Picture(tickets, sorted((folder, "", "", digest) for folder, _, _, digest in picture.mails))


def count_flagged(maildir: Path) -> int:
    """How many of the messages have the flag F."""
    return sum("F" in path.name.partition(":2,")[2] for path in places(maildir))


def first_move(trial: Trial) -> int:
    """The call that moves the first mail."""
    return next(stop for stop, (name, path) in enumerate(trial.events, 1) if name == "rename" and KEYS[0] in path)


def assert_followed(trial: Trial, maildir: Path) -> None:
    """The command has done what it always does."""
    assert without_flags(take_picture(maildir)) == without_flags(trial.after.picture)
    assert trial.ask(maildir, "check") == (0, b"")


@scenarios("mv", "mv to a queue that closes", "undo mv")
def test_messages_are_flagged_at_any_call(trial: Trial) -> None:
    acts = flagging(trial.start)
    assert len(acts) == 2
    for stop in range(1, len(trial.events) + 1):
        maildir = trial.fresh()
        trial.launch(maildir, stop, "act", tuple(acts)).ended()
        assert_followed(trial, maildir)
        assert count_flagged(maildir) == 2 if stop <= first_move(trial) else count_flagged(maildir) < 2


@scenarios("ingest the INBOX")
def test_arriving_mail_is_read_at_any_call(trial: Trial) -> None:
    acts = flagging(trial.start, ".")
    assert len(acts) == 2
    for stop in range(1, len(trial.events) + 1):
        maildir = trial.fresh()
        trial.launch(maildir, stop, "act", tuple(acts)).ended()
        assert_followed(trial, maildir)


@scenarios("mv to a queue that closes", "undo mv")
def test_messages_are_flagged_after_a_crash(trial: Trial) -> None:
    for stop in range(first_move(trial), len(trial.events) + 1):
        maildir = trial.die(stop)
        for source, target in flagging(maildir):
            (maildir / source).rename(maildir / target)
        run(trial.runner, maildir, *NOTHING_TO_DO)
        assert_followed(trial, maildir)
        assert count_flagged(maildir) == 2


@scenarios("mv to a queue that closes", "ingest the INBOX")
def test_a_message_is_deleted_at_any_call(trial: Trial) -> None:
    folder = "." if trial.scenario.has_inbox else ".*"
    doomed = str(places(trial.start, folder)[0].relative_to(trial.start))
    ends = set()
    for stop in range(1, len(trial.events) + 1):
        maildir = trial.fresh()
        done = trial.launch(maildir, stop, "act", ((doomed, ""),)).ended()
        is_noted = "recovery" in trial.ask(maildir, "log")[1].decode()
        assert not is_noted or f"message {maildir_key(doomed)} is missing from" in done.stderr
        ends.add(is_noted)
        run(trial.runner, maildir, "mv", f"{DAY}.3", "engineers")
        assert trial.ask(maildir, "check")[0] == 65 or not is_noted
        trial.ask(maildir, "check", "--repair")
        assert trial.ask(maildir, "check") == (0, b"")
        assert_only_this_is_lost(trial, maildir)
    assert ends == {True, False}


def maildir_key(path: str) -> str:
    """The key in a message's path."""
    return Path(path).name.partition(":2,")[0]


def assert_only_this_is_lost(trial: Trial, maildir: Path) -> None:
    """All tickets are where the command puts them, and all mails but one are there."""
    found = {
        document["id"]: path.parent.name
        for path in maildir.glob(".*/tickets.json")
        for document in json.loads(path.read_bytes())["tickets"].values()
    }
    expected = {name: ticket["folder"] for name, ticket in trial.after.picture.tickets.items()}
    assert found == {**expected, f"{DAY}.3": ".engineers"}
    left = [path for part in ("new", "cur") for path in maildir.glob(f".*/{part}/*")]
    assert len(left) in (len(trial.after.picture.mails) - 1, len(trial.after.picture.mails))


@scenarios("ingest the INBOX", "mv to a queue that closes", "undo mv")
def test_a_name_comes_back_after_a_crash(trial: Trial) -> None:
    """A client sets a flag on a message that has moved, and another message comes under its old name."""
    old = [
        str(path.relative_to(trial.start)) for path in places(trial.start, "." if trial.scenario.has_inbox else ".*")
    ]
    assert len(old) == 2
    hit = 0
    for stop in range(first_move(trial), len(trial.events) + 1):
        maildir = trial.die(stop)
        for source, target in flagging(maildir):
            (maildir / source).rename(maildir / target)
        newcomers = [path for path in old if not list((maildir / path).parents[1].glob(f"*/{maildir_key(path)}*"))]
        for path in newcomers:
            (maildir / path).write_bytes(NEWCOMER)
        run(trial.runner, maildir, *NOTHING_TO_DO)
        assert [path for path in newcomers if (maildir / path).read_bytes() != NEWCOMER] == []
        for path in newcomers:
            (maildir / path).unlink()
            hit += 1
        assert_followed(trial, maildir)
    assert hit > 10
