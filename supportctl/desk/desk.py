"""The desk: configuration, files and the agent together; every read and every write goes through here.

A write is planned, checked against the agent's rights, and committed. There is no other way to write, so no
write goes unchecked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from supportctl.config import Config
from supportctl.errors import AskBackError, ConfigError, DeniedError, DeskError
from supportctl.policy import access
from supportctl.policy.access import Agent
from supportctl.records import Record
from supportctl.store.snapshot import Snapshot
from supportctl.store.store import Store

if TYPE_CHECKING:
    from supportctl.index.search import TextIndex
    from supportctl.model import Mail, Ticket
    from supportctl.operations.draft import Draft, Refusal
    from supportctl.store.changes import Change
    from supportctl.store.log import Operation

T = TypeVar("T")
Plan = Callable[["Draft"], None]
_REBUILDS = 2


class Request(Record):
    """How a write is meant: the verb, its reason, and how much of it may be left out.

    `is_confirmed` agrees to what asks back. `is_own_undo` marks taking back one's own, which needs no
    further right. `group` is the first operation of a larger intake, `wait` overrides the desk's.
    """

    verb: str
    reason: str = ""
    is_dry_run: bool = False
    keep_going: bool = False
    is_confirmed: bool = False
    is_own_undo: bool = False
    group: int = 0
    wait: float | None = None


class Outcome(Record):
    """What a write did, or (a dry run) would do: its operation if there was anything to do, and what was refused."""

    changes: list[Change]
    operation: Operation | None = None
    refusals: Sequence[Refusal] = ()
    warnings: Sequence[str] = ()


class Desk:
    """One desk as one agent sees it."""

    def __init__(self, config: Config, root: Path, agent: Agent, account: str, wait: float = 30) -> None:
        self.config = config
        self.agent = agent
        self.account = account
        self.store = Store(root, wait)
        self._verdicts: dict[tuple[access.Right, str], access.Verdict] = {}
        self._text: TextIndex | None = None

    def as_robot(self) -> Desk:
        """The same desk for what runs without a person."""
        desk = Desk(self.config, self.root, access.robot(self.config), self.account)
        desk.store = self.store
        return desk

    @property
    def root(self) -> Path:
        """The desk's Maildir."""
        return self.store.layout.root

    @property
    def is_personal(self) -> bool:
        """Whether a person acts."""
        return self.agent != access.robot(self.config)

    def read(self, look: Callable[[Snapshot], T]) -> T:
        """What `look` finds in one consistent state; it may be called several times, so it only looks."""
        return self.store.read(look)

    def may(self, right: access.Right, queue: str) -> bool:
        """Whether the agent has a right to a queue outright."""
        return queue in self.config.queues and self._decide(right, queue).answer == "yes"

    def readable_queues(self) -> list[str]:
        """The queues that the agent may read, in the order of the configuration."""
        return [key for key in self.config.queues if self.may("access", key)]

    def require_access(self, queue: str) -> None:
        """Raise DeniedError unless the agent may read a queue and work on it."""
        verdict = self._decide("access", queue)
        if verdict.answer != "yes":
            raise DeniedError(self._reason(verdict), self._question("access", queue))

    def mark_seen(self, folder: str, keys: Iterable[str]) -> None:
        """Set the flag S on messages as a mail client does; what can't be marked stays as it is."""
        places = self.read(lambda state: dict(state.places(folder)))
        for key in keys:
            if key in places:
                self.store.flag(folder, places[key], "S")

    def index(self, read: Mapping[int, Mail] = {}) -> TextIndex:
        """Bring the full text to where the log is; `read` are mails by number that need not be read again.

        Raises UnusableIndexError if it is damaged again and again.
        """
        from supportctl.operations.indexing import read_missing
        from supportctl.store.cache_errors import UnusableIndexError

        index = self._open_text()
        rebuilds = 0
        while True:
            rows, position = self.read(lambda state: read_missing(state, self.config, index, read))
            if position is None:
                return index
            try:
                index.add(rows, position)
            except UnusableIndexError:
                rebuilds += 1
                if rebuilds > _REBUILDS:
                    raise
                index.reset()

    def search(self, look: Callable[[Snapshot, TextIndex], T]) -> T:
        """What `look` finds with the full text, which is brought up before, and made anew if it is damaged.

        Raises UnusableIndexError if it is damaged again and again.
        """
        from supportctl.store.cache_errors import UnusableIndexError

        for _ in range(_REBUILDS):
            try:
                return self._search(look)
            except UnusableIndexError:
                if self.store.discard_damaged_catalogue():
                    self.close_text()  # which would go on to read the catalogue that was discarded
                else:
                    self._open_text().reset()
        return self._search(look)

    def _search(self, look: Callable[[Snapshot, TextIndex], T]) -> T:
        index = self.index()
        return self.read(lambda state: look(state, index))

    def _open_text(self) -> TextIndex:
        if self._text is None:
            from supportctl.index.search import TextIndex

            self._text = TextIndex(self.store.layout.text, self.store.layout.catalogue)
        return self._text

    def close_text(self) -> None:
        """Close the full text, so that all that was added lies in its own file: what waits beside it costs the next."""
        if self._text is not None:
            self._text.close()

    def write(self, request: Request, plan: Plan) -> Outcome:
        """Plan, check, commit.

        Raises the first refusal, naming all of them, where anything is refused and `keep_going` is not
        set: then nothing is changed.
        """
        if request.is_dry_run:
            return self.read(lambda state: self._draft(request, plan, state)[1])
        with self.store.writing(request.wait) as writer:
            draft, outcome = self._draft(request, plan, writer.state)
            deliveries = draft.deliveries()
            if not outcome.changes and not deliveries:
                return outcome
            operation = writer.commit(self._operation(request, draft), outcome.changes, deliveries)
            return outcome._replace(operation=operation, warnings=[*outcome.warnings, *writer.missing])

    def _draft(self, request: Request, plan: Plan, state: Snapshot) -> tuple[Draft, Outcome]:
        from supportctl.operations.draft import Draft

        draft = Draft(
            state, self.config, int(time.time()), is_personal=self.is_personal, objection=self._objection_to_work
        )
        plan(draft)
        changes = []
        for change in draft.effective_changes():
            if error := self._objection(change, request):
                draft.refuse(change.ticket.id, error)
            else:
                changes.append(change)
        if draft.refusals and not request.keep_going:
            raise _combine(draft.refusals, is_all=not changes)
        return draft, Outcome(changes, refusals=draft.refusals, warnings=draft.warnings)

    def _objection(self, change: Change, request: Request) -> DeskError | None:
        """Why the agent may not make a change, or None."""
        if request.is_own_undo:
            return None
        for right, queue in needed_rights(change):
            error = self._refusal(change.ticket.id, right, queue)
            if error and not (isinstance(error, AskBackError) and request.is_confirmed):
                return error
        return None

    def _objection_to_work(self, ticket: Ticket) -> DeskError | None:
        """Why the agent may not work on a ticket, or None."""
        return self._refusal(ticket.id, "access", ticket.queue)

    def _refusal(self, ticket_id: str, right: access.Right, queue: str) -> DeskError | None:
        if queue not in self.config.queues:
            return ConfigError(f"{ticket_id}: queue {queue!r} is not in queues.yaml", "add it again")
        verdict = self._decide(right, queue)
        if verdict.answer == "yes":
            return None
        message = f"{ticket_id}: {self._reason(verdict)}"
        if verdict.answer == "ask":
            return AskBackError(message, "agree to it with --confirm")
        return DeniedError(message, self._question(right, queue))

    def _decide(self, right: access.Right, queue: str) -> access.Verdict:
        """The verdict on a right of the agent, found once: thousands of tickets lie in a few queues."""
        verdict = self._verdicts.get((right, queue))
        if verdict is None:
            verdict = self._verdicts[right, queue] = access.decide(self.config, self.agent, right, queue)
        return verdict

    def _question(self, right: access.Right, queue: str) -> str:
        """The command that answers why a right is there or not, for the role in which the agent acts now."""
        role = f"--role {self.agent.roles[0]} " if self.agent.is_owner and len(self.agent.roles) == 1 else ""
        return f"supportctl {role}can {self.agent.account} {right} {queue}"

    def _reason(self, verdict: access.Verdict) -> str:
        return f"{verdict.why} ({self.config.file.name}, line {verdict.line})"

    def _operation(self, request: Request, draft: Draft) -> Operation:
        from supportctl.store.log import Operation

        return Operation(
            op=0, group=request.group, at=draft.now, account=self.account, role="+".join(self.agent.roles) or "owner",
            verb=request.verb, why=_sayable(request.reason), changes=[], asides=draft.asides, renames=[], ids=draft.ids,
            undoes=draft.undoes,
        )  # fmt: skip


