"""The seam: all that the rest of the program knows of a store, so that another kind of store can take its place.

Reading goes through a `Snapshot`, which shows what one agent may read and no more. A plan sees the whole desk in a
`Planning`, which only the writer gives out. Writing is `Writer.commit`. What only files can do (`path_of`,
`ticket_at`, `verify`, `repair`) is optional: a store without files answers None, or says that it can't. The full text
is paired with the store's own tables, and reads them itself (`index/`).

All of this is for the type checker alone; at run time there are the data of `exchange.py` and `changes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from supportctl.model import ByteRange, Ids, LeftMessage, Message, RawMessage, Ticket, Waiting
    from supportctl.store.catalogue import Catalogue
    from supportctl.store.changes import Change
    from supportctl.store.exchange import (
        Claim,
        Delivery,
        KnownMessage,
        LostMessage,
        Reason,
        Remark,
        Scope,
        StoredMessage,
        Stray,
    )
    from supportctl.store.log import LoggedChange as LoggedChange
    from supportctl.store.log import Operation as Operation
    from supportctl.store.verify import Finding as Finding

T = TypeVar("T")


class Snapshot(Protocol):
    """One consistent view of the desk, as one agent may see it.

    What lies in a queue that the agent may not read raises UnreadableQueueError where it is named, and is left out of
    lists and counts.
    """

    def find(self, ticket_id: str) -> Ticket:
        """A ticket; raises NotFoundError where there is none."""

    def tickets_in(self, queue: str) -> Iterator[Ticket]:
        """The open and pending tickets of a queue, in the order of their ids."""

    def is_unread(self, ticket: Ticket) -> bool:
        """Whether a ticket has a message that nobody has seen."""

    def is_message_unread(self, ticket: Ticket, message: Message) -> bool:
        """Whether nobody has seen a message."""

    def read_message(self, ticket: Ticket, message: Message) -> bytes | None:
        """A message's bytes, up to LARGEST_READ, or None where they are gone; raises UnreadableMessageError."""

    def read_pieces(self, ticket: Ticket, message: Message) -> Iterator[bytes] | None:
        """All bytes of a message, piece by piece, or None where they are gone; raises UnreadableMessageError."""

    def ticket_with_mid(self, mid: str) -> str | None:
        """The ticket of the oldest message with a Message-ID."""

    def last_day(self) -> str:
        """The UTC day of the last ticket id given, as `20261122`."""

    def count_queues(self) -> dict[str, tuple[int, int]]:
        """For each queue with tickets, the number of open or pending ones and of closed ones."""

    def count_tickets(self, by: Sequence[str], since: int) -> Iterator[tuple[object, ...]]:
        """Counts of tickets by some of queue, type, state, month and owner, as (value …, number).

        Only tickets created at or after `since` (seconds since the epoch) are counted.
        """

    def operations(self) -> Iterator[Operation]:
        """The operations, newest first, each with the changes that the agent may see."""

    def operations_on(self, ticket_id: str) -> Iterator[Operation]:
        """The operations that changed a ticket, newest first, each with that change alone."""

    def reasons_on(self, ticket_id: str) -> list[Reason]:
        """The reasons that were given for what was done to a ticket and is not undone, oldest first."""

    def tickets_with_outgoing(self, due_by: int | None = None) -> list[str]:
        """The tickets with outgoing messages that are open, the oldest first.

        With `due_by` (seconds since the epoch), those with messages that are to be tried by then.
        """

    def is_in_outbox(self, key: str) -> bool:
        """Whether the file of an outgoing message is in the outbox."""

    def scope(self) -> Scope:
        """What a search looks through."""

    def path_of(self, ticket: Ticket, message: Message) -> Path | None:
        """The file of a message, where the store has files."""

    def ticket_at(self, path: str) -> str | None:
        """The ticket whose message lies at a path, where the store has files."""

    def is_aside(self, path: str) -> bool:
        """Whether a path lies on the desk but not in a folder of tickets: metadata, log, mail aside or of others."""


