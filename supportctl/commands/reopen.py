"""`supportctl reopen`: open closed tickets again."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import change_tickets
from supportctl.operations.transitions import reopen


@click.command()
@options.tickets()
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, writing: WriteOptions) -> None:
    """Reopen closed tickets in the queue where they are."""
    change_tickets(settings, tickets, writing, reopen)
