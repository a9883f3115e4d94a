"""`supportctl classify`: let the rules act on what no person has touched."""

from __future__ import annotations

import time

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import report, request_for, write
from supportctl.desk.desk import Desk
from supportctl.desk.open import open_desk
from supportctl.operations.classification import classify_some, classify_waiting, describe_trials
from supportctl.operations.draft import Draft
from supportctl.operations.naming import choose_tickets, resolve_all
from supportctl.output import columns, formats
from supportctl.store.snapshot import Snapshot


@click.command()
@options.tickets(required=False)
@click.option("--explain", is_flag=True, help="Show for each rule why it did or did not match; change nothing.")
@options.writing
@options.output()
@click.pass_obj
def command(
    settings: GlobalOptions, tickets: TicketArguments, explain: bool, writing: WriteOptions, format: str
) -> None:
    """Let the rules act on new tickets that no person has touched (all in the intake queue, or TICKETs).

    What no rule claims stays where it is. Meant for cron.
    """
    desk = open_desk(settings)
    if explain:
        _explain(desk, tickets, format)
        return

    def plan(draft: Draft) -> None:
        if tickets.given:
            found, unknown = resolve_all(
                draft.state, draft.config, tickets.names, draft.now, are_paths=tickets.are_paths
            )
            for name, error in unknown:
                draft.refuse(name, error)
            classify_some(draft, found)
        else:
            classify_waiting(draft)
        if writing.is_dry_run:  # it shows what the robot would do, and so what the mail is about
            for change in draft.effective_changes():
                desk.require_access(change.ticket.queue if change.before is None else change.before.queue)

    report(write(desk.as_robot(), request_for(settings, writing), plan), settings, writing)


def _explain(desk: Desk, tickets: TicketArguments, format: str) -> None:
    def look(state: Snapshot) -> list[dict[str, object]]:
        found = choose_tickets(state, desk.config, tickets.names, int(time.time()), are_paths=tickets.are_paths)
        for name in found:
            desk.require_access(state.find(name)[0].queue)
        return list(describe_trials(state, desk.config, found, int(time.time())))

    formats.rows(desk.read(look), columns.TRIAL, format, kind="trials")
