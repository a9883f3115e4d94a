"""Bringing mail into the desk: read without the lock, taken in by operations of a thousand, then indexed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from supportctl.desk import Desk, Request
from supportctl.operations.intake import BATCH, Intake, Manner
from supportctl.operations.sources import Source, parse_all
from supportctl.terminal import say


@dataclass(slots=True)
class Delivered:
    """What one operation took in: a row for each mail, and the operation's number (0 for none)."""

    rows: list[dict[str, object]]
    op: int
    warnings: list[str] = field(default_factory=list)


def take_in(desk: Desk, request: Request, sources: Iterable[Source], manner: Manner) -> Iterator[Delivered]:
    """Take mail in as the robot; all of it is one group, undone as one. A dry run plans it as one operation."""
    robot = desk.as_robot()
    trusted = frozenset(desk.config.desk.trusted_authserv)
    for batch in _split(sources, None if request.is_dry_run else BATCH):
        intake = Intake(list(parse_all(batch, trusted)), manner)
        outcome = robot.write(request, intake.plan)
        op = outcome.operation.op if outcome.operation else 0
        request = replace(request, group=request.group or op)
        yield Delivered(intake.rows, op, outcome.warnings)
        if op:
            _index(robot, intake)


def _split(sources: Iterable[Source], size: int | None) -> Iterator[list[Source]]:
    remaining = iter(sources)
    while batch := list(islice(remaining, size)):
        yield batch


def _index(desk: Desk, intake: Intake) -> None:
    """Feed the full text with what is read already; if that fails, the next search does it."""
    from sqlite3 import Error as DatabaseError

    try:
        desk.index(dict(intake.read))
    except (DatabaseError, OSError) as error:
        say(f"the full text is not up to date ({error}): the next search mends that")
