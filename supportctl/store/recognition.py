"""What the messages are that an operation moves: their tickets and digests, out of the log and the catalogue.

A rename in the log names a message by folder and key. Names come back, so a message in doubt is known by its digest,
which the operation itself has for what it brings and takes away, and the catalogue for what only moves.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from supportctl.model import INBOX, OUTBOX
from supportctl.store import maildir
from supportctl.store.catalogue import Catalogue
from supportctl.store.log import Operation, Rename

Place = tuple[str, str]
"""Folder and key."""


class Moved(NamedTuple):
    """A message that an operation moves: its ticket, and its digest ("" for what an earlier version wrote)."""

    ticket: str
    digest: str


class Recognition:
    """The messages of one operation; the catalogue is as of the operation, or of the one before."""

    def __init__(self, operation: Operation, catalogue: Catalogue) -> None:
        self._operation = operation
        self._catalogue = catalogue

    def find(self, rename: Rename) -> Moved | None:
        """The message that a rename moves."""
        source, target = (end_of(path) for path in rename)
        return self._before.get(source) or self._after.get(target)

    def digest_of(self, rename: Rename) -> str:
        """The digest of the message that a rename moves, or ""."""
        found = self.find(rename)
        return found.digest if found else ""

    @cached_property
    def _before(self) -> dict[Place, Moved]:
        return {**({} if self._is_entered else self._catalogued), **self._recorded("from", "drop")}

    @cached_property
    def _after(self) -> dict[Place, Moved]:
        asides = self._operation.asides
        kept = {(aside["to"], aside["key"]): Moved(aside["ticket"], aside["digest"]) for aside in asides}
        return {**(self._catalogued if self._is_entered else {}), **kept, **self._recorded("to", "add")}

    @cached_property
    def _is_entered(self) -> bool:
        """Whether the catalogue has the operation."""
        return self._catalogue.position()[0] >= self._operation.op

    @cached_property
    def _catalogued(self) -> dict[Place, Moved]:
        tickets = [entry["ticket"] for entry in self._operation.changes]
        rows = self._catalogue.messages_of(tickets)
        return {(folder, key): Moved(ticket, digest) for folder, key, ticket, digest in rows}

    def _recorded(self, end: str, part: str) -> dict[Place, Moved]:
        """What the changes add to folders, or take from them."""
        found = {}
        for entry in self._operation.changes:
            for row in entry.get("messages", {}).get(part, ()):
                found[entry[end], row["key"]] = Moved(entry["ticket"], row["digest"])
            for row in entry.get("outgoing", {}).get(part, ()):
                found[row.get("folder", OUTBOX), row["key"]] = Moved(entry["ticket"], row.get("digest", ""))
        return found


def end_of(path: str) -> Place:
    """Folder and key of a message, by its path at an end of a rename."""
    part, _, name = path.rpartition("/")
    folder = part[:-4].removeprefix(".") if part[:-3] else INBOX
    return folder, maildir.key_of(name)
