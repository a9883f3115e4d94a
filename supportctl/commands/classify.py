"""`supportctl classify`: apply the rules to what no person has touched yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import confirm_and_write, report, request_for
from supportctl.desk.desk import Desk
from supportctl.desk.open import open_desk
from supportctl.operations.classification import classify_tickets, classify_untouched, describe_trials, list_untouched
from supportctl.operations.draft import Draft
from supportctl.operations.naming import resolve_or_raise, resolve_or_refuse
from supportctl.output import columns, formats
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


@click.command()
@options.tickets(required=False)
@click.option("--explain", is_flag=True, help="Show why each rule matches or not; change nothing.")
@options.writing
@options.output()
@click.pass_obj
def command(
    settings: GlobalOptions, tickets: TicketArguments, explain: bool, writing: WriteOptions, format: str
) -> None:
    """Apply the rules to new tickets that no person has touched: all in the intake queue, or TICKETs.

    A ticket that no rule matches stays where it is. Meant for cron.
    """
    desk = open_desk(settings)
    if explain:
        _explain(desk, tickets, format)
        return

    def plan(draft: Draft) -> None:
        if not tickets.given:
            classify_untouched(draft)
            return
        classify_tickets(draft, resolve_or_refuse(draft, tickets.names, are_paths=tickets.are_paths))

    report(desk, confirm_and_write(desk.as_robot(), request_for(settings, writing), plan), settings, writing)


def _explain(desk: Desk, tickets: TicketArguments, format: str) -> None:
    now = int(time.time())

    def look(snapshot: Snapshot) -> list[Row]:
        ticket_ids = (
            resolve_or_raise(snapshot, desk.config, tickets.names, now, are_paths=tickets.are_paths)
            if tickets.given
            else list_untouched(snapshot, desk.config)
        )
        return list(describe_trials(snapshot, desk.config, ticket_ids, now))

    formats.write_rows(desk.read(look), columns.TRIAL, format, kind="trials")
