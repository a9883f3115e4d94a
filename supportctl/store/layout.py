"""The names of a desk's folders and of the files of its state."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportctl.model import Ticket

STATE = "supportctl"
STAGE = f"{STATE}/stage"
CAPACITY = 1000
"""The number of tickets with which a month folder is full; the next one gets a number."""

_CLOSED = r"(?P<queue>[a-z0-9-]+)\.closed\.(?P<month>\d{4}-\d{2})(?:-\d+)?"


class Layout:
    """The paths of one desk below its Maildir's root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / STATE
        self.log = self.state / "log"
        self.head = self.state / "head"
        self.stage = root / STAGE
        self.catalogue = self.state / "catalogue.sqlite"
        self.text = self.state / "text.sqlite"


def queue_of(folder: str) -> str:
    """The queue of a folder of open or closed tickets."""
    return folder.partition(".")[0]


def is_archive(folder: str) -> bool:
    """Whether a folder holds closed tickets."""
    return re.fullmatch(_CLOSED, folder) is not None


def archive_folder(queue: str, month: str, part: int) -> str:
    """The folder of a queue's tickets closed in a month; `part` counts from 1."""
    return f"{queue}.closed.{month}" + (f"-{part}" if part > 1 else "")


def month_of(at: int) -> str:
    """The UTC month of a time (seconds since the epoch), as `2026-11`."""
    return time.strftime("%Y-%m", time.gmtime(at))


def suits(folder: str, ticket: Ticket) -> bool:
    """Whether a ticket may lie in a folder."""
    if ticket.state == "closed":
        return is_archive(folder) and queue_of(folder) == ticket.queue
    return folder == ticket.queue
