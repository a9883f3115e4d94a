"""`supportctl ingest`: turn mail into tickets."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial

import click

from supportctl.cli.options import GlobalOptions, require_value
from supportctl.desk.desk import Desk
from supportctl.desk.guard import require_unguarded
from supportctl.desk.open import open_desk
from supportctl.desk.requests import WriteRequest
from supportctl.errors import DonePartly, UsageError
from supportctl.intake.plan import IngestOptions
from supportctl.intake.run import (
    IntakeResult,
    bring,
    bring_one,
    gather,
    list_warnings,
    summarise_intake,
    take_in_inbox,
    take_one,
)
from supportctl.operations.transitions import require_closed_entry, require_open_entry
from supportctl.output import columns, formats
from supportctl.output.terminal import is_terminal, say
from supportctl.values import count_of

_PIECE = 8 << 20
"""The number of bytes of standard input that are in memory at a time."""


@click.command()
@click.argument("source", nargs=-1)
@click.option("--classify", is_flag=True, help="Apply the rules to new tickets right away.")
@click.option("--queue", callback=require_value, metavar="QUEUE", help="Open new tickets in QUEUE.")
@click.option("--closed", is_flag=True, help="Import an archive: close new tickets, with the dates of their mail.")
@click.option("--type", "issue_type", callback=require_value, metavar="TYPE", help="Set the issue type of new tickets.")
@click.option("--mboxrd", is_flag=True, help="Read mboxes as mboxrd: take one > off lines such as >From.")
@click.option("--with-deleted", is_flag=True, help="Take in mail that Thunderbird has deleted and left in the mbox.")
@click.option("-m", "--message", "reason", default="", metavar="REASON", help="Give a reason, for the log.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be done; change nothing.")
@click.option("--format", type=click.Choice(formats.FORMATS), help="Print a row for each message, in this format.")
@click.pass_obj
def command(
    settings: GlobalOptions,
    source: tuple[str, ...],
    classify: bool,
    queue: str,
    closed: bool,
    issue_type: str,
    mboxrd: bool,
    with_deleted: bool,
    reason: str,
    dry_run: bool,
    format: str | None,
) -> None:
    """Turn mail into tickets: the INBOX (moved), or SOURCEs: .eml files, mboxes, Maildirs, folders of them (copied).

    With -, take one message from standard input, for a mail server. Exit status 0 means that the message is safe
    in the INBOX. It becomes a ticket now if the desk is free, otherwise with the next ingest. What a person brings
    becomes a ticket at once, or is not taken.
    """
    desk = open_desk(settings)
    options = _read_options(desk, classify, queue, closed, issue_type)
    request = WriteRequest("ingest", reason, is_dry_run=dry_run)
    if "-" in source and (len(source) > 1 or dry_run or sys.stdin is None):
        problem = "- takes one message from standard input, without other sources or --dry-run"
        raise UsageError(problem, "run supportctl ingest - <FILE")
    if "-" in source and not desk.brought_by:
        for warning in take_one(desk, request, _read_input(), options):
            say(f"supportctl ingest: {warning}")
    else:
        _report(_take_in(desk, request, source, options, mboxrd, with_deleted), settings, format, dry_run)


def _take_in(
    desk: Desk, request: WriteRequest, source: tuple[str, ...], options: IngestOptions, mboxrd: bool, with_deleted: bool
) -> Iterator[IntakeResult]:
    if "-" in source:
        return bring_one(desk, request, _read_input(), options)
    if source:
        require_unguarded("ingest SOURCE")  # its process is the owner's, who may read files that the caller may not
        from supportctl.intake.files import ReadingOptions, read_files  # what the INBOX needs nothing of

        return bring(desk, request, read_files(source, ReadingOptions(mboxrd, with_deleted)), options)
    return take_in_inbox(desk, request, options)


def _read_input() -> Iterator[bytes]:
    return iter(partial(sys.stdin.buffer.read, _PIECE), b"")


def _read_options(desk: Desk, classify: bool, name: str, closed: bool, type_name: str) -> IngestOptions:
    """How new tickets come in; raises UsageError for options that exclude each other."""
    queue = desk.config.queue(name or desk.config.desk.intake)
    issue_type = desk.config.issue_type(type_name) if type_name else ""
    require_open_entry(queue)
    if closed:
        require_closed_entry(queue, issue_type)
    return IngestOptions(classify, queue.key if name else "", closed, issue_type)


def _report(batches: Iterable[IntakeResult], settings: GlobalOptions, format: str | None, is_dry_run: bool) -> None:
    with_rows = bool(format) or (is_dry_run and is_terminal(sys.stdout))
    done = gather(batches, with_rows=with_rows)
    for warning in list_warnings(done):
        say(f"supportctl ingest: {warning}")
    if with_rows:
        formats.write_rows(done.rows, columns.RECEIPT, format or "table", kind="mails")
    else:
        formats.write_outcome(list(done.tickets), summarise_intake(done), quiet=settings.quiet)
    if done.left:
        hint = "restore what can't be read, or move it away"
        raise DonePartly(f"{count_of(len(done.left), 'message')} left, the rest done", hint)
