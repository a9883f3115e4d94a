"""`supportctl undo`: undo an operation."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, WriteOptions
from supportctl.cli.writing import confirm_and_write, report, request_for
from supportctl.desk.open import open_desk
from supportctl.operations.draft import Draft
from supportctl.operations.undo import choose_operations, undo


@click.command()
@click.argument("operation", type=options.NUMBER, required=False, metavar="[OP]")
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, operation: int | None, writing: WriteOptions) -> None:
    """Undo your own last operation, or operation number OP (see `log`).

    Tickets that a later operation has changed are refused, and that operation is named. To redo an operation, undo
    its undo.
    """
    desk = open_desk(settings)

    def plan(draft: Draft) -> None:
        operations = choose_operations(draft.planning, desk.account, operation)
        undo(draft, operations, desk.account, is_robot=not desk.brought_by)

    report(desk, confirm_and_write(desk, request_for(settings, writing), plan), settings, writing)
