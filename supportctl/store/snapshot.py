"""What one agent may see of a desk, as of one operation (`contract.Snapshot`).

Rights are per queue, and so are folders: whether a ticket may be read follows from its folder, before its document is
read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from supportctl.errors import UnreadableQueueError
from supportctl.model import OUTBOX, is_side_folder
from supportctl.store import maildir
from supportctl.store.folders import Folders
from supportctl.store.layout import is_archive, queue_of

if TYPE_CHECKING:
    from supportctl.model import Message, Ticket
    from supportctl.store.exchange import Reason, Scope
    from supportctl.store.log import Operation


class FolderSnapshot:
    """The folders of a desk, bounded by the queues that an agent may read (None: all of them)."""

    def __init__(self, folders: Folders, readable: Collection[str] | None, account: str = "") -> None:
        self._folders = folders
        self._readable = readable
        self._account = account
        self._folder_of: dict[str, str] = {}

    def find(self, ticket_id: str) -> Ticket:
        """A ticket; raises NotFoundError where there is none."""
        folder = self._folders.folder_of(ticket_id)
        # Before the document is loaded: what an agent may not read is not even in memory.
        self._require_readable(queue_of(folder))
        self._folder_of[ticket_id] = folder
        return self._folders.ticket_in(folder, ticket_id)

    def tickets_in(self, queue: str) -> Iterator[Ticket]:
        """The open and pending tickets of a queue, in the order of their ids."""
        self._require_readable(queue)
        return self._folders.tickets_in(queue)

    def is_unread(self, ticket: Ticket) -> bool:
        """Whether a ticket has a message that nobody has seen."""
        folder = self._locate(ticket)
        return any(self._folders.is_unread(folder, message.key) for message in ticket.messages)

    def is_message_unread(self, ticket: Ticket, message: Message) -> bool:
        """Whether nobody has seen a message."""
        return self._folders.is_unread(self._locate(ticket), message.key)

    def read_message(self, ticket: Ticket, message: Message) -> bytes | None:
        """A message's bytes, up to LARGEST_READ, or None where its file is gone; raises UnreadableMessageError."""
        return self._folders.read_message(self._locate(ticket), message.key)

    def read_pieces(self, ticket: Ticket, message: Message) -> Iterator[bytes] | None:
        """All bytes of a message, piece by piece, or None where its file is gone; raises UnreadableMessageError."""
        return self._folders.read_pieces(self._locate(ticket), message.key)

    def ticket_with_mid(self, mid: str) -> str | None:
        """The ticket of the oldest message with a Message-ID."""
        found = self._folders.catalogue.ticket_with_mid(mid)
        if found is not None:
            self._require_readable(queue_of(self._folders.folder_of(found)))
        return found

    def last_day(self) -> str:
        """The UTC day of the last ticket id given, as `20261122`."""
        return self._folders.head.ids.day

    def count_queues(self) -> dict[str, tuple[int, int]]:
        """For each queue with tickets, the number of open or pending ones and of closed ones."""
        counts: dict[str, tuple[int, int]] = {}
        for folder, number in self._folders.catalogue.count_by_folder().items():
            queue = queue_of(folder)
            if self._may_read(queue):
                active, closed = counts.get(queue, (0, 0))
                counts[queue] = (active, closed + number) if is_archive(folder) else (active + number, closed)
        return counts

    def count_tickets(self, by: Sequence[str], since: int) -> Iterator[tuple[object, ...]]:
        """Counts of tickets by some of queue, type, state, month and owner, as (value …, number).

        Only tickets created at or after `since` (seconds since the epoch) are counted.
        """
        return iter(self._folders.catalogue.count_tickets(by, self._readable, since))

    def operations(self) -> Iterator[Operation]:
        """The operations, newest first, each with the changes and messages aside that the agent may see.

        An account sees that it did something, so that it can undo it, but no more of it than others would.
        """
        from supportctl.store.changes import queues_of

        # What is about other queues is not even read: a log has years, and an agent may see nothing of them.
        for operation in self._folders.last_operations(self._readable, self._account):
            changes = [entry for entry in operation.changes if any(map(self._may_read, queues_of(entry)))]
            asides = [aside for aside in operation.asides if self._may_find(aside["ticket"])]
            is_hidden = not (changes or asides) and (operation.changes or operation.asides)
            if not is_hidden or operation.account == self._account:
                yield operation._replace(changes=changes, asides=asides)

    def operations_on(self, ticket_id: str) -> Iterator[Operation]:
        """The operations that changed a ticket, newest first, each with that change alone."""
        self._require_readable(queue_of(self._folders.folder_of(ticket_id)))
        for number in reversed(self._folders.catalogue.operations_on(ticket_id)):
            operation = self._folders.operation(number)
            entries = [entry for entry in operation.changes if entry["ticket"] == ticket_id]
            yield operation._replace(changes=entries, asides=[])

    def reasons_on(self, ticket_id: str) -> list[Reason]:
        """The reasons that were given for what was done to a ticket and is not undone, oldest first."""
        self._require_readable(queue_of(self._folders.folder_of(ticket_id)))
        rows = self._folders.catalogue.reasons_on(ticket_id)
        if not rows:
            return []
        from supportctl.store.exchange import Reason  # of most tickets there is none, and each module takes time

        return [Reason(*row) for row in rows]

    def tickets_with_outgoing(self, due_by: int | None = None) -> list[str]:
        """The tickets with outgoing messages that are open, the oldest first; with `due_by`, those to be tried then."""
        names = self._folders.catalogue.tickets_with_outgoing(due_by)
        if self._readable is None:
            return names
        folders = self._folders.catalogue.folders_of(names)
        return [name for name in names if name in folders and self._may_read(queue_of(folders[name]))]

    def is_in_outbox(self, key: str) -> bool:
        """Whether the file of an outgoing message is in the outbox."""
        return key in self._folders.places(OUTBOX)

    def scope(self) -> Scope:
        """What a search looks through."""
        from supportctl.store.exchange import Scope

        queues = self.count_queues() if self._readable is None else self._readable
        return Scope(queues, self._folders.is_unread, self._folders.path_of)

    def path_of(self, ticket: Ticket, message: Message) -> Path | None:
        """The file of a message."""
        return self._folders.path_of(self._locate(ticket), message.key)

    def ticket_at(self, path: str) -> str | None:
        """The ticket whose message lies at a path."""
        box = Path(path).absolute().parent.parent
        # The INBOX has no tickets, and a link on the way must not lead to the tickets of another desk.
        if box.resolve().parent != self._folders.root.resolve() or not box.name.startswith("."):
            return None
        folder = box.name.removeprefix(".")
        if not self._folders.catalogue.count_in(folder):
            return None  # a folder of the desk's own, or of somebody else
        self._require_readable(queue_of(folder))
        return self._folders.ticket_with_key(folder, maildir.key_of(Path(path).name))

    def is_aside(self, path: str) -> bool:
        """Whether a path lies on the desk but not in a folder of tickets: metadata, log, mail aside or of others."""
        desk = self._folders.root.resolve()
        # All but the last part: a message may be a link, and its name on the desk counts.
        whole = Path(path).absolute()
        whole = whole.parent.resolve() / whole.name
        if desk not in whole.parents:
            return False
        match whole.relative_to(desk).parts:
            case (folder, part, _) if folder.startswith(".") and part in maildir.PARTS:
                return is_side_folder(folder[1:]) or not self._folders.catalogue.count_in(folder[1:])
            case (part, _) if part in maildir.PARTS:
                return False  # a message in the INBOX, which is an error to name, and not to be passed over
        return True

    def _locate(self, ticket: Ticket) -> str:
        """The folder of a ticket that this snapshot, or an earlier one, has shown."""
        folder = self._folder_of.get(ticket.id)
        # An open ticket lies in its queue's folder; only a closed one takes a question to the catalogue.
        if folder is None:
            folder = ticket.queue if ticket.state != "closed" else self._folders.folder_of(ticket.id)
            self._require_readable(queue_of(folder))
            self._folder_of[ticket.id] = folder
        return folder

    def _may_read(self, queue: str) -> bool:
        return self._readable is None or queue in self._readable

    def _may_find(self, ticket_id: str) -> bool:
        """Whether a ticket does not exist, or is in a queue that the agent may read."""
        folder = self._folders.catalogue.folder_of(ticket_id)
        return folder is None or self._may_read(queue_of(folder))

    def _require_readable(self, queue: str) -> None:
        if not self._may_read(queue):
            raise UnreadableQueueError(queue)
