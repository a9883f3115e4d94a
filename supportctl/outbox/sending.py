"""One pass over the outbox: claim messages, log that they are being sent, hand them over, log what came of it.

The order of these steps keeps a message from being lost or sent twice: `operations/dispatching.py` has the plan.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from supportctl.config import Transport
from supportctl.desk.desk import Desk
from supportctl.desk.identity import guarded_caller
from supportctl.desk.requests import WriteRequest
from supportctl.errors import DataError, DeskError, NotFoundError
from supportctl.mail.compose import without_envelope
from supportctl.model import Outgoing, Ticket
from supportctl.operations.dispatching import (
    NO_TRANSPORT,
    begin,
    hold_changed,
    is_to_send,
    recipients_now,
    settle,
)
from supportctl.operations.outbox import OutboxEntry, reopen_undelivered
from supportctl.operations.outgoing import replace_row
from supportctl.transport.answers import Answer, Courier, same_answer
from supportctl.transport.open import open_transport

if TYPE_CHECKING:
    from supportctl.operations.draft import Draft
    from supportctl.store.contract import Planning
    from supportctl.store.exchange import Claim

BATCH = 20
"""The number of messages that are claimed at once: for each batch, the log gets two operations at least."""
_LONGEST_SILENCE = 10
"""After so many seconds the answers so far are logged: whoever is killed later does not send those messages again."""
_PATIENCE = 600
"""The number of seconds that an answer waits for the desk's lock: what is lost here is sent again."""
VERB = "outbox send"
Step = Callable[[Outgoing, int, str], Outgoing]
"""What becomes of a message at a time (seconds since the epoch) in a month (`2026-11`)."""


@dataclass(slots=True)
class Outcome:
    """What came of one pass: the messages that were tried, and why others were not (a reason, a number)."""

    attempts: list[OutboxEntry] = field(default_factory=list)
    obstacles: list[DeskError] = field(default_factory=list)
    held_up: dict[str, int] = field(default_factory=dict)


class _Claimed(NamedTuple):
    """A message that this process may send, if the log still says so under the lock."""

    ticket: str
    key: str
    claim: Claim
    courier: Courier
    is_changed: bool


