"""`supportctl tag`: change tags, issue type and owner."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.dash_words import TagCommand
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.writing import change_tickets
from supportctl.errors import UsageError
from supportctl.operations.draft import Draft
from supportctl.operations.tagging import apply_marks, read_owner, read_tags


@click.command(cls=TagCommand)
@options.tickets()
@click.option("--type", "issue_type", metavar="TYPE", help='Set the issue type; --type "" removes it.')
@click.option("--owner", metavar="ACCOUNT", help='Set the owner, who works on it; --owner "" removes the owner.')
@options.writing
@click.pass_obj
def command(
    settings: GlobalOptions,
    tickets: TicketArguments,
    changes: tuple[str, ...],
    issue_type: str | None,
    owner: str | None,
    writing: WriteOptions,
) -> None:
    """Add tags with +TAG, remove them with -TAG; set the issue type or the owner.

    \b
    supportctl tag +urgent -dispute? --type "Code Signing" .17
    """
    marks = read_tags(changes)._replace(issue_type=issue_type, owner=owner if owner is None else read_owner(owner))
    if marks.is_empty:
        raise UsageError("nothing to change", "give +TAG, -TAG, --type TYPE or --owner ACCOUNT")

    def act(draft: Draft, ids: list[str]) -> None:
        known = draft.config.issue_type(issue_type) if issue_type else issue_type
        apply_marks(draft, ids, marks._replace(issue_type=known))

    change_tickets(settings, tickets, writing, act)
