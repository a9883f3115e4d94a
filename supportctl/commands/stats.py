"""`supportctl stats`: count tickets."""

from __future__ import annotations

import time

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, require_value
from supportctl.desk.open import open_desk
from supportctl.errors import UsageError
from supportctl.operations.listing import COUNTABLE, count_tickets
from supportctl.output import formats
from supportctl.output.columns import Column


@click.command()
@click.option(
    "--by",
    default="queue,state",
    show_default=True,
    metavar="WHAT,…",
    help=f"What to count by: {', '.join(COUNTABLE)}.",
)
@click.option(
    "--since",
    callback=require_value,
    metavar="WHEN",
    help="Count only tickets opened since a date, such as last-week, 1.11. or 30d.",
)
@options.output("table", "plain", "json", "jsonl", "csv")
@click.pass_obj
def command(settings: GlobalOptions, by: str, since: str, format: str) -> None:
    """Count the tickets that you may read, open and closed.

    Months are in UTC, as in ticket ids. The date after --since is in the past, in the desk's time zone.
    """
    names = [name.strip() for name in by.split(",")]
    for name in names:
        if name not in COUNTABLE:
            raise UsageError(f"tickets can't be counted by {name!r}", f"choose from {', '.join(COUNTABLE)}")
    desk = open_desk(settings)
    start = _start(since, desk.config.desk.timezone) if since else 0
    rows = desk.read(lambda snapshot: list(count_tickets(snapshot, names, start)))
    formats.write_rows(rows, [*map(Column, names), Column("tickets", kind="number")], format, kind="counts")


def _start(since: str, zone: str) -> int:
    from supportctl.dates import read_since  # not at the top: few ask for it

    return read_since(since, int(time.time()), zone)
