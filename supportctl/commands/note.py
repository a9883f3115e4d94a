"""`supportctl note`: put a note on tickets."""

from __future__ import annotations

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions
from supportctl.cli.text_input import read_piped_text, write_in_editor
from supportctl.cli.writing import change_tickets
from supportctl.operations.noting import add_note, read_note


@click.command()
@options.tickets()
@click.option("--text", metavar="TEXT", help="Note TEXT, instead of what an editor or standard input gives.")
@options.writing
@click.pass_obj
def command(settings: GlobalOptions, tickets: TicketArguments, text: str | None, writing: WriteOptions) -> None:
    """Put a note on tickets. A note never leaves the desk; `show` shows it, and `search note:WORD` finds it.

    Without --text, the note is read from standard input; on a terminal, an editor opens.
    """
    written = read_piped_text(tickets) if text is None else text
    note = read_note(write_in_editor() if written is None else written)
    change_tickets(settings, tickets, writing, lambda draft, ids: add_note(draft, ids, note))
