"""What all verbs that change tickets have in common: names to ids, one write, one report."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.config import ROBOT
from supportctl.desk.desk import Desk, Outcome, Request
from supportctl.desk.open import open_desk
from supportctl.errors import AskBackError, DonePartly
from supportctl.operations.draft import Draft
from supportctl.operations.naming import resolve_all
from supportctl.output import columns, formats
from supportctl.output.terminal import is_terminal, say
from supportctl.store.changes import Change
from supportctl.store.log import Operation

Action = Callable[[Draft, list[str]], None]


def change_tickets(settings: GlobalOptions, tickets: TicketArguments, writing: WriteOptions, action: Action) -> None:
    """Let an action change the tickets that are named, and tell what was done.

    Raises what the action refuses, or DonePartly where the rest was done.
    """
    if not tickets.names:
        return
    options.confirm_many(len(tickets.names), settings.verb, writing.yes or writing.is_dry_run)
    desk = open_desk(settings)
    now = int(time.time())

    def plan(draft: Draft) -> None:
        found, unknown = resolve_all(draft.state, draft.config, tickets.names, now, are_paths=tickets.are_paths)
        for name, error in unknown:
            draft.refuse(name, error)
        action(draft, found)

    report(write(desk, request_for(settings, writing), plan), settings, writing)


def request_for(settings: GlobalOptions, writing: WriteOptions) -> Request:
    """The request that the options of a verb make."""
    return Request(
        settings.verb,
        writing.reason,
        is_dry_run=writing.is_dry_run,
        keep_going=writing.keep_going,
        is_confirmed=writing.confirm,
    )


def write(desk: Desk, request: Request, plan: Callable[[Draft], None]) -> Outcome:
    """Write, asking the person at the terminal back where a right is only there after that.

    Nobody is asked while the lock is held: the plan is made anew after the answer.
    """
    try:
        return desk.write(request, plan)
    except AskBackError as question:
        options.confirm(f"{question.message}\nGo on?", False, "--confirm")
        return desk.write(request._replace(is_confirmed=True), plan)


def report(outcome: Outcome, settings: GlobalOptions, writing: WriteOptions) -> None:
    """Tell what was done: the ids in a pipe, one line on a terminal, what would be done for a dry run."""
    for warning in outcome.warnings:
        say(f"supportctl {settings.verb}: {warning}")
    if writing.is_dry_run and is_terminal(sys.stdout):
        formats.rows(map(describe, outcome.changes), columns.CHANGE, "table")
    else:
        ids = [change.ticket.id for change in outcome.changes]
        formats.outcome(ids, summarise(outcome), quiet=settings.quiet)
    if outcome.refusals:
        for refusal in outcome.refusals:
            say(f"supportctl {settings.verb}: {refusal.error.message}")
        raise DonePartly(f"{len(outcome.refusals)} refused, the rest is done")


def summarise(outcome: Outcome) -> str:
    """One line about an operation, with its number, so that undo is at hand."""
    if outcome.operation is None:
        return ""
    operation, count = outcome.operation, len(outcome.changes)
    what = outcome.changes[0].ticket.id if count == 1 else f"{count} tickets"
    places = {change.after.queue for change in outcome.changes if change.after is not None}
    where = f" now in {places.pop()}" if len(places) == 1 else ""
    states = {change.after.state for change in outcome.changes if change.after is not None}
    state = f", {states.pop()}" if len(states) == 1 else ""
    return f"{operation.verb}: {what}{where}{state} (operation {operation.op}; supportctl {_way_back(operation)})"


def _way_back(operation: Operation) -> str:
    """How to turn an operation round; what the robot did is only taken back by its number."""
    if operation.verb == "undo":
        return f"undo {operation.op} does it again"
    return "undo takes it back" if operation.role != ROBOT else f"undo {operation.op} takes it back"


def describe(change: Change) -> dict[str, object]:
    """A change as a row."""
    after = change.after
    return {
        "id": change.ticket.id,
        "from": change.before.queue if change.before else "",
        "to": after.queue if after else "",
        "state": after.state if after else "undone",
        "why": "; ".join(filter(None, [change.why, *change.notes])),
        "subject": change.ticket.subject,
    }
