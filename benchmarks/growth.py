"""Measured: what each verb costs on a desk that has grown, beside the same on a small one."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.desk import Desk, Program
from benchmarks.peers import execute
from benchmarks.table import write_duration, write_table
from benchmarks.turns import Call, CommandFailedError, Contestant, always, take_turns
from benchmarks.workbench import tell

HEADS = ("verb", "small", "grown", "ratio", "at most 2 ×")
GOAL = 2.0
MONTHS = 36

_MAIL = """\
From: Person {number} <person{number}@example.org>
To: support@example.org
Subject: Question {number} about {topic}
Date: Sun, 22 Nov 2026 10:00:00 +0000
Message-ID: <{number}.{kind}@example.org>
{field}
Hello, my {topic} does not work since yesterday, number {number}. What can I do?
"""
TOPICS = ("certificate", "account", "password", "assurance", "points", "key", "signature", "domain")

#: Takes the INBOX in three years ago, and writes operations ever since, in one process: a tag that comes and goes.
_HISTORY = """\
import sys, time
config, ticket, count, months = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
end = time.time()
from supportctl.cli import group
for number in range(count):
    at = end - (count - number) * months * 2_629_800 / count
    time.time, time.time_ns = lambda: at, lambda: int(at * 1e9)
    command = ["tag", "+-"[number % 2] + "seen", ticket] if number else ["ingest"]
    if status := group.run(["--config", config, "-q", *command]):
        sys.exit(status)
