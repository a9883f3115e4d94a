"""Bringing a desk to where its log is: after a crash, after a cache was lost, after a repair by hand.

Only the holder of the lock does this. What the log has and `head` does not is finished; what never was
committed is forgotten.
"""

from __future__ import annotations

from supportctl.errors import DataError, DeskError
from supportctl.store import files, log, maildir, tickets
from supportctl.store.apply import apply
from supportctl.store.catalogue import Catalogue
from supportctl.store.head import Head, read_head, write_head
from supportctl.store.layout import Layout
from supportctl.store.log import Operation, Place
from supportctl.store.snapshot import Snapshot


class Recovery:
    """The way of a desk's files to where its log is."""

    def __init__(self, layout: Layout, catalogue: Catalogue) -> None:
        self.layout = layout
        self.catalogue = catalogue

    def recover(self) -> Head:
        """Finish what was begun, forget what was not committed; returns the head after that."""
        log.cut_torn_line(self.layout.log)
        for place, operation in self._unfinished():
            self.finish(operation, place)
        head = self._read_head()
        self._catch_up(head.op, head.hash)
        if self.layout.stage.exists():  # like all that is no mail and no log, it may have been deleted
            for left in list(self.layout.stage.iterdir()):
                files.remove_tree(left)
        return head

    def repair(self) -> list[str]:
        """Finish what was begun, even where a mail is lost, and make everything anew that follows from the log.

        Returns what was done, in words. Raises DataError for a damaged log: that nobody can repair.
        """
        from supportctl.store.verify import damaged_folders, read_history

        done = [*self._repair_head(), *self._finish_forcibly()]
        history = read_history(self.layout)
        if history.findings:
            finding = history.findings[0]
            raise DataError(f"{finding.where}: {finding.what}", "bring the log back from a backup")
        head = self.recover()
        self.catalogue.discard()
        self._catch_up(head.op, head.hash)
        for folder in damaged_folders(Snapshot(self.layout, self.catalogue, head), history):
            maildir.make_folder(maildir.folder_path(self.layout.root, folder))
            path = maildir.folder_path(self.layout.root, folder) / tickets.FILE
            files.replace(path, tickets.encode(history.folders.get(folder, {})))
            done.append(f".{folder}/{tickets.FILE} was made anew from the log")
        return done

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
        write_head(self.layout.head, head_after(operation, place))
        return lost

    def _repair_head(self) -> list[str]:
        try:
            read_head(self.layout.head)
        except DataError as error:
            self.layout.head.unlink()
            return [error.message + "; made anew from the log"]
        return []

    def _finish_forcibly(self) -> list[str]:
        log.cut_torn_line(self.layout.log)
        return [
            f"operation {operation.op} is finished, but {source} is lost"
            for place, operation in self._unfinished()
            for source, _ in self.finish(operation, place, skip_lost=True)
        ]

    def _unfinished(self) -> list[tuple[Place, Operation]]:
        """The operations that the log has and `head` does not, made durable."""
        head = self._read_head()
        found = list(log.read_operations(self.layout.log, head.log, head.end))
        for place, _ in found:  # their writer may have died before it had synced them
            files.sync(self.layout.log / place.log)
            files.sync(self.layout.log)
        return found

    def _read_head(self) -> Head:
        head = read_head(self.layout.head)
        return head if head is not None else self._head_from_log()

    def _head_from_log(self) -> Head:
        """The head before the log's last operation: applying that one again does no harm."""
        head = Head()
        previous = Head()
        for place, operation in log.read_operations(self.layout.log):
            previous, head = head, head_after(operation, place)
        return previous

    def _catch_up(self, op: int, digest: str) -> None:
        known, known_digest = self.catalogue.position()
        if (known, known_digest) == (op, digest):
            return
        place = self.catalogue.place_of(known) if known > 0 else ("", 0)
        if known < 0 or known > op or place is None or not self._has(place, known, known_digest):
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


def head_after(operation: Operation, place: Place) -> Head:
    """The head once an operation is applied."""
    return Head(place.log, place.end, operation.op, operation.hash, operation.ids)
