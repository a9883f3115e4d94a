"""`supportctl check`: check that Maildir, metadata, log and caches agree."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions
from supportctl.config import Config, load
from supportctl.config.remarks import find_remarks
from supportctl.config.templates import find_bad_templates
from supportctl.desk.guard import require_unguarded
from supportctl.desk.open import open_desk
from supportctl.errors import ConfigError, DataError
from supportctl.intake.repair import repair_desk
from supportctl.operations.outbox import count_stuck
from supportctl.output import columns, formats
from supportctl.output.outgoing_view import describe_stuck
from supportctl.output.terminal import say
from supportctl.store.exchange import LOG_RESCUE
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.contract import Finding


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
        if problems := list(find_bad_templates(config)):
            raise ConfigError("\n".join(problems), f"{count_of(len(problems), 'problem')} to fix")
        counts = f"{count_of(len(config.queues), 'queue')}, {count_of(len(config.rules), 'rule')}"
        say(f"{file}: {counts}, no problems", quiet=settings.quiet)
        _remark(config, settings)
        return
    desk = open_desk(settings)
    _remark(desk.config, settings)
    for done in repair_desk(desk) if repair else ():
        say(done, quiet=settings.quiet)
    findings = desk.verify()
    formats.write_rows([asdict(finding) for finding in findings], columns.FINDING, format, kind="findings")
    # Of a damaged desk there is something else to be done first.
    for line in describe_stuck(*desk.read(count_stuck)) if not findings else ():
        say(line, quiet=settings.quiet)
    if findings:
        raise DataError(f"{count_of(len(findings), 'problem')} found", _advise(findings, is_repaired=repair))


def _remark(config: Config, settings: GlobalOptions) -> None:
    """Say what is no problem, and may be worth a change."""
    for line, text in find_remarks(config):
        say(f"{config.file.name}:{line}: {text}", quiet=settings.quiet)


def _advise(findings: list[Finding], *, is_repaired: bool) -> str:
    """What to do next."""
    if any(finding.kind == "log" for finding in findings):
        return LOG_RESCUE
    if is_repaired:
        return "restore what is damaged from a backup, and move away what is no mail"
    return "supportctl check --repair repairs what it can"
