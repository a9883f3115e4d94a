"""`supportctl ingest`: turn mail into tickets."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable

import click

from supportctl import options, render
from supportctl.delivery import Delivered, take_in
from supportctl.desk import Desk, Request
from supportctl.errors import DeskError, UsageError
from supportctl.opening import open_desk
from supportctl.operations.intake import RECEIPT, Manner
from supportctl.operations.sources import read_files, read_inbox
from supportctl.options import Settings
from supportctl.terminal import is_terminal, say


@click.command()
@click.argument("source", nargs=-1)
@click.option("--classify", is_flag=True, help="Let the rules act at once.")
@click.option("--queue", default="", metavar="QUEUE", help="Open new tickets in this queue.")
@click.option("--closed", is_flag=True, help="An archive: new tickets are closed, with the dates of their mail.")
@click.option("-m", "--message", "reason", default="", metavar="REASON", help="Why, for the log.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--format", type=click.Choice(render.FORMATS), help="A row for each mail, written so.")
@click.pass_obj
def command(
    settings: Settings,
    source: tuple[str, ...],
    classify: bool,
    queue: str,
    closed: bool,
    reason: str,
    dry_run: bool,
    format: str | None,
) -> None:
    """Turn mail into tickets: the INBOX's (moved), or that of SOURCEs: .eml files, mboxes, Maildirs (copied).

    With - it takes one message from standard input, for a mail server: the message is safe in the INBOX
    when this exits 0, and becomes a ticket now if the desk is free, else with the next ingest.
    """
    desk = open_desk(settings)
    manner = Manner(classify, desk.config.queue(queue).key if queue else "", closed)
    request = Request("ingest", reason, is_dry_run=dry_run)
    if "-" in source:
        _accept(desk, source, request, manner)
        return
    mails = read_files(source) if source else read_inbox(desk.root)
    _tell(take_in(desk, request, mails, manner), settings, format, dry_run)


def _accept(desk: Desk, source: tuple[str, ...], request: Request, manner: Manner) -> None:
    """Make one message durable, then process it if nothing is in the way; from here on nothing is an error."""
    if len(source) > 1 or request.is_dry_run:
        raise UsageError("- is one message, and nothing else", "supportctl ingest - <MESSAGE")
    desk.store.accept(sys.stdin.buffer.read())
    request.wait = 0
    try:
        for _ in take_in(desk, request, read_inbox(desk.root), manner):
            pass
    except (DeskError, OSError) as error:
        say(f"the message is in the INBOX, the next ingest makes it a ticket: {error}")


def _tell(batches: Iterable[Delivered], settings: Settings, format: str | None, is_dry_run: bool) -> None:
    rows: list[dict[str, object]] = []
    ops = []
    for batch in batches:
        rows += batch.rows
        ops += [batch.op] if batch.op else []
        for warning in batch.warnings:
            say(f"supportctl ingest: {warning}")
    if format or (is_dry_run and is_terminal(sys.stdout)):
        render.rows(rows, RECEIPT, format or "table", kind="mails")
        return
    counts = Counter(str(row["outcome"]) for row in rows)
    parts = [f"{number} {outcome}" for outcome, number in counts.items()]
    summary = f"{len(rows)} mails: {', '.join(parts)}" + (f" (operation {ops[0]})" if ops else "")
    ids = list(dict.fromkeys(str(row["ticket"]) for row in rows))
    render.outcome(ids, summary if rows else "", quiet=settings.quiet)
