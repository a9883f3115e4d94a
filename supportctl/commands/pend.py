"""`supportctl pend`: put tickets on hold until a date."""

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
    "--until",
    required=True,
    metavar="WHEN",
    help="The due date: tomorrow, friday, 24.12., 2027-02-01; or from now: 90d, 3m.",
)
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, until: str, writing: WriteOptions) -> None:
    """Put tickets on hold in the waiting queue; `wake` returns them when they are due.

    Dates are in the future: on a Friday, friday means the next one. Days begin at midnight in the desk's time
    zone. docs/language.md lists all forms of a date.
    """

    def act(draft: Draft, ids: list[str]) -> None:
        pend(draft, ids, read_until(until, draft.now, draft.config.desk.timezone))

    change_tickets(settings, tickets, writing, act)
