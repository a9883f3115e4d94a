"""Bring mail to the desk: read without the lock, take in by operations of some hundred, then index."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from supportctl.desk.desk import Desk
from supportctl.desk.requests import WriteRequest
from supportctl.errors import (
    ConfigError,
    DeniedError,
    DeskError,
    TemporaryError,
    UnreadableMessageError,
    UsageError,
    describe_fault,
)
from supportctl.intake.envelopes import take_off_envelope
from supportctl.intake.plan import HEAVIEST_OPERATION, LARGEST_OPERATION, IngestOptions, Intake
from supportctl.intake.prefetch import run_ahead
from supportctl.intake.sources import Arrival, ParsedMessage, parse_all, weigh
from supportctl.model import Incoming, LeftMessage, RawMessage, SourceRemark
from supportctl.operations.batches import split_batches
from supportctl.records import Row
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.operations.draft import Draft
    from supportctl.store.exchange import Remark

MOST_LOOKS = 100
"""The number of looks into the INBOX of one intake: where mail never ends, a mail server must not wait for ever."""

PATIENCE = 60
"""The number of seconds that a mail server waits for what has piled up in the INBOX; some give up after 300."""

WORKER_BATCH = 50
"""The number of messages that a worker reads before it hands them over."""

HEAVIEST_BATCH = 4 << 20
"""The number of bytes beyond which a worker hands over fewer messages."""

_MOST_NAMES = 10

_CAREFUL = (IngestOptions(rules=False), IngestOptions(rules=False, threads=False))
"""What is tried with a message that can't be taken in as it should be: without the rules, then by itself."""


class IntakeResult(NamedTuple):
    """What one operation took in: a row for each message, and the operation's number (0 for none).

    `warnings` are about tickets, `fault` is what went wrong after the operation, `left` is what stays where it is, and
    `told` is about the sources.
    """

    rows: list[Row]
    op: int
    warnings: Sequence[Remark] = ()
    fault: str = ""
    left: Sequence[LeftMessage] = ()
    told: Sequence[SourceRemark] = ()


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
    left: list[LeftMessage] = field(default_factory=list)
    told: list[SourceRemark] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def take_in(
    desk: Desk,
    request: WriteRequest,
    messages: Iterable[Incoming],
    options: IngestOptions,
    landings: Sequence[str] = (),
) -> Iterator[IntakeResult]:
    """Take messages in as the robot, as one group of operations, undone as one; a dry run plans a single operation.

    A person needs access to the queues `landings`; raises DeniedError without.
    """
    run = Run(desk, desk.as_robot(), request, options, landings)
    # The worker is forked with the first message, and so before any operation takes the lock.
    arrivals = _read(iter(messages), frozenset(desk.config.desk.trusted_authserv))
    limits = (sys.maxsize, sys.maxsize) if request.is_dry_run else (LARGEST_OPERATION, HEAVIEST_OPERATION)
    try:
        for batch in split_batches(arrivals, weigh, *limits):
            yield from run.take(batch)
    finally:
        run.close()


def bring(
    desk: Desk, request: WriteRequest, messages: Iterable[Incoming], options: IngestOptions
) -> Iterator[IntakeResult]:
    """Take in messages that somebody brings, marked with who that is.

    Raises DeniedError for a person without access to where they land.
    """
    marked = (mark(message, desk.brought_by) for message in messages)
    return take_in(desk, request, marked, options, [options.queue or desk.config.desk.intake])


def mark(message: Incoming, account: str) -> Incoming:
    """A message, marked with the person who brings it ("": the robot)."""
    if isinstance(message, RawMessage):
        message.brought_by = account
    return message


def take_in_inbox(desk: Desk, request: WriteRequest, options: IngestOptions) -> Iterator[IntakeResult]:
    """Take the INBOX in, and then what has arrived meanwhile, until nothing has.

    Raises DeniedError for a person who decides what becomes of it, without access to where it lands and would land.
    """
    intake = desk.config.desk.intake
    is_decided = options.queue or options.closed or options.issue_type
    landings = [intake, options.queue or intake] if is_decided else []
    # Each look comes after the lock is released. A delivery puts its message into the INBOX first, and leaves the
    # message there only if it finds the lock held: so one of the holders sees the message.
    was_idle = False
    told: set[LeftMessage] = set()
    for _ in range(1 if request.is_dry_run else MOST_LOOKS):
        is_empty = is_idle = True
        for result in take_in(desk, request, desk.inbox(), options, landings):
            request = request._replace(group=request.group or result.op)
            is_empty, is_idle = is_empty and bool(result.left), is_idle and not result.rows
            # Once, although each look meets with it.
            yield result._replace(left=[message for message in result.left if message not in told])
            told.update(result.left)
        # Idle once is not enough: others may have taken in all that this one had read, and the next delivery may have
        # found the lock held by this one.
        if is_empty or (is_idle and was_idle):
            return
        was_idle = is_idle


