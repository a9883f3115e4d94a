"""The store: one writer at a time, readers without a lock, and the way every write takes.

A write, in order; a crash at any point leaves what the next command can finish or forget:

1. take the lock; finish what the log has and `head` does not (`_recover`);
2. plan, on the state that this gives (the caller does this);
3. stage all new files under `stage/OP/` and make them durable;
4. append the operation to the log and make it durable: the commit point;
5. apply: its renames, then the catalogue, then replace `head`.

A reader looks whether the log ends where `head` says, reads, and looks again. If anything moved it reads
again; after some tries it waits for the writer and reads under the lock.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from supportctl.errors import DataError, DeskError, NotFoundError, TemporaryError
from supportctl.store import files, log, maildir, tickets
from supportctl.store.applying import apply
from supportctl.store.catalogue import Catalogue
from supportctl.store.changes import Change, record
from supportctl.store.inspection import damaged_folders, read_history
from supportctl.store.layout import Layout
from supportctl.store.log import Head, Ids, Operation, Place
from supportctl.store.staging import Delivery, Stage
from supportctl.store.state import StaleCatalogueError, State

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
        for folder in [*folders, *maildir.SIDE_FOLDERS]:
            path = maildir.folder_path(self.layout.root, folder)
            maildir.make_folder(path)
            maildir.mark_folder(path)
        self.layout.log.mkdir(parents=True, exist_ok=True)
        self.layout.stage.mkdir(exist_ok=True)
        files.sync_folders([self.layout.root, self.layout.state])

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

    def read(self, look: Callable[[State], T]) -> T:
        """What `look` finds in one consistent state; it may be called several times, so it only looks."""
        self.require()
        for attempt in range(_TRIES):
            head = self._settled_head()
            if head is not None:
                try:
                    found = look(State(self.layout, self.catalogue, head))
                except StaleCatalogueError:
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
        self.require()
        with files.locked(self.layout.state, self._wait if wait is None else wait):
            head = self._recover()
            yield Writer(self, State(self.layout, self.catalogue, head))

    def repair(self) -> list[str]:
        """Finish what was begun, even where a mail is lost, and make everything anew that follows from the log.

        Returns what was done, in words. Raises DataError for a damaged log: that nobody can repair.
        """
        self.require()
        with files.locked(self.layout.state, self._wait):
            done = [*self._repair_head(), *self._finish_forcibly()]
            history = read_history(self.layout)
            if history.findings:
                finding = history.findings[0]
                raise DataError(f"{finding.where}: {finding.what}", "bring the log back from a backup")
            head = self._recover()
            state = State(self.layout, self.catalogue, head)
            self.catalogue.discard()
            self._catch_up(head.op, head.hash)
            for folder in damaged_folders(state, history):
                maildir.make_folder(maildir.folder_path(self.layout.root, folder))
                path = maildir.folder_path(self.layout.root, folder) / tickets.FILE
                files.replace(path, tickets.encode(history.folders.get(folder, {})))
                done.append(f".{folder}/{tickets.FILE} was made anew from the log")
        return done

    def _repair_head(self) -> list[str]:
        try:
            log.read_head(self.layout.head)
        except DataError as error:
            self.layout.head.unlink()
            return [error.message + "; made anew from the log"]
        return []

    def _finish_forcibly(self) -> list[str]:
        log.cut_torn_line(self.layout.log)
        return [
            f"operation {operation.op} is finished, but {source} is lost"
            for place, operation in self.unfinished()
            for source, _ in self.finish(operation, place, skip_lost=True)
        ]

    def finish(
        self, operation: Operation, place: Place, previous: Head | None = None, *, skip_lost: bool = False
    ) -> list[tuple[str, str]]:
        """Apply a committed operation; returns the renames of mails that are lost (see `apply`).

        `previous` is where the log ended before it, if that is known: then it is not looked up.
        """
        lost = apply(self.layout.root, operation.renames, skip_lost=skip_lost)
        if previous and self.catalogue.position() == (previous.op, previous.hash):
            self.catalogue.catch_up([(place, operation)])
        else:
            self._catch_up(operation.op, operation.hash)
        log.write_head(self.layout.head, _head_after(operation, place))
        return lost

    def unfinished(self) -> list[tuple[Place, Operation]]:
        """The operations that the log has and `head` does not, made durable; only under the lock."""
        head = self._read_head()
        found = list(log.read_operations(self.layout.log, head.log, head.end))
        for place, _ in found:  # their writer may have died before it had synced them
            files.sync(self.layout.log / place.log)
            files.sync(self.layout.log)
        return found

    def _settled_head(self) -> Head | None:
        """The head, if nothing waits to be applied; else None."""
        head = log.read_head(self.layout.head) or Head()
        return head if log.is_applied(self.layout.log, head) else None

    def _recover(self) -> Head:
        log.cut_torn_line(self.layout.log)
        for place, operation in self.unfinished():
            self.finish(operation, place)
        head = self._read_head()
        self._catch_up(head.op, head.hash)
        for left in self.layout.stage.glob("*"):
            shutil.rmtree(left)
        return head

    def _read_head(self) -> Head:
        head = log.read_head(self.layout.head)
        return head if head is not None else self._head_from_log()

    def _head_from_log(self) -> Head:
        """The head before the log's last operation: applying that one again does no harm."""
        head = Head()
        previous = Head()
        for place, operation in log.read_operations(self.layout.log):
            previous, head = head, _head_after(operation, place)
        return previous

    def _catch_up(self, op: int, digest: str) -> None:
        known, known_digest = self.catalogue.position()
        if (known, known_digest) == (op, digest):
            return
        place = self.catalogue.place_of(known) if known else ("", 0)
        if known > op or place is None or not self._has(place, known, known_digest):
            self.catalogue.discard()
            known, place = 0, ("", 0)
        following = log.read_operations(self.layout.log, *place)
        self.catalogue.catch_up((spot, operation) for spot, operation in following if known < operation.op <= op)

    def _has(self, place: tuple[str, int], op: int, digest: str) -> bool:
        """Whether the log still has an operation where the catalogue saw it."""
        if op == 0:
            return True
        path = self.layout.log / place[0]
        if not path.exists() or path.stat().st_size <= place[1]:
            return False
        try:
            operation = log.read_operation(self.layout.log, *place)
        except DeskError:
            return False
        return (operation.op, operation.hash) == (op, digest)


