"""The whole desk for a plan (`contract.Planning`): tickets, conversations, and the folders and keys of what is planned.

A plan is pure, so it chooses here, before the rights are checked, everything that staging then carries out: the month
folder of a ticket that closes, and for each message a key that is free in the target.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING

from supportctl.model import OUTBOX, SIDE_FOLDERS, UNDONE, Waiting
from supportctl.store import maildir
from supportctl.store.changes import Change
from supportctl.store.exchange import Delivery, KnownMessage, Stray
from supportctl.store.folders import Folders
from supportctl.store.layout import CAPACITY, archive_folder, is_archive, month_of, queue_of, suits
from supportctl.store.snapshot import FolderSnapshot
from supportctl.store.stage import moves_of

if TYPE_CHECKING:
    from supportctl.model import Ids, Message, Ticket
    from supportctl.store.log import Operation


class FolderPlanning(FolderSnapshot):
    """A snapshot without bounds, and the names that one plan has taken so far."""

    def __init__(self, folders: Folders) -> None:
        super().__init__(folders, None)
        self.folders = folders
        self._filed: Counter[str] = Counter()
        self._taken: dict[str, set[str]] = defaultdict(set)

    def ids_at(self, now: int) -> Ids:
        """The last ids given, with the month of now; the month never runs backwards when the clock does."""
        ids = self.folders.head.ids
        return ids._replace(month=max(month_of(now), ids.month))

    def find_many(self, ticket_ids: Sequence[str]) -> Iterator[tuple[str, Ticket | None]]:
        """Many tickets by their ids; None for a ticket that does not exist."""
        folders = self.folders.catalogue.folders_of(ticket_ids)
        self._folder_of.update(folders)
        for name in ticket_ids:
            yield name, self.folders.ticket_in(folders[name], name) if name in folders else None

    def change_of(self, ticket: Ticket) -> Change:
        """An empty change of a ticket that was found here."""
        folder = self._locate(ticket)
        return Change(ticket, ticket, folder, folder)

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
        for change in by_ticket.values():
            for move in moves_of(change):
                if move.target == change.target and (change.ticket.id, move.new_key) not in coming:
                    _rename(change, move.new_key, self.free_key(move.target, move.new_key))
        return settled

    def _settle(self, delivery: Delivery, change: Change | None) -> Delivery:
        if delivery.folder or change is None:
            return delivery
        folder, key = change.target, delivery.key
        if delivery.waits == (folder, key):  # somebody put it there by hand (`check --repair`)
            self._taken[folder].add(key)
        else:
            key = self.free_key(folder, key)
            _rename(change, delivery.key, key)
        return delivery._replace(folder=folder, key=key)

    def free_key(self, folder: str, preferred: str = "") -> str:
        """A free key in a folder: the preferred one, if possible."""
        # Free on the disk, and of all that this plan puts there: a rename would replace the message of that name.
        taken = self._taken[folder]
        if not maildir.is_safe_key(preferred) or preferred in taken or preferred in self.folders.places(folder):
            preferred = maildir.make_key()
        taken.add(preferred)
        return preferred

    # messages before their intake

    def is_waiting(self, waiting: Waiting) -> bool:
        """Whether a message still lies where it was found before its intake."""
        return waiting.key in self.folders.places(waiting.folder)

    def read_waiting(self, waiting: Waiting) -> bytes | None:
        """The bytes of a message before its intake, or None where they are gone."""
        return self.folders.read_message(waiting.folder, waiting.key)

    # conversations

    def tickets_with_mids(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets of messages by Message-ID; where messages share one, the ticket of the oldest."""
        return self.folders.catalogue.tickets_with_mids(mids)

    def tickets_that_sent(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets that outgoing messages were written for, by Message-ID."""
        return self.folders.catalogue.tickets_that_sent(mids)

    def mentions_of(self, mids: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The tickets whose messages mention these Message-IDs, as (id, ticket), oldest message first."""
        return self.folders.catalogue.mentions_of(mids)

    def with_digests(self, digests: Sequence[str]) -> Iterator[tuple[str, KnownMessage]]:
        """The messages with any of these digests, as (digest, message), oldest first."""
        return self.folders.catalogue.with_digests(digests)

    def has_file(self, known: KnownMessage, size: int) -> bool:
        """Whether the file of a message exists and has this size in bytes."""
        folder = self.folders.catalogue.folder_of(known.ticket)
        path = self.folders.path_of(folder, known.key) if folder is not None else None
        return path is not None and path.stat().st_size == size

    def noticed_since(self, recipient: str, since: int) -> bool:
        """Whether a notice was written to an address at or after a time (seconds since the epoch)."""
        return self.folders.catalogue.noticed_since(recipient, since)

    def is_in_outbox(self, key: str) -> bool:
        """Whether an outgoing message is still in the outbox."""
        return key in self.folders.places(OUTBOX)

    # the log

    def operation(self, op: int) -> Operation:
        """An operation by its number; raises NotFoundError where there is none."""
        return self.folders.operation(op)

    def operations_of_group(self, group: int) -> list[int]:
        """The operations of one group, oldest first."""
        return self.folders.catalogue.operations_of_group(group)

    def history_of(self, ticket_id: str) -> list[tuple[int, int]]:
        """The operations that changed a ticket, oldest first, each with the one that undid it (or 0)."""
        return self.folders.catalogue.history_of(ticket_id)

    def last_undoable(self, account: str, robot: str) -> int | None:
        """An account's last operation that can be undone.

        What the account's cron did in the role of the `robot` is chosen only where the account did nothing itself.
        """
        return self.folders.catalogue.last_undoable(account, robot)

    def undone_by(self, op: int) -> int:
        """The operation that undid another one, 0 where none did."""
        return self.folders.catalogue.undone_by(op)

    # messages that are not in their folder

    def lost_messages(self) -> Iterator[tuple[str, list[Message]]]:
        """The tickets with messages that are gone from their folder, with those messages."""
        for folder in self._ticket_folders():
            for ticket in self.folders.tickets_in(folder):
                lost = [message for message in ticket.messages if message.key not in self.folders.places(folder)]
                if lost:
                    yield ticket.id, lost

    def strays(self) -> list[Stray]:
        """The messages in the folders of tickets that belong to no ticket there."""
        strays = []
        for folder in self._ticket_folders():
            known = {message.key for ticket in self.folders.tickets_in(folder) for message in ticket.messages}
            queue, is_closed = queue_of(folder), is_archive(folder)
            keys = sorted(self.folders.places(folder).keys() - known)
            strays += [Stray(Waiting(folder, key), queue, is_closed) for key in keys]
        return strays

    def _ticket_folders(self) -> list[str]:
        return [name for name in maildir.list_folders(self.folders.root) if name not in SIDE_FOLDERS]


def _rename(change: Change, old: str, new: str) -> None:
    """Replace the key of a message in the ticket after a change."""
    if old != new and change.after is not None:
        # A copy: `before` may be the same object.
        change.after = copy(change.after)
        change.after.messages = [
            message._replace(key=new) if message.key == old else message for message in change.after.messages
        ]
