"""`supportctl close`: close tickets."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions, require_value
from supportctl.cli.writing import change_tickets
from supportctl.operations.transitions import close


@click.command()
@options.tickets()
@click.option("--type", "issue_type", callback=require_value, metavar="TYPE", help="Set their issue type.")
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, issue_type: str, writing: WriteOptions) -> None:
    """Close tickets: they leave their queue's list, but search still finds them."""
    change_tickets(
        settings,
        tickets,
        writing,
        lambda draft, ids: close(draft, ids, draft.config.issue_type(issue_type) if issue_type else ""),
    )
