"""The desk: configuration, store and agent together; every read and every write goes through here.

A read shows what the agent may read. A write is planned on the whole desk, checked against the agent's rights, and
committed. There is no other way to write, so no write goes unchecked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from supportctl.config import Config
from supportctl.desk.requests import WriteOutcome, WriteRequest
from supportctl.errors import ConfirmationNeeded, DataError, UnreadableQueueError
from supportctl.policy.access import Rights, needed_rights
from supportctl.policy.agents import THE_ROBOT, Agent
from supportctl.records import Record
from supportctl.store.cache_errors import CacheTroubleError, with_sound_caches
from supportctl.values import count_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from supportctl.index.search import SearchIndex
    from supportctl.mail.content import MessageContent
    from supportctl.model import LeftMessage, Message, RawMessage, Ticket, Waiting
    from supportctl.operations.draft import Draft
    from supportctl.operations.questions import Readings
    from supportctl.store.changes import Change
    from supportctl.store.contract import Finding, Operation, Planning, Snapshot, Store
    from supportctl.store.exchange import Claim, Delivery, Stray

T = TypeVar("T")
Plan = Callable[["Draft"], None]


class Standing(Record):
    """How an account stands to a desk: as which agent, and whether what it brings comes by the robot."""

    config: Config
    agent: Agent
    is_robot: bool = True


class Desk:
    """One desk as one agent sees it; `account` is the Unix account that acts, `owner` the one that owns the desk.

    `judge_again` returns how the account stands now, or None where nothing has changed. `warn` is what warnings go to
    that are about the desk and not about one result.
    """

    def __init__(
        self,
        standing: Standing,
        store: Store,
        owner: str = "",
        judge_again: Callable[[], Standing | None] | None = None,
    ) -> None:
        self.owner = owner
        self.warn: Callable[[str], None] = lambda _: None
        self._store = store
        self._judge_again = judge_again
        self._caller: Desk | None = None  # who started the robot
        self.account = standing.agent.account
        self._stand(standing)
        self._index: SearchIndex | None = None

    def as_robot(self) -> Desk:
        """The same desk, with the robot as agent; a dry run shows no more than the caller may read.

        Raises DeniedError for a caller without any role, who may not set the robot going.
        """
        self._require_role()
        desk = Desk(Standing(self.config, THE_ROBOT), self._store, self.owner)
        desk.account = self.account
        desk._caller, desk.warn = self, self.warn
        return desk

    def _require_role(self) -> None:
        if self.brought_by:
            self.rights.require_role()

    def require_to_bring(self, queues: Iterable[str]) -> None:
        """Raise DeniedError where a person brings mail to queues without access to them; the robot may bring any."""
        if self.brought_by:
            for queue in queues:
                self.rights.require_access(queue)

    # reading

    def read(self, look: Callable[[Snapshot], T]) -> T:
        """The result of `look` on one consistent snapshot; `look` may run several times, so it only looks.

        Raises DeniedError, with the line of the configuration that decides, for what the agent may not read.
        """
        return self._carry_out(lambda: self._read(look))

    def search(self, look: Callable[[Snapshot, SearchIndex], T]) -> T:
        """The result of `look` on a snapshot and the full text, once that is brought up to the log."""

        def step() -> T:
            try:
                index = self._update_index({})
            except CacheTroubleError as error:
                if self._index is None:
                    raise
                index = self._index
                self.warn(f"{error.message}; the newest messages may be missing")
            return self._read(lambda snapshot: look(snapshot, index))

        return self._carry_out(step)

    def index(self, known: Mapping[int, MessageContent] = {}) -> None:
        """Bring the full text up to the log; `known` are contents by message number that need not be read again."""
        self._carry_out(lambda: self._update_index(known))

    def index_again(self) -> None:
        """Bring the full text up to the log, with what could not be read before, as far as it can be read now."""
        self._carry_out(self._retry_unread)

    def count_unindexed(self) -> int:
        """The number of messages that a search does not find because they could not be read."""
        return len(self._index.unread()) if self._index is not None else 0

    def verify(self) -> list[Finding]:
        """Everything that is not as it should be; for the owner, and for whoever may read every queue."""
        self._require_whole_desk()
        return self._carry_out(lambda: self._store.verify(self.config.queue_folders))

    def plan(self, look: Callable[[Planning], T]) -> T:
        """The result of `look` on the whole desk, for what the desk does by itself, and not for the agent to see."""
        return self._carry_out(lambda: self._store.plan(look))

    def claim(self, key: str) -> Claim | None:
        """A message of the outbox to send; None where another process has claimed it, or its file is gone."""
        return self._store.claim(key)

    def strays(self) -> list[Stray]:
        """The messages in the folders of queues that belong to no ticket there."""
        self._require_whole_desk()
        return self.plan(lambda planning: planning.strays(self.config.queue_folders))

    def read_stray(self, stray: Stray) -> RawMessage | LeftMessage | None:
        """A message that belongs to no ticket, on its way to one; None where it is gone."""
        self._require_whole_desk()
        return self.plan(lambda planning: planning.find_waiting(stray.waits))

    def inbox(self) -> Iterator[RawMessage | LeftMessage]:
        """The messages in the INBOX, oldest first, those that can't be read among them."""
        return self._store.inbox()

    def mark_seen(self, ticket: Ticket, messages: Iterable[Message]) -> None:
        """Set the flag S on messages, as a mail client does; a message that can't be marked stays as it is."""
        self._carry_out(lambda: self._store.mark(ticket, messages, "S"))

    def mark_answered(self, ticket: Ticket, messages: Iterable[Message]) -> None:
        """Set the flag R on messages, likewise; whoever has answered one has seen it."""
        self._carry_out(lambda: self._store.mark(ticket, messages, "RS"))

    def close_index(self) -> None:
        """Close the full text."""
        # SQLite then writes its log back into the file; else the next search would read all of it first.
        if self._index is not None:
            self._index.close()

    # writing

    def accept(self, pieces: Iterable[bytes], envelope: str = "") -> str:
        """Put a message into the INBOX, durably, even while another process writes; return its key."""
        return self._store.accept(pieces, envelope)

    def hold(self, pieces: Iterable[bytes], name: str) -> AbstractContextManager[RawMessage]:
        """A message on its way in, called `name`; as long as that is held, its bytes lie in a file of the desk."""
        return self._store.hold(pieces, name)

    def write(self, request: WriteRequest, plan: Plan) -> WriteOutcome:
        """Plan, check, commit; the plan may run several times.

        What a plan asks of messages is read between two of its runs, while nobody holds the lock. Where anything is
        refused and `keep_going` is not set, nothing is changed, and the first refusal is raised, naming all of them.
        """
        from supportctl.operations.questions import OpenQuestions, Readings, answer_all

        readings = Readings()
        while True:
            try:
                return self._write(request, plan, readings)
            except OpenQuestions:
                answer_all(readings, self._read_waiting, self.config)
                readings.find_wanted(self.plan)

    def _write(self, request: WriteRequest, plan: Plan, readings: Readings) -> WriteOutcome:
        """Plan, check, commit; raises OpenQuestions where the plan asks for what is not read."""

        def step() -> WriteOutcome:
            if request.is_dry_run:
                return self._store.plan(lambda planning: self._draft(request, plan, planning, readings)[1])
            return self._commit(request, plan, readings)

        outcome = self._carry_out(step)
        if self._caller is None:
            return outcome
        from supportctl.desk.outcomes import hide_unreadable

        return hide_unreadable(outcome, self._caller.rights)

    def repair(self) -> Generator[str, None, set[Waiting]]:
        """Rebuild what follows from the log, and let tickets follow their messages; yield a sentence per thing done.

        What the agent may not do, a mail client can't do for the agent: it is told, and left. Returns where the
        messages of tickets were found, of which some may lie there still. Raises DataError for a damaged log.
        """
        from supportctl.operations.lost_mail import find_lost_mail
        from supportctl.operations.repair import repair_messages, split_by_ticket

        self._require_whole_desk()
        request = WriteRequest("check", "repair", keep_going=True)
        # The store first: only metadata that are right show whether a message is in its folder.
        yield from self._store.repair(self._operation(request, int(time.time())))
        losses = find_lost_mail(self.plan, self.config.queue_folders, self._identities)
        for part in split_by_ticket(losses):
            outcome = self.write(request, partial(repair_messages, losses=part))
            if outcome.operation:
                request = request._replace(group=outcome.operation.group)
                count = count_of(len(outcome.changes), "ticket")
                yield f"operation {outcome.operation.op}: updated {count} whose mail was moved or is missing"
            yield from outcome.remarks
        return {loss.found.stray.waits for loss in losses if loss.found}

    def _identities(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """What the index knows messages by (`SearchIndex.identities`)."""
        return self._carry_out(lambda: self._open_index().identities(numbers))

    def _carry_out(self, step: Callable[[], T]) -> T:
        """Run a step of reading or writing; the one place where damaged caches are repaired and denials explained."""
        try:
            return with_sound_caches(step)
        except UnreadableQueueError as error:
            raise self.rights.denial(error.queue) from None

    def _read(self, look: Callable[[Snapshot], T]) -> T:
        return self._store.read(look, frozenset(self.rights.readable_queues), self.account)

    def _open_index(self) -> SearchIndex:
        from supportctl.index.search import SearchIndex

        self._index = self._index or SearchIndex(*self._store.index_files)
        return self._index

    def _update_index(self, known: Mapping[int, MessageContent]) -> SearchIndex:
        from supportctl.index.update import parse_missing, read_missing

        index = self._open_index()
        trusted = frozenset(self.config.desk.trusted_authserv)
        # Batch by batch, each with its position: an interrupted run keeps what it has, and the next one goes on.
        while True:
            missing = self._store.feed(lambda feed: read_missing(feed, index, known))
            if missing.position is None:
                return index
            rows = parse_missing(missing, known, trusted)
            index.add(rows, missing.position, [*index.unread(), *missing.unread])

    def _retry_unread(self) -> None:
        from supportctl.index.update import parse_missing, read_again

        index, trusted = self._update_index({}), frozenset(self.config.desk.trusted_authserv)
        for number in index.unread():
            found = self._store.feed(partial(read_again, number=number))
            if not found.unread:
                # As the index has them by now: one that is read and still can't be added is among them again.
                others = [other for other in index.unread() if other != number]
                index.add(parse_missing(found, {}, trusted), index.position(), others)

    def _read_waiting(self, places: Sequence[Waiting]) -> list[bytes | DataError | None]:
        """The bytes of messages by their places, or why there are none."""
        from supportctl.operations.questions import read_or_explain

        return self.plan(lambda planning: [read_or_explain(planning, place) for place in places])

    def _commit(self, request: WriteRequest, plan: Plan, readings: Readings) -> WriteOutcome:
        # The plan is made under the lock: between plan and commit nothing else can change the desk.
        with self._store.writing(request.wait) as writer:
            # What has happened to a message is a fact, and has to be recorded whatever queues.yaml says by now.
            if not request.is_bookkeeping:
                self._renew_rights()
            draft, outcome, deliveries = self._draft(request, plan, writer.planning, readings)
            # An undo counts even where nothing is left to change: else `undo` would choose this operation for ever.
            is_undone = bool(draft.undoes) and not draft.refusals
            if not (outcome.changes or deliveries or is_undone):
                return outcome
            operation = self._operation(request, draft.now)._replace(
                asides=draft.deliveries.asides, ids=draft.numbers.ids, undoes=draft.undoes
            )
            operation = writer.commit(operation, outcome.changes, deliveries)
            return outcome._replace(operation=operation, warnings=[*outcome.warnings, *writer.remarks])

    def _stand(self, standing: Standing) -> None:
        self.config = standing.config
        self.agent = standing.agent
        self.rights = Rights(self.config, self.agent)
        # By whom messages come that are brought now; "" for the robot, which brings what a mail server delivers.
        self.brought_by = "" if standing.is_robot else self.account

    def _renew_rights(self) -> bool:
        """Take the configuration as it is now, after a wait for a lock or an answer; return whether it has changed."""
        standing = self._judge_again() if self._judge_again else None
        if self._caller and self._caller._renew_rights():
            self._caller._require_role()
            standing = Standing(self._caller.config, THE_ROBOT)
        if standing:
            self._stand(standing)
        return standing is not None

    def _draft(
        self, request: WriteRequest, plan: Plan, planning: Planning, readings: Readings
    ) -> tuple[Draft, WriteOutcome, list[Delivery]]:
        from supportctl.operations.draft import Draft

        # What the robot would do shows what tickets are about: whoever tries that must be allowed to work on them. And
        # nobody sends it to others than those: by itself it goes through the intake queue alone.
        is_limited = self._caller and (request.is_dry_run or (request.names_tickets and self._caller.brought_by))
        rights = self._caller.rights if self._caller and is_limited else self.rights
        # Who acts is one thing, by whose rights is another: the owner in the role of the robot is still a person.
        draft = Draft(
            planning, self.config, int(time.time()),
            is_personal=self._caller is None, account=self.account, readings=readings,
            objection=_no_objection if request.is_bookkeeping else rights.objection_to_work,
        )  # fmt: skip
        plan(draft)
        readings.require_answers()
        # Folders and keys are chosen before the rights are checked: what is checked is what is committed.
        settled, deliveries = draft.settle()
        changes = list(self._permitted(draft, settled, request))
        if draft.refusals and not request.keep_going:
            from supportctl.desk.outcomes import combine_refusals

            raise combine_refusals(draft.refusals, is_all=not changes)
        # Last, so that nobody is asked about what is refused anyway.
        if request.confirm_above is not None and not request.is_dry_run and len(changes) > request.confirm_above:
            question = draft.question or f"Run {request.verb} on {len(changes)} tickets?"
            raise ConfirmationNeeded(f"{request.verb} would change {len(changes)} tickets", "--yes", question)
        # The messages of a ticket that was refused just now stay where they are.
        kept = [delivery for delivery in deliveries if not delivery.ticket or delivery.ticket in draft.changes]
        return draft, WriteOutcome(changes, refusals=draft.refusals, warnings=draft.warnings), kept

    def _permitted(self, draft: Draft, changes: Iterable[Change], request: WriteRequest) -> Iterator[Change]:
        """The changes that the agent has the rights for; the others are refused."""
        for change in changes:
            name = change.ticket.id
            needs = draft.needs.get(name, needed_rights(change.before, change.after))  # a plan may say which (`undo`)
            needs = [] if request.is_bookkeeping else needs
            if error := self.rights.objection(name, needs, is_confirmed=request.is_confirmed):
                draft.refuse(name, error)
            else:
                yield change

    def _require_whole_desk(self) -> None:
        if not self.agent.is_owner:
            for queue in self.config.queues:
                self.rights.require_access(queue)

    def _operation(self, request: WriteRequest, now: int) -> Operation:
        from supportctl.model import Ids
        from supportctl.store.log import Operation

        reason = request.reason.encode(errors="replace").decode()  # bytes of the command line may not be UTF-8
        return Operation(
            op=0, group=request.group, at=now, account=self.account, role=self.agent.described_roles,
            verb=request.verb, why=reason, changes=[], asides=[], ids=Ids(), bookkeeping=request.is_bookkeeping,
        )  # fmt: skip


def _no_objection(_ticket_id: str, _queue: str) -> None:
    return None
