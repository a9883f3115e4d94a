"""The store: one writer at a time, readers without a lock, and the way every write takes.

A write, in order; a crash at any point leaves what the next command can finish or forget:

1. take the lock; finish what the log has and `head` does not (`recovery.py`);
2. plan, on the state that this gives (the caller does this);
3. stage all new files under `stage/OP/` and make them durable (`staging.py`);
4. append the operation to the log and make it durable: the commit point (`writing.py`);
5. apply: its renames (`applying.py`), then the catalogue, then replace `head`.

A reader looks whether the log ends where `head` says, reads, and looks again. If anything moved it reads
again; after some tries it waits for the writer and reads under the lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from supportctl.errors import DeskError, NotFoundError, TemporaryError
from supportctl.store import files, maildir
from supportctl.store.cache_errors import database_errors, is_damage
from supportctl.store.catalogue import Catalogue
from supportctl.store.head import Head, is_applied, read_head
from supportctl.store.layout import Layout
from supportctl.store.snapshot import Snapshot, StaleCatalogueError

if TYPE_CHECKING:
    from supportctl.store.transaction import Writer

T = TypeVar("T")
_TRIES = 20


class Store:
    """A desk's files."""

    def __init__(self, root: Path, wait: float = 30) -> None:
        self.layout = Layout(root)
        self.catalogue = Catalogue(self.layout.catalogue)
        self._wait = wait

    def create(self, folders: list[str]) -> None:
        """Make a desk's folders and state; what is there already stays as it is."""
        maildir.make_folder(self.layout.root)
        paths = [maildir.folder_path(self.layout.root, folder) for folder in (*folders, *maildir.SIDE_FOLDERS)]
        for path in paths:
            maildir.make_folder(path)
            maildir.mark_folder(path)
        self.layout.log.mkdir(parents=True, exist_ok=True)
        self.layout.stage.mkdir(exist_ok=True)
        files.sync_folders([self.layout.root, self.layout.state, *paths])

    def require(self) -> None:
        """Raise NotFoundError where no desk lies."""
        if not self.layout.log.is_dir():
            raise NotFoundError(f"no desk at {self.layout.root}", "supportctl init makes one")

    def accept(self, content: bytes) -> str:
        """Put a mail into the INBOX, durably, without the lock; returns its key. It is there or it is not."""
        self.require()
        key = maildir.make_key()
        draft, place = self.layout.root / "tmp" / key, self.layout.root / "new" / key
        try:
            files.write(draft, content, like=self.layout.root)
            files.sync(draft)
            files.move(str(draft), str(place))
        finally:
            draft.unlink(missing_ok=True)  # a piece of it, where the disk is full
        files.sync_folders([place.parent])
        return key

    def flag(self, folder: str, place: str, flag: str) -> bool:
        """Set a flag on a message by one rename, without the lock; False where that can't be done."""
        wanted = maildir.with_flag(place, flag)
        if wanted == place:
            return True
        box = maildir.folder_path(self.layout.root, folder)
        try:
            return files.move(str(box / place), str(box / wanted))
        except OSError:
            return False

    def read(self, look: Callable[[Snapshot], T]) -> T:
        """What `look` finds in one consistent state; it may be called several times, so it only looks."""
        self.require()
        for attempt in range(_TRIES):
            head = self._settled_head()
            if head is not None:
                try:
                    found = look(Snapshot(self.layout, self.catalogue, head))
                except database_errors(StaleCatalogueError) as error:
                    if is_damage(error):
                        self.discard_damaged_catalogue()
                    break
                except (OSError, DeskError):
                    if self._settled_head() == head:
                        raise
                else:
                    if self._settled_head() == head:
                        return found
            time.sleep(0.001 * attempt)
        with self.writing() as writer:
            return look(writer.state)

    @contextmanager
    def writing(self, wait: float | None = None) -> Iterator[Writer]:
        """Hold the lock, with everything that was begun before finished.

        Raises TemporaryError when the lock can't be had in time.
        """
        from supportctl.store.recovery import Recovery
        from supportctl.store.transaction import Writer

        self.require()
        with files.locked(self.layout.state, self._wait if wait is None else wait), _told_of_the_catalogue():
            recovery = Recovery(self.layout, self.catalogue)
            yield Writer(recovery, Snapshot(self.layout, self.catalogue, recovery.recover()))

    def repair(self) -> list[str]:
        """Finish what was begun, even where a mail is lost, and make everything anew that follows from the log.

        Returns what was done, in words. Raises DataError for a damaged log: that nobody can repair.
        """
        from supportctl.store.recovery import Recovery

        self.require()
        with files.locked(self.layout.state, self._wait):
            return Recovery(self.layout, self.catalogue).repair()

    def discard_damaged_catalogue(self) -> bool:
        """Throw the catalogue away if it is damaged, so that who reads next makes it anew; whether it was."""
        with self.writing():
            is_damaged = not self.catalogue.is_sound()
            if is_damaged:
                self.catalogue.discard()
        return is_damaged

    def _settled_head(self) -> Head | None:
        """The head, if nothing waits to be applied; else None."""
        head = read_head(self.layout.head) or Head()
        return head if is_applied(head, self.layout.log) else None


@contextmanager
def _told_of_the_catalogue() -> Iterator[None]:
    """Turn what SQLite raises (a full disk, a lock, damage) into TemporaryError: the catalogue is but a cache."""
    try:
        yield
    except database_errors() as error:
        hint = "is the disk full? supportctl check --repair makes it anew"
        raise TemporaryError(f"the catalogue can't be used: {error}", hint) from error
