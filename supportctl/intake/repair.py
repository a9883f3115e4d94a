"""Repair a whole desk: what follows from the log, tickets whose messages moved, messages without a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from supportctl.desk.desk import Desk, WriteRequest
from supportctl.intake.plan import IngestOptions, Intake
from supportctl.intake.sources import ParsedMessage
from supportctl.model import RawMessage
from supportctl.values import count_of


def repair_desk(desk: Desk) -> Iterator[str]:
    """Repair what can be repaired; yield a sentence for each thing done.

    Raises DataError for a damaged log, DeniedError where the agent may not do what a mail client did.
    """
    yield from desk.repair()
    # Then the strays that are left: those of known tickets have just been brought back to them.
    for queue, messages in _read_strays(desk).items():
        intake = Intake(messages, IngestOptions(queue=queue))
        taken = desk.write(WriteRequest("check", "repair"), intake.plan)
        if taken.operation:
            count = count_of(len(intake.rows), "message")
            yield f"operation {taken.operation.op}: took in {count} from the folder of {queue}"
    desk.index()  # here, where it may take its time, and not in the next search


def _read_strays(desk: Desk) -> dict[str, list[ParsedMessage]]:
    """For each queue, the messages that somebody put into its folder by hand."""
    from supportctl.mail.message import parse_message

    trusted = frozenset(desk.config.desk.trusted_authserv)
    by_queue: dict[str, list[ParsedMessage]] = {}
    for stray, raw in desk.strays():
        if stray.queue in desk.config.queues:
            message = RawMessage(stray.waits.key, raw, 0, stray.waits)
            parsed = ParsedMessage(message, parse_message(raw, received=0, trusted=trusted))
            by_queue.setdefault(stray.queue, []).append(parsed)
    return by_queue
