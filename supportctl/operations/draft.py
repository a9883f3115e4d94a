"""The plan of one operation while it is being made: tickets as the plan leaves them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, TypeVar

from supportctl.config import Config, Queue
from supportctl.errors import DataError, DeskError, NotFoundError
from supportctl.model import Message, Ticket
from supportctl.operations.deliveries import Deliveries
from supportctl.operations.numbering import Numbering
from supportctl.operations.questions import NotReadError, Question, Readings
from supportctl.policy.access import Need
from supportctl.records import Record
from supportctl.store.changes import Change, queues_of
from supportctl.store.exchange import Remark

if TYPE_CHECKING:
    from supportctl.mail.content import MessageContent
    from supportctl.store.contract import LoggedChange, Planning
    from supportctl.store.exchange import Delivery

T = TypeVar("T")


class Refusal(Record):
    """A ticket that stays as it is, and why."""

    name: str
    error: DeskError


class Draft:
    """Changes on a desk; each step sees the changes of the steps before.

    `is_personal` is whether a person acts, whose work no rule may overrule later; `account` is the Unix account that
    acts. `now` is in seconds since the epoch. `objection` takes a ticket's id and queue, and returns the error that
    keeps the agent from working on the ticket, or None: such a ticket is refused before a step can reveal anything of
    it. `needs` are the rights for a ticket's change where they are not the usual ones, `question` is what to ask before
    many tickets are changed, `noticed` are the tickets for which the plan has written a notice, by its recipient. A
    ticket that a step changes is a copy; its lists are replaced, never mutated.
    """

    def __init__(
        self,
        planning: Planning,
        config: Config,
        now: int,
        *,
        is_personal: bool,
        account: str = "",
        objection: Callable[[str, str], DeskError | None] = lambda *_: None,
        readings: Readings | None = None,
    ) -> None:
        self.planning = planning
        self.config = config
        self.now = now
        self.is_personal = is_personal
        self.account = account
        # Given here and logged with the operation, so that a plan that is not committed gives no ids away.
        self.numbers = Numbering(planning.ids_at(now), config.desk.ticket_prefix, now)
        self.deliveries = Deliveries()
        self.readings = readings or Readings()
        self.changes: dict[str, Change] = {}
        self.refusals: list[Refusal] = []
        self.undoes: list[int] = []
        self.question = ""
        self.noticed: dict[str, list[str]] = {}
        self.needs: dict[str, list[Need]] = {}
        self._objection = objection
        self._warnings: list[Remark] = []

    def find(self, name: str) -> Ticket:
        """A copy of a ticket, as changed so far; raises NotFoundError where there is none."""
        change = self.changes.get(name)
        if change is None:
            return self.planning.find(name)
        if change.after is None:
            raise NotFoundError(f"no ticket named {name}")
        return copy(change.after)

    def find_many(self, names: list[str]) -> list[Ticket]:
        """Copies of tickets to change; those that don't exist, or aren't the agent's to work on, are refused."""
        tickets = []
        for name, ticket in self.planning.find_many(names):
            if ticket is None:
                self.refuse(name, NotFoundError(f"no ticket named {name}", "find tickets with supportctl ls or search"))
            # Before the ticket is handed out: a step's own refusal would say what is wrong with it.
            elif error := self._objection(name, ticket.queue):
                self.refuse(name, error)
            else:
                change = self.changes.setdefault(name, self.planning.change_of(ticket))
                tickets.append(copy(change.ticket))
        return tickets

    def find_in(self, queue: str) -> Iterator[Ticket]:
        """The open and pending tickets of a queue, unchanged as yet; those not the agent's to work on are refused."""
        for ticket in self.planning.tickets_in(queue):
            if error := self._objection(ticket.id, queue):
                self.refuse(ticket.id, error)
            else:
                yield ticket

    def objection_to(self, ticket_id: str, last_queue: str | None = None) -> DeskError | None:
        """The error that keeps the agent from working on a ticket; None where there is none.

        A ticket that is gone is judged by its last queue, and is anybody's without one.
        """
        try:
            return self._objection(ticket_id, self.planning.find(ticket_id).queue)
        except NotFoundError:
            return self._objection(ticket_id, last_queue) if last_queue else None

    def may_see(self, entry: LoggedChange) -> bool:
        """Whether the log shows the agent a change."""
        return any(self._objection(entry["ticket"], queue) is None for queue in queues_of(entry))

    def put(
        self, ticket: Ticket, *, why: str = "", notes: Sequence[str] = (), at: int = 0, is_arrival: bool = False
    ) -> None:
        """Enter a changed ticket; its folder follows from queue and state.

        The time of change becomes `at`, or now where a person acts. Else it stays, so that what the robot does to a
        ticket does not put it behind tickets that have waited less.
        """
        change = self._change_of(ticket)
        change.notes = [*change.notes, *notes]
        if ticket != change.after:
            if at or self.is_personal:
                ticket.changed = at or self.now
            ticket.touched |= self.is_personal and not is_arrival
            change.why = ", ".join(filter(None, (change.why, why)))
            change.after = ticket
            # At once, in the order of the steps: a month folder that is full sends the next ticket to another one.
            self.planning.file(change, self.now)

    def enter(self, change: Change) -> None:
        """Enter a change that is complete but for the ticket's folder."""
        self.changes[change.ticket.id] = change
        self.planning.file(change, self.now)

    def change_of(self, ticket_id: str) -> Change:
        """The change of a ticket so far; raises NotFoundError where there is no such ticket."""
        return self.changes.get(ticket_id) or self.planning.change_of(self.planning.find(ticket_id))

    def read_message(self, ticket: Ticket, message: Message) -> bytes | None:
        """The bytes of a ticket's message, even of one that is just coming in; None where they are gone."""
        raw = self.deliveries.read_arriving(ticket.id, message.key, self.planning)
        return raw if raw is not None else self.planning.read_message(ticket, message)

    def ask(
        self, purpose: str, ticket: Ticket, messages: Sequence[Message], answer: Callable[[MessageContent], T]
    ) -> list[T]:
        """What messages of a ticket say, as `answer` takes it from each.

        Raises NotReadError while one is not read, and DataError where one is gone or can't be read.
        """
        answers: list[T] = []
        errors: list[DataError] = []
        for message in messages:
            try:
                answers.append(self.readings.find(purpose, message, answer))
            except NotReadError as error:
                place = self.planning.place_of(ticket, message)
                self.readings.open.append(Question(purpose, message, place, answer))
                errors.append(error)
            except DataError as error:  # all questions are put before the first error is raised
                errors.append(error)
        if errors:
            raise errors[0]
        return answers

    def savepoint(self, ticket_id: str) -> Callable[[], None]:
        """A function that takes back what is entered about a ticket from here on."""
        change = self.changes.get(ticket_id)
        before, warnings, posted = copy(change), len(self._warnings), self.deliveries.count_posted()

        def take_back() -> None:
            if before is None:
                self.changes.pop(ticket_id, None)
            else:
                self.changes[ticket_id] = before
            del self._warnings[warnings:]
            self.deliveries.drop_posted(posted)

        return take_back

    def refuse(self, name: str, error: DeskError) -> None:
        """Leave a ticket as it is."""
        self.refusals.append(Refusal(name, error))
        # With the change go its messages (`Deliveries.list_for`): none comes to a ticket that stays as it is.
        self.changes.pop(name, None)

    def warn(self, ticket_id: str, text: str) -> None:
        """Tell something about a ticket, unless the ticket is refused in the end."""
        self._warnings.append(Remark(ticket_id, text))

    @property
    def warnings(self) -> list[Remark]:
        """The warnings about tickets that are not refused."""
        refused = {refusal.name for refusal in self.refusals}
        return [warning for warning in self._warnings if warning.ticket not in refused]

    def queue(self, key: str) -> Queue:
        """A queue of the configuration by its key; raises NotFoundError for one that it no longer has."""
        return self.config.queue(key)

    def settle(self) -> tuple[list[Change], list[Delivery]]:
        """The changes that make a difference, and all deliveries, each with a free key."""
        # Only now, after the last step: until then a ticket can be refused, or go to another folder.
        changes = [change for change in self.changes.values() if not change.is_empty]
        deliveries = self.deliveries.list_for(self.changes)
        return changes, self.planning.settle(changes, deliveries)

    def _change_of(self, ticket: Ticket) -> Change:
        if ticket.id not in self.changes:
            try:
                self.changes[ticket.id] = self.planning.change_of(self.planning.find(ticket.id))
            except NotFoundError:  # a new ticket
                self.changes[ticket.id] = Change()
        return self.changes[ticket.id]
