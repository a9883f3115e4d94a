"""What an operation could not do, as the log and the caller are told of it.

The note is an operation of its own, `recovery`, which changes no ticket.
"""

from __future__ import annotations

import time

from supportctl.model import INBOX
from supportctl.store import maildir
from supportctl.store.apply import Applied, Skipped
from supportctl.store.exchange import Remark
from supportctl.store.layout import STAGE
from supportctl.store.log import Operation
from supportctl.store.recognition import Recognition
from supportctl.values import count_of

RECOVERY = "recovery"
"""The verb of operations that note what an operation before could not do."""


def note_skipped(operation: Operation, applied: Applied, recognition: Recognition) -> Operation:
    """The operation that notes what another one could not do; `hash` is still to be computed."""
    number = operation.op + 1
    return operation._replace(
        op=number,
        group=number,
        at=int(time.time()),
        verb=RECOVERY,
        why=f"operation {operation.op} could not move {count_of(len(applied.skipped), 'message')}",
        changes=[],
        asides=[],
        undoes=[],
        lost=[],
        skipped=[
            # A name may be no text; the log is.
            {"ticket": ticket, "what": what.encode(errors="replace").decode()}
            for ticket, what in _by_ticket(applied, recognition)
        ],
        hash="",
    )


def tell(operation: Operation, applied: Applied, recognition: Recognition, *, is_recovered: bool) -> list[Remark]:
    """What to tell whoever runs a command; of an operation that others began, no more than numbers."""
    about = f"operation {operation.op}"
    remarks = [Remark(about, f"what was in the way is now {path}") for path in applied.aside]
    if not is_recovered:
        remarks += [Remark(ticket or about, text) for ticket, text in _by_ticket(applied, recognition)]
    elif applied.skipped:
        count = count_of(len(applied.skipped), "message")
        remarks.append(Remark(about, f"{count} could not be moved; run supportctl check"))
    return remarks


def _by_ticket(applied: Applied, recognition: Recognition) -> list[tuple[str, str]]:
    """A sentence for each rename that was skipped, with the ticket, if any."""
    told = []
    for skipped in applied.skipped:
        found = recognition.find((skipped.source, skipped.target))
        told.append((found.ticket if found else "", _describe(skipped)))
    return told


def _describe(skipped: Skipped) -> str:
    part, _, name = skipped.source.rpartition("/")
    if skipped.left:
        return f"{skipped.source} could not be moved to {skipped.target} ({skipped.why}): the file is {skipped.left}"
    if part.startswith(STAGE):  # it was taken away on the way from the stage
        return f"{skipped.target} is missing"
    folder = part.rpartition("/")[0].removeprefix(".")
    return f"message {maildir.key_of(name)} is missing from {folder if folder != INBOX else 'INBOX'}"
