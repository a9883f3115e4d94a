"""Bring ids and log files back from a future that a wrong clock has made.

The day of ticket ids and the month of folders and log files never run backwards, so after one jump ahead of the clock
they would stay where it was. Which clock is right a person has to say: `check` tells of the days, and `check --repair`
takes the clock of now for the right one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supportctl.store import durable
from supportctl.store.head import list_logs, log_order
from supportctl.store.layout import month_of
from supportctl.store.transaction import FolderWriter
from supportctl.store.verify import count_days_ahead, read_sound_history
from supportctl.values import day_of

if TYPE_CHECKING:
    from supportctl.store.log import Operation
    from supportctl.store.recovery import Recovery


def return_from_future(recovery: Recovery, operation: Operation) -> list[str]:
    """Where the last ids given are ahead of the clock, let ids and log go on from the time of `operation`.

    `operation` comes without number, changes and ids. Returns a sentence for each thing done.
    """
    history = read_sound_history(recovery.layout)
    ids, today = history.head.ids, day_of(operation.at)
    days = count_days_ahead(ids, operation.at)
    if not days:
        return []
    # First, as both name log files: without them, whoever comes next reads the log from its beginning.
    recovery.layout.head.unlink(missing_ok=True)
    recovery.catalogue.discard()
    _rename_logs(recovery.layout.log, month_of(operation.at))
    writer = FolderWriter(recovery, recovery.recover())
    # Above the counters of all days to come: none of their ids is given again once such a day is there.
    floor = max([ids.floor, *(counter for day, counter in history.counters.items() if day >= today)])
    given = ids._replace(
        day=today, counter=floor, month=month_of(operation.at), floor=floor, until=max(ids.day, ids.until)
    )
    done = writer.commit(operation._replace(ids=given), [], [])
    return [f"operation {done.op}: the last ids were {days} days ahead of the clock; the next ones are of today"]


def _rename_logs(folder: Path, month: str) -> None:
    """Let the log files of months to come be further files of this month, in their order."""
    for name in list_logs(folder):
        if log_order(name)[0] > month:
            taken = [number for known, number in map(log_order, list_logs(folder)) if known == month]
            target = f"{month}-{taken[-1] + 1}.jsonl" if taken else f"{month}.jsonl"
            durable.move_path(str(folder / name), str(folder / target))
    durable.sync(folder)
