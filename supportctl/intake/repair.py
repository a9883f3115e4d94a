"""Checking and repairing a whole desk."""

from __future__ import annotations

from collections.abc import Iterator

from supportctl.desk.desk import Desk, Request
from supportctl.intake.strays import take_strays_in
from supportctl.operations.repair import mend_mail
from supportctl.store.snapshot import Snapshot
from supportctl.store.verify import Finding, inspect, read_history


def find_problems(desk: Desk) -> list[Finding]:
    """Everything that is not as it should be, in one consistent state."""

    def look(state: Snapshot) -> list[Finding]:
        return list(inspect(state, read_history(state.layout), set(desk.config.queues)))

    return desk.read(look)


def repair_desk(desk: Desk) -> Iterator[str]:
    """Mend what can be mended; yields in words what was done.

    Raises DataError for a damaged log, DeniedError where the agent may not do what a mail client did.
    """
    yield from desk.store.repair()
    request = Request("check", "repair")
    outcome = desk.write(request, mend_mail)
    if outcome.operation:
        yield f"operation {outcome.operation.op}: {len(outcome.changes)} tickets follow their mail, or lack it"
    yield from take_strays_in(desk, request)
    desk.index()
