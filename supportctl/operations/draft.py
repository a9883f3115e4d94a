"""The plan of one operation while it is being made: what tickets would be by now, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from typing import NamedTuple

from supportctl.config import Config, Queue
from supportctl.errors import DeskError, NotFoundError
from supportctl.model import Mail, Source, Ticket
from supportctl.store import maildir
from supportctl.store.changes import Change
from supportctl.store.layout import day_of, is_archive, month_of, suits
from supportctl.store.snapshot import Snapshot
from supportctl.store.stage import Delivery

Aside = dict[str, str]
"""A mail that belongs to no ticket by itself, as the log has it: like which ticket's, its key, from, to."""


class Refusal(NamedTuple):
    """A ticket that is left as it is, and why."""

    name: str
    error: DeskError


class Draft:
    """Changes on a state; a step sees what the steps before it did.

    `is_personal` tells that a person acts, whose work no rule may overrule later. `now` is in seconds
    since the epoch. `objection` says why the agent may not work on a ticket, or None: such a ticket is refused
    before a step could tell anything of it. A ticket that a step changes is its own copy; its lists are
    replaced, never mutated.
    """

    def __init__(
        self,
        state: Snapshot,
        config: Config,
        now: int,
        *,
        is_personal: bool,
        objection: Callable[[Ticket], DeskError | None] = lambda _: None,
    ) -> None:
        self.state = state
        self.config = config
        self.now = now
        self.is_personal = is_personal
        self._objection = objection
        self.ids = state.head.ids._replace(month=max(month_of(now), state.head.ids.month))
        self.changes: dict[str, Change] = {}
        self.asides: list[Aside] = []
        self.refusals: list[Refusal] = []
        self.warnings: list[str] = []
        self.undoes: list[int] = []
        self._filed: Counter[str] = Counter()
        self._keys: set[tuple[str, str]] = set()
        self._arriving: list[tuple[str, Delivery]] = []
        self._posted: list[tuple[str, Delivery]] = []
        self._aside: list[Delivery] = []

    def find(self, name: str) -> tuple[Ticket, str]:
        """A ticket as it is by now, as a copy to change, and its folder; NotFoundError where there is none."""
        change = self.changes.get(name)
        if change is None:
            return self.state.find(name)
        if change.after is None:
            raise NotFoundError(f"no ticket {name}")
        return copy(change.after), change.target

    def find_many(self, names: list[str]) -> list[Ticket]:
        """Tickets to change, as copies; what does not exist, or is not the agent's to work on, is refused."""
        found = []
        for name, ticket, folder in self.state.find_many(names):
            if ticket is None:
                self.refuse(name, NotFoundError(f"no ticket {name}", "supportctl ls, or supportctl search"))
            elif error := self._objection(ticket):
                self.refuse(name, error)
            else:
                change = self.changes.setdefault(name, Change(ticket, ticket, folder, folder))
                found.append(copy(change.ticket))
        return found

    def put(
        self, ticket: Ticket, *, why: str = "", notes: Sequence[str] = (), at: int = 0, is_arrival: bool = False
    ) -> None:
        """Enter what a ticket shall be; its folder follows from queue and state.

        It counts as changed when a person changes it, or `at` a time: what the robot does with a ticket does not
        put it behind others that have waited less.
        """
        change = self._change_of(ticket)
        change.notes = [*change.notes, *notes]
        if ticket != change.after:
            if at or self.is_personal:
                ticket.changed = at or self.now
            ticket.touched |= self.is_personal and not is_arrival
            change.why = ", ".join(filter(None, (change.why, why)))
            change.after = ticket
            self._file(change, ticket)

    def remove(self, ticket_id: str) -> None:
        """Enter that a ticket is no more; its mail goes to the folder of undone intake."""
        ticket, folder = self.find(ticket_id)
        change = self.changes.setdefault(ticket_id, Change(ticket, ticket, folder, folder))
        change.after, change.target = None, maildir.UNDONE

    def enter(self, change: Change) -> None:
        """Enter a change that is complete but for the folder of a ticket that stays."""
        self.changes[change.ticket.id] = change
        if change.after is not None:
            self._file(change, change.after)

    def refuse(self, name: str, error: DeskError) -> None:
        """Leave a ticket as it is."""
        self.refusals.append(Refusal(name, error))
        self.changes.pop(name, None)

    def queue(self, key: str) -> Queue:
        """A queue of the configuration by its key; NotFoundError for one that it no longer has."""
        return self.config.queue(key)

    def deliver(self, source: Source, path: str, ticket_id: str, key: str) -> None:
        """Let a mail come into the folder of its ticket, wherever that will be; `path` is where it lies now."""
        name = f"{key}:2,{source.flags}" if source.place == "cur" else key
        content = None if path else source.raw
        self._arriving.append((ticket_id, Delivery("", f"{source.place}/{name}", path, content)))

    def bring(self, ticket_id: str, folder: str, key: str) -> None:
        """Let a mail of a ticket, that lies in another folder, come to its ticket."""
        place = self.state.places(folder)[key]
        self._arriving.append((ticket_id, Delivery("", place, maildir.relative_path(folder) + place)))

    def read_message(self, ticket_id: str, key: str) -> bytes | None:
        """The bytes of a ticket's message, also of one that is just coming in; None where it is gone."""
        for name, delivery in self._arriving:
            if name == ticket_id and delivery.key == key:
                return delivery.content or (self.state.root / delivery.path).read_bytes()
        change = self.changes.get(ticket_id)
        folder = change.source if change is not None else self.state.find(ticket_id)[1]
        return self.state.read_message(folder, key)

    def keep_aside(self, source: Source, path: str, ticket_id: str, mail: Mail) -> None:
        """Put a mail that came twice into the folder of duplicates."""
        key = self._free_key(maildir.DUPLICATES, source.key)
        delivery = Delivery(maildir.DUPLICATES, f"new/{key}", path, None if path else source.raw)
        self._aside.append(delivery)
        self.asides.append(
            {"ticket": ticket_id, "from": "", "to": maildir.DUPLICATES, "key": key, "digest": mail.digest}
        )

    def put_back(self, aside: Aside) -> None:
        """Turn round what became of a mail that came twice; one that a person has removed since stays so."""
        source, target = aside["to"], aside["from"] or maildir.UNDONE
        place = self.state.places(source).get(aside["key"])
        if place is not None:
            path = maildir.relative_path(source) + place
            key = self._free_key(target, aside["key"])
            self._aside.append(Delivery(target, place.replace(aside["key"], key, 1), path))
            self.asides.append({**aside, "from": source, "to": target, "key": key})

    def post(self, content: bytes, ticket_id: str) -> str:
        """Put a mail that is finished, for a ticket, into the outbox; returns its key."""
        key = maildir.make_key()
        self._posted.append((ticket_id, Delivery(maildir.OUTBOX, f"new/{key}", content=content)))
        return key

    def deliveries(self) -> list[Delivery]:
        """All mails that come in, each where its ticket ends; a key that is taken there is replaced."""
        posted = [delivery._replace(ticket=name) for name, delivery in self._posted if name in self.changes]
        arrived = [self._settle(*arriving) for arriving in self._arriving if arriving[0] in self.changes]
        return [*self._aside, *posted, *arrived]

    def next_ticket_id(self) -> str:
        """A ticket id that was never given before."""
        day = max(day_of(self.now), self.ids.day)
        counter = self.ids.counter + 1 if day == self.ids.day else 1
        self.ids = self.ids._replace(day=day, counter=counter)
        return f"{self.config.desk.ticket_prefix}{day}.{counter}"

    def next_message_number(self) -> int:
        """A message number that was never given before."""
        self.ids = self.ids._replace(message=self.ids.message + 1)
        return self.ids.message

    def effective_changes(self) -> list[Change]:
        """The changes that make a difference."""
        return [change for change in self.changes.values() if not change.is_empty]

    def _change_of(self, ticket: Ticket) -> Change:
        known = self.changes.get(ticket.id)
        if known is None:
            try:
                before, folder = self.state.find(ticket.id)
            except NotFoundError:
                known = Change(None, None, "", "")
            else:
                known = Change(before, before, folder, folder)
            self.changes[ticket.id] = known
        return known

    def _settle(self, ticket_id: str, delivery: Delivery) -> Delivery:
        change = self.changes[ticket_id]
        if delivery.path == maildir.relative_path(change.target) + delivery.place:
            return delivery._replace(folder=change.target, ticket=ticket_id)
        key = self._free_key(change.target, delivery.key)
        if key != delivery.key and change.after is not None:
            messages = change.after.messages
            change.after.messages = [m._replace(key=key) if m.key == delivery.key else m for m in messages]
        place = delivery.place.replace(delivery.key, key, 1)
        return delivery._replace(folder=change.target, place=place, ticket=ticket_id)

    def _free_key(self, folder: str, key: str) -> str:
        if not maildir.is_safe_key(key) or (folder, key) in self._keys or key in self.state.places(folder):
            key = maildir.make_key()
        self._keys.add((folder, key))
        return key

    def _file(self, change: Change, ticket: Ticket) -> None:
        """Choose the folder: the one where the ticket is, if it may lie there."""
        if change.target and suits(change.target, ticket):
            return
        if is_archive(change.target):
            self._filed[change.target] -= 1
        change.target = ticket.queue
        if ticket.state == "closed":
            month = self.ids.month if ticket.closed >= self.now else month_of(ticket.closed)
            change.target = self.state.archive_with_room(ticket.queue, month, self._filed)
            self._filed[change.target] += 1
        change.source = change.source or change.target