class Run:
    """One intake by an `agent`, told to whom `desk` stands for; its operations are one group."""

    def __init__(
        self, desk: Desk, agent: Desk, request: WriteRequest, options: IngestOptions, landings: Sequence[str] = ()
    ) -> None:
        desk.require_to_bring(landings)
        self._landings = landings
        self._desk = desk
        self._agent = agent
        self._request = request
        self._options = options

    def close(self) -> None:
        """Close the index, once there is nothing more to take in."""
        self._agent.close_index()

    def take(self, batch: Iterable[Arrival]) -> Iterator[IntakeResult]:
        """Take in what can be read of a batch, and tell of the rest."""
        arrivals = list(batch)
        messages = [arrival for arrival in arrivals if isinstance(arrival, ParsedMessage)]
        left = [arrival for arrival in arrivals if isinstance(arrival, LeftMessage)]
        told = [arrival for arrival in arrivals if isinstance(arrival, SourceRemark)]
        if left or told:
            yield IntakeResult([], 0, left=left, told=told)
        if messages:
            yield from self._take(messages)

    def _take(self, messages: list[ParsedMessage]) -> Iterator[IntakeResult]:
        """Take messages in by one operation, or by several where one of the messages stands in the way."""
        try:
            result = self._write(messages, self._options)
        except Exception as error:  # whatever one message brings about must not stop the others
            if self._is_of_the_desk(error):
                raise
            if len(messages) > 1:
                middle = len(messages) // 2
                yield from self._take(messages[:middle])
                yield from self._take(messages[middle:])
            else:
                yield self._take_with_care(messages[0], error)
        else:
            yield result

    def _take_with_care(self, message: ParsedMessage, error: Exception) -> IntakeResult:
        """Open a ticket for a message that can't be taken in as usual, which says why; or leave the message."""
        if isinstance(error, UnreadableMessageError):
            return IntakeResult([], 0, left=[LeftMessage(message.incoming.name, error.reason)])
        problems = [f"not taken in as usual: {_describe_error(error)}", *message.content.problems]
        message = message._replace(content=message.content._replace(problems=problems))
        for options in _CAREFUL:
            try:
                return self._write([message], options)
            except Exception as again:
                if self._is_of_the_desk(again):
                    raise
                error = again
        # The desk is damaged where new tickets go: of that a message is not the reason.
        if isinstance(error, DeskError):
            raise error
        return IntakeResult([], 0, left=[LeftMessage(message.incoming.name, _describe_error(error))])

    def _is_open(self, queue: str) -> bool:
        return self._desk.rights.may("access", queue)

    def _is_of_the_desk(self, error: Exception) -> bool:
        """Whether every message meets with this error, which is not of one message."""
        # What the operating system refuses the desk, the store tells in its own words.
        if isinstance(error.__cause__, OSError) and not isinstance(error, UnreadableMessageError):
            return True
        is_placed = self._options.queue or self._landings
        kinds = (TemporaryError, ConfigError, UsageError, OSError, *([DeniedError] if is_placed else []))
        return isinstance(error, kinds)

    def _write(self, messages: list[ParsedMessage], options: IngestOptions) -> IntakeResult:
        intake = Intake(messages, options, self._is_open)

        def plan(draft: Draft) -> None:
            self._desk.require_to_bring(self._landings)  # again: the right may have been revoked meanwhile
            intake.plan(draft)

        outcome = self._agent.write(self._request, plan)
        op = outcome.operation.op if outcome.operation else 0
        # The first operation's number is the group's: `undo` takes them all back together.
        self._request = self._request._replace(group=self._request.group or op)
        rows = [_hide_content(self._desk, row) for row in intake.rows]
        # Outside of the lock, from what is in memory already; another writer need not wait for the full text.
        return IntakeResult(rows, op, outcome.warnings, _finish(self._agent, intake) if op else "")


def bring_one(
    desk: Desk, request: WriteRequest, pieces: Iterable[bytes], options: IngestOptions
) -> Iterator[IntakeResult]:
    """Take in one message that a person brings; raises DeniedError without access to where it lands."""
    # Before anything is read, of which there may be as much as fills the disk.
    desk.as_robot()
    desk.require_to_bring([options.queue or desk.config.desk.intake])
    # Not through the INBOX: a message that waits there is taken for a mail server's.
    envelope, pieces = take_off_envelope(pieces)
    with desk.hold(pieces, "-") as message:
        message.envelope = envelope
        yield from bring(desk, request, [message], options)


