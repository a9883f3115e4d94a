"""Mail on its way out, stopped at every call: it is never lost, and leaves at most twice, under one Message-ID."""

from __future__ import annotations

import errno
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.crash import CONFIG, DIED, Deed, Job, Run, Runner
from tests.support.crash_fixtures import NOTHING_TO_DO, SEED, crash_desk, crash_folder, runner
from tests.support.crash_scenarios import DAY, DECEMBER, copy_desk
from tests.support.pictures import take_picture

__all__ = ["crash_desk", "crash_folder", "runner"]

TICKET = f"{DAY}.5"
FORWARD = ("forward", TICKET)
REPLY = ("reply", TICKET, "--text", "Hello.", "--close")
SEND = ("outbox", "send", "-q")
LATER = DECEMBER + 86400
TO = "list@example.net"


class Outpost:
    """A desk whose mail leaves by a command that notes each message."""

    def __init__(self, runner: Runner, desk: Path, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        folder.mkdir()
        self._left = folder / "left"
        command = folder / "sendmail"
        command.write_text(f"#!/bin/sh\ngrep -m1 '^Message-ID:' >> {self._left}\n")
        command.chmod(0o755)
        self._config = folder / "queues.yaml"
        transport = f"outgoing: {{transport: 'sendmail:{command}'}}\n"
        self._config.write_text(transport + CONFIG.read_text())
        self._slow = folder / "slow.yaml"
        self._slow.write_text(f"outbox: {{delay: 1h}}\n{self._config.read_text()}")
        self._desk = desk
        self._waiting = copy_desk(desk, folder / "waiting")
        self.run(self._waiting, *FORWARD, config=self._slow).ended()

    def fresh(self, *, is_waiting: bool) -> Path:
        """A copy of the desk, with a forward that waits or without one; nothing has left."""
        self._left.unlink(missing_ok=True)
        return copy_desk(self._waiting if is_waiting else self._desk, self.folder / "work")

    def run(self, maildir: Path, *arguments: str, config: Path | None = None, **job: Any) -> Run:
        """Run a command."""
        job = {"now": DECEMBER, "is_counted": False, **job}
        return self.runner.run(Job(maildir, list(arguments), config=config or self._config, **job))

    def stop(self, maildir: Path, arguments: tuple[str, ...], stop: int, deed: Deed, error: int = 0) -> Run:
        """Run a command; something happens at one of its calls, those that only open or lock among them."""
        settings: dict[str, Any] = {
            "stop": stop,
            "deed": deed,
            "error": error,
            "is_counted": True,
            "is_wide": True,
        }
        return self.run(maildir, *arguments, now=LATER, seed=SEED, **settings)

    def left(self) -> list[str]:
        """The Message-IDs of what has left, once for each time."""
        return self._left.read_text().splitlines() if self._left.exists() else []

    def states(self, maildir: Path) -> list[str]:
        """The states of the messages of the ticket."""
        ticket = take_picture(maildir).tickets[TICKET]
        return [dispatch["state"] for row in ticket["outgoing"] for dispatch in row["progress"]]

    def assert_sound(self, maildir: Path) -> None:
        """Assert that nothing is wrong with the desk."""
        done = self.run(maildir, "check")
        assert (done.status, done.stdout) == (0, b""), done.stderr


@pytest.fixture(scope="module")
def outpost(runner: Runner, crash_desk: Path, crash_folder: Path) -> Outpost:
    """A desk that sends."""
    return Outpost(runner, crash_desk, crash_folder / "sending")


def count_calls(outpost: Outpost, command: tuple[str, ...]) -> int:
    maildir = outpost.fresh(is_waiting=command == SEND)
    done = outpost.stop(maildir, command, 0, "die").ended()
    assert (outpost.states(maildir), len(outpost.left())) == (["sent"], 1)
    return len(done.events)


def test_a_message_is_stopped_anywhere_on_its_way(outpost: Outpost) -> None:
    expect_one_way(outpost, SEND)


@pytest.mark.slow
@pytest.mark.parametrize("command", [FORWARD, REPLY], ids=lambda command: command[0])
def test_a_verb_that_writes_mail_is_stopped_anywhere(outpost: Outpost, command: tuple[str, ...]) -> None:
    expect_one_way(outpost, command)


def expect_one_way(outpost: Outpost, command: tuple[str, ...]) -> None:
    """A message is never lost, and leaves at most twice, wherever a command is stopped."""
    ends: Counter[tuple[int, str]] = Counter()
    calls = count_calls(outpost, command)
    assert calls > 80
    for stop in range(1, calls + 1):
        maildir = outpost.fresh(is_waiting=command == SEND)
        outpost.stop(maildir, command, stop, "die").ended(DIED)
        outpost.run(maildir, *NOTHING_TO_DO, now=LATER).ended()
        outpost.assert_sound(maildir)
        before = outpost.states(maildir)
        outpost.run(maildir, *SEND, now=LATER + 86400).ended()
        outpost.assert_sound(maildir)
        left = outpost.left()
        if not before:  # the forward was never committed
            assert (command != SEND, left) == (True, [])
            continue
        assert outpost.states(maildir) == ["sent"]
        assert 1 <= len(left) <= 2
        assert len(set(left)) == 1
        assert len(places_of(maildir, left[0])) == 1
        ends[len(left), before[0]] += 1
    # Stopped before the log has it as being sent, while it is, and when the answer is in the log.
    assert {(1, "waiting"), (1, "sending"), (2, "sending"), (1, "sent")} <= set(ends)
    assert {state for number, state in ends if number == 2} == {"sending"}


def places_of(maildir: Path, field: str) -> list[Path]:
    """The files of a message that has left, by its field Message-ID: with its ticket, or with what was sent."""
    paths = [path for path in maildir.glob(".*/[nc][eu][wr]/*") if field in path.read_text().splitlines()]
    assert all(path.parts[-3].startswith((".sent.", ".public.closed.")) for path in paths)
    return paths


@pytest.mark.slow
@pytest.mark.parametrize("command", [FORWARD, REPLY, SEND], ids=lambda command: command[0])
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EACCES])
def test_a_call_fails_on_the_way_of_a_message(outpost: Outpost, command: tuple[str, ...], error: int) -> None:
    for stop in range(1, count_calls(outpost, command) + 1):
        maildir = outpost.fresh(is_waiting=command == SEND)
        outpost.stop(maildir, command, stop, "fail", error)
        outpost.run(maildir, *NOTHING_TO_DO, now=LATER).ended()
        before = outpost.states(maildir)
        outpost.run(maildir, *SEND, now=LATER + 86400).ended()
        outpost.assert_sound(maildir)
        left = outpost.left()
        assert (len(left) in (1, 2) and outpost.states(maildir) == ["sent"]) if before else left == []
        assert len(set(left)) <= 1


@pytest.mark.slow
def test_a_message_that_is_stopped_twice_is_held(outpost: Outpost) -> None:
    calls = count_calls(outpost, SEND)
    held = 0
    for stop in range(1, calls + 1):
        maildir = outpost.fresh(is_waiting=True)
        for _ in range(2):
            outpost.stop(maildir, SEND, stop, "die").ended(DIED, 0)
        outpost.run(maildir, *NOTHING_TO_DO, now=LATER).ended()
        outpost.run(maildir, *SEND, now=LATER + 86400).ended(0, 3)
        outpost.assert_sound(maildir)
        (state,) = outpost.states(maildir)
        assert len(outpost.left()) in ((1, 2) if state == "sent" else (0, 1, 2))
        assert state in ("sent", "held")
        held += state == "held"
    assert 0 < held < calls
