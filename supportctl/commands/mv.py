"""`supportctl mv`: move tickets to another queue."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import change_tickets
from supportctl.operations.transitions import move


@click.command()
@options.tickets()
@click.argument("queue")
@click.option("--closed", is_flag=True, help="Move closed tickets too; they stay closed.")
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, queue: str, closed: bool, writing: WriteOptions) -> None:
    """Move tickets to QUEUE.

    A queue may close the tickets that arrive. If such a queue needs an issue type, it refuses tickets without one.

    \b
    supportctl search 'in:triage subject:viagra' | supportctl mv - junk
    """
    change_tickets(
        settings, tickets, writing, lambda draft, ids: move(draft, ids, draft.queue(queue), with_closed=closed)
    )
