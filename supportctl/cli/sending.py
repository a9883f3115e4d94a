"""Send at once what a command has written, and tell what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from supportctl.desk.desk import Desk
from supportctl.errors import DeskError, DonePartly, TemporaryError
from supportctl.operations.dispatching import is_to_send
from supportctl.operations.outbox import Chosen, OutboxEntry, id_of
from supportctl.output.outgoing_view import describe_fates, describe_recipients
from supportctl.output.terminal import clean, say
from supportctl.store.changes import Change
from supportctl.values import count_of


class Mailing:
    """The outgoing messages that a command has written or changed, and what has become of them.

    `attempts` are those that were tried at once.
    """

    def __init__(self, desk: Desk, changes: Iterable[Change]) -> None:
        self._desk = desk
        self._excuse = ""
        self.attempts: list[OutboxEntry] = []
        self._entries: list[OutboxEntry] = []
        for change in changes:
            known = change.before.outgoing if change.before else []
            if change.after is not None:
                new = (row for row in change.after.outgoing if row not in known)
                self._entries += [OutboxEntry(change.ticket.id, change.ticket.queue, row) for row in new]

    def send(self) -> None:
        """Send those that may leave, unless somebody else has the desk just now."""
        now = int(time.time())
        chosen: Chosen = {}
        for entry in self._entries:
            if is_to_send(entry.outgoing, now):
                chosen.setdefault(entry.ticket, []).append(entry.outgoing.key)
        if not chosen:
            return
        from supportctl.outbox.sending import Sender  # with all transports; what waits for its time needs none

        # Whatever is wrong with it: the command itself has done its work, and the messages wait.
        try:
            outcome = Sender(self._desk.as_robot(), chosen, wait=0).run()
        except DeskError as error:
            self._excuse = "the desk is busy" if isinstance(error, TemporaryError) else error.message
            return
        self._excuse = "; ".join(error.message for error in outcome.obstacles)
        self.attempts = outcome.attempts
        tried = {entry.outgoing.key: entry for entry in outcome.attempts}
        self._entries = [tried.get(entry.outgoing.key, entry) for entry in self._entries]

    def describe(self) -> str:
        """To whom they are, and what has become of them: ` to ann@example.org, sent`."""
        fates = describe_fates(self._desk.config, self._entries, int(time.time()), self._excuse)
        return f" to {describe_recipients(self._entries)}, {fates}" if self._entries else ""


def tell_failures(verb: str, entries: Iterable[OutboxEntry]) -> int:
    """Tell of what was not delivered, or is held instead, and raise DonePartly; return how many are only deferred."""
    failed = deferred = 0
    for entry in entries:
        for dispatch in entry.dispatches if entry.outgoing.progress else ():
            if dispatch.state in ("failed", "held"):
                what = "not delivered" if dispatch.state == "failed" else "held"
                name = id_of(entry.ticket, entry.outgoing)
                say(f"supportctl {verb}: {name} to {dispatch.to} {what}: {clean(dispatch.reason)}")
                failed += 1
            deferred += dispatch.state == "deferred"
    if failed:
        raise DonePartly(f"{count_of(failed, 'message')} not sent", "supportctl outbox lists what is left to do")
    return deferred
