"""Eight processes write at once while others read: nothing is lost, nothing doubled, no reader misses a ticket."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.support.crash import Job, Run, Runner
from tests.support.crash_fixtures import crash_desk, crash_folder, runner
from tests.support.crash_scenarios import copy_desk, make_desk
from tests.support.desks import make_mail
from tests.support.inside import locked
from tests.support.pictures import count_operations, take_picture

__all__ = ["crash_desk", "crash_folder", "runner"]

WRITERS, ROUNDS = 8, 6
SHARED_MAIL = make_mail("To everyone", "Eve <eve@example.org>", "The same for all.\n", mid="everyone@example.org")


class Crew:
    """Some runners on one desk; a command that fails is remembered."""

    def __init__(self, maildir: Path, count: int) -> None:
        self.maildir = maildir
        self.runners = [Runner() for _ in range(count)]
        self.statuses: Counter[int] = Counter()
        self.failures: list[str] = []

    def run(self, number: int, *arguments: str, input: bytes = b"", allowed: tuple[int, ...] = (0,)) -> Run:
        """Let one of them run a command."""
        done = self.runners[number].run(Job(self.maildir, list(arguments), input, is_counted=False))
        self.statuses[done.status] += 1
        if done.status not in allowed:
            self.failures.append(f"{arguments}: {done.status}: {done.stderr}")
        return done

    def ids(self, number: int, *arguments: str) -> list[str]:
        """The ids that a command prints."""
        return self.run(number, *arguments, "--format", "ids").stdout.decode().split()

    def close(self) -> None:
        """Send them home."""
        for member in self.runners:
            member.close()


class Writer:
    """One of eight who write: takes in mail of its own, and moves its own two tickets about."""

    def __init__(self, crew: Crew, number: int, tickets: tuple[str, str], shared: str) -> None:
        self.crew, self.number, self.shared = crew, number, shared
        self.moved, self.closed = tickets
        self.mails = [
            make_mail(f"Mail {number} {part}", mid=f"w{number}.{part}@example.org") for part in range(3 * ROUNDS)
        ]

    def work(self) -> None:
        """Use every verb in turn."""
        mails = iter(self.mails)
        for turn in range(ROUNDS):
            self.run("ingest", "-", input=next(mails))
            self.deliver(next(mails), turn)
            self.run("ingest", "--classify")
            self.run("mv", self.moved, ("engineers", "triage")[turn % 2])
            file = self.crew.maildir.parent / f"{self.number}.eml"
            file.write_bytes(next(mails))
            self.run("ingest", str(file))
            self.run("tag", f"+tag-{self.number}-{turn}", self.shared)
            self.run("close", "--type", "Password", self.closed) if turn % 2 == 0 else self.run("reopen", self.closed)
            self.run("--wait", "0.001", "tag", f"+hurry-{self.number}", self.closed, allowed=(0, 75))
            self.run("ingest", "-", input=SHARED_MAIL)

    def deliver(self, mail: bytes, turn: int) -> None:
        """Put a mail into the INBOX as a mail server does."""
        name = f"{int(time.time())}.W{self.number}T{turn}.test"
        draft = self.crew.maildir / "tmp" / name
        draft.write_bytes(mail)
        draft.rename(self.crew.maildir / "new" / name)

    def run(self, *arguments: str, input: bytes = b"", allowed: tuple[int, ...] = (0,)) -> None:
        """Run one command."""
        self.crew.run(self.number, *arguments, input=input, allowed=allowed)


def watch(crew: Crew, number: int, always: list[str], is_over: list[bool]) -> int:
    """Look again and again; each of the tickets that are always there must be seen once. Returns how often."""
    questions = (
        ("ls", "triage", "engineers"),
        ("search", "subject:throughout"),
        ("ls", "engineers", "triage"),
    )
    rounds = 0
    while not is_over:
        seen = Counter(crew.ids(number, *questions[rounds % len(questions)]))
        if missed := {name: seen[name] for name in always if seen[name] != 1}:
            crew.failures.append(f"{questions[rounds % len(questions)]}: seen so often: {missed}")
        crew.run(number, "queues")
        rounds += 1
    return rounds


@pytest.fixture
def crew(runner: Runner, crash_folder: Path) -> Iterator[Crew]:
    made = Crew(make_desk(runner, crash_folder / "together"), WRITERS + 2)
    yield made
    made.close()


def test_eight_write_while_two_read(crew: Crew) -> None:
    first = [
        make_mail(f"{kind} {number}", mid=f"{kind}{number}@example.org")
        for number in range(WRITERS)
        for kind in ("throughout", "now-and-then")
    ]
    for mail in first:
        crew.run(0, "ingest", "-", input=mail)
    always = crew.ids(0, "search", "subject:throughout", "--sort", "oldest")
    others = crew.ids(0, "search", "subject:now-and-then", "--sort", "oldest")
    (shared,) = crew.ids(0, "search", "subject:hello")
    writers = [Writer(crew, number, (always[number], others[number]), shared) for number in range(WRITERS)]
    is_over: list[bool] = []
    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(watch, crew, WRITERS + number, always, is_over) for number in range(2)]
        wait([pool.submit(writer.work) for writer in writers])
        is_over.append(True)
        assert sum(reader.result() for reader in readers) >= 10
    assert crew.failures == []
    assert_all_there(crew, [*first, *(mail for writer in writers for mail in writer.mails)], shared)


def assert_all_there(crew: Crew, mails: list[bytes], shared: str) -> None:
    """Nothing is lost and nothing is doubled."""
    crew.run(0, "ingest")
    picture = take_picture(crew.maildir)
    for mail in mails:
        assert len(picture.copies_of(mail)) == len(picture.tickets_with(mail)) == 1
    assert len(picture.tickets_with(SHARED_MAIL)) == 1
    assert len(picture.copies_of(SHARED_MAIL)) == WRITERS * ROUNDS
    tags = {f"tag-{number}-{turn}" for number in range(WRITERS) for turn in range(ROUNDS)}
    assert tags <= set(picture.tickets[shared]["tags"])
    numbers = [row["number"] for ticket in picture.tickets.values() for row in ticket["messages"]]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert crew.run(0, "check").stdout == b""
    assert crew.failures == []


@pytest.fixture
def maildir(crash_desk: Path, crash_folder: Path) -> Path:
    return copy_desk(crash_desk, crash_folder / "locked")


def ask(runner: Runner, maildir: Path, *arguments: str, input: bytes = b"") -> Run:
    return runner.run(Job(maildir, list(arguments), input, is_counted=False))


@pytest.mark.parametrize(
    "arguments",
    [
        ("tag", "+x", "s20261110.1"), ("mv", "s20261110.3", "junk"), ("ingest",), ("classify",), ("undo",), ("wake",),
        ("check", "--repair"),
    ],
)  # fmt: skip
def test_a_writer_waits_for_the_lock_so_long_and_no_longer(
    runner: Runner, maildir: Path, arguments: tuple[str, ...]
) -> None:
    (maildir / "new" / "1794290009.M9P9.test").write_bytes(make_mail("Waits"))
    operations = count_operations(maildir)
    with locked(maildir):
        started = time.monotonic()
        done = ask(runner, maildir, "--wait", "0.2", *arguments).ended(75)
        assert 0.2 <= time.monotonic() - started < 5
    assert "busy" in done.stderr
    assert count_operations(maildir) == operations


def test_readers_need_no_lock(runner: Runner, maildir: Path) -> None:
    with locked(maildir):
        for arguments in (
            ("ls",),
            ("queues",),
            ("show", "s20261110.1"),
            ("search", "hello"),
            ("log",),
            ("stats",),
            ("check",),
        ):
            assert ask(runner, maildir, "--wait", "0", *arguments).ended().stdout or arguments == ("check",)


def test_a_mail_server_does_not_wait(runner: Runner, maildir: Path) -> None:
    mail = make_mail("Right now", mid="now@example.org")
    with locked(maildir):
        started = time.monotonic()
        ask(runner, maildir, "ingest", "-", input=mail).ended()
        assert time.monotonic() - started < 5
        assert take_picture(maildir).copies_of(mail) == [""]
    ask(runner, maildir, "ingest").ended()
    assert len(take_picture(maildir).tickets_with(mail)) == 1


def test_a_reader_makes_do_with_the_desk_before_while_a_writer_is_at_work(runner: Runner, maildir: Path) -> None:
    (log,) = (maildir / "supportctl" / "log").iterdir()
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"op":')
    with locked(maildir):
        done = ask(runner, maildir, "--wait", "0.2", "ls").ended()
    assert done.stdout.count(b"\n") == 5
    assert ask(runner, maildir, "ls").ended().stdout.count(b"\n") == 5
    assert log.read_bytes() == whole
