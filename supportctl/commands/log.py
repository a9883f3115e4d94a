"""`supportctl log`: who did what, when, why."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions
from supportctl.desk.desk import Desk
from supportctl.desk.open import open_desk
from supportctl.operations.history import describe_operations, describe_ticket
from supportctl.operations.naming import resolve
from supportctl.output import columns, formats
from supportctl.store.snapshot import Snapshot


@click.command()
@click.argument("ticket", required=False)
@click.option(
    "-n", "--limit", type=click.IntRange(1), metavar="N", default=20, show_default=True, help="How many, from the last."
)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@options.output()
@click.pass_obj
def command(settings: GlobalOptions, ticket: str | None, limit: int, everything: bool, format: str) -> None:
    """Show the last operations, newest first; or all that happened to one TICKET."""
    desk = open_desk(settings)

    def look(state: Snapshot) -> list[dict[str, object]]:
        return list(_rows(desk, state, ticket, None if everything else limit))

    formats.rows(desk.read(look), columns.OPERATION, format, kind="operations")


def _rows(desk: Desk, state: Snapshot, ticket: str | None, limit: int | None) -> Iterator[dict[str, object]]:
    if ticket is None:
        return describe_operations(state, limit, desk.readable_queues(), desk.account)
    name = resolve(state, desk.config, ticket, int(time.time()))
    found, _ = state.find(name)
    desk.require_access(found.queue)
    return describe_ticket(state, name, limit)
