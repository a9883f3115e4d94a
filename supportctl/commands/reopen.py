"""`supportctl reopen`: open closed tickets again."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import Intent, Names, Settings
from supportctl.cli.writing import change_tickets
from supportctl.operations.transitions import reopen


@click.command()
@options.tickets()
@options.writing
@click.pass_obj
def command(settings: Settings, names: Names, intent: Intent) -> None:
    """Open closed tickets again, in the queue that they were closed in."""
    change_tickets(settings, names, intent, reopen)
