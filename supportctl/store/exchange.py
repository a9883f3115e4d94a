"""The plain data that crosses the seam between the store and the rest of the program (`contract.py`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Literal

from supportctl.records import Record

if TYPE_CHECKING:
    from pathlib import Path

    from supportctl.model import ByteRange, Message, Waiting

LOG_RESCUE = (
    "restore supportctl/log from a backup, or cut it off where the damage begins; then run supportctl check --repair"
)
"""What to do about a damaged log."""


class Delivery(Record):
    """A message on its way to a `ticket`, or (`folder`) to one of the desk's own folders.

    A message that lies on the desk already is moved from where it `waits`; any other is written from its bytes
    (`raw`), or, if it is a large one, from where these lie (`whole`). For a ticket, `key` is only preferred until
    `contract.Planning.settle` has replaced it by a free one. `flags` are None for a message that nobody has seen.
    """

    key: str
    ticket: str = ""
    folder: str = ""
    waits: Waiting | None = None
    raw: bytes | None = None
    whole: ByteRange | None = None
    flags: str | None = None


class Remark(Record):
    """Something to tell about a ticket, as a sentence without the ticket's id."""

    ticket: str
    text: str


class Reason(Record):
    """Why a person did something to a ticket: when, which account, the verb, and the reason given with it."""

    at: int
    account: str
    verb: str
    text: str


class KnownMessage(Record):
    """A message of a ticket, by number and key, and who brought it."""

    number: int
    ticket: str
    key: str
    brought_by: str = ""


class StoredMessage(Record):
    """A message in the order of intake, and who brought it.

    `read` returns its bytes, up to LARGEST_READ, and how many there are; None where they are gone. It raises
    UnreadableMessageError.
    """

    number: int
    digest: str
    date: int
    brought_by: str
    read: Callable[[], tuple[bytes, int] | None]


class Claim(Record):
    """A message of the outbox that no other process sends until this one calls `release`; `read` returns its bytes."""

    read: Callable[[], bytes]
    release: Callable[[], None]


class Stray(Record):
    """A message on the desk that no ticket has as it lies there.

    `kind` says where it lies: in a folder of mail for a queue ("queue"; of closed tickets: `is_closed`); in a ticket's
    folder, under the name of a message of that ticket ("ticket"); in another folder of the desk ("desk"); in somebody
    else's ("foreign"). `queue` is "" for the last two.
    """

    waits: Waiting
    queue: str
    is_closed: bool
    kind: Literal["queue", "ticket", "desk", "foreign"]


class LostMessage(Record):
    """A message that is not in its folder as its ticket has it.

    `is_noted` is whether the ticket says that the message is gone, `instead` is what lies under its name by now.
    """

    ticket: str
    message: Message
    is_noted: bool
    instead: Stray | None


class Scope(Record):
    """What a search looks through: the queues, and two lookups by folder and key of a message."""

    queues: Collection[str]
    is_unread: Callable[[str, str], bool]
    path_of: Callable[[str, str], Path | None]
