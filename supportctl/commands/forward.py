"""`supportctl forward`: send tickets on by mail."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import change_tickets
from supportctl.operations.outgoing import forward
from supportctl.values import parse_address


@click.command()
@options.tickets()
@click.option("--to", multiple=True, metavar="ADDRESS", help="To whom; else to the address of the ticket's queue.")
@click.option("--text", default="", help="What to write above it.")
@options.writing
@click.pass_obj
def command(
    settings: GlobalOptions, tickets: TicketArguments, to: tuple[str, ...], text: str, writing: WriteOptions
) -> None:
    """Send tickets on, each mail attached as it arrived; to a public list as text alone.

    A queue may say that what it has sent on is closed.
    """
    recipients = list(map(parse_address, to))
    change_tickets(settings, tickets, writing, lambda draft, ids: forward(draft, ids, recipients, text))
