"""`supportctl reply`: answer by mail."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from supportctl.cli import options
from supportctl.cli.drafting import attach, read_reply
from supportctl.cli.options import GlobalOptions, TicketArguments, WriteOptions, require_value
from supportctl.cli.writing import change_tickets
from supportctl.dates import read_until
from supportctl.desk.desk import Desk
from supportctl.errors import UsageError
from supportctl.mail.compose import without_envelope
from supportctl.operations.draft import Draft
from supportctl.operations.replying import Answered, Reply, reply
from supportctl.output import formats
from supportctl.store.changes import Change
from supportctl.values import parse_address


@click.command()
@options.tickets()
@click.option("--text", callback=require_value, help="Send TEXT, which others see in the list of processes.")
@click.option("--template", callback=require_value, metavar="NAME", help="Send the text templates/NAME.md.")
@click.option("--all", "to_all", is_flag=True, help="Answer everybody whom the message was for, too.")
@click.option("--to", multiple=True, metavar="ADDRESS", help="Send to ADDRESS instead.")
@click.option("--cc", multiple=True, metavar="ADDRESS", help="Send a copy to ADDRESS.")
@click.option("--attach", "files", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="Attach FILE.")
@click.option("--type", "issue_type", callback=require_value, metavar="TYPE", help="Set the issue type as well.")
@click.option("--close", "closes", is_flag=True, help="Close the ticket as well.")
@click.option("--pend", "until", callback=require_value, metavar="WHEN", help="Put it on hold as well, until WHEN.")
@click.option("--resume", is_flag=True, help="Go on with the draft that was not sent.")
@options.writing
@click.pass_obj
def command(
    settings: GlobalOptions, tickets: TicketArguments, text: str, template: str, to_all: bool, to: tuple[str, ...],
    cc: tuple[str, ...], files: tuple[Path, ...], issue_type: str, closes: bool, until: str, resume: bool,
    writing: WriteOptions,
) -> None:  # fmt: skip
    """Answer the last message of tickets: in your editor, or with a text from standard input.

    The reply comes from the address of the ticket's queue, with its signature. -n shows it and sends nothing.
    """
    if closes and until:
        raise UsageError("--close and --pend exclude each other", "close the ticket, or put it on hold")
    to, cc = tuple(map(parse_address, to)), tuple(map(parse_address, cc))
    asked = Reply(text, None, None, to_all, to, cc, attach(files), closes=closes)
    request, kept = read_reply(settings, tickets, asked, template, is_resumed=resume)
    answered: dict[str, Answered] = {}

    def act(draft: Draft, ids: list[str]) -> None:
        kind = draft.config.issue_type(issue_type) if issue_type else ""
        due = read_until(until, draft.now, draft.config.desk.timezone) if until else 0
        answered.clear()
        answered.update(reply(draft, ids, request._replace(issue_type=kind, due=due)))

    change_tickets(settings, tickets, writing, act, then=_finish(answered, kept, is_dry_run=writing.is_dry_run))


def _finish(
    answered: dict[str, Answered], kept: Path | None, *, is_dry_run: bool
) -> Callable[[Desk, list[Change]], None]:
    """What is done once the replies are in the outbox; in a dry run, they are shown."""

    def finish(desk: Desk, changes: list[Change]) -> None:
        if is_dry_run:
            for found in answered.values():
                formats.write_bytes(without_envelope(found.raw))
            sys.stdout.flush()
            return
        for change in changes:
            if ticket := change.after:
                number = answered[ticket.id].number
                desk.mark_answered(ticket, [message for message in ticket.messages if message.number == number])
        if kept is not None:
            kept.unlink(missing_ok=True)

    return finish
