"""Bringing mail into the desk: read without the lock, taken in by operations of some hundred, then indexed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from supportctl.desk.desk import Desk, WriteRequest
from supportctl.errors import DeskError
from supportctl.intake.intake import LARGEST_OPERATION, IngestOptions, Intake
from supportctl.intake.prefetch import run_ahead
from supportctl.intake.sources import ParsedMessage, parse_all
from supportctl.model import RawMessage
from supportctl.records import Row
from supportctl.values import count_of

Item = TypeVar("Item")

WORKER_BATCH = 50
"""So many mails a worker reads before it hands them over."""


class IntakeResult(NamedTuple):
    """What one operation took in: a row for each mail, and the operation's number (0 for none)."""

    rows: list[Row]
    op: int
    warnings: Sequence[str] = ()


@dataclass(slots=True)
class Tally:
    """What several operations took in: their tickets, how many mails of each outcome, the first one's number.

    `rows` has one for each mail, but only where they are wanted: of an archive they take more room than all else.
    """

    tickets: dict[str, None] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    op: int = 0
    warnings: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def take_in(
    desk: Desk, request: WriteRequest, messages: Iterable[RawMessage], options: IngestOptions
) -> Iterator[IntakeResult]:
    """Take mail in as the robot; all of it is one group, undone as one. A dry run plans it as one operation."""
    robot = desk.as_robot()
    parsed = _read(iter(messages), frozenset(desk.config.desk.trusted_authserv))
    try:
        for batch in _split(parsed, sys.maxsize if request.is_dry_run else LARGEST_OPERATION):
            intake = Intake(batch, options)
            outcome = robot.write(request, intake.plan)
            op = outcome.operation.op if outcome.operation else 0
            request = request._replace(group=request.group or op)
            rows = [_hide_unreadable(desk, row) for row in intake.rows]
            yield IntakeResult(rows, op, [*outcome.warnings, *(_index(robot, intake) if op else ())])
            intake.release()
    finally:
        robot.close_index()


def take_one(desk: Desk, request: WriteRequest, raw: bytes, options: IngestOptions) -> list[str]:
    """Make one mail durable in the INBOX, then take in what is there if nothing is in the way; returns warnings.

    From here on nothing is an error: a mail server that is told otherwise sends the mail again.
    """
    desk.accept(raw)
    try:
        return gather(take_in(desk, request._replace(wait=0), desk.inbox(), options)).warnings
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail is safe, and the next ingest tells it
        return [f"the message stays in the INBOX until the next ingest: {error}"]


def gather(batches: Iterable[IntakeResult], *, with_rows: bool = False) -> Tally:
    """Several operations' worth of mail as one, with the rows or without."""
    whole = Tally()
    for rows, op, warnings in batches:
        whole.tickets.update((str(row["ticket"]), None) for row in rows)
        whole.outcomes.update(str(row["outcome"]) for row in rows)
        whole.op = whole.op or op
        whole.warnings += warnings
        if with_rows:
            whole.rows += rows
    return whole


def summarise_intake(done: Tally) -> str:
    """One line about what was taken in; nothing where there was nothing."""
    count = done.outcomes.total()
    if not count:
        return ""
    parts = ", ".join(
        f"{number} new" if outcome == "new" else count_of(number, outcome) for outcome, number in done.outcomes.items()
    )
    return f"{count_of(count, 'message')}: {parts}" + (f" (operation {done.op})" if done.op else "")


def _hide_unreadable(desk: Desk, row: Row) -> Row:
    """What the caller, who is not the robot, may know of a mail: not what it says if its queue is closed to him."""
    if desk.rights.may("access", str(row["queue"])):
        return row
    return {**row, "subject": "", "message_id": "", "rules": []}


def _read(messages: Iterator[RawMessage], trusted: frozenset[str]) -> Iterator[ParsedMessage]:
    """The mails, read: here if they are few, else by a worker that is a frame ahead."""
    first = list(islice(messages, WORKER_BATCH))
    if len(first) < WORKER_BATCH:
        return parse_all(first, trusted)
    frames = _split(parse_all(chain(first, messages), trusted), WORKER_BATCH)
    return chain.from_iterable(run_ahead(frames))


def _split(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part


def _index(desk: Desk, intake: Intake) -> list[str]:
    """Feed the full text with what is read already; if that fails, the next search does it, and a warning says so."""
    try:
        desk.index(dict(intake.read))
    except (DeskError, OSError) as error:
        return [f"the index is not up to date ({error}); the next search updates the index"]
    return []
