"""The seam: what the rest of the program knows of a store; a store of another kind stands behind the same.

Reading goes through a `Snapshot`, which shows what one agent may read and no more. A plan sees the whole desk in a
`Planning`, which only the writer gives out. Writing is `Writer.commit`. What only files can do (`path_of`, `ticket_at`,
`verify`, `repair`) a store may leave out: it answers None, or says that it can't. The full text is a pair with the
store's own tables, and reads them itself (`index/`).

All of this is for the type checker alone: what exists at run time are the data of `exchange.py` and `changes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from supportctl.model import Ids, Message, RawMessage, Ticket, Waiting
    from supportctl.store.catalogue import Catalogue
    from supportctl.store.changes import Change
    from supportctl.store.exchange import Delivery, KnownMessage, Scope, StoredMessage, Stray
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
        """A message's bytes, or None where they are gone."""

    def ticket_with_mid(self, mid: str) -> str | None:
        """The ticket of the oldest message with a Message-ID."""

    def last_day(self) -> str:
        """The last day that was given to a ticket id, `20261122`."""

    def count_queues(self) -> dict[str, tuple[int, int]]:
        """For each queue that has tickets: how many are open or pending, how many are closed."""

    def count_tickets(self, by: Sequence[str], since: int) -> Iterator[tuple[object, ...]]:
        """Counts of the tickets created since a time, by some of queue, type, state, month and owner: (…, number)."""

    def operations(self) -> Iterator[Operation]:
        """The operations, newest first, each with those of its changes that the agent may see."""

    def operations_on(self, ticket_id: str) -> Iterator[Operation]:
        """The operations that changed a ticket, newest first, each with that change alone."""

    def scope(self) -> Scope:
        """What a search looks through."""

    def path_of(self, ticket: Ticket, message: Message) -> Path | None:
        """The file of a message, where the store has files."""

    def ticket_at(self, path: str) -> str | None:
        """The ticket whose message lies at a path, where the store has files."""

    def is_aside(self, path: str) -> bool:
        """Whether a path lies on the desk and holds no message of a ticket: metadata, log, what is kept aside."""


class MessageFeed(Protocol):
    """All messages of the desk in the order of intake, for the full text, whoever may read what it finds."""

    def last_number(self) -> int:
        """The number of the last message."""

    def digest_of(self, number: int) -> str | None:
        """The digest of a message by its number, or None where it is not there (any more)."""

    def messages_after(self, number: int) -> Iterator[StoredMessage]:
        """The messages with a higher number, in that order."""


class Planning(Snapshot, Protocol):
    """The whole desk, for a plan; what it says leaves through receipts that show what the agent may read."""

    def ids_at(self, now: int) -> Ids:
        """The last ids given, with the month in which an operation of now is filed."""

    def find_many(self, ticket_ids: Sequence[str]) -> Iterator[tuple[str, Ticket | None]]:
        """Many tickets by their ids; None for one that does not exist."""

    def change_of(self, ticket: Ticket) -> Change:
        """A change that changes nothing yet of a ticket that was found here."""

    def free_key(self, folder: str, preferred: str = "") -> str:
        """A key that is free in one of the desk's own folders: the preferred one, if it can be had."""

    def file(self, change: Change, now: int) -> None:
        """Choose where the ticket of a change belongs after it: in its queue, or in a month of the archive."""

    def settle(self, changes: Iterable[Change], deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Give every message that comes to a ticket or moves with it a free key; returns the deliveries so."""

    def is_waiting(self, waiting: Waiting) -> bool:
        """Whether a message still lies where it waited."""

    def read_waiting(self, waiting: Waiting) -> bytes | None:
        """The bytes of a message that waits, or None where they are gone."""

    def tickets_with_mids(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets of messages by their Message-IDs; of several with one id, that of the oldest."""

    def tickets_that_sent(self, mids: Sequence[str]) -> dict[str, str]:
        """The tickets that outgoing mails were written for, by their Message-IDs."""

    def mentions_of(self, mids: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Which tickets' messages mention these Message-IDs as ancestors: (id, ticket), oldest message first."""

    def with_digests(self, digests: Sequence[str]) -> Iterator[tuple[str, KnownMessage]]:
        """The messages with one of these contents: (digest, message), oldest first."""

    def has_file(self, known: KnownMessage, size: int) -> bool:
        """Whether the file of a message is there, and of this size."""

    def noticed_since(self, recipient: str, since: int) -> bool:
        """Whether a notice was written to an address at or after a time."""

    def is_in_outbox(self, key: str) -> bool:
        """Whether a mail of the desk's own still waits to go out."""

    def operation(self, op: int) -> Operation:
        """An operation; raises NotFoundError where there is none with that number."""

    def operations_of_group(self, group: int) -> list[int]:
        """The operations of one group, oldest first."""

    def history_of(self, ticket_id: str) -> list[tuple[int, int]]:
        """The operations that changed a ticket, oldest first, each with the one that took it back (or 0)."""

    def last_undoable(self, account: str, robot: str) -> int | None:
        """An account's last operation that can be taken back; what its cron did as `robot` only if nothing else is."""

    def undone_by(self, op: int) -> int:
        """The operation that took another one back, 0 where none did."""

    def lost_messages(self) -> Iterator[tuple[str, list[Message]]]:
        """The tickets of which messages are gone from where they belong, with those messages."""

    def strays(self) -> list[Stray]:
        """The messages that lie in a folder of tickets, and belong to no ticket there."""


class Writer(Protocol):
    """Whoever holds the lock: plans on `planning`, then commits."""

    @property
    def planning(self) -> Planning:
        """The whole desk as it is now."""

    @property
    def missing(self) -> list[str]:
        """What was to be moved and is gone, in words."""

    def commit(self, operation: Operation, changes: list[Change], deliveries: list[Delivery]) -> Operation:
        """Make changes and deliveries durable as one operation; returns the operation as it is logged.

        Raises TemporaryError when the disk fails after the commit point: the next command then finishes it. Before
        that, any error leaves the desk as it was.
        """


class Store(Protocol):
    """A desk's tickets, messages and log."""

    @property
    def index_files(self) -> tuple[Path, Catalogue]:
        """The file of the full text and the tables that are searched together with it: a pair."""

    def create(self, queues: list[str]) -> None:
        """Make what a desk needs; what is there already stays as it is."""

    def accept(self, raw: bytes) -> str:
        """Put a message into the INBOX, durably, without the lock; returns its key. It is there or it is not."""

    def inbox(self) -> Iterator[RawMessage]:
        """The messages of the INBOX, oldest first."""

    def mark_seen(self, ticket: Ticket, messages: Iterable[Message]) -> None:
        """Set the flag S on messages as a mail client does; what can't be marked stays as it is."""

    def read(self, look: Callable[[Snapshot], T], readable: Collection[str], account: str) -> T:
        """What `look` finds in one consistent snapshot; it may be called several times, so it only looks."""

    def plan(self, look: Callable[[Planning], T]) -> T:
        """The same with the whole desk, for a plan that is not carried out."""

    def feed(self, look: Callable[[MessageFeed], T]) -> T:
        """The same with all messages, for the full text."""

    def writing(self, wait: float | None = None) -> AbstractContextManager[Writer]:
        """Hold the lock, with everything that was begun before finished; raises TemporaryError for a long wait."""

    def verify(self, queues: Collection[str]) -> list[Finding]:
        """Everything that is not as it should be; `queues` are those that there may be."""

    def repair(self) -> list[str]:
        """Rebuild what follows from the log; returns in words what was done."""
