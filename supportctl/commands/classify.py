"""`supportctl classify`: apply the rules to what no person has touched yet."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import confirm_and_write, report, request_for
from supportctl.desk.desk import Desk
from supportctl.desk.open import open_desk
from supportctl.errors import DonePartly
from supportctl.operations.classification import classify_tickets, classify_untouched, describe_trials, list_untouched
from supportctl.operations.draft import Draft
from supportctl.operations.naming import resolve_or_raise, resolve_or_refuse
from supportctl.output import formats
from supportctl.records import Row
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot

_AT_ONCE = 100
"""The number of tickets that are tried on one snapshot; each snapshot reads the metadata of their queue again."""


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

    request = request_for(settings, writing)._replace(names_tickets=tickets.given)
    if not tickets.given:
        # For cron, one ticket that is refused must not keep the others waiting.
        request = request._replace(keep_going=True)
    report(desk, confirm_and_write(desk.as_robot(), request, plan), settings, writing)


def _explain(desk: Desk, tickets: TicketArguments, format: str) -> None:
    from supportctl.output import columns  # not at the top: the verb itself prints ids

    now = int(time.time())

    def choose(snapshot: Snapshot) -> list[str]:
        if not tickets.given:
            return list_untouched(snapshot, desk.config)
        return resolve_or_raise(snapshot, desk.config, tickets.names, now, are_paths=tickets.are_paths)

    def look(snapshot: Snapshot, names: list[str]) -> list[Row]:
        return list(describe_trials(snapshot, desk.config, names, now))

    # In parts: reading takes time, and a snapshot has to be consistent for each ticket, not for all of them.
    names = desk.read(choose)
    parts = [names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE)]
    rows = [row for part in parts for row in desk.read(partial(look, names=part))]
    formats.write_rows(rows, columns.TRIAL, format, kind="trials")
    if left := sum(not row["rule"] for row in rows):
        raise DonePartly(f"{count_of(left, 'ticket')} could not be tried", "run supportctl check")
