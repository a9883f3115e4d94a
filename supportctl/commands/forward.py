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
@click.option("--to", multiple=True, metavar="ADDRESS", help="Forward to ADDRESS instead of the queue's address.")
@click.option("--text", default="", help="Put TEXT above the forwarded message.")
@options.writing
@click.pass_obj
def command(
    settings: GlobalOptions, tickets: TicketArguments, to: tuple[str, ...], text: str, writing: WriteOptions
) -> None:
    """Forward tickets by mail, each message attached as it arrived; from a public queue, as text only.

    Some queues close a ticket once it is forwarded.
    """
    recipients = list(map(parse_address, to))
    change_tickets(settings, tickets, writing, lambda draft, ids: forward(draft, ids, recipients, text))
