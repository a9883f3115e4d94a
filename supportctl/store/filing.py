"""Where a plan files tickets and messages: the queue's folder or a month folder, and a key that is free there.

A plan is pure, so it chooses here, before the rights are checked, everything that staging then carries out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from copy import copy
from typing import TYPE_CHECKING

from supportctl.model import OUTBOX, UNDONE
from supportctl.store import maildir
from supportctl.store.changes import Change
from supportctl.store.exchange import Delivery
from supportctl.store.folders import Folders
from supportctl.store.layout import CAPACITY, archive_folder, is_archive, month_of, suits
from supportctl.store.stage import Move, moves_of

if TYPE_CHECKING:
    from supportctl.model import Ids, Ticket


class Filing:
    """The room in month folders, and the keys, that one plan has taken so far."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self._filed: Counter[str] = Counter()
        self._taken: dict[str, set[str]] = defaultdict(set)

    def ids_at(self, now: int) -> Ids:
        """The last ids given, with the month of now; the month never runs backwards when the clock does."""
        ids = self.folders.head.ids
        return ids._replace(month=max(month_of(now), ids.month))

    # folders of tickets

    def file(self, change: Change, now: int) -> None:
        """Choose the folder of a ticket after its change: the same one if possible, else its queue's or a month's."""
        ticket = change.after
        if ticket is None:
            change.target = UNDONE
            return
        if change.target and suits(change.target, ticket):
            return
        # A ticket that leaves a month folder, or is not to go there any more, gives back its room.
        if is_archive(change.target):
            self._filed[change.target] -= 1
        change.target = self._archive_for(ticket, now) if ticket.state == "closed" else ticket.queue
        change.source = change.source or change.target

    def _archive_for(self, ticket: Ticket, now: int) -> str:
        """The first month folder with room."""
        # An imported archive has months of its own; what closes now goes into a month that never runs backwards.
        month = self.ids_at(now).month if ticket.closed >= now else month_of(ticket.closed)
        part = 1
        while True:
            folder = archive_folder(ticket.queue, month, part)
            if self.folders.catalogue.count_in(folder) + self._filed[folder] < CAPACITY:
                self._filed[folder] += 1
                return folder
            part += 1

    # keys of messages

    def settle(self, changes: Iterable[Change], deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Give every message that comes to a ticket or moves with one a free key; return the deliveries."""
        # What arrives chooses first: it keeps the name that it came with, which people may look for.
        by_ticket = {change.ticket.id: change for change in changes}
        settled = [self._settle(delivery, by_ticket.get(delivery.ticket)) for delivery in deliveries]
        coming = {(delivery.ticket, delivery.key) for delivery in settled}
        for name, change in by_ticket.items():
            for move in list(moves_of(change)):
                if (name, move.new_key) not in coming:
                    self._settle_move(change, move)
        return settled

    def _settle_move(self, change: Change, move: Move) -> None:
        if move.target == change.target and change.after is not None:
            _rename(change, move.new_key, self.free_key(move.target, move.new_key, change.ticket.id))
        elif move.target == UNDONE and move.source != OUTBOX:
            key = self.free_key(UNDONE, move.old_key)
            # Recorded only where it differs: who takes the undo back looks for the message under this key.
            change.undone += [(move.old_key, key)] if key != move.old_key else []

    def _settle(self, delivery: Delivery, change: Change | None) -> Delivery:
        if delivery.folder or change is None:
            return delivery
        folder, key = change.target, delivery.key
        if delivery.waits == (folder, key):  # somebody put it there by hand (`check --repair`)
            self._taken[folder].add(key)
        else:
            # The ticket has the envelope by now.
            key = self.free_key(folder, maildir.split_key(key)[0], change.ticket.id)
            _rename(change, delivery.key, key)
        return delivery._replace(folder=folder, key=key)

    def free_key(self, folder: str, preferred: str = "", ticket_id: str = "") -> str:
        """A free key in a folder, for a message of a ticket: the preferred one, if possible."""
        # Free on the disk, and of all that this plan puts there: a rename would replace the message of that name.
        taken = self._taken[folder]
        is_there = preferred in taken or preferred in self.folders.places(folder)
        # And of what other tickets hold: their message may be lost, and they must not get this one for it.
        holder = self.folders.ticket_with_key(folder, preferred)
        if not maildir.is_safe_key(preferred) or is_there or holder not in (None, ticket_id):
            preferred = maildir.make_key()
        taken.add(preferred)
        return preferred


def _rename(change: Change, old: str, new: str) -> None:
    """Replace the key of a message in the ticket after a change."""
    if old != new and change.after is not None:
        # A copy: `before` may be the same object.
        change.after = copy(change.after)
        change.after.messages = [
            message._replace(key=new) if message.key == old else message for message in change.after.messages
        ]
