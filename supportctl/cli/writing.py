"""What all verbs that change tickets share: names to ids, one write, one report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from supportctl.cli.confirmation import MANY_TICKETS, confirm, is_conversation
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.config import ROBOT
from supportctl.desk.desk import Desk
from supportctl.desk.open import open_desk
from supportctl.desk.requests import WriteOutcome, WriteRequest
from supportctl.errors import ConfirmationNeeded, DonePartly
from supportctl.operations.draft import Draft
from supportctl.operations.naming import resolve_or_refuse
from supportctl.output import formats
from supportctl.output.terminal import is_terminal, say
from supportctl.records import Row
from supportctl.store.changes import Change
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.contract import Operation

Action = Callable[[Draft, list[str]], None]
Then = Callable[[Desk, list[Change]], None]


def change_tickets(
    settings: GlobalOptions, tickets: TicketArguments, writing: WriteOptions, action: Action, then: Then | None = None
) -> None:
    """Let an action change the named tickets, and report what was done.

    `then` is done before that, and in a dry run instead.

    Raises what the action refuses, or DonePartly where the rest was done.
    """
    if not tickets.names:
        return
    desk = open_desk(settings)

    def plan(draft: Draft) -> None:
        action(draft, resolve_or_refuse(draft, tickets.names, are_paths=tickets.are_paths))

    outcome = confirm_and_write(desk, request_for(settings, writing), plan)
    if then is not None:
        then(desk, outcome.changes)
        if writing.is_dry_run:
            return
    report(desk, outcome, settings, writing)


def request_for(settings: GlobalOptions, writing: WriteOptions) -> WriteRequest:
    """The request that the options of a verb make."""
    return WriteRequest(
        settings.verb,
        writing.reason,
        is_dry_run=writing.is_dry_run,
        keep_going=writing.keep_going,
        is_confirmed=writing.confirm,
        confirm_above=None if writing.yes or not is_conversation() else MANY_TICKETS,
    )


def confirm_and_write(desk: Desk, request: WriteRequest, plan: Callable[[Draft], None]) -> WriteOutcome:
    """Write, asking the person at the terminal where that is needed."""
    # The question is asked after the lock is released, and the plan is made again after the answer: a person may take
    # minutes, and the desk must not wait.
    try:
        return desk.write(request, plan)
    except ConfirmationNeeded as needed:
        confirm(needed.question, needed.option)
        # Each answer confirms its own question; the second attempt may ask the other one.
        if needed.option == "--yes":
            return confirm_and_write(desk, request._replace(confirm_above=None), plan)
        return confirm_and_write(desk, request._replace(is_confirmed=True), plan)


def report(desk: Desk, outcome: WriteOutcome, settings: GlobalOptions, writing: WriteOptions) -> None:
    """Report what was done: the ids in a pipe, one line on a terminal, or the changes of a dry run."""
    for warning in outcome.warnings:
        say(f"supportctl {settings.verb}: {warning.ticket}: {warning.text}")
    mailing = None
    if outcome.operation and any(map(_writes_mail, outcome.changes)):
        from supportctl.cli.sending import Mailing, tell_failures  # not at the top: most verbs write no mail

        mailing = Mailing(desk, outcome.changes)
        mailing.send()
    if writing.is_dry_run and is_terminal(sys.stdout):
        from supportctl.output.columns import CHANGE

        formats.write_rows(map(describe_change, outcome.changes), CHANGE, "table")
    else:
        ids = [change.ticket.id for change in outcome.changes]
        summary = summarise_outcome(outcome, desk.config.desk.timezone, mailing.describe() if mailing else "")
        formats.write_outcome(ids, summary, quiet=settings.quiet)
    if outcome.refusals:
        # Each once: of tickets that the agent may not read, not even the number is told.
        messages = dict.fromkeys(refusal.error.message for refusal in outcome.refusals)
        for message in messages:
            say(f"supportctl {settings.verb}: {message}")
        raise DonePartly(f"{count_of(len(messages), 'ticket')} refused, the rest done")
    if mailing:
        tell_failures(settings.verb, mailing.attempts)


def _writes_mail(change: Change) -> bool:
    """Whether a change may bring an outgoing message, or let one go."""
    before = change.before.outgoing if change.before else []
    return change.after is not None and change.after.outgoing != before


def summarise_outcome(outcome: WriteOutcome, zone: str, mailing: str = "") -> str:
    """One line about an operation, with its number, so that undo is at hand; times are those of a time zone.

    `mailing` says what has become of the messages that the operation has written.
    """
    if outcome.operation is None:
        return ""
    operation, count = outcome.operation, len(outcome.changes)
    what = outcome.changes[0].ticket.id if count == 1 else count_of(count, "ticket")
    queues = {change.after.queue for change in outcome.changes if change.after is not None}
    where = f" now in {queues.pop()}" if len(queues) == 1 else ""
    states = {(change.after.state, change.after.due) for change in outcome.changes if change.after is not None}
    state = f", {_state(*states.pop(), zone)}" if len(states) == 1 else ""
    if mailing:
        is_moved = any(_is_moved(change) for change in outcome.changes)
        what, where, state = what + mailing, f";{where}" if is_moved else "", state if is_moved else ""
    return f"{operation.verb}: {what}{where}{state} (operation {operation.op}; supportctl {_undo_hint(operation)})"


def _is_moved(change: Change) -> bool:
    """Whether a change takes a ticket to another queue or into another state."""
    before, after = change.before, change.after
    return before is None or after is None or (before.queue, before.state) != (after.queue, after.state)


def _state(state: str, due: int, zone: str) -> str:
    return f"{state} until {formats.local_moment(due, zone)}" if due else state


def _undo_hint(operation: Operation) -> str:
    """How to undo an operation: an undo, and what the robot did, only by its number."""
    # Without a number `undo` prefers what the account did itself to what its cron did as robot.
    is_by_number = operation.verb == "undo" or operation.role == ROBOT
    return f"undo {operation.op} takes it back" if is_by_number else "undo takes it back"


def describe_change(change: Change) -> Row:
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
