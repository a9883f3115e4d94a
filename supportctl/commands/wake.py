"""`supportctl wake`: take tickets back from waiting."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import Intent, Names, Settings
from supportctl.cli.writing import change_tickets, report, request_for
from supportctl.desk.open import open_desk
from supportctl.operations.transitions import wake, wake_due


@click.command()
@options.tickets(required=False)
@options.writing
@click.pass_obj
def command(settings: Settings, names: Names, intent: Intent) -> None:
    """Take what is due back to the queue where it was (for cron); or TICKETs, due or not."""
    if names.given:
        change_tickets(settings, names, intent, wake)
    else:
        report(open_desk(settings).as_robot().write(request_for(settings, intent), wake_due), settings, intent)
