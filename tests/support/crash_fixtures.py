"""What the crash tests share: a runner, a desk to copy, and what a desk looks like before and after a command."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.crash import DIED, Deed, Event, Job, Run, Runner
from tests.support.crash_scenarios import DAY, DECEMBER, SCENARIOS, Scenario, copy_desk, make_desk, run, set_up
from tests.support.pictures import CACHES, Picture, count_operations, digest_of, read_contents, take_picture

NOTHING_TO_DO = ("wake", f"{DAY}.3")
"""A verb that writes, and finds nothing to change: as a first command it does no more than recover."""

SEED = 7
"""Of all runs that are compared."""

QUESTIONS = (
    ("ls", "--format", "jsonl"),
    ("search", "paper or hello or is:closed", "--format", "jsonl"),
    ("show", "--path", f"{DAY}.3"),
    ("queues", "--format", "jsonl"),
    ("log", "--format", "jsonl"),
)
"""What readers ask; the answers differ before and after most commands."""

Answer = tuple[int, bytes]


@dataclass(slots=True)
class View:
    """A desk as its files show it, and as the program shows it."""

    picture: Picture
    answers: dict[tuple[str, ...], Answer]


class Trial:
    """A scenario's command: before it, after it, and its calls when nothing happens to it."""

    def __init__(self, runner: Runner, desk: Path, folder: Path, scenario: Scenario) -> None:
        self.runner = runner
        self.scenario = scenario
        self.start = set_up(runner, desk, folder / "start", scenario)
        self._work = folder / "work"
        self.operations = count_operations(self.start)
        maildir = self.fresh()
        self.before = self.view(maildir)
        maildir = self.fresh()
        self.events: list[Event] = self.launch(maildir).ended().events
        self.after = self.view(maildir)
        self._seen: set[str] = set()

    def fail(self, maildir: Path, stop: int, error: int, deed: Deed = "fail") -> Run:
        """Run the command; one of its calls, counted with those that only open or lock, fails."""
        arguments, given = list(self.scenario.arguments), self.scenario.input
        return self.runner.run(
            Job(maildir, arguments, given, stop, deed, now=DECEMBER, seed=SEED, error=error, is_wide=True)
        )

    def stop_recovery(self, maildir: Path, stop: int, deed: Deed = "die") -> Run:
        """Run a command that does nothing but recover; something happens at one of its calls."""
        return self.runner.run(Job(maildir, list(NOTHING_TO_DO), stop=stop, deed=deed, now=DECEMBER))

    def fresh(self) -> Path:
        """A copy of the desk before the command; it takes the place of the last one."""
        return copy_desk(self.start, self._work)

    def launch(self, maildir: Path, stop: int = 0, deed: Deed = "die", acts: tuple[tuple[str, str], ...] = ()) -> Run:
        """Run the command; something happens at one of its calls."""
        arguments, given = list(self.scenario.arguments), self.scenario.input
        return self.runner.run(Job(maildir, arguments, given, stop, deed, list(acts), DECEMBER, SEED))

    def ask(self, maildir: Path, *arguments: str) -> Answer:
        """What the program says on standard output."""
        done = self.runner.run(Job(maildir, list(arguments), now=DECEMBER, is_counted=False))
        return done.status, done.stdout

    def view(self, maildir: Path) -> View:
        """All that can be seen of a desk."""
        picture = take_picture(maildir)
        return View(picture, {question: self.ask(maildir, *question) for question in QUESTIONS})

    def is_new(self, maildir: Path) -> bool:
        """Whether no command has left just these files before: dying before a sync and after it is the same.

        So is dying after the seventh staged mail and after the eighth.
        """
        contents = read_contents(maildir, ("catalogue.sqlite-shm", *CACHES[3:]))
        files = {
            (re.sub(r"\d+", "", path), bool(content)) if "/stage/" in path else (path, content)
            for path, content in contents.items()
        }
        digest = sha256(repr(sorted(files)).encode()).hexdigest()
        is_new = digest not in self._seen
        self._seen.add(digest)
        return is_new

    def is_committed(self, maildir: Path) -> bool:
        """Whether the command's operation stands in the log."""
        return count_operations(maildir) > self.operations

    def expected(self, maildir: Path) -> View:
        """What the desk must be once it has recovered."""
        return self.after if self.is_committed(maildir) else self.before

    def without_accepted(self, picture: Picture) -> Picture:
        """A picture without the mail in the INBOX that `ingest -` has been given: it is there, or it is not."""
        accepted = ("", "new", "", digest_of(self.scenario.input))
        rest = deepcopy(picture)
        if self.scenario.input and accepted in rest.mails:
            rest.mails.remove(accepted)
        return rest

    def assert_recovers(self, maildir: Path, number: int) -> None:
        """Let a reader or a writer be the first to come; the desk must be as before or as after, and stay so."""
        expected = self.expected(maildir)
        question = QUESTIONS[number // 2 % len(QUESTIONS)]
        if number % 2:
            run(self.runner, maildir, *NOTHING_TO_DO)
        assert self.ask(maildir, *question) == expected.answers[question]
        if not number % 2:
            run(self.runner, maildir, *NOTHING_TO_DO)
        self.assert_sound(maildir, expected)
        contents = read_contents(maildir)
        run(self.runner, maildir, *NOTHING_TO_DO)
        assert read_contents(maildir) == contents, "recovering twice is not recovering once"

    def assert_sound(self, maildir: Path, expected: View) -> None:
        """The desk is the expected one, holds nothing half done, and `check` finds nothing."""
        picture = take_picture(maildir)
        assert self.without_accepted(picture) == self.without_accepted(expected.picture)
        assert not list((maildir / "supportctl" / "stage").iterdir())
        for log in (maildir / "supportctl" / "log").iterdir():
            assert log.read_bytes()[-1:] in (b"", b"\n"), "the next line would be torn as well"
        assert self.ask(maildir, "check") == (0, b"")

    def points(self) -> Iterator[tuple[int, Deed]]:
        """Where the process can die: before each call, and in the middle of each write."""
        for stop, (name, _) in enumerate(self.events, 1):
            yield stop, "die"
            if name == "write":
                yield stop, "tear"

    def die(self, stop: int, deed: Deed = "die") -> Path:
        """A copy of the desk on which the command died."""
        maildir = self.fresh()
        self.launch(maildir, stop, deed).ended(DIED)
        return maildir


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    """A process that runs commands."""
    made = Runner()
    yield made
    made.close()


@pytest.fixture(scope="session")
def crash_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the desks lie: in memory, if that is to be had, as they are copied some thousand times."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("crash")
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="supportctl-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def crash_desk(runner: Runner, crash_folder: Path) -> Path:
    """The Maildir of a small desk with tickets in every state."""
    return make_desk(runner, crash_folder / "desk")


@pytest.fixture
def trial(request: pytest.FixtureRequest, runner: Runner, crash_desk: Path, crash_folder: Path) -> Trial:
    """A scenario, ready to be tried (see `scenarios`)."""
    return Trial(runner, crash_desk, crash_folder / request.param.name.replace(" ", "-"), request.param)


def scenarios(*names: str) -> pytest.MarkDecorator:
    """Let a test run with the scenarios of these names, or with all."""
    chosen = [scenario for scenario in SCENARIOS if not names or scenario.name in names]
    assert len(chosen) >= len(names)
    return pytest.mark.parametrize("trial", chosen, ids=[scenario.name for scenario in chosen], indirect=True)
