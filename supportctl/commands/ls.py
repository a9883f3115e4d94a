"""`supportctl ls`: list open tickets."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions
from supportctl.desk.open import open_desk
from supportctl.errors import DeniedError
from supportctl.operations.listing import list_open, list_waiting
from supportctl.output import formats
from supportctl.output.columns import choose_ticket_columns


@click.command()
@click.argument("queue", nargs=-1)
@click.option("--due", is_flag=True, help="List only pending tickets, by due date.")
@options.output()
@click.pass_obj
def command(settings: GlobalOptions, queue: tuple[str, ...], due: bool, format: str) -> None:
    """List the open and pending tickets of QUEUEs (default: all that you may read), oldest change first.

    A * marks tickets with unread messages.
    """
    desk = open_desk(settings)
    queues = list(dict.fromkeys(desk.config.queue(name).key for name in queue)) or desk.rights.readable_queues
    if not queues:
        raise DeniedError(f"{desk.account} may not read any queue", "roles and access in queues.yaml say who may")
    list_tickets = list_waiting if due else list_open
    rows = desk.read(lambda snapshot: list_tickets(snapshot, queues))
    formats.write_rows(rows, choose_ticket_columns(rows, len(queues)), format, zone=desk.config.desk.timezone)
