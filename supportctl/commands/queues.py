"""`supportctl queues`: list the queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions
from supportctl.desk.desk import Desk
from supportctl.desk.open import open_desk
from supportctl.operations.listing import count_unread
from supportctl.output import columns, formats
from supportctl.policy import access
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


@click.command()
@options.output()
@click.pass_obj
def command(settings: GlobalOptions, format: str) -> None:
    """List the queues with their counts, your rights and their purpose."""
    desk = open_desk(settings)
    formats.write_rows(desk.read(lambda snapshot: _describe(desk, snapshot)), columns.QUEUE, format, kind="queues")


def _describe(desk: Desk, snapshot: Snapshot) -> list[Row]:
    counts = snapshot.count_queues()
    rows: list[Row] = []
    for key, queue in desk.config.queues.items():
        may_read = desk.rights.may("access", key)
        active, closed = counts.get(key, (0, 0))
        rows.append({
            "key": key,
            "title": queue.title,
            "open": active if may_read else None,
            "unread": count_unread(snapshot, key) if may_read else None,
            "closed": closed if may_read else None,
            "rights": _rights(desk, key),
            "purpose": queue.purpose,
        })  # fmt: skip
    return rows


def _rights(desk: Desk, queue: str) -> list[str]:
    verdicts: list[tuple[str, access.Right]] = [("read", "access"), ("move in", "move_in")]
    answers = {word: access.decide(desk.config, desk.agent, right, queue).answer for word, right in verdicts}
    return [word + (" (asks)" if answer == "ask" else "") for word, answer in answers.items() if answer != "no"]