class Writer:
    """The holder of the lock: plans on `state`, then commits."""

    def __init__(self, store: Store, state: State) -> None:
        self.store = store
        self.state = state
        self.missing: list[str] = []

    def commit(
        self, operation: Operation, changes: list[Change], deliveries: list[Delivery]
    ) -> Operation:
        """Stage, log and apply; returns the operation as it stands in the log.

        `operation` comes without number, changes, renames and hash. Raises TemporaryError when the disk
        fails after the commit point: the next command then finishes it. Before that, any error leaves the
        desk as it was.
        """
        head = self.state.head
        stage = Stage(self.state, head.op + 1)
        stage.open()
        try:
            stage.prepare(changes, deliveries)
            stage.sync()
            operation = replace(
                operation,
                op=head.op + 1,
                group=operation.group or head.op + 1,
                changes=[record(change) for change in changes],
                renames=stage.renames,
            )
        except BaseException:
            stage.close()
            raise
        # From here on the stage belongs to the log's line: whether that is there, the next writer finds out.
        operation, place = self._append(operation)
        self._finish(operation, place)
        stage.close()
        self.missing.extend(stage.missing)
        self.state = State(self.store.layout, self.store.catalogue, _head_after(operation, place))
        return operation

    def _append(self, operation: Operation) -> tuple[Operation, Place]:
        name = f"{operation.ids.month}.jsonl"
        path = self.store.layout.log / name
        line, digest = log.encode(operation, self.state.head.hash)
        end = files.append(path, line)
        return replace(operation, hash=digest), Place(name, end - len(line), end)

    def _finish(self, operation: Operation, place: Place) -> None:
        from sqlite3 import Error as DatabaseError

        try:
            self.store.finish(operation, place, self.state.head)
        except (OSError, DatabaseError) as error:
            raise TemporaryError(
                f"operation {operation.op} is committed, but not finished: {error}",
                "the next supportctl command finishes it",
            ) from error


def next_ids(head: Head, month: str) -> Ids:
    """The ids to go on from; the month never runs backwards, even when the clock does."""
    return replace(head.ids, month=max(month, head.ids.month))


def _head_after(operation: Operation, place: Place) -> Head:
    return Head(place.log, place.end, operation.op, operation.hash, operation.ids)


def is_writable(root: Path) -> bool:
    """Whether the caller may write to a desk at all."""
    return os.access(root, os.W_OK | os.X_OK)
