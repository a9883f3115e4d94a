"""A desk's files: one writer at a time, readers without a lock, and the order of every write (`contract.Store`).

A write, in order; after a crash at any point the next command finishes or discards it:

1. take the lock; finish what is in the log and not in `head` (`recovery.py`);
2. plan, on the whole desk (`planning.py`); the caller does this, and checks the rights;
3. write all new files to `stage/OP/` and make them durable (`stage.py`);
4. append the operation to the log and make it durable: the commit point (`transaction.py`);
5. apply: do its renames (`apply.py`), then update the catalogue, then replace `head`.

A reader checks that the log ends where `head` says, reads, and checks again. If the log has moved, it reads again;
after some attempts it waits for the writer and reads under the lock, which finishes what a dead writer has left.

Where that can't be finished now (another process has the lock, the disk is full, the reader may not write), the reader
is shown the desk as of the last operation that is applied, and told so: metadata that the waiting operation has
replaced already are taken back to what they were, and a message is looked for at both ends of its rename
(`waiting.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from supportctl.errors import DataError, DeniedError, DeskError, NotFoundError, TemporaryError
from supportctl.model import OUTBOX, SIDE_FOLDERS
from supportctl.store import durable, maildir
from supportctl.store.cache_errors import CacheTroubleError
from supportctl.store.catalogue import Catalogue
from supportctl.store.disk_errors import explained, explained_each
from supportctl.store.folders import Folders, StaleCatalogueError
from supportctl.store.head import Head, is_applied, read_head
from supportctl.store.layout import Layout
from supportctl.store.snapshot import FolderSnapshot

if TYPE_CHECKING:
    from pathlib import Path

    from supportctl.model import LeftMessage, Message, RawMessage, Ticket
    from supportctl.store.contract import MessageFeed
    from supportctl.store.exchange import Claim
    from supportctl.store.log import Operation
    from supportctl.store.planning import FolderPlanning
    from supportctl.store.transaction import FolderWriter
    from supportctl.store.verify import Finding

T = TypeVar("T")
_TRIES = 20
_CLAIMS = 5
"""How often a message that is to be sent is looked for: a mail client may rename it between look and claim."""
_PATIENCE = 2.0
"""The number of seconds that a reader waits for a writer, before it makes do with the desk as it was."""


class FolderStore:
    """A desk's files below the Maildir `root`; a writer waits up to `wait` seconds for another one.

    `tell` is what warnings go to that are about the desk and not about one result.
    """

    def __init__(self, root: Path, wait: float = 30, tell: Callable[[str], None] = lambda _: None) -> None:
        self._layout = Layout(root)
        self._catalogue = Catalogue(self._layout.catalogue)
        self._wait = wait
        self.tell = tell
        self._told: set[str] = set()

    @property
    def root(self) -> Path:
        """The desk's Maildir."""
        return self._layout.root

    @property
    def index_files(self) -> tuple[Path, Catalogue]:
        """The file of the full text and the catalogue: a pair that the index reads together."""
        with explained():
            durable.clear_database(self._layout.text)
        return self._layout.text, self._catalogue

    @explained()
    def create(self, queues: list[str]) -> None:
        """Create a desk's folders and state; what exists already stays as it is."""
        self._require_known_format()
        maildir.make_folder(self.root)
        paths = [maildir.folder_path(self.root, folder) for folder in (*queues, *SIDE_FOLDERS)]
        for path in paths:
            maildir.make_folder(path)
            maildir.mark_folder(path)
        # After the folders: where there is a state, there is a desk (`_require_desk`).
        self._layout.log.mkdir(parents=True, exist_ok=True)
        self._layout.stage.mkdir(exist_ok=True)
        durable.sync_folders([self.root, self._layout.state, *paths])

    @explained()
    def accept(self, pieces: Iterable[bytes], envelope: str = "") -> str:
        """Put a message into the INBOX, durably and as a whole or not at all, without the lock; return its key.

        `envelope` is what the name says until the message is taken in: name and bytes come by one rename.
        """
        with self._draft(pieces) as draft:
            arrived = self.root / "new" / maildir.with_envelope(draft.name, envelope)
            # Before the rename: a name in new/ promises the whole message, even after a power failure.
            durable.sync(draft)
            durable.move_path(str(draft), str(arrived))
        # Before the caller answers a mail server, which then forgets the message.
        durable.sync_folders([arrived.parent])
        return arrived.name

    @contextmanager
    def hold(self, pieces: Iterable[bytes], name: str) -> Iterator[RawMessage]:
        """A message on its way in, called `name`, with its bytes in a file of the desk that is gone afterwards."""
        from supportctl.model import RawMessage
        from supportctl.store import message_files

        with self._draft(pieces) as draft:
            yield RawMessage(name, *message_files.read_message(str(draft)))

    @contextmanager
    def _draft(self, pieces: Iterable[bytes]) -> Iterator[Path]:
        """A file in the INBOX's tmp/ with these bytes, which is removed afterwards unless it was moved."""
        from supportctl.store import readiness

        self._require_desk()
        self._require_known_format()
        for path in readiness.complete_parts(self.root):
            self.tell(f"what was in the way is now {path.relative_to(self.root)}")
        pieces = iter(pieces)
        # Before there is a file: whoever is stopped until then leaves nothing of a small message.
        first = next(pieces, b"")
        draft = self.root / "tmp" / maildir.make_key()
        try:
            durable.write_pieces(draft, chain([first], pieces), like=self.root)
            yield draft
        finally:
            draft.unlink(missing_ok=True)  # part of a message, where the disk is full

    def inbox(self) -> Iterator[RawMessage | LeftMessage]:
        """The messages of the INBOX, oldest first, without those that another process takes away meanwhile."""
        self._require_desk()
        return explained_each(maildir.read_messages(self.root, is_inbox=True))

    def mark(self, ticket: Ticket, messages: Iterable[Message], flags: str) -> None:
        """Set flags on messages, as a mail client does; a message that can't be marked stays as it is."""
        for path in self._read(lambda folders: self._paths(folders, ticket, messages)):
            target = path.parents[1] / maildir.with_flags(f"{path.parent.name}/{path.name}", flags)
            if target != path:
                # A flag is no operation: it is not worth an error, on a desk that one may only read, say.
                with suppress(OSError):
                    durable.move_path(str(path), str(target))

    def read(self, look: Callable[[FolderSnapshot], T], readable: Collection[str], account: str) -> T:
        """The result of `look` on one consistent snapshot; `look` may run several times, so it only looks."""
        return self._read(lambda folders: look(FolderSnapshot(folders, readable, account)))

    def plan(self, look: Callable[[FolderPlanning], T]) -> T:
        """The result of `look` on the whole desk, for a plan that is not carried out."""
        from supportctl.store.planning import FolderPlanning

        return self._read(lambda folders: look(FolderPlanning(folders)))

    def feed(self, look: Callable[[MessageFeed], T]) -> T:
        """The result of `look` on all messages, for the full text."""
        return self._read(look)

    @contextmanager
    def writing(self, wait: float | None = None) -> Iterator[FolderWriter]:
        """Hold the lock, with all earlier operations finished.

        `wait` is in seconds, None for the store's own. Raises TemporaryError where another writer holds the lock
        longer.
        """
        from supportctl.store.lock import locked
        from supportctl.store.recovery import Recovery
        from supportctl.store.transaction import FolderWriter

        self._require_desk()
        with explained(), locked(self._layout.state, self._wait if wait is None else wait):
            # Before anything is planned: a plan on a state that is half applied would be wrong.
            recovery = Recovery(self._layout, self._catalogue)
            writer = FolderWriter(recovery, recovery.recover())
            for remark in recovery.remarks:
                self.tell(f"{remark.ticket}: {remark.text}")
            recovery.remarks.clear()
            yield writer

    @explained()
    def claim(self, key: str) -> Claim | None:
        """A message of the outbox to send, without the lock; None where another process has claimed it, or it is gone.

        Raises UnreadableMessageError for a file that can't be sent.
        """
        from supportctl.store.claims import claim_file

        for _ in range(_CLAIMS):
            place = maildir.find_message(self.root, OUTBOX, key)
            with suppress(FileNotFoundError):  # a mail client may rename it meanwhile
                return claim_file(f"{self.root}/{place}") if place else None
        return None

    @explained()
    def verify(self, queues: Mapping[str, str]) -> list[Finding]:
        """Everything that is not as it should be, in one consistent state.

        `queues` has the queue for each folder that has or stands for one.
        """
        from supportctl.store.verify import inspect, read_history

        now = int(time.time())

        def look(folders: Folders) -> list[Finding]:
            return list(inspect(folders, read_history(self._layout), queues, now))

        try:
            # Of a desk where an operation waits, why it waits is what is wrong, and is raised.
            return self._read(look, is_finished=True)
        except DataError:
            # A log that is damaged in the middle is shorter or longer than it was as well: say where it is damaged.
            if findings := read_history(self._layout).findings:
                return findings
            raise

    def repair(self, operation: Operation) -> list[str]:
        """Finish what was committed, even where a message is lost, and rebuild everything that follows from the log.

        `operation`, without number, changes and ids, enters what has to be logged: what is known of operations that the
        log has lost, and ids that go on from today where they were ahead of the clock. Returns a sentence for each
        thing done. Raises DataError for a damaged log.
        """
        from supportctl.store.future import return_from_future
        from supportctl.store.lock import locked
        from supportctl.store.recovery import Recovery
        from supportctl.store.rescue import make_up_for_losses

        self._require_desk()
        with explained(), locked(self._layout.state, self._wait):
            recovery = Recovery(self._layout, self._catalogue)
            lost = make_up_for_losses(recovery, operation)
            return [*lost, *recovery.repair(), *return_from_future(recovery, operation)]

    @explained()
    def _read(self, look: Callable[[Folders], T], *, is_finished: bool = False) -> T:
        """The result of `look` on one state of the desk; with `is_finished`, on none that waits for a writer."""
        self._require_desk()
        for attempt in range(_TRIES):
            head = self._settled_head()
            if head is not None:
                try:
                    result = look(Folders(self._layout, self._catalogue, head))
                except (StaleCatalogueError, CacheTroubleError):
                    break  # only a writer can bring the catalogue up to the log
                except (OSError, DeskError):
                    # A file that is gone may have been moved by a writer: an error only if nothing has changed.
                    if self._settled_head() == head:
                        raise
                else:
                    # What was read belongs together only if no operation was committed meanwhile.
                    if self._settled_head() == head:
                        return result
            time.sleep(0.001 * attempt)
        return self._read_locked(look, is_finished)

    def _read_locked(self, look: Callable[[Folders], T], is_finished: bool) -> T:
        """The result of `look` under the lock; where that can't be had now, on the desk before what waits."""
        with ExitStack() as stack:
            try:
                # Under the lock nothing moves, and an operation that a dead writer has left is finished.
                writer = stack.enter_context(self.writing(self._wait if is_finished else min(self._wait, _PATIENCE)))
            except (TemporaryError, DeniedError) as error:
                if is_finished:
                    raise
                reason = error
            else:
                return look(writer.planning.folders)
        return self._read_before(look, reason)

    def _read_before(self, look: Callable[[Folders], T], reason: DeskError) -> T:
        """The result of `look` on the desk as of the last operation that is applied."""
        from supportctl.store.recovery import Recovery
        from supportctl.store.waiting import folders_before

        for _ in range(_TRIES):
            folders = folders_before(Recovery(self._layout, self._catalogue))
            progress = folders.progress()
            try:
                result = look(folders)
            except (OSError, DeskError):
                if folders.progress() == progress:
                    raise
            else:
                if folders.progress() == progress:
                    if folders.waiting is not None:
                        self._tell_once(f"{reason.message}; what you see is the desk before that")
                    return result
        raise reason

    def _tell_once(self, text: str) -> None:
        """Pass a warning on, however often a command looks."""
        if text not in self._told:
            self._told.add(text)
            self.tell(text)

    def _settled_head(self) -> Head | None:
        """The head, or None where an operation is waiting to be applied."""
        with suppress(DataError):  # a damaged head, which a writer rebuilds
            head = read_head(self._layout.head) or Head()
            return head if is_applied(head, self._layout.log) else None
        return None

    def _require_desk(self) -> None:
        """Raise NotFoundError where there is no desk."""
        if not self._layout.state.is_dir():
            raise NotFoundError(f"no desk at {self.root}", "create a desk with supportctl init")

    def _require_known_format(self) -> None:
        """Raise ConfigError where a newer program has written the desk; other problems are not looked at."""
        from supportctl.store.log import require_known_format

        with suppress(DataError, FileNotFoundError):
            require_known_format(self._layout.head, self._layout.log)

    def _paths(self, folders: Folders, ticket: Ticket, messages: Iterable[Message]) -> list[Path]:
        snapshot = FolderSnapshot(folders, None)
        paths = (snapshot.path_of(ticket, message) for message in messages)
        return [path for path in paths if path is not None]
