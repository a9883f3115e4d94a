"""`supportctl pend`: let tickets wait until a day."""

from __future__ import annotations

import time

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import change_tickets
from supportctl.operations.times import read_due
from supportctl.operations.transitions import pend


@click.command()
@options.tickets()
@click.option("--until", required=True, metavar="WHEN", help="A day (2027-02-01) or a span (90d, 3m, 1y).")
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, until: str, writing: WriteOptions) -> None:
    """Let tickets wait in the waiting queue; `wake` takes them back when they are due."""
    due = read_due(until, int(time.time()))
    change_tickets(settings, tickets, writing, lambda draft, ids: pend(draft, ids, due))
