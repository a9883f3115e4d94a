"""The whole desk for a plan (`contract.Planning`): tickets, conversations, messages before their intake, the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from supportctl.model import Waiting
from supportctl.store import maildir
from supportctl.store.changes import Change
from supportctl.store.exchange import KnownMessage, LostMessage, Stray
from supportctl.store.filing import Filing
from supportctl.store.folders import Folders
from supportctl.store.snapshot import FolderSnapshot

if TYPE_CHECKING:
    from supportctl.model import ByteRange, LeftMessage, Message, RawMessage, Ticket
    from supportctl.store.log import Operation


class FolderPlanning(FolderSnapshot, Filing):
    """A snapshot without bounds, and where the plan files tickets and messages."""

    def __init__(self, folders: Folders) -> None:
        folders.require_current_tables()
        FolderSnapshot.__init__(self, folders, None)
        Filing.__init__(self, folders)

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

    # messages before their intake

    def is_waiting(self, waiting: Waiting) -> bool:
        """Whether a message still lies where it was found before its intake."""
        return waiting.key in self.folders.places(waiting.folder)

    def read_waiting(self, waiting: Waiting) -> bytes | None:
        """The bytes of a message by its place, as `read_message` gives them."""
        return self.folders.read_message(waiting.folder, waiting.key)

    def place_of(self, ticket: Ticket, message: Message) -> Waiting:
        """Where a message of a ticket lies, for `read_waiting`."""
        return Waiting(self._locate(ticket), message.key)

    def find_waiting(self, waiting: Waiting) -> RawMessage | LeftMessage | None:
        """A message that no ticket has here, on its way to one; None where it is gone."""
        path = self.folders.path_of(*waiting)
        return maildir.read_arrived(str(path), waiting) if path is not None else None

    def read_range(self, part: ByteRange) -> bytes:
        """The bytes of a message that is to be copied; raises UnreadableMessageError."""
        return b"".join(maildir.read_pieces(part))

    def measure_waiting(self, waiting: Waiting) -> tuple[int, str] | None:
        """Size and digest of a message by its place, None where it is gone; raises UnreadableMessageError."""
        return self.folders.measure(waiting.folder, waiting.key)

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

    def with_mid(self, mid: str, most: int) -> list[KnownMessage]:
        """The first messages with a Message-ID, oldest first."""
        return self.folders.catalogue.with_mid(mid, most)

    def has_file(self, known: KnownMessage, size: int) -> bool:
        """Whether the file of a message exists and has this size in bytes."""
        folder = self.folders.catalogue.folder_of(known.ticket)
        path = self.folders.path_of(folder, known.key) if folder is not None else None
        try:
            return path is not None and path.stat().st_size == size
        except OSError:  # a link to nothing, say: then the other copy is the only one
            return False

    def noticed_since(self, recipient: str, since: int) -> bool:
        """Whether a notice was written to an address at or after a time (seconds since the epoch)."""
        return self.folders.catalogue.noticed_since(recipient, since)

    # the log

    def operation(self, op: int) -> Operation:
        """An operation by its number; raises NotFoundError where there is none."""
        return self.folders.operation(op)

    def operations_of_group(self, group: int) -> list[int]:
        """The operations of one group, oldest first."""
        return self.folders.catalogue.operations_of_group(group)

    def history_of(self, ticket_id: str) -> list[tuple[int, int]]:
        """The operations that changed a ticket, oldest first, each with the one that undid it there (or 0).

        An operation that was undone several times comes several times, and one of bookkeeping never.
        """
        return self.folders.catalogue.history_of(ticket_id)

    def last_undoable(self, account: str, robot: str) -> int | None:
        """An account's last operation that can be undone.

        What the account's cron did in the role of the `robot` is chosen only where the account did nothing itself.
        """
        return self.folders.catalogue.last_undoable(account, robot)

    def undone_by(self, op: int) -> int:
        """The last operation that undid another one, or part of that one; 0 where none did."""
        return self.folders.catalogue.undone_by(op)

    def redone_by(self, op: int) -> list[int]:
        """The operations that redid another one, or part of that one, and have not been undone."""
        return self.folders.catalogue.redone_by(op)

    # messages that are not in their folder

    def ticket_folders(self) -> list[str]:
        """The folders that have tickets."""
        return sorted(self.folders.catalogue.count_by_folder())

    def lost_messages(self, folder: str) -> list[LostMessage]:
        """The messages of a folder's tickets that are not there as their ticket has them, or are, but noted as gone."""
        from supportctl.store.whereabouts import find_lost

        return list(find_lost(self.folders, folder))

    def strays(self, queues: Mapping[str, str]) -> list[Stray]:
        """The messages in folders of mail for queues that belong to no ticket there."""
        from supportctl.store.whereabouts import find_strays

        return list(find_strays(self.folders, queues))

    def strays_elsewhere(self, queues: Mapping[str, str], lost: Sequence[LostMessage]) -> list[Stray]:
        """What lies in all other folders and may be one of these messages, by its name or its size."""
        from supportctl.store.whereabouts import find_elsewhere

        return list(find_elsewhere(self.folders, queues, lost))
