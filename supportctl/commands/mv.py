"""`supportctl mv`: move tickets to another queue."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import Intent, Names, Settings
from supportctl.cli.writing import change_tickets
from supportctl.operations.transitions import move


@click.command()
@options.tickets()
@click.argument("queue")
@click.option("--closed", is_flag=True, help="Move closed tickets too; they stay closed.")
@options.writing
@click.pass_obj
def command(settings: Settings, names: Names, queue: str, closed: bool, intent: Intent) -> None:
    """Move tickets to QUEUE; a queue that closes on arrival closes them.

    \b
    supportctl search 'in:triage subject:viagra' | supportctl mv - junk
    """
    change_tickets(settings, names, intent, lambda draft, ids: move(draft, ids, draft.queue(queue), with_closed=closed))
