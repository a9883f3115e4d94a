"""`supportctl pend`: let tickets wait until a day."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import change_tickets
from supportctl.dates import read_until
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import pend


@click.command()
@options.tickets()
@click.option(
    "--until", required=True, metavar="WHEN", help="A date: tomorrow, friday, 24.12., 2027-02-01; or from now: 90d, 3m."
)
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, until: str, writing: WriteOptions) -> None:
    """Let tickets wait in the waiting queue; `wake` takes them back when they are due.

    A date is one to come, and begins at midnight in the desk's time zone: on a Friday, friday is in a week.
    docs/language.md lists all that a date can be.
    """

    def act(draft: Draft, ids: list[str]) -> None:
        pend(draft, ids, read_until(until, draft.now, draft.config.desk.timezone))

    change_tickets(settings, tickets, writing, act)
