"""`supportctl log`: show who did what, when and why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions
from supportctl.desk.open import open_desk
from supportctl.operations.history import describe_history, describe_operations
from supportctl.operations.naming import resolve
from supportctl.output import columns, formats
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


@click.command()
@click.argument("ticket", required=False)
@click.option("-n", "--limit", type=options.NUMBER, metavar="N", default=20, show_default=True, help="Show at most N.")
@click.option("--all", "everything", is_flag=True, help="Show all.")
@options.output()
@click.pass_obj
def command(settings: GlobalOptions, ticket: str | None, limit: int, everything: bool, format: str) -> None:
    """Show the last operations, or those that changed TICKET, newest first."""
    desk = open_desk(settings)
    most = None if everything else limit

    def look(snapshot: Snapshot) -> list[Row]:
        if ticket is None:
            return list(describe_operations(snapshot, most))
        name = resolve(snapshot, desk.config, ticket, int(time.time()))
        return list(describe_history(snapshot, name, most))

    formats.write_rows(desk.read(look), columns.OPERATION, format, kind="operations", zone=desk.config.desk.timezone)
