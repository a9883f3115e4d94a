"""One consistent view of the desk: tickets, folders and messages as they are after one operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from supportctl.errors import DataError, NotFoundError, TemporaryError
from supportctl.store import maildir
from supportctl.store.catalogue import Catalogue
from supportctl.store.head import Head
from supportctl.store.layout import CAPACITY, Layout, archive_folder

if TYPE_CHECKING:
    from supportctl.model import Ticket
    from supportctl.store.documents import Document
    from supportctl.store.log import Operation


class StaleCatalogueError(TemporaryError):
    """The catalogue is not where the log is: only a writer can bring it there."""


class Snapshot:
    """What planning and reading see; every folder is read at most once."""

    def __init__(self, layout: Layout, catalogue: Catalogue, head: Head) -> None:
        self.layout = layout
        self.head = head
        self._catalogue = catalogue
        self._is_current = False
        self._tables: dict[str, dict[str, Document]] = {}
        self._documents: dict[str, dict[str, Document]] = {}
        self._places: dict[str, dict[str, str]] = {}
        self._keys: dict[str, dict[str, str]] = {}

    @property
    def root(self) -> Path:
        """The desk's Maildir."""
        return self.layout.root

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue, once it is sure that it is where the log is (else StaleCatalogueError)."""
        if not self._is_current:
            if self._catalogue.position() != (self.head.op, self.head.hash):
                raise StaleCatalogueError("the catalogue is behind the log", "supportctl check --repair")
            self._is_current = True
        return self._catalogue

    def documents(self, folder: str) -> dict[str, Document]:
        """The metadata of a folder by ticket id, as documents."""
        if folder not in self._documents:
            table = self._tables[folder] = self.table(folder)
            self._documents[folder] = {document["id"]: document for document in table.values()}
        return self._documents[folder]

    def table(self, folder: str) -> dict[str, Document]:
        """The metadata of a folder by TinyDB document id; not kept, as an archive has many folders, unless it was.

        Raises DataError where it is damaged, or gone though the folder has tickets.
        """
        if folder in self._tables:
            return self._tables[folder]
        from supportctl.store import tickets

        path = maildir.folder_path(self.root, folder) / tickets.FILE
        table = tickets.read_documents(path)
        if not table and not path.exists() and self.catalogue.count_in(folder):
            raise DataError(f"{path} is gone", "supportctl check --repair brings it back from the log")
        return table

    def tickets_in(self, folder: str) -> Iterator[Ticket]:
        """The tickets of a folder, in the order of their ids."""
        return (_unpack(document) for document in self.documents(folder).values())

    def find(self, ticket_id: str) -> tuple[Ticket, str]:
        """A ticket and its folder.

        Raises NotFoundError where there is no such ticket.
        """
        folder = self.catalogue.folder_of(ticket_id)
        document = self.documents(folder).get(ticket_id) if folder is not None else None
        if folder is None or document is None:
            raise NotFoundError(f"no ticket {ticket_id}", "supportctl ls, or supportctl search")
        return _unpack(document), folder

    def find_many(self, ticket_ids: Sequence[str]) -> Iterator[tuple[str, Ticket | None, str]]:
        """Many tickets with their folders; None for one that does not exist."""
        folders = self.catalogue.folders_of(ticket_ids)
        for name in ticket_ids:
            folder = folders.get(name)
            document = self.documents(folder).get(name) if folder is not None else None
            yield name, _unpack(document) if document else None, folder or ""

    def ticket_with_key(self, folder: str, key: str) -> str | None:
        """The ticket that has the message with this key in a folder."""
        if folder not in self._keys:
            self._keys[folder] = {
                message["key"]: name
                for name, document in self.documents(folder).items()
                for message in document["messages"]
            }
        return self._keys[folder].get(key)

    def places(self, folder: str) -> dict[str, str]:
        """The messages that lie in a folder now: key → `new/NAME` or `cur/NAME`."""
        if folder not in self._places:
            self._places[folder] = maildir.list_messages(self.root, folder)
        return self._places[folder]

    def path_of(self, folder: str, key: str) -> Path | None:
        """Where a message lies now, or None where it is gone from its folder."""
        if folder in self._places:
            place = self._places[folder].get(key)
            return self.root / (maildir.relative_path(folder) + place) if place else None
        found = maildir.find_message(self.root, folder, key)
        return self.root / found if found else None

    def read_message(self, folder: str, key: str) -> bytes | None:
        """A message's bytes, or None where its file is gone; a client's rename in between is followed."""
        for _ in range(3):
            path = self.path_of(folder, key)
            if path is None:
                return None
            try:
                return path.read_bytes()
            except FileNotFoundError:
                self._places.pop(folder, None)
        return None

    def is_unread(self, folder: str, ticket: Ticket) -> bool:
        """Whether a ticket has a message that nobody has seen."""
        places = self.places(folder)
        return any(
            maildir.is_unread(places.get(message.key, "")) for message in ticket.messages if message.key in places
        )

    def has_folder(self, folder: str) -> bool:
        """Whether a folder lies on the disk."""
        return (maildir.folder_path(self.root, folder) / "cur").is_dir()

    def archive_with_room(self, queue: str, month: str, taken: dict[str, int]) -> str:
        """The month folder that takes the next closed ticket, `taken` counting what a plan has put in already."""
        part = 1
        while True:
            folder = archive_folder(queue, month, part)
            if self.catalogue.count_in(folder) + taken.get(folder, 0) < CAPACITY:
                return folder
            part += 1

    def operation(self, op: int) -> Operation:
        """An operation of the log.

        Raises NotFoundError where there is none with that number.
        """
        place = self.catalogue.place_of(op)
        if place is None:
            raise NotFoundError(f"no operation {op}", "supportctl log")
        from supportctl.store.log import read_operation

        return read_operation(self.layout.log, *place)

    def last_operations(self) -> Iterator[Operation]:
        """The operations, newest first, read as they are asked for."""
        from supportctl.store.log import read_operation

        for place in self.catalogue.last_places():
            yield read_operation(self.layout.log, *place)


def _unpack(document: Document) -> Ticket:
    from supportctl.store.documents import unpack_ticket  # a search, for one, needs no ticket

    return unpack_ticket(document)
