"""`supportctl show`: read a ticket."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, TicketArguments
from supportctl.desk.desk import Desk
from supportctl.desk.guard import require_unguarded
from supportctl.desk.open import open_desk
from supportctl.operations.naming import mail_paths, resolve
from supportctl.operations.viewing import (
    TicketView,
    position_of,
    read_all_raw,
    read_attachment,
    read_raw,
    require_all,
    view_ticket,
)
from supportctl.output import formats
from supportctl.output.attachments import save_attachments
from supportctl.output.ticket_view import describe_view, write_view

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


@click.command()
@options.tickets()
@click.option("--message", "number", type=options.NUMBER, default=None, metavar="N", help="Show only the Nth message.")
@click.option("--raw", is_flag=True, help="Print the message as it arrived, byte for byte.")
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR", help="Save the attachments in DIR.")
@click.option("--attachment", type=options.NUMBER, metavar="N", help="Print the Nth attachment, for a file or a pipe.")
@click.option("--path", is_flag=True, help="Print the paths of the messages.")
@click.option("--why", is_flag=True, help="Say what speaks for and against a bounce or an automatic reply.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format.")
@click.pass_obj
def command(
    settings: GlobalOptions,
    tickets: TicketArguments,
    number: int | None,
    raw: bool,
    save: Path | None,
    attachment: int | None,
    path: bool,
    why: bool,
    format: str,
) -> None:
    """Show tickets and their messages (HTML as text).

    A Message-ID or the path of a message stands for its ticket, and shows only that message. Messages that are
    shown are marked as seen.
    """
    desk = open_desk(settings)
    if save is not None:
        require_unguarded("--save")
    with_content = not (raw or path or attachment)
    for shown in _views(desk, tickets, number, with_content=with_content, is_judged=why):
        _write(desk, shown, raw=raw, save=save, attachment=attachment, path=path, format=format, why=why)


def _views(
    desk: Desk, tickets: TicketArguments, number: int | None, *, with_content: bool, is_judged: bool
) -> Iterator[TicketView]:
    names = desk.read(lambda snapshot: mail_paths(snapshot, tickets.names)) if tickets.are_paths else tickets.names
    for name in names:

        def look(snapshot: Snapshot, name: str = name) -> TicketView:
            ticket_id = resolve(snapshot, desk.config, name, int(time.time()), is_path=tickets.are_paths)
            only = number or position_of(snapshot.find(ticket_id), name)
            return view_ticket(snapshot, ticket_id, only, with_content=with_content, is_judged=is_judged)

        yield desk.read(look)


def _write(
    desk: Desk,
    shown: TicketView,
    *,
    raw: bool,
    save: Path | None,
    attachment: int | None,
    path: bool,
    format: str,
    why: bool,
) -> None:
    if path:
        formats.write_bytes(b"".join(os.fsencode(f"{view.path}\n") for view in shown.messages if view.path))
        return
    if raw:
        for piece in desk.read(lambda snapshot: read_raw(snapshot, shown)):
            formats.write_bytes(piece)
    elif attachment is not None:
        formats.write_bytes(desk.read(lambda snapshot: read_attachment(snapshot, shown, attachment)))
    elif save is not None:
        messages = desk.read(lambda snapshot: read_all_raw(snapshot, shown))
        for file in (file for message in messages for file in save_attachments(message, save)):
            formats.write_text(f"{file}\n")
    elif format == "json":
        formats.write_document({"ticket": describe_view(shown, why=why)})
    else:
        write_view(shown, desk.config, why=why)
    # Last: what could not be written has not been read.
    desk.mark_seen(shown.ticket, [view.message for view in shown.messages if not view.problem])
    if save is not None:
        require_all(shown)
