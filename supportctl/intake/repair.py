"""Repair a whole desk: what follows from the log, tickets whose messages moved, messages without a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from supportctl.desk.desk import Desk
from supportctl.desk.requests import WriteRequest
from supportctl.errors import DeniedError
from supportctl.intake.plan import HEAVIEST_OPERATION, LARGEST_OPERATION, IngestOptions
from supportctl.intake.run import Run, list_left, mark
from supportctl.intake.sources import parse_all, weigh
from supportctl.operations.batches import split_batches
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.exchange import Stray


def repair_desk(desk: Desk) -> Iterator[str]:
    """Repair what can be repaired; yield a sentence for each thing done.

    What a mail client did and the agent may not do is told, and left. Raises DataError for a damaged log.
    """
    known = yield from desk.repair()
    # Then the strays that are left. Those of known tickets have just been brought back to them, or may not be: then
    # they are still no other messages.
    strays = sorted((stray for stray in desk.strays() if stray.waits not in known), key=lambda stray: stray.queue)
    for queue, those in groupby(strays, key=lambda stray: stray.queue):
        if queue in desk.config.queues:
            yield from _take_in_strays(desk, queue, those)
    desk.index_again()  # here, where it may take its time, and not in the next search


def _take_in_strays(desk: Desk, queue: str, strays: Iterable[Stray]) -> Iterator[str]:
    """Open tickets for the messages that somebody put into a queue's folder by hand."""
    messages = (message for stray in strays if (message := desk.read_stray(stray)) is not None)
    # Nobody knows where it came from: whoever can write to the folder may have written the message.
    brought = (mark(message, desk.account) for message in messages)
    arrivals = parse_all(brought, frozenset(desk.config.desk.trusted_authserv))
    # In the waiting queue a ticket needs a due date, which nobody has given.
    options = IngestOptions(queue="" if desk.config.queue(queue).needs == "due" else queue)
    run = Run(desk, desk, WriteRequest("check", "repair"), options)
    try:
        for batch in split_batches(arrivals, weigh, LARGEST_OPERATION, HEAVIEST_OPERATION):
            for result in run.take(batch):
                if result.op:
                    count = count_of(len(result.rows), "message")
                    yield f"operation {result.op}: took in {count} from the folder of {queue}"
                yield from list_left(result.left)
    except DeniedError as error:
        yield f"left what lies in the folder of {queue}: {error.message}"
