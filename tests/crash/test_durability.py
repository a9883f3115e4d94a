"""What is on the disk before what: a process that dies leaves everything that it has written, a power failure
leaves what was synced. So the calls must come in the right order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.crash import Event, Job, Runner
from tests.support.crash_fixtures import Trial, crash_desk, crash_folder, runner, scenarios, trial

__all__ = ["crash_desk", "crash_folder", "runner", "trial"]

STAGE, LOG, HEAD = "supportctl/stage/", "supportctl/log/", "supportctl/head"


def parent(path: str) -> str:
    """The folder that has a path's name."""
    return path.rpartition("/")[0] or "."


def commit_of(events: Sequence[Event]) -> int:
    """Where the log's new line is durable."""
    line = next(place for place, (name, path) in enumerate(events) if name == "write" and path.startswith(LOG))
    return next(place for place in range(line, len(events)) if events[place] == ("fsync", events[line][1]))


def needs(event: Event) -> Iterator[str]:
    """What must be synced for what a call did to be durable."""
    name, path = event
    if name == "write":
        yield path
    elif name in ("create", "mkdir") and parent(path) != "tmp":
        yield parent(path)
    elif name in ("rename", "replace"):
        source, _, target = path.partition(" → ")
        yield parent(target)
        if not source.startswith((STAGE, "tmp/")):
            yield parent(source)


def assert_durable(events: Sequence[Event]) -> None:
    """Whatever these calls did is synced by the end of them."""
    for place, event in enumerate(events):
        synced = {path for name, path in events[place + 1 :] if name == "fsync"}
        if any(name == "syncfs" for name, _ in events[place + 1 :]):
            continue
        for path in needs(event):
            assert path in synced, f"{event} is not durable: {path} is not synced"


@scenarios()
def test_the_calls_come_in_the_right_order(trial: Trial) -> None:
    events = accept(trial.events)
    commit = commit_of(events)
    head = events.index(("create", f"{HEAD}.new"))
    staged, applied, ended = events[: commit + 1], events[commit + 1 : head], events[head:]
    assert all(path.startswith((STAGE[:-1], LOG[:-1])) for _, path in staged), "nothing of the desk is touched"
    assert_durable(staged)
    assert [name for name, _ in applied if name not in ("rename", "fsync", "syncfs", "unlink")] == []
    assert any(name == "rename" for name, _ in applied)
    assert_durable(applied)
    assert_durable(ended)
    assert [name for name, path in ended if not path.startswith(STAGE)] == [
        "create",
        "write",
        "fsync",
        "replace",
        "fsync",
    ]


def accept(events: list[Event]) -> list[Event]:
    """Hold what `ingest -` does first against its promise, and return the rest."""
    if not events[0][1].startswith("tmp/"):
        return events
    end = next(place for place, (_, path) in enumerate(events) if path.startswith(STAGE))
    assert [name for name, _ in events[:end]] == ["create", "write", "fsync", "rename", "unlink", "fsync"]
    assert events[1][1] == events[2][1]
    assert_durable(events[:end])
    return events[end:]


@scenarios("mv to a queue that closes", "ingest -")
def test_what_a_dead_process_has_logged_is_durable_before_it_is_applied(trial: Trial) -> None:
    line = next(stop for stop, (name, path) in enumerate(trial.events, 1) if name == "write" and path.startswith(LOG))
    events = trial.stop_recovery(trial.die(line + 1), 0).ended().events
    names = [name for name, _ in events]
    assert {path.rstrip("/") for _, path in events[: names.index("rename")]} >= {trial.events[line - 1][1], LOG[:-1]}


def test_a_new_desk_is_durable(runner: Runner, crash_folder: Path) -> None:
    folder = crash_folder / "durable"
    folder.mkdir()
    events = runner.run(Job(folder / "maildir", ["init", str(folder)])).ended().events
    assert events[0] == ("mkdir", ".")
    assert len(events) > 40
    assert_durable(events[1:])
