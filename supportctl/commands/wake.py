"""`supportctl wake`: move pending tickets back to their queues."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import change_tickets, confirm_and_write, report, request_for
from supportctl.desk.open import open_desk
from supportctl.operations.transitions import wake, wake_due


@click.command()
@options.tickets(required=False)
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, writing: WriteOptions) -> None:
    """Return pending tickets that are due to the queues they came from (for cron); or TICKETs, due or not."""
    if tickets.given:
        change_tickets(settings, tickets, writing, wake)
    else:
        desk = open_desk(settings)
        # For cron, one ticket that is refused must not keep the others waiting.
        request = request_for(settings, writing)._replace(keep_going=True)
        report(desk, confirm_and_write(desk.as_robot(), request, wake_due), settings, writing)