class Sender:
    """Sends what is due; or, whether due or not, the `chosen` messages (by key) of some tickets.

    `desk` is the robot's. `wait` is how long a batch waits for the desk's lock before it begins (None: as any command).
    """

    def __init__(
        self, desk: Desk, chosen: Mapping[str, Collection[str]] | None = None, *, wait: float | None = None
    ) -> None:
        self._desk = desk
        # The environment of a guarded desk is its caller's, who is not to say who the desk is to its server.
        self._environ = os.environ if guarded_caller() is None else {}
        self._chosen = chosen
        self._wait = wait
        self._seen: set[str] = set()
        self._couriers: dict[Transport, Courier | None] = {}
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Send batch after batch until nothing is left to do."""
        try:
            # Until nothing is due, not until nothing is claimed: what others have, or can't leave, is in no one's way.
            while due := self._next_due():
                batch = list(self._claim_all(due))
                try:
                    self._send_batch(batch)
                finally:
                    for claimed in batch:
                        claimed.claim.release()
        finally:
            for courier in self._couriers.values():
                if courier:
                    courier.close()
        return self._outcome

    # which messages

    def _next_due(self) -> list[tuple[Ticket, Outgoing]]:
        now = int(time.time())
        due = self._desk.plan(lambda planning: self._list_due(planning, now))
        self._seen.update(outgoing.key for _, outgoing in due)
        return due

    def _claim_all(self, due: list[tuple[Ticket, Outgoing]]) -> Iterator[_Claimed]:
        for ticket, outgoing in due:
            courier = self._courier_for(ticket)
            if courier is None:
                continue
            try:
                claimed = self._claim(ticket, outgoing, courier)
            except DataError as error:  # what lies there can't be read; others can
                self._outcome.obstacles.append(error)
            else:
                if claimed:
                    yield claimed

    def _list_due(self, planning: Planning, now: int) -> list[tuple[Ticket, Outgoing]]:
        names = planning.tickets_with_outgoing(now) if self._chosen is None else list(self._chosen)
        tickets = filter(None, (ticket for _, ticket in planning.find_many(names)))
        due = ((ticket, row) for ticket in tickets for row in ticket.outgoing if self._is_wanted(ticket.id, row, now))
        return list(islice(due, BATCH))

    def _is_wanted(self, ticket: str, outgoing: Outgoing, now: int) -> bool:
        if outgoing.key in self._seen:
            return False
        if self._chosen is None:
            return is_to_send(outgoing, now)
        return outgoing.key in self._chosen.get(ticket, ()) and is_to_send(outgoing, now, at_once=True)

    def _courier_for(self, ticket: Ticket) -> Courier | None:
        config = self._desk.config
        queue = config.queues.get(ticket.queue)
        transport = (queue or config.desk).outgoing.transport
        if transport not in self._couriers:
            try:
                self._couriers[transport] = open_transport(transport, self._environ)
            except DeskError as error:  # another transport may do
                self._couriers[transport] = None
                self._outcome.obstacles.append(error)
        if transport.kind == "maildir":
            self._outcome.held_up[NO_TRANSPORT] = self._outcome.held_up.get(NO_TRANSPORT, 0) + 1
        return self._couriers[transport]

    def _claim(self, ticket: Ticket, outgoing: Outgoing, courier: Courier) -> _Claimed | None:
        claim = self._desk.claim(outgoing.key)
        if claim is None:
            if self._desk.plan(lambda planning: _is_lost(planning, ticket.id, outgoing.key)):
                text = f"{ticket.id}: outgoing message {outgoing.key} is not in the outbox"
                self._outcome.obstacles.append(DataError(text, "run supportctl check"))
            return None
        # What somebody has put in its place is not what the desk, or a person on it, has decided to send.
        is_changed = bool(outgoing.digest) and sha256(claim.read()).hexdigest() != outgoing.digest
        return _Claimed(ticket.id, outgoing.key, claim, courier, is_changed)

    # sending

    def _send_batch(self, batch: list[_Claimed]) -> None:
        begun = self._begin(batch) if batch else {}
        answers: dict[str, dict[str, Answer]] = {}
        reached: set[str] = set()
        last = time.monotonic()
        try:
            for claimed in batch:
                if claimed.key in begun:
                    reached.add(claimed.key)
                    answers[claimed.key] = self._hand_over(claimed, begun[claimed.key])
                if time.monotonic() - last > _LONGEST_SILENCE:
                    self._settle(begun, answers)
                    answers, last = {}, time.monotonic()
        finally:
            # Whatever has stopped this: what servers have said must be known, and what was not reached has not left.
            left = {key: _answer_for(entry, "not reached") for key, entry in begun.items() if key not in reached}
            self._settle(begun, {**left, **answers})
        self._outcome.attempts += begun.values()

    def _hand_over(self, claimed: _Claimed, attempt: OutboxEntry) -> dict[str, Answer]:
        recipients = recipients_now(attempt.outgoing)
        try:
            raw = without_envelope(claimed.claim.read()) if recipients else b""
        except OSError as error:
            return _answer_for(attempt, f"can't read the file: {error.strerror}")
        return claimed.courier.send(self._sender_of(attempt), recipients, raw) if recipients else {}

    def _sender_of(self, attempt: OutboxEntry) -> str:
        outgoing = attempt.outgoing
        if outgoing.sender or outgoing.kind == "notice" or outgoing.digest:
            return outgoing.sender
        return self._desk.config.desk.sender  # of an earlier version, which did not note it

    def _begin(self, batch: list[_Claimed]) -> dict[str, OutboxEntry]:
        """Log that messages are being sent; return those that are, or are held instead, by key."""
        changed = {claimed.key for claimed in batch if claimed.is_changed}
        is_chosen = self._chosen is not None

        def step(outgoing: Outgoing, now: int, _month: str) -> Outgoing:
            if not is_to_send(outgoing, now, at_once=is_chosen):
                return outgoing  # another process was quicker, or somebody has undone it
            return hold_changed(outgoing, now) if outgoing.key in changed else begin(outgoing, now, at_once=is_chosen)

        return self._log({claimed.key: claimed.ticket for claimed in batch}, step, self._wait)

    def _settle(self, begun: dict[str, OutboxEntry], answers: dict[str, dict[str, Answer]]) -> None:
        """Log the answers to messages."""

        def step(outgoing: Outgoing, now: int, month: str) -> Outgoing:
            return settle(outgoing, answers[outgoing.key], now, month)

        if answers:
            keys = {key: begun[key].ticket for key in answers}
            settled = self._log(keys, step, _PATIENCE)
            begun |= settled
            if failed := [entry for entry in settled.values() if _is_failed_now(entry)]:
                self._desk.write(
                    WriteRequest(VERB, wait=_PATIENCE, keep_going=True), partial(reopen_undelivered, entries=failed)
                )

    def _log(self, keys: dict[str, str], step: Step, wait: float | None) -> dict[str, OutboxEntry]:
        """Change the rows of messages (key → ticket) by one operation; return those that are changed."""
        changed: dict[str, OutboxEntry] = {}

        def plan(draft: Draft) -> None:
            changed.clear()
            month = draft.planning.ids_at(draft.now).month
            for key, name in keys.items():
                try:
                    ticket = draft.find(name)
                except NotFoundError:  # its intake was undone
                    continue
                before = next((row for row in ticket.outgoing if row.key == key), None)
                after = step(before, draft.now, month) if before else None
                if before and after and after != before:
                    replace_row(draft, ticket, before, after)
                    draft.put(ticket)
                    changed[key] = OutboxEntry(name, ticket.queue, after, _changed_recipients(before, after))

        self._desk.write(WriteRequest(VERB, is_bookkeeping=True, wait=wait), plan)
        return changed


def _answer_for(entry: OutboxEntry, words: str) -> dict[str, Answer]:
    """That a message has not left, for all to whom it was about to be sent."""
    return same_answer(recipients_now(entry.outgoing), Answer("deferred", words))


def _changed_recipients(before: Outgoing, after: Outgoing) -> tuple[str, ...]:
    pairs = zip(before.dispatches, after.dispatches, strict=True)
    return tuple(new.to for old, new in pairs if new != old)


def _is_failed_now(entry: OutboxEntry) -> bool:
    return any(dispatch.state == "failed" for dispatch in entry.dispatches)


def _is_lost(planning: Planning, ticket_id: str, key: str) -> bool:
    """Whether a message should be in the outbox and is not; one that another process has just sent is not lost."""
    for _, ticket in planning.find_many([ticket_id]):
        rows = [row for row in ticket.outgoing if row.key == key] if ticket else []
        return any(row.is_open for row in rows) and not planning.is_in_outbox(key)
    return False
