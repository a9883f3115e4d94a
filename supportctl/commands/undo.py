"""`supportctl undo`: take back an operation."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, WriteOptions
from supportctl.cli.writing import report, request_for, write
from supportctl.desk.open import open_desk
from supportctl.operations.undo import choose, is_own, undo


@click.command()
@click.argument("operation", type=int, required=False, metavar="[OP]")
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, operation: int | None, writing: WriteOptions) -> None:
    """Take back your own last operation, or the one with this number (see `log`).

    What somebody changed since is refused, and that operation named. Undoing an undo does it again.
    """
    desk = open_desk(settings)
    chosen = desk.read(lambda state: choose(state, desk.account, operation))
    options.confirm_many(sum(len(one.changes) for one in chosen), "undo", writing.yes or writing.is_dry_run)
    is_all_own = all(is_own(one, desk.account, is_owner=desk.agent.is_owner) for one in chosen)
    request = request_for(settings, writing)._replace(is_own_undo=is_all_own)
    report(
        write(desk, request, lambda draft: undo(draft, choose(draft.state, desk.account, chosen[0].op))),
        settings,
        writing,
    )