"""

Verbs = Mapping[str, Callable[[Desk], Contestant]]


@dataclass(frozen=True)
class Growth:
    """What grows: its title, how a desk of a size is made, the two sizes, and the verbs that are measured on it."""

    title: str
    make: Callable[[Desk, int], None]
    sizes: tuple[int, int]
    verbs: Verbs


def measure_growth(program: Program, folder: Path, runs: int, scale: float, only: str) -> Iterator[str]:
    """A table for each kind of growth whose title matches; sizes are multiplied by a scale."""
    for growth in (each for each in GROWTHS if re.search(only, each.title)):
        small, grown = (max(1, int(size * scale)) for size in growth.sizes)
        desks = {}
        for name, size in (("small", small), ("grown", grown)):
            tell(f"building: {growth.title}: {size}")
            desks[name] = Desk(program, folder / "desks" / name)
            desks[name].make()
            growth.make(desks[name], size)
        rows = [_measure(verb, make, desks, runs, folder / "output") for verb, make in growth.verbs.items()]
        yield f"**{growth.title}: {small:,} and {grown:,}**\n\n{write_table(HEADS, rows)}\n"
        for desk in desks.values():
            shutil.rmtree(desk.folder)


def _measure(
    verb: str, make: Callable[[Desk], Contestant], desks: Mapping[str, Desk], runs: int, output: Path
) -> tuple[str, ...]:
    tell(f"measuring: {verb}")
    try:
        taken = take_turns({name: make(desk) for name, desk in desks.items()}, runs, output)
    except CommandFailedError as error:
        return (verb, "", "", "", f"FAILED: {str(error).splitlines()[-1]}")
    ratio = taken["grown"] / taken["small"]
    times = (write_duration(taken["small"]), write_duration(taken["grown"]))
    return (verb, *times, f"{ratio:.2f} ×", "yes" if ratio <= GOAL else "NO")


# Desks


def make_tickets(desk: Desk, count: int) -> None:
    """Open so many tickets in the intake queue."""
    write_mails(desk.maildir, count)
    desk.run("ingest")


def make_conversation(desk: Desk, count: int) -> None:
    """A ticket of so many messages, beside 200 others."""
    write_mails(desk.maildir, 200)
    write_mails(desk.maildir, count - 1, "answer", field="In-Reply-To: <0.question@example.org>\n")
    desk.run("ingest")


def make_inbox(desk: Desk, count: int) -> None:
    """200 tickets, and so many messages that wait in the INBOX."""
    make_tickets(desk, 200)
    write_mails(desk.maildir, count, "waits")


def make_history(desk: Desk, count: int) -> None:
    """200 tickets, on one of which so many operations of three years were done."""
    write_mails(desk.maildir, 200)
    python, config = str(desk.program.python), str(desk.folder / "queues.yaml")
    execute(Call([python, "-c", _HISTORY, config, "0.question@example.org", str(count), str(MONTHS)]))


def write_mails(maildir: Path, count: int, kind: str = "question", field: str = "") -> None:
    """Put so many small messages into the INBOX."""
    for number in range(count):
        text = _MAIL.format(number=number, kind=kind, field=field, topic=TOPICS[number % len(TOPICS)])
        (maildir / "new" / f"{1795000000 + number}.{kind}").write_text(text)


# Verbs


def first_ticket(desk: Desk) -> str:
    """The ticket of the first message."""
    return desk.run("search", "--format", "ids", "mid:0.question@example.org").decode().split()[0]


def fixed(*words: str, statuses: tuple[int, ...] = (0,)) -> Callable[[Desk], Contestant]:
    """The same command in every turn; TICKET is the ticket of the first message."""

    def make(desk: Desk) -> Contestant:
        ticket = first_ticket(desk) if "TICKET" in words else ""
        return always(desk.call(*(ticket if word == "TICKET" else word for word in words), statuses=statuses))

    return make


def by_turns(first: str, second: str) -> Callable[[Desk], Contestant]:
    """Two commands, one after the other, so that the desk stays as it is."""

    def make(desk: Desk) -> Contestant:
        ticket = first_ticket(desk)
        calls = [desk.call(*line.replace("TICKET", ticket).split()) for line in (first, second)]
        return Contestant(lambda turn: calls[turn % 2])

    return make


def deliver(*words: str) -> Callable[[Desk], Contestant]:
    """A message by standard input, a new one in every turn."""
    numbers = itertools.count(1_000_000)

    def make(desk: Desk) -> Contestant:
        def call(_turn: int) -> Call:
            text = _MAIL.format(number=next(numbers), kind="late", field="", topic="key")
            return desk.call("ingest", *words, "-", input=text.encode())

        return Contestant(call)

    return make


READING: Verbs = {
    "queues": fixed("queues"),
    "ls of another queue": fixed("ls", "junk"),
    "show": fixed("show", "TICKET", "--message", "1"),
    "search, 20 found": fixed("search", "--limit", "20", "signature"),
    "search of one": fixed("search", "mid:5.question@example.org"),
    "can": fixed("can", "anna", "access", "triage"),
    "log -n 20": fixed("log", "-n", "20"),
    "log of a ticket": fixed("log", "-n", "20", "TICKET"),
}
WRITING: Verbs = {
    "tag": by_turns("tag +seen TICKET", "tag -seen TICKET"),
    "mv": by_turns("mv TICKET support-engineers", "mv TICKET triage"),
    "close, reopen": by_turns("close TICKET", "reopen TICKET"),
    "pend, wake": by_turns("pend TICKET --until 2d", "wake TICKET"),
    "tag, undo": by_turns("tag +undone TICKET", "undo"),
    "forward": fixed("forward", "TICKET", "--to", "list@example.org"),
    "ingest -": deliver(),
    "ingest --classify -": deliver("--classify"),
    "classify of one": fixed("classify", "TICKET"),
}
WHOLE: Verbs = {"ls of the queue": fixed("ls", "triage"), "stats": fixed("stats"), "check": fixed("check")}
"""What reads everything that there is, and so takes longer with more."""
WAITING: Verbs = {
    name: verb for name, verb in {**READING, **WRITING, **WHOLE}.items() if not name.startswith(("ingest", "check"))
}

GROWTHS = (
    Growth("open tickets in one queue", make_tickets, (1_000, 50_000), {**READING, **WRITING, **WHOLE}),
    Growth(
        "messages of one ticket", make_conversation, (10, 5_000),
        {**READING, "show of all": fixed("show", "TICKET"), **WRITING, **WHOLE},
    ),
    Growth("messages in the INBOX", make_inbox, (1_000, 100_000), WAITING),
    Growth("operations in three years", make_history, (1_000, 36_000), {**READING, **WRITING, **WHOLE}),
)  # fmt: skip