def needed_rights(change: Change) -> list[tuple[access.Right, str]]:
    """The rights that a change needs: access to where the ticket is, moving it to where it goes.

    A waiting ticket belongs to the queue that it goes back to: it is not moved in there anew.
    """
    before, after = change.before, change.after
    needed: list[tuple[access.Right, str]] = []
    if before is not None:
        needed.append(("access", before.queue))
    if after is not None and (before is None or after.queue not in (before.queue, before.return_to)):
        needed.append(("move_in", after.queue))
    return needed


def _sayable(text: str) -> str:
    """What an agent wrote on the command line, without bytes that are no UTF-8."""
    return text.encode(errors="replace").decode()


def _combine(refusals: Iterable[Refusal], *, is_all: bool) -> DeskError:
    """The first refusal's kind, with all of them in its message; the rest, unless this `is_all`, is not done either."""
    errors = [refusal.error for refusal in refusals]
    if is_all and len(errors) == 1:
        return errors[0]
    shown = [error.message for error in errors[:10]]
    more = [f"and {len(errors) - 10} more"] if len(errors) > 10 else []
    hint = errors[0].hint if is_all else "; ".join(filter(None, [errors[0].hint, "--keep-going does the rest"]))
    return type(errors[0])("nothing is changed:\n  " + "\n  ".join([*shown, *more]), hint)
