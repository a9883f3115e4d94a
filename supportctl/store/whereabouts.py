"""Where the messages of a desk are: those that are not as their ticket has them, and those that no ticket has.

Other programs work on the same tree. A folder is the desk's if it is that of a queue, holds closed tickets of one, has
the desk's metadata, or stands for a queue (`folders` in queues.yaml). All others are somebody else's: no message there
is a stray, and they are looked through for what a ticket lacks, and for nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from supportctl.errors import UnreadableMessageError
from supportctl.model import INBOX, Waiting, is_side_folder, note_of_loss
from supportctl.store import maildir, tickets
from supportctl.store.exchange import LostMessage, Stray
from supportctl.store.folders import Folders
from supportctl.store.layout import is_archive, queue_of

_SPREAD = 4096
"""The number of bytes that a mail client adds to a message, or takes from it, at most: a few fields of the header.

A twentieth of the size may come on top, for line ends.
"""


def queue_of_mail(root: Path, folder: str, queues: Mapping[str, str], known: Collection[str]) -> str | None:
    """The queue that mail in a folder belongs to; None for a folder that is not for mail of queues.

    `queues` has the queue for each folder that has or stands for one, `known` are the folders of tickets.
    """
    if is_side_folder(folder):
        return None
    if folder in queues:
        return queues[folder]
    if is_archive(folder) and queue_of(folder) in queues:
        return queue_of(folder)
    # Of a queue that is no longer configured.
    is_own = folder in known or (maildir.folder_path(root, folder) / tickets.FILE).exists()
    return queue_of(folder) if is_own else None


def find_lost(folders: Folders, folder: str) -> Iterator[LostMessage]:
    """The messages of a folder's tickets that are not there as their ticket has them, or are although noted as gone."""
    folders.places(folder)  # one listing, and not one for each message with unusual flags
    for ticket in folders.tickets_in(folder):
        for message in ticket.messages:
            try:
                found = folders.measure(folder, message.key)
            except UnreadableMessageError:  # `check` tells; whoever can read the file may find the message in it
                continue
            is_noted = note_of_loss(message.key) in ticket.problems
            if is_noted or found != (message.size, message.digest):
                waits = Waiting(folder, message.key)
                instead = Stray(waits, queue_of(folder), is_archive(folder), "ticket") if found else None
                yield LostMessage(ticket.id, message, is_noted, instead)


def find_strays(folders: Folders, queues: Mapping[str, str]) -> Iterator[Stray]:
    """The messages in the folders of queues, and in those that stand for one, that belong to no ticket there."""
    counts = folders.catalogue.count_by_folder()
    for folder in maildir.list_folders(folders.root):
        queue = queue_of_mail(folders.root, folder, queues, counts)
        if queue is not None:
            known = _keys_of_tickets(folders, folder) if folder in counts else ()
            for key in sorted(folders.places(folder).keys() - known):
                yield Stray(Waiting(folder, key), queue, is_archive(folder), "queue")


def find_elsewhere(folders: Folders, queues: Mapping[str, str], lost: Iterable[LostMessage]) -> Iterator[Stray]:
    """What lies in all other folders and may be one of these messages, by its name or its size."""
    messages = [each.message for each in lost]
    keys = {message.key for message in messages}
    sizes = sorted({message.size for message in messages})
    counts = folders.catalogue.count_by_folder()
    for folder in (INBOX, *maildir.list_folders(folders.root)):
        if queue_of_mail(folders.root, folder, queues, counts) is None:
            is_own = folder == INBOX or is_side_folder(folder)
            for key in sorted(folders.places(folder)):
                if key in keys or _is_about(folders, folder, key, sizes):
                    yield Stray(Waiting(folder, key), "", False, "desk" if is_own else "foreign")


def _keys_of_tickets(folders: Folders, folder: str) -> set[str]:
    return {message.key for ticket in folders.tickets_in(folder) for message in ticket.messages}


def _is_about(folders: Folders, folder: str, key: str, sizes: Sequence[int]) -> bool:
    """Whether a message has one of these sizes (in order), or may have had one before a mail client rewrote it."""
    path = folders.path_of(folder, key)
    try:
        size = path.stat().st_size if path is not None else -1
    except OSError:
        return False
    # The next size below and the next one above: the spread grows more slowly than the distance.
    nearest = sizes[max(0, (at := bisect_left(sizes, size)) - 1) : at + 1]
    return any(abs(size - known) <= _SPREAD + known // 20 for known in nearest)
