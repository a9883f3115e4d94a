"""Get an operation ready: write its new files to `stage/OP/`, and list the renames that will put them in place.

Nothing here touches the desk's own files; what a crash leaves in the stage is discarded by the next writer.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from supportctl.model import INBOX, OUTBOX, UNDONE, WITH_TICKET, Ticket
from supportctl.store import durable, maildir, readiness, tickets
from supportctl.store.changes import Change
from supportctl.store.documents import Document, pack_ticket
from supportctl.store.exchange import Delivery, Remark
from supportctl.store.folders import Folders
from supportctl.store.layout import STAGE


class Stage:
    """The stage of one operation: collects renames and new files, then makes the files durable."""

    def __init__(self, folders: Folders, op: int) -> None:
        self.renames: list[tuple[str, str]] = []
        self.remarks: list[Remark] = []
        self._folders = folders
        self._op = op
        self._path = folders.layout.stage / str(op)
        self._prefix = f"{STAGE}/{op}"
        self._written: list[Path] = []
        self._delivered: set[tuple[str, str]] = set()

    def open(self) -> None:
        """Start with an empty stage."""
        self.close()  # the last attempt at this operation may have left something
        if os.path.lexists(self._path.parent) and not self._path.parent.is_dir():
            self._tell_aside(durable.set_aside(self._path.parent))
        if os.path.lexists(self._path):  # something that can't be removed
            self._tell_aside(durable.set_aside(self._path))
        self._path.mkdir(parents=True)

    def prepare(self, changes: list[Change], deliveries: list[Delivery]) -> None:
        """Stage everything that changes and deliveries need: folders, then messages, then metadata."""
        moves = [(change, move) for change in changes for move in moves_of(change)]
        folders = {move.target for _, move in moves} | {delivery.folder for delivery in deliveries}
        folders.update(change.target for change in changes if change.after)
        sources = {move.source for _, move in moves} | {
            delivery.waits.folder for delivery in deliveries if delivery.waits
        }
        fresh = self._ready(folders, sources)
        # Folders first: the renames are done in this order, and a message needs the folder that it goes to.
        for folder in sorted(fresh):
            self._stage_folder(folder)
        for delivery in deliveries:
            self._deliver(delivery)
        for change, move in moves:
            self._move(change, move)
        for folder, (changed, removed) in sorted(_tables(changes).items()):
            self._stage_table(folder, changed, removed, is_fresh=folder in fresh)

    def _ready(self, folders: set[str], sources: set[str]) -> set[str]:
        """Make sure that the renames of an operation can be done; return the folders that do not exist yet."""
        root = self._folders.root
        existing = {folder for folder in folders | sources if self._folders.has_folder(folder)}
        fresh = folders - existing
        for path in (maildir.folder_path(root, folder) for folder in sorted(existing)):
            for aside in readiness.complete_parts(path):
                self._tell_aside(aside)
            readiness.require_renames(path, self._path)
        for path in (maildir.folder_path(root, folder) for folder in sorted(fresh)):
            readiness.require_renames(root, self._path)
            # Without the dot it is no folder of mail, whatever it is or, as a link, leads to.
            if os.path.lexists(path):
                self._tell_aside(durable.set_aside(path, path.name.removeprefix(".")))
        return fresh

    def _tell_aside(self, path: Path) -> None:
        self.remarks.append(Remark("the desk", f"what was in the way is now {path.relative_to(self._folders.root)}"))

    def sync(self) -> None:
        """Make everything in the stage durable."""
        if self._written:
            durable.sync_many(self._path, self._written)
            durable.sync(self._path.parent)  # which has the name of the stage itself

    def close(self) -> None:
        """Remove the stage."""
        with suppress(OSError):  # the next writer tries again
            durable.remove_tree(self._path)

    def _stage_folder(self, folder: str) -> None:
        path = self._path / f"folder.{folder}"
        maildir.make_folder(path)
        # Like the desk itself, whatever the umask: with the setgid bit, so that the group's mail stays the group's.
        mode = self._folders.root.stat().st_mode & 0o2777
        for part in (path, *(path / name for name in maildir.PARTS)):
            part.chmod(mode)
        # All of it comes by one rename, so that no mail client ever sees a folder without its parts.
        maildir.mark_folder(path)
        self._written.append(path / "maildirfolder")
        self.renames.append((f"{self._prefix}/{path.name}", f".{folder}"))

    def _deliver(self, delivery: Delivery) -> None:
        self._delivered.add((delivery.ticket, delivery.key))
        if delivery.waits is not None:
            self._bring(delivery, *delivery.waits)
            return
        name = f"mail.{len(self._written)}"
        pieces = maildir.read_pieces(delivery.whole) if delivery.whole else (delivery.raw or b"",)
        durable.write_pieces(self._path / name, pieces, like=self._folders.root)
        self._written.append(self._path / name)
        target = maildir.relative_path(delivery.folder) + maildir.place_of(delivery.key, delivery.flags)
        self.renames.append((f"{self._prefix}/{name}", target))

    def _bring(self, delivery: Delivery, folder: str, key: str) -> None:
        """List the rename of a message that lies on the desk already."""
        self._rename(delivery.ticket, Move(folder, delivery.folder, key, delivery.key))

    def _move(self, change: Change, move: Move) -> None:
        if (change.ticket.id, move.new_key) in self._delivered:
            return
        self._rename(change.ticket.id, move)

    def _rename(self, ticket: str, move: Move) -> None:
        place = self._folders.places(move.source).get(move.old_key)
        # Deleted by a mail client. The rest goes on, since one lost message must not keep others from being moved.
        if place is None:
            if {move.source, move.target} != {OUTBOX, UNDONE}:  # of what is gone from there, undo tells itself
                text = f"message {move.old_key} is missing from {move.source or 'INBOX'}"
                self.remarks.append(Remark(ticket, text))
            return
        source = maildir.relative_path(move.source) + place
        target = maildir.relative_path(move.target) + _place_after(move, place)
        if source != target:
            readiness.require_name(target)
            self.renames.append((source, target))

    def _stage_table(self, folder: str, changed: dict[str, Document], removed: set[str], *, is_fresh: bool) -> None:
        target = maildir.folder_path(self._folders.root, folder) / tickets.FILE
        content = tickets.rewrite(self._folders.table(folder), changed, removed, self._op)
        if is_fresh:  # it comes with its folder
            path = self._path / f"folder.{folder}" / tickets.FILE
            like = path.parent
        else:
            path = self._path / f"tickets.{folder}"
            like = target if target.exists() else target.parent  # keeps the mode and group that somebody gave the file
            self.renames.append((f"{self._prefix}/{path.name}", f".{folder}/{tickets.FILE}"))
        durable.write(path, content, like=like)
        self._written.append(path)


class Move(NamedTuple):
    """A message that goes from one folder to another, with its key before and after."""

    source: str
    target: str
    old_key: str
    new_key: str


def _place_after(move: Move, place: str) -> str:
    """The place of a message after a move, with its flags."""
    if move.source == INBOX:  # where a name may be anything
        return maildir.place_of(move.new_key, maildir.common_flags(place))
    return maildir.with_key(place, move.new_key, is_same_folder=move.source == move.target)


def moves_of(change: Change) -> Iterator[Move]:
    """The moves that a change makes of messages that are on the desk; new messages are deliveries."""
    before, after = _keys(change.before), _keys(change.after)
    undone = dict(change.undone)
    for number, old in before.items():
        key = after.get(number)
        if key is None:
            yield Move(change.source, UNDONE, old, undone.get(old, old))
        elif (change.source, old) != (change.target, key):
            yield Move(change.source, change.target, old, key)
    yield from _outgoing_moves(change)


def _outgoing_moves(change: Change) -> Iterator[Move]:
    before, after = _places(change.before), _places(change.after)
    for key in sorted(before.keys() | after.keys()):
        # Only the outbox gives and takes: what has left stays where it is, even if its ticket is undone.
        old, new = before.get(key), after.get(key)
        # A reply that has left is a message of the ticket, and a delivery brings it there.
        if old != new and WITH_TICKET not in (old, new) and (OUTBOX in (old, new) or (old and new)):
            yield Move(old or UNDONE, new or UNDONE, key, key)


def _places(ticket: Ticket | None) -> dict[str, str]:
    """The folders of a ticket's outgoing messages by key."""
    return {outgoing.key: outgoing.place for outgoing in ticket.outgoing} if ticket else {}


def _keys(ticket: Ticket | None) -> dict[int, str]:
    """The keys of a ticket's messages by number, since a message keeps its number under another key."""
    return {message.number: message.key for message in ticket.messages} if ticket else {}


def _tables(changes: list[Change]) -> dict[str, tuple[dict[str, Document], set[str]]]:
    """For each folder, the documents that are changed or added, and the ids of the tickets that leave."""
    tables: dict[str, tuple[dict[str, Document], set[str]]] = defaultdict(lambda: ({}, set()))
    for change in changes:
        if change.before is not None and (change.after is None or change.source != change.target):
            tables[change.source][1].add(change.before.id)
        if change.after is not None:
            tables[change.target][0][change.after.id] = pack_ticket(change.after)
    return dict(tables)
