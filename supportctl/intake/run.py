"""Bring mail to the desk: read without the lock, take in by operations of some hundred, then index."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from supportctl.desk.desk import Desk, WriteRequest
from supportctl.errors import DeskError
from supportctl.intake.plan import LARGEST_OPERATION, IngestOptions, Intake
from supportctl.intake.prefetch import run_ahead
from supportctl.intake.sources import ParsedMessage, parse_all
from supportctl.model import RawMessage
from supportctl.records import Row
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.exchange import Remark

Item = TypeVar("Item")

MOST_LOOKS = 100
"""The number of looks into the INBOX of one intake: where mail never ends, a mail server must not wait for ever."""

WORKER_BATCH = 50
"""The number of messages that a worker reads before it hands them over."""


class IntakeResult(NamedTuple):
    """What one operation took in: a row for each message, and the operation's number (0 for none).

    `warnings` are about tickets, `fault` is what went wrong after the operation.
    """

    rows: list[Row]
    op: int
    warnings: Sequence[Remark] = ()
    fault: str = ""


@dataclass(slots=True)
class Tally:
    """What several operations took in: tickets, number of messages by outcome, number of the first operation.

    `warnings` are tickets by what is to tell of them. `rows` are kept on request only: those of an archive take more
    memory than all else.
    """

    tickets: dict[str, None] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    op: int = 0
    warnings: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def take_in(
    desk: Desk, request: WriteRequest, messages: Iterable[RawMessage], options: IngestOptions
) -> Iterator[IntakeResult]:
    """Take messages in as the robot, as one group of operations, undone as one; a dry run plans a single operation."""
    robot = desk.as_robot()
    # The worker is forked with the first message, and so before any operation takes the lock.
    parsed = _read(iter(messages), frozenset(desk.config.desk.trusted_authserv))
    try:
        for batch in _split(parsed, sys.maxsize if request.is_dry_run else LARGEST_OPERATION):
            intake = Intake(batch, options)
            outcome = robot.write(request, intake.plan)
            op = outcome.operation.op if outcome.operation else 0
            # The first operation's number is the group's: `undo` takes them all back together.
            request = request._replace(group=request.group or op)
            rows = [_hide_content(desk, row) for row in intake.rows]
            # Outside of the lock, from what is in memory already; another writer need not wait for the full text.
            yield IntakeResult(rows, op, outcome.warnings, _index(robot, intake) if op else "")
            intake.release()
    finally:
        robot.close_index()


def take_in_inbox(desk: Desk, request: WriteRequest, options: IngestOptions) -> Iterator[IntakeResult]:
    """Take the INBOX in, and then what has arrived meanwhile, until nothing has."""
    # Each look comes after the lock is released. A delivery puts its message into the INBOX first, and leaves the
    # message there only if it finds the lock held: so one of the holders sees the message.
    was_idle = False
    for _ in range(1 if request.is_dry_run else MOST_LOOKS):
        is_empty = is_idle = True
        for result in take_in(desk, request, desk.inbox(), options):
            request = request._replace(group=request.group or result.op)
            is_empty, is_idle = False, is_idle and not result.rows
            yield result
        # Idle once is not enough: others may have taken in all that this one had read, and the next delivery may have
        # found the lock held by this one.
        if is_empty or (is_idle and was_idle):
            return
        was_idle = is_idle


def take_one(desk: Desk, request: WriteRequest, raw: bytes, options: IngestOptions) -> list[str]:
    """Put one message into the INBOX, durably, then take the INBOX in unless another writer is busy; return warnings.

    Once the message is durable nothing is an error: a mail server that is told of one sends the message again.
    """
    # First, and by itself: whatever goes wrong after this, the mail server may forget the message.
    desk.accept(raw)
    try:
        # Without waiting: a writer that is busy takes the INBOX in itself, or the next one does.
        return list_warnings(gather(take_in_inbox(desk, request._replace(wait=0), options)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the message is safe, and the next ingest shows it
        return [f"the message stays in the INBOX until the next ingest: {error}"]


def gather(batches: Iterable[IntakeResult], *, with_rows: bool = False) -> Tally:
    """The sum of several operations, with the rows or without."""
    whole = Tally()
    for rows, op, warnings, fault in batches:
        whole.tickets.update((str(row["ticket"]), None) for row in rows)
        whole.outcomes.update(str(row["outcome"]) for row in rows)
        whole.op = whole.op or op
        for warning in warnings:
            whole.warnings.setdefault(warning.text, []).append(warning.ticket)
        whole.faults += [fault] if fault else []
        if with_rows:
            whole.rows += rows
    return whole


def list_warnings(done: Tally) -> list[str]:
    """What is to tell besides the summary, each thing once: of thousands of tickets the same may be true."""
    about = {text: ids[0] if len(ids) == 1 else count_of(len(ids), "ticket") for text, ids in done.warnings.items()}
    return [*(f"{tickets}: {text}" for text, tickets in about.items()), *done.faults]


def summarise_intake(done: Tally) -> str:
    """One line about what was taken in; empty where there was nothing."""
    count = done.outcomes.total()
    if not count:
        return ""
    parts = ", ".join(
        f"{number} new" if outcome == "new" else count_of(number, outcome) for outcome, number in done.outcomes.items()
    )
    return f"{count_of(count, 'message')}: {parts}" + (f" (operation {done.op})" if done.op else "")


def _hide_content(desk: Desk, row: Row) -> Row:
    """The row of a message without its content, if the caller, unlike the robot, may not read its queue."""
    if desk.rights.may("access", str(row["queue"])):
        return row
    return {**row, "subject": "", "message_id": "", "rules": []}


def _read(messages: Iterator[RawMessage], trusted: frozenset[str]) -> Iterator[ParsedMessage]:
    """The messages with their contents: read here if they are few, else by a worker that is a batch ahead."""
    # For a few messages a fork takes longer than reading them.
    first = list(islice(messages, WORKER_BATCH))
    if len(first) < WORKER_BATCH:
        return parse_all(first, trusted)
    frames = _split(parse_all(chain(first, messages), trusted), WORKER_BATCH)
    return chain.from_iterable(run_ahead(frames))


def _split(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part


def _index(desk: Desk, intake: Intake) -> str:
    """Add what was read to the full text; return what to tell if that fails, as the next search does it."""
    try:
        desk.index(dict(intake.read))
    except (DeskError, OSError) as error:
        return f"the index is not up to date ({error}); the next search updates the index"
    return ""
