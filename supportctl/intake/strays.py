"""Mail that lies in a queue's folder and belongs to no ticket: somebody put it there, and it is taken in there."""

from __future__ import annotations

from collections.abc import Iterator

from supportctl.config import Config
from supportctl.desk.desk import Desk, Request
from supportctl.intake.intake import IngestOptions, Intake
from supportctl.intake.sources import Arrival
from supportctl.model import Mail, Source
from supportctl.operations.repair import find_strays
from supportctl.store import maildir
from supportctl.store.layout import queue_of
from supportctl.store.snapshot import Snapshot


def take_strays_in(desk: Desk, request: Request) -> Iterator[str]:
    """Take in the strays of every queue; yields in words what was done."""
    for queue, intake in desk.read(lambda state: list(_adopt(state, desk.config))):
        taken = desk.write(request, intake.plan)
        if taken.operation:
            yield f"operation {taken.operation.op}: {len(intake.rows)} mails that were put into {queue} are taken in"


def _adopt(state: Snapshot, config: Config) -> Iterator[tuple[str, Intake]]:
    """For each queue, the mails that somebody put into its folder by hand, to be taken in there."""
    from supportctl.mail.message import parse

    trusted = frozenset(config.desk.trusted_authserv)
    by_queue: dict[str, list[Arrival]] = {}
    for folder, key in find_strays(state):
        raw = state.read_message(folder, key)
        if raw is not None and queue_of(folder) in config.queues:
            place = state.places(folder)[key]
            path = maildir.relative_path(folder) + place
            part, _, name = place.partition("/")
            source = Source(path, raw, 0, key, part, maildir.flags_of(name), folder)
            mail: Mail = parse(raw, received=0, trusted=trusted)
            by_queue.setdefault(queue_of(folder), []).append(Arrival(source, mail))
    for queue, arrivals in by_queue.items():
        yield queue, Intake(arrivals, IngestOptions(queue=queue))
