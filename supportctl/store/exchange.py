"""The plain data that crosses the seam between the store and the rest of the program (`contract.py`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from supportctl.records import Record

if TYPE_CHECKING:
    from pathlib import Path

    from supportctl.model import Waiting


class Delivery(Record):
    """A message that comes to the desk: to its `ticket`, or (`folder`) to one of the desk's own folders.

    Either it `waits` on the desk already and is moved, or it is written (`raw`). For a ticket, `key` is a wish
    until `contract.Planning.settle` has found it free. `flags` are None for a message that nobody has seen.
    """

    key: str
    ticket: str = ""
    folder: str = ""
    waits: Waiting | None = None
    raw: bytes | None = None
    flags: str | None = None


class KnownMessage(Record):
    """A message that the desk has: its number, ticket and key."""

    number: int
    ticket: str
    key: str


class StoredMessage(Record):
    """A message in the order of intake: its number, digest and date, and how its bytes are read (None: gone)."""

    number: int
    digest: str
    date: int
    read: Callable[[], bytes | None]


class Stray(Record):
    """A message that lies in a folder of tickets and belongs to none there: where, of which queue, among the closed?"""

    waits: Waiting
    queue: str
    is_closed: bool


class Scope(Record):
    """What a search looks through: the tickets of queues, and how it finds a message's file in a folder by its key."""

    queues: Collection[str]
    is_unread: Callable[[str, str], bool]
    path_of: Callable[[str, str], Path | None]
