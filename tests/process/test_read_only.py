"""Whoever may read a desk and not write there reads, whatever waits or is lost, and is told why nothing changes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.crash import CONFIG, DIED, Job, Runner
from tests.support.desks import DeskDir, make_mail

QUESTIONS = (("ls",), ("queues",), ("log",), ("search", "paper"), ("stats",), ("show", "--raw"))
POWERS = "-dac_override,-dac_read_search,-fowner"
"""What lets root write everywhere."""

RENAMES = 5
"""Of two messages, two files of metadata, and `head`."""


class ReadOnlyDesk:
    """A desk that nobody may change; its last command died after `done` of its renames (-1: it did not)."""

    def __init__(self, desk: DeskDir, done: int) -> None:
        self.desk = desk
        self.tickets = [row["ticket"] for row in desk.take(*(make_mail(name, text="paper\n") for name in ("a", "b")))]
        self.answers(())  # which marks a message as read
        self.before = self.answers(())
        self._move(done)
        if done < 0:
            self.before = self.answers(())
        self.let_write("a-w")

    def _move(self, done: int) -> None:
        runner = Runner()
        job = Job(self.desk.maildir, ["mv", *self.tickets, "engineers"])
        scratch = replace(job, maildir=shutil.copytree(self.desk.maildir, self.desk.folder / "scratch"))
        events = runner.run(scratch).ended().events
        stops = [stop for stop, (name, _) in enumerate(events, 1) if name in ("rename", "replace")]
        assert len(stops) == RENAMES
        runner.run(replace(job, stop=0 if done < 0 else stops[done])).ended(DIED if done >= 0 else 0)
        runner.close()

    def let_write(self, mode: str) -> None:
        """Change who may write."""
        subprocess.run(["chmod", "-R", mode, str(self.desk.maildir)], check=True)

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run a command without root's powers."""
        powers = ["setpriv", "--bounding-set", POWERS, "--inh-caps", POWERS] if os.getuid() == 0 else []
        command = [*powers, *self.desk.command, *arguments]
        environment = self.desk.environment | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, env=environment, cwd=self.desk.folder, capture_output=True, check=False)

    def answers(self, without: tuple[str, ...]) -> dict[tuple[str, ...], bytes]:
        """What readers are told."""
        questions = [question for question in QUESTIONS if question[0] not in without]
        named = {question: (*question, *self.tickets[: question[0] == "show"]) for question in questions}
        done = {question: self.ask(*arguments) for question, arguments in named.items()}
        assert {question: run.stderr for question, run in done.items() if run.returncode} == {}
        return {question: run.stdout for question, run in done.items()}


@pytest.fixture(params=[-1, *range(RENAMES - 1)])
def read_only(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReadOnlyDesk]:
    """A desk that may only be read, on which an operation waits, is done in part, or is whole."""
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root can only be kept from writing with setpriv")
    made = ReadOnlyDesk(DeskDir(tmp_path / "desk", CONFIG), request.param)
    yield made
    made.let_write("u+w")
    made.desk.run("wake")
    assert made.desk.rows("ls")[0]["queue"] == "engineers"
    made.desk.check()


def test_readers_see_one_state(read_only: ReadOnlyDesk) -> None:
    before = read_only.desk.contents()
    assert read_only.answers(()) == read_only.before
    for path in read_only.ask("show", "--path", *read_only.tickets).stdout.split():
        assert b"\n\npaper\n" in Path(os.fsdecode(path)).read_bytes(), "at whichever end of its rename"
    assert read_only.desk.contents() == before


def test_readers_do_without_the_catalogue(read_only: ReadOnlyDesk) -> None:
    """All but searches, which need it as a file."""
    read_only.let_write("u+w")
    for path in (read_only.desk.maildir / "supportctl").glob("catalogue.sqlite*"):
        path.unlink()
    read_only.let_write("a-w")
    expected = {question: answer for question, answer in read_only.before.items() if question[0] != "search"}
    assert read_only.answers(("search",)) == expected
    assert read_only.ask("search", "paper").returncode == 75


def test_writers_are_told_what_to_do(read_only: ReadOnlyDesk) -> None:
    read_only.let_write("u+w")
    read_only.desk.deliver(make_mail("c"))
    read_only.let_write("a-w")
    before = read_only.desk.contents()
    first = read_only.tickets[0]
    for verb in (("tag", "+a", first), ("mv", first, "junk"), ("ingest",), ("undo",), ("check", "--repair")):
        done = read_only.ask(*verb)
        assert done.returncode in (75, 77)
        assert b"Permission denied" in done.stderr or b"may not write there" in done.stderr
        assert b"\nhint: " in done.stderr
        assert read_only.desk.contents() == before