def take_one(desk: Desk, request: WriteRequest, pieces: Iterable[bytes], options: IngestOptions) -> list[str]:
    """Put one message into the INBOX, durably, then take the INBOX in unless another writer is busy; return warnings.

    A mail server waits for the answer: what the time is too short for, the next intake takes in.
    Once the message is durable nothing is an error: a mail server that is told of one sends the message again.
    """
    # First, and by itself: whatever goes wrong after this, the mail server may forget the message.
    envelope, pieces = take_off_envelope(pieces)
    desk.accept(pieces, envelope)
    try:
        # Without waiting: a writer that is busy takes the INBOX in itself, or the next one does.
        return list_warnings(gather(_for_a_while(take_in_inbox(desk, request._replace(wait=0), options))))
    except Exception as error:  # noqa: BLE001 - whatever it is, the message is safe, and the next ingest shows it
        return [f"the message stays in the INBOX until an ingest takes it in: {_describe_error(error)}"]


def _for_a_while(results: Iterator[IntakeResult]) -> Iterator[IntakeResult]:
    """Results until PATIENCE is over, the first one in any case."""
    end = time.monotonic() + PATIENCE
    for result in results:
        yield result
        if time.monotonic() > end:
            return


def gather(batches: Iterable[IntakeResult], *, with_rows: bool = False) -> Tally:
    """The sum of several operations, with the rows or without."""
    whole = Tally()
    for rows, op, warnings, fault, left, told in batches:
        whole.tickets.update((str(row["ticket"]), None) for row in rows)
        whole.outcomes.update(str(row["outcome"]) for row in rows)
        whole.op = whole.op or op
        for warning in warnings:
            whole.warnings.setdefault(warning.text, []).append(warning.ticket)
        whole.faults += [fault] if fault else []
        whole.left += left
        whole.told += told
        if with_rows:
            whole.rows += rows
    return whole


def list_warnings(done: Tally) -> list[str]:
    """What is to tell besides the summary, each thing once: of thousands of tickets the same may be true."""
    about = {text: ids[0] if len(ids) == 1 else count_of(len(ids), "ticket") for text, ids in done.warnings.items()}
    remarks = [f"{name}: {text}" for name, text in (*((ids, text) for text, ids in about.items()), *done.told)]
    return [*remarks, *done.faults, *list_left(done.left)]


def list_left(left: Iterable[LeftMessage]) -> Iterator[str]:
    """What stays where it is, by its reason; of many with one reason, the first."""
    names: dict[str, list[str]] = {}
    for name, reason in left:
        names.setdefault(reason, []).append(name)
    for reason, those in names.items():
        shown = ", ".join(those[:_MOST_NAMES]) + (
            f" and {len(those) - _MOST_NAMES} more" if those[_MOST_NAMES:] else ""
        )
        yield f"left {shown}: {reason}"


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


def _read(messages: Iterator[Incoming], trusted: frozenset[str]) -> Iterator[Arrival]:
    """The messages with their contents: read here if they are few, else by a worker that is a batch ahead."""
    first: list[Incoming] = []
    held = 0
    for message in messages:
        first.append(message)
        held += len(message.raw) if isinstance(message, RawMessage) else 0
        if len(first) == WORKER_BATCH or held > HEAVIEST_BATCH:
            frames = split_batches(parse_all(chain(first, messages), trusted), weigh, WORKER_BATCH, HEAVIEST_BATCH)
            return chain.from_iterable(run_ahead(frames))
    # For a few messages a fork takes longer than reading them.
    return parse_all(first, trusted)


def _describe_error(error: Exception) -> str:
    return error.message if isinstance(error, DeskError) else describe_fault(error)


def _finish(desk: Desk, intake: Intake) -> str:
    """Mark the desk's own messages as seen, and add what was read to the full text.

    Returns what to tell if that fails: the next search adds to the full text.
    """
    try:
        for name, numbers in intake.own.items():
            ticket = desk.read(lambda snapshot, name=name: snapshot.find(name))  # type: ignore[misc]
            desk.mark_seen(ticket, [message for message in ticket.messages if message.number in numbers])
        desk.index(dict(intake.read))
    except (DeskError, OSError) as error:
        return f"the index is not up to date ({error}); the next search updates the index"
    except Exception as error:  # noqa: BLE001 - a fault of ours, and the messages are taken in
        return f"the index is not up to date ({describe_fault(error)}); the next search updates the index"
    return ""
