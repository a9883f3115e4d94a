"""`supportctl reopen`: open closed tickets again."""

from __future__ import annotations

import click

from supportctl import options
from supportctl.changing import change_tickets
from supportctl.operations.moving import reopen
from supportctl.options import Intent, Names, Settings


@click.command()
@options.tickets()
@options.writing
@click.pass_obj
def command(settings: Settings, names: Names, intent: Intent) -> None:
    """Open closed tickets again, in the queue that they were closed in."""
    change_tickets(settings, names, intent, reopen)
