"""`supportctl check`: check that Maildir, metadata, log and caches agree."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions
from supportctl.config import load
from supportctl.desk.guard import require_unguarded
from supportctl.desk.open import open_desk
from supportctl.errors import DataError
from supportctl.intake.repair import repair_desk
from supportctl.output import columns, formats
from supportctl.output.terminal import say
from supportctl.values import count_of


@click.command()
@click.option("--repair", is_flag=True, help="Repair what can be repaired from the log and the mail.")
@click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE", help="Check only this queues.yaml.")
@options.output("table", "plain", "json", "jsonl", "csv")
@click.pass_obj
def command(settings: GlobalOptions, repair: bool, file: Path | None, format: str) -> None:
    """Check that Maildir, metadata, log and caches agree; print nothing if they do.

    --repair rebuilds metadata and caches from the log, and finishes interrupted operations. A ticket follows mail that
    a mail client has moved to another queue or rewritten; mail that was put into a queue's folder becomes a ticket.
    """
    if file is not None:
        require_unguarded("--config FILE")
        config = load(file)
        counts = f"{count_of(len(config.queues), 'queue')}, {count_of(len(config.rules), 'rule')}"
        say(f"{file}: {counts}, no problems", quiet=settings.quiet)
        return
    desk = open_desk(settings)
    for done in repair_desk(desk) if repair else ():
        say(done, quiet=settings.quiet)
    findings = desk.verify()
    formats.write_rows([asdict(finding) for finding in findings], columns.FINDING, format, kind="findings")
    if findings:
        hint = "restore the damaged files from a backup" if repair else "supportctl check --repair repairs what it can"
        raise DataError(f"{count_of(len(findings), 'problem')} found", hint)
