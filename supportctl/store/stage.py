"""Getting an operation ready: its new files in `stage/OP/`, and the renames that will put them in place.

Nothing here touches the desk's own files; what a crash leaves in the stage is thrown away by the next writer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from supportctl.model import Ticket
from supportctl.store import files, maildir, tickets
from supportctl.store.changes import Change
from supportctl.store.documents import Document, pack_ticket
from supportctl.store.snapshot import Snapshot


class Delivery(NamedTuple):
    """A mail that comes into a folder, at `new/NAME` or `cur/NAME`.

    Either it lies below the desk's root already (`path`) and is renamed, or it is written (`content`).
    `ticket` is the one that it comes for, if any.
    """

    folder: str
    place: str
    path: str = ""
    content: bytes | None = None
    ticket: str = ""

    @property
    def key(self) -> str:
        """The message's key."""
        return maildir.key_of(self.place.partition("/")[2])


class Stage:
    """The stage of one operation: collects renames and staged files, then makes them durable."""

    def __init__(self, state: Snapshot, op: int) -> None:
        self.renames: list[tuple[str, str]] = []
        self.missing: list[str] = []
        self._state = state
        self._path = state.layout.stage / str(op)
        self._prefix = f"{maildir.STATE}/stage/{op}"
        self._written: list[Path] = []
        self._taken: dict[str, set[str]] = defaultdict(set)
        self._delivered: set[tuple[str, str]] = set()

    def open(self) -> None:
        """Start with an empty stage."""
        self.close()
        self._path.mkdir(parents=True)

    def prepare(self, changes: list[Change], deliveries: list[Delivery]) -> None:
        """Stage all that a list of changes needs: folders first, then mails, then metadata."""
        moves = [move for change in changes for move in _moves(change)]
        folders = {move[2] for move in moves} | {delivery.folder for delivery in deliveries}
        folders.update(change.target for change in changes if change.after)
        fresh = {folder for folder in folders - {maildir.INBOX} if not self._state.has_folder(folder)}
        for folder in sorted(fresh):
            self._stage_folder(folder)
        for delivery in deliveries:
            self._deliver(delivery)
        for move in moves:
            self._move(move)
        for folder, (changed, removed) in sorted(_tables(changes).items()):
            self._stage_table(folder, changed, removed, is_fresh=folder in fresh)

    def sync(self) -> None:
        """Make everything staged durable, with one sync of the file system where there is a lot of it."""
        if self._written:
            files.sync_many(self._path, self._written)
            files.sync(self._path.parent)

    def close(self) -> None:
        """Remove the stage; what was to be put in place is in place."""
        with suppress(OSError):  # the next writer tries again
            files.remove_tree(self._path)

    def _stage_folder(self, folder: str) -> None:
        path = self._path / f"folder.{folder}"
        maildir.make_folder(path)
        mode = self._state.root.stat().st_mode & 0o2777
        for part in (path, *(path / name for name in maildir.PARTS)):
            part.chmod(mode)
        maildir.mark_folder(path)
        self._written.append(path / "maildirfolder")
        self.renames.append((f"{self._prefix}/{path.name}", f".{folder}"))

    def _deliver(self, delivery: Delivery) -> None:
        target = maildir.relative_path(delivery.folder) + delivery.place
        self._delivered.add((delivery.ticket, delivery.key))
        self._taken[delivery.folder].add(delivery.key)
        if delivery.content is None:
            self.renames.append((delivery.path, target))
            return
        name = f"mail.{len(self._written)}"
        files.write(self._path / name, delivery.content, like=self._state.root)
        self._written.append(self._path / name)
        self.renames.append((f"{self._prefix}/{name}", target))

    def _move(self, move: Move) -> None:
        change, source, target, key, wanted = move
        if (change.ticket.id, wanted) in self._delivered:
            return
        place = self._state.places(source).get(key)
        if place is None:
            self.missing.append(f"{change.ticket.id}: message {key} is gone from {source or 'INBOX'}")
            return
        name = self._free_key(target, wanted)
        if name != wanted:
            _rename_key(change, wanted, name)
        goal = maildir.relative_path(target) + place.replace(key, name, 1)
        self.renames.append((maildir.relative_path(source) + place, goal))

    def _free_key(self, folder: str, key: str) -> str:
        taken = self._taken[folder]
        if key in taken or key in self._state.places(folder):
            key = maildir.make_key()
        taken.add(key)
        return key

    def _stage_table(self, folder: str, changed: dict[str, Document], removed: set[str], *, is_fresh: bool) -> None:
        target = maildir.folder_path(self._state.root, folder) / tickets.FILE
        content = tickets.rewrite(self._state.table(folder), changed, removed)
        if is_fresh:
            path = self._path / f"folder.{folder}" / tickets.FILE
            like = path.parent
        else:
            path = self._path / f"tickets.{folder}"
            like = target if target.exists() else target.parent
            self.renames.append((f"{self._prefix}/{path.name}", f".{folder}/{tickets.FILE}"))
        files.write(path, content, like=like)
        self._written.append(path)


Move = tuple[Change, str, str, str, str]


def _moves(change: Change) -> Iterable[Move]:
    """The mails that a change moves: (change, from, to, key there, key wanted); messages are known by their number."""
    before, after = _keys(change.before), _keys(change.after)
    for number, key in after.items():
        if number in before or not before:
            old = before.get(number, key)
            if (change.source, old) != (change.target, key):
                yield change, change.source, change.target, old, key
        else:
            yield change, maildir.UNDONE, change.target, key, key
    yield from (
        (change, change.source, maildir.UNDONE, key, key) for number, key in before.items() if number not in after
    )
    yield from _outgoing_moves(change)


def _outgoing_moves(change: Change) -> Iterable[Move]:
    before = {mail.key for mail in change.before.outgoing} if change.before else set()
    after = {mail.key for mail in change.after.outgoing} if change.after else set()
    yield from ((change, maildir.OUTBOX, maildir.UNDONE, key, key) for key in sorted(before - after))
    yield from ((change, maildir.UNDONE, maildir.OUTBOX, key, key) for key in sorted(after - before))


def _keys(ticket: Ticket | None) -> dict[int, str]:
    """The keys of a ticket's messages by number: a message that gets another key stays the same."""
    return {message.number: message.key for message in ticket.messages} if ticket else {}


def _tables(changes: list[Change]) -> dict[str, tuple[dict[str, Document], set[str]]]:
    """What becomes of each folder's metadata: documents that are there afterwards, tickets that are not."""
    tables: dict[str, tuple[dict[str, Document], set[str]]] = defaultdict(lambda: ({}, set()))
    for change in changes:
        if change.before is not None and (change.after is None or change.source != change.target):
            tables[change.source][1].add(change.before.id)
        if change.after is not None:
            tables[change.target][0][change.after.id] = pack_ticket(change.after)
    return dict(tables)


def _rename_key(change: Change, old: str, new: str) -> None:
    if change.after is not None:
        change.after.messages = [
            message._replace(key=new) if message.key == old else message for message in change.after.messages
        ]
