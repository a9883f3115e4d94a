"""The folders of a desk as of one operation: metadata, messages, and the current places of messages.

Private to the store. Each folder is read at most once, so that a snapshot costs no more than what it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from supportctl.errors import DataError, NotFoundError, TemporaryError
from supportctl.store import maildir
from supportctl.store.catalogue import Catalogue
from supportctl.store.head import Head
from supportctl.store.layout import Layout

if TYPE_CHECKING:
    from supportctl.model import Ticket
    from supportctl.store.documents import Document
    from supportctl.store.exchange import StoredMessage
    from supportctl.store.log import Operation
    from supportctl.store.waiting import WaitingOperation

T = TypeVar("T")


class StaleCatalogueError(TemporaryError):
    """The catalogue is not at the end of the log; only a writer can bring it there."""


class Folders:
    """The folders, the catalogue and the log of a desk, all as of one `head`.

    `waiting` is the operation after that one, where it may be applied in part.
    """

    def __init__(
        self, layout: Layout, catalogue: Catalogue, head: Head, waiting: WaitingOperation | None = None
    ) -> None:
        self.layout = layout
        self.head = head
        self.waiting = waiting
        self._catalogue = catalogue
        # Checked with the first question: many snapshots never ask the catalogue, and do not open its file.
        self._is_current = False
        self._is_strict = False
        self._tables: dict[str, dict[str, Document]] = {}
        self._documents: dict[str, dict[str, Document]] = {}
        self._places: dict[str, dict[str, str]] = {}
        self._keys: dict[str, dict[str, str]] = {}

    @property
    def root(self) -> Path:
        """The desk's Maildir."""
        return self.layout.root

    def progress(self) -> list[object]:
        """What changes when somebody writes meanwhile, where the lock is not held."""
        head = self.layout.head
        return [
            head.stat().st_ino if head.exists() else 0,
            *(self.waiting.progress() if self.waiting is not None else ()),
        ]

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue; raises StaleCatalogueError unless it is as of `head`."""
        if not self._is_current:
            if self._catalogue.position() != (self.head.op, self.head.hash):
                raise StaleCatalogueError("the catalogue is behind the log", "run supportctl check --repair")
            self._is_current = True
        return self._catalogue

    def documents(self, folder: str) -> dict[str, Document]:
        """The metadata of a folder as documents, by ticket id."""
        if folder not in self._documents:
            table = self._tables[folder] = self.table(folder)
            self._documents[folder] = {document["id"]: document for document in table.values()}
        return self._documents[folder]

    def table(self, folder: str) -> dict[str, Document]:
        """The metadata of a folder by TinyDB document id, not kept in memory: an archive has many folders.

        Raises DataError where the metadata are damaged, or gone although the folder has tickets.
        """
        if folder in self._tables:
            return self._tables[folder]
        if self.waiting is not None:
            return self.waiting.table(folder)
        from supportctl.store import tickets

        path = maildir.folder_path(self.root, folder) / tickets.FILE
        documents, op = tickets.read_table(path)
        # A missing file is an empty folder, unless the catalogue knows better: else a lost file would lose tickets.
        if not documents and not path.exists() and self.catalogue.count_in(folder):
            raise DataError(f"{path} is missing", "supportctl check --repair rebuilds the file from the log")
        if self._is_strict:
            self._require_current(path, folder, documents, op)
        return documents

    def require_current_tables(self) -> None:
        """Let `table` raise DataError for metadata of another time: a plan would log their values as the old ones."""
        self._is_strict = True

    def replace_tables(self, tables: dict[str, dict[str, Document]]) -> None:
        """Take documents by ticket id for those of folders, whatever the files have."""
        from supportctl.store.documents import document_number

        for folder, documents in tables.items():
            self._tables[folder] = {str(document_number(name)): document for name, document in documents.items()}
            self._documents[folder] = documents

    def tickets_in(self, folder: str) -> Iterator[Ticket]:
        """The tickets of a folder, in the order of their ids."""
        self.documents(folder)
        table = self._tables[folder]
        # The file has tickets in the order in which they came. All numbers have as many digits, so they sort as text.
        return (_unpack(table[number]) for number in sorted(table))

    def ticket_in(self, folder: str, ticket_id: str) -> Ticket:
        """A ticket of a folder; raises NotFoundError where it is not there."""
        document = self.documents(folder).get(ticket_id)
        if document is None:
            raise unknown_ticket_error(ticket_id)
        return _unpack(document)

    def folder_of(self, ticket_id: str) -> str:
        """The folder of a ticket; raises NotFoundError where there is no such ticket."""
        folder = self.catalogue.folder_of(ticket_id)
        if folder is None:
            raise unknown_ticket_error(ticket_id)
        return folder

    def ticket_with_key(self, folder: str, key: str) -> str | None:
        """The ticket whose message has this key in a folder."""
        if folder not in self._keys:
            self._keys[folder] = {
                message["key"]: name
                for name, document in self.documents(folder).items()
                for message in document["messages"]
            }
        return self._keys[folder].get(key)

    def places(self, folder: str) -> dict[str, str]:
        """The current messages of a folder: key → `new/NAME` or `cur/NAME`."""
        if folder not in self._places:
            self._places[folder] = maildir.list_messages(self.root, folder)
        return self._places[folder]

    def path_of(self, folder: str, key: str) -> Path | None:
        """The current path of a message, or None where it is gone from its folder."""
        path = self._path_in(folder, key)
        if path is None and self.waiting is not None and (end := self.waiting.other_end(folder, key)):
            return self._path_in(*end)
        return path

    def _path_in(self, folder: str, key: str) -> Path | None:
        # Without a listing so far, a look at the likely names is cheaper than listing a large folder.
        if folder in self._places:
            place = self._places[folder].get(key)
            return self.root / (maildir.relative_path(folder) + place) if place else None
        path = maildir.find_message(self.root, folder, key)
        return self.root / path if path else None

    def read_message(self, folder: str, key: str) -> bytes | None:
        """A message's bytes, up to LARGEST_READ, or None where its file is gone.

        Raises UnreadableMessageError.
        """
        from supportctl.store.message_files import read_beginning

        return self._follow(folder, key, read_beginning)

    def read_pieces(self, folder: str, key: str) -> Iterator[bytes] | None:
        """All bytes of a message, piece by piece, or None where its file is gone; raises UnreadableMessageError."""
        from supportctl.store.message_files import open_pieces

        return self._follow(folder, key, open_pieces)

    def measure(self, folder: str, key: str) -> tuple[int, str] | None:
        """The size and the digest of a message, or None where its file is gone; raises UnreadableMessageError."""
        from supportctl.store.message_files import measure

        return self._follow(folder, key, measure)

    def _read_sized(self, folder: str, key: str) -> tuple[bytes, int] | None:
        from supportctl.store.message_files import read_message

        found = self._follow(folder, key, read_message)
        return (found[0], found[1].size) if found else None

    def _follow(self, folder: str, key: str, read: Callable[[str], T]) -> T | None:
        """The result of reading a message's file; a rename by a mail client is followed."""
        for _ in range(3):  # a client renames once or twice (new/ to cur/, flags), not for ever
            path = self.path_of(folder, key)
            if path is None:
                return None
            try:
                return read(str(path))
            except FileNotFoundError:
                self._places.clear()
        return None

    def is_unread(self, folder: str, key: str) -> bool:
        """Whether a message is in a folder and nobody has seen it."""
        place = self.places(folder).get(key)
        if place is None and self.waiting is not None and (path := self.path_of(folder, key)):
            place = f"{path.parent.name}/{path.name}"
        return place is not None and maildir.is_unread(place)

    def _require_current(self, path: Path, folder: str, documents: dict[str, Document], op: int | None) -> None:
        last, count = self.catalogue.last_change_in(folder)
        # A file of an older program does not say which operation wrote it.
        if op != last if op is not None else len(documents) != count:
            raise DataError(f"{path} is not as operation {last} wrote it", "run supportctl check --repair")

    def has_folder(self, folder: str) -> bool:
        """Whether a folder exists on the disk."""
        return maildir.folder_path(self.root, folder).is_dir()

    def operation(self, op: int) -> Operation:
        """An operation of the log by its number; raises NotFoundError where there is none."""
        offset = self.catalogue.offset_of(op)
        if offset is None:
            problem = f"the log has lost operation {op}" if 0 < op < self.head.op else f"no operation {op}"
            raise NotFoundError(problem, "find operations with supportctl log")
        from supportctl.store.log import read_operation

        return read_operation(self.layout.log, *offset)

    def last_number(self) -> int:
        """The number of the last message (`contract.MessageFeed`)."""
        return self.head.ids.message

    def digest_of(self, number: int) -> str | None:
        """The digest of a message by its number, or None where no ticket has it."""
        return self.catalogue.digest_of(number)

    def messages_after(self, number: int) -> Iterator[StoredMessage]:
        """The messages with higher numbers, in order."""
        from supportctl.store.exchange import StoredMessage

        for following, folder, key, digest, date, brought_by in self.catalogue.messages_after(number):
            yield StoredMessage(following, digest, date, brought_by, partial(self._read_sized, folder, key))

    def last_operations(self, queues: Collection[str] | None, account: str) -> Iterator[Operation]:
        """The operations about some queues (None: all) and those of an account, newest first, read one by one."""
        from supportctl.store.log import read_operation

        for offset in self.catalogue.last_offsets(queues, account):
            yield read_operation(self.layout.log, *offset)


def unknown_ticket_error(ticket_id: str) -> NotFoundError:
    """The error for a ticket that does not exist."""
    return NotFoundError(f"no ticket named {ticket_id}", "find tickets with supportctl ls or search")


def _unpack(document: Document) -> Ticket:
    from supportctl.store.documents import unpack_ticket  # not at the top: a search needs no ticket

    return unpack_ticket(document)