class MessageFeed(Protocol):
    """All messages of the desk in the order of intake, for the full text, whoever may read them."""

    def last_number(self) -> int:
        """The number of the last message."""

    def digest_of(self, number: int) -> str | None:
        """The digest of a message by its number, or None where no ticket has it."""

    def messages_after(self, number: int) -> Iterator[StoredMessage]:
        """The messages with higher numbers, in order."""


class Planning(Snapshot, Protocol):
    """The whole desk, for a plan; its answers reach the agent only through receipts that are filtered by rights."""

    def ids_at(self, now: int) -> Ids:
        """The last ids given, with the month in which an operation of now is filed."""

    def find_many(self, ticket_ids: Sequence[str]) -> Iterator[tuple[str, Ticket | None]]:
        """Many tickets by their ids; None for a ticket that does not exist."""

    def change_of(self, ticket: Ticket) -> Change:
        """An empty change of a ticket that was found here."""

    def free_key(self, folder: str, preferred: str = "", ticket_id: str = "") -> str:
        """A free key in one of the desk's own folders: the preferred one, if possible."""

    def file(self, change: Change, now: int) -> None:
        """Choose the folder of a ticket after its change: its queue's, or a month of the archive."""

    def settle(self, changes: Iterable[Change], deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Give every message that comes to a ticket or moves with one a free key; return the deliveries."""

    def is_waiting(self, waiting: Waiting) -> bool:
        """Whether a message still lies where it was found before its intake."""

    def read_waiting(self, waiting: Waiting) -> bytes | None:
        """The bytes of a message by its place, as `read_message` gives them."""

    def place_of(self, ticket: Ticket, message: Message) -> Waiting:
        """Where a message of a ticket lies, for `read_waiting`."""

    def find_waiting(self, waiting: Waiting) -> RawMessage | LeftMessage | None:
        """A message that no ticket has here, on its way to one; None where it is gone."""

    def read_range(self, part: ByteRange) -> bytes:
        """The bytes of a message that is to be copied; raises UnreadableMessageError."""

    def tickets_with_mids(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets of messages by Message-ID; where messages share one, the ticket of the oldest."""

    def tickets_that_sent(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets that outgoing messages were written for, by Message-ID."""

    def mentions_of(self, mids: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The tickets whose messages mention these Message-IDs, as (id, ticket), oldest message first."""

    def with_digests(self, digests: Sequence[str]) -> Iterator[tuple[str, KnownMessage]]:
        """The messages with any of these digests, as (digest, message), oldest first."""

    def with_mid(self, mid: str, most: int) -> list[KnownMessage]:
        """The first messages with a Message-ID, oldest first."""

    def has_file(self, known: KnownMessage, size: int) -> bool:
        """Whether the file of a message exists and has this size in bytes."""

    def noticed_since(self, recipient: str, since: int) -> bool:
        """Whether a notice was written to an address at or after a time (seconds since the epoch)."""

    def operation(self, op: int) -> Operation:
        """An operation by its number; raises NotFoundError where there is none."""

    def operations_of_group(self, group: int) -> list[int]:
        """The operations of one group, oldest first."""

    def history_of(self, ticket_id: str) -> list[tuple[int, int]]:
        """The operations that changed a ticket, oldest first, each with the one that undid it there (or 0).

        An operation that was undone several times comes several times, and one of bookkeeping never.
        """

    def last_undoable(self, account: str, robot: str) -> int | None:
        """An account's last operation that can be undone.

        What the account's cron did in the role of the `robot` is chosen only where the account did nothing itself.
        """

    def undone_by(self, op: int) -> int:
        """The last operation that undid another one, or part of that one; 0 where none did."""

    def redone_by(self, op: int) -> list[int]:
        """The operations that redid another one, or part of that one, and have not been undone."""

    def ticket_folders(self) -> list[str]:
        """The folders that have tickets."""

    def lost_messages(self, folder: str) -> list[LostMessage]:
        """The messages of a folder's tickets that are not there as their ticket has them, or are, but noted as gone."""

    def strays(self, queues: Mapping[str, str]) -> list[Stray]:
        """The messages in folders of mail for queues that belong to no ticket there.

        `queues` has the queue for each folder that has or stands for one.
        """

    def strays_elsewhere(self, queues: Mapping[str, str], lost: Sequence[LostMessage]) -> list[Stray]:
        """What lies in all other folders and may be one of these messages, by its name or its size."""

    def measure_waiting(self, waiting: Waiting) -> tuple[int, str] | None:
        """Size and digest of a message by its place, None where it is gone; raises UnreadableMessageError."""


class Writer(Protocol):
    """The holder of the lock: plans on `planning`, then commits."""

    @property
    def planning(self) -> Planning:
        """The whole desk as it is now."""

    @property
    def remarks(self) -> list[Remark]:
        """What did not go as planned: a message that was to be moved and is gone, something that was in the way."""

    def commit(self, operation: Operation, changes: list[Change], deliveries: list[Delivery]) -> Operation:
        """Make changes and deliveries durable as one operation; return the operation as it is logged.

        Raises TemporaryError when the disk fails after the commit point: the next command then finishes the operation.
        Before the commit point any error leaves the desk as it was.
        """


class Store(Protocol):
    """A desk's tickets, messages and log."""

    @property
    def index_files(self) -> tuple[Path, Catalogue]:
        """The file of the full text and the tables that are searched together with it: a pair."""

    def create(self, queues: list[str]) -> None:
        """Create what a desk needs; what exists already stays as it is."""

    def accept(self, pieces: Iterable[bytes], envelope: str = "") -> str:
        """Put a message into the INBOX, durably and as a whole or not at all, without the lock; return its key.

        `envelope` is as in `Message`; whoever takes the message in gets it with the message.
        """

    def hold(self, pieces: Iterable[bytes], name: str) -> AbstractContextManager[RawMessage]:
        """A message on its way in, called `name`, with its bytes in a file of the desk that is gone afterwards."""

    def inbox(self) -> Iterator[RawMessage | LeftMessage]:
        """The messages of the INBOX, oldest first, those that can't be read among them."""

    def mark(self, ticket: Ticket, messages: Iterable[Message], flags: str) -> None:
        """Set flags on messages, as a mail client does; a message that can't be marked stays as it is."""

    def read(self, look: Callable[[Snapshot], T], readable: Collection[str], account: str) -> T:
        """The result of `look` on one consistent snapshot; `look` may run several times, so it only looks."""

    def plan(self, look: Callable[[Planning], T]) -> T:
        """The result of `look` on the whole desk, for a plan that is not carried out."""

    def feed(self, look: Callable[[MessageFeed], T]) -> T:
        """The result of `look` on all messages, for the full text."""

    def writing(self, wait: float | None = None) -> AbstractContextManager[Writer]:
        """Hold the lock, with all earlier operations finished.

        `wait` is in seconds, None for the store's own. Raises TemporaryError where another writer holds the lock
        longer.
        """

    def claim(self, key: str) -> Claim | None:
        """A message of the outbox to send, without the lock.

        None where another process has claimed it, or where its file is gone. Raises UnreadableMessageError.
        """

    def verify(self, queues: Mapping[str, str]) -> list[Finding]:
        """Everything that is not as it should be; `queues` has the queue for each folder that has or stands for one."""

    def repair(self, operation: Operation) -> list[str]:
        """Rebuild what follows from the log; return a sentence for each thing done.

        `operation`, without number, changes and ids, enters what has to be logged: what is known of operations that the
        log has lost, and ids that go on from today where they were ahead of the clock. Raises DataError for a damaged
        log.
        """
