"""Bring a desk to where its log is: after a crash, after the loss of a cache, after a repair by hand.

Only the holder of the lock does this. What is in the log and not in `head` is finished; what was never committed is
discarded. Every step can be interrupted and repeated: applying twice is applying once, the catalogue is rebuilt as a
whole or caught up in one transaction, and `head`, which says that all of it is done, is replaced last.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from supportctl.errors import DataError, DeskError, TemporaryError
from supportctl.store import disk_errors, durable, log, maildir, tickets
from supportctl.store.apply import Applied, apply
from supportctl.store.cache_errors import CacheTroubleError, with_sound_caches
from supportctl.store.catalogue import Catalogue
from supportctl.store.exchange import Remark
from supportctl.store.head import Head, is_in_log, list_logs, read_head, write_head
from supportctl.store.layout import Layout
from supportctl.store.log import LinePosition, LogLine, Operation
from supportctl.store.recognition import Recognition

_RESCUE = "restore supportctl/log from a backup; then, or without a backup, run supportctl check --repair"


class Recovery:
    """The steps that bring a desk's files to the end of its log."""

    def __init__(self, layout: Layout, catalogue: Catalogue) -> None:
        self.layout = layout
        self.catalogue = catalogue
        self.remarks: list[Remark] = []
        """What did not go as planned, to tell whoever runs the command."""

    def recover(self) -> Head:
        """Finish what was committed, discard what was not; return the head after that."""
        head = self._finish_unfinished()
        self._catch_up(head.op, head.hash)
        # Last: what was committed and not applied has its only copy in the stage.
        self._empty_stage()
        return head

    def make_log_folder(self) -> None:
        """Create the folder of the log where it is gone, once it is known that the log has lost nothing by that."""
        if not self.layout.log.is_dir():
            self.layout.log.mkdir()
            durable.sync(self.layout.state)

    def waiting(self) -> tuple[Head, list[tuple[LinePosition, LogLine]]]:
        """The head, and the operations that are in the log and not applied yet."""
        head = self._read_head()
        return head, list(log.read_log(self.layout.log, head.log, head.end))

    def repair(self) -> list[str]:
        """Finish what was committed, even where a message is lost, and rebuild everything that follows from the log.

        Returns a sentence for each thing done. Raises DataError for a damaged log, which nothing can repair.
        """
        from supportctl.store.verify import damaged_folders, read_sound_history

        # Before the history is compared with the folders: an operation that is not applied is no damage.
        done = self._repair_head()
        self._finish_unfinished()
        done += [f"{remark.ticket}: {remark.text}" for remark in self.remarks]
        # Before anything is rebuilt: from a damaged log the folders would be rebuilt without some of their tickets.
        history = read_sound_history(self.layout)
        head = self.recover()
        # Without a look: rows that are wrong in a file that is sound are found only by comparing all of them.
        self.catalogue.discard()
        self._catch_up(head.op, head.hash)
        for folder in damaged_folders(self.layout.root, history):
            content = tickets.encode_table(history.folders.get(folder, {}), history.last_change_in.get(folder, 0))
            done += self._replace_metadata(folder, content)
        return done

    def finish(
        self,
        line: LogLine,
        position: LinePosition,
        previous: Head,
        *,
        is_repeated: bool = False,
        is_noted: bool = False,
    ) -> Head:
        """Apply a committed operation; return the head after it.

        `previous` is the head before. `is_repeated` says that the operation may be applied already, `is_noted` that
        the log has the note of what it could not do. Raises TemporaryError where the disk fails.
        """
        operation = line.operation
        try:
            found = Recognition(operation, self.catalogue)
            applied = apply(self.layout.root, line.renames, found.digest_of, is_repeated=is_repeated)
            self._tell(operation, applied, found, is_recovered=is_repeated)
            head = head_after(operation, position)
            # Before `head` says that all is done: what was skipped must not be forgotten.
            note = self._note(operation, applied, found) if applied.skipped and not is_noted else None
            self._catch_up(operation.op, operation.hash, (previous, position, operation))
            if note:
                self._catch_up(note[0].op, note[0].hash, (head, note[1], note[0]))
                head = head_after(*note)
            # Last: what `head` calls applied is never applied again, so all must be in place, durably.
            write_head(self.layout.head, head)
        except (OSError, CacheTroubleError) as error:
            raise unfinished_error(operation.op, error) from error
        return head

    def _tell(self, operation: Operation, applied: Applied, found: Recognition, *, is_recovered: bool) -> None:
        if applied.skipped or applied.aside:
            from supportctl.store.skipping import tell  # not at the top: it hardly ever happens

            self.remarks += tell(operation, applied, found, is_recovered=is_recovered)

    def _note(self, operation: Operation, applied: Applied, found: Recognition) -> tuple[Operation, LinePosition]:
        """Note in the log what an operation could not do; return the note and its position."""
        from supportctl.store.skipping import note_skipped

        return log.append_operation(self.layout.log, note_skipped(operation, applied, found), [], operation.hash)

    def _finish_unfinished(self) -> Head:
        """Apply what is in the log and not in `head`; return the head after that."""
        # Read before anything is changed: what a newer program has written is refused, and stays as it is.
        head = self._read_head()
        unfinished = self._unfinished(head)
        self.make_log_folder()
        # Before anything is appended: a line that is appended to half a line would be as unreadable as that.
        log.cut_torn_lines(self.layout.log, head.log)
        if unfinished:
            self._place_catalogue(head, unfinished[0][1].operation)
        # An operation is applied before the next one is begun, except for the note of what it could not do.
        are_noted = [True] * (len(unfinished) - 1) + [False]
        for (position, line), is_noted in zip(unfinished, are_noted, strict=False):
            head = self.finish(line, position, head, is_repeated=True, is_noted=is_noted)
        return head

    def _place_catalogue(self, head: Head, first: Operation) -> None:
        """Bring the catalogue to where messages are recognised by it: before or after the first operation."""
        position = with_sound_caches(self.catalogue.position)
        if position not in ((head.op, head.hash), (first.op, first.hash)):
            self._catch_up(head.op, head.hash)

    def _empty_stage(self) -> None:
        """Discard what was never committed, whatever it is; the user may delete the whole stage as well."""
        if self.layout.stage.is_dir():
            for left in list(self.layout.stage.iterdir()):
                with suppress(OSError):  # it does no harm, and the next writer tries again
                    durable.remove_tree(left)

    def _replace_metadata(self, folder: str, content: bytes) -> list[str]:
        """Replace the metadata of a folder; return a sentence for each thing done."""
        from supportctl.store.readiness import complete_parts

        box = maildir.folder_path(self.layout.root, folder)
        box.mkdir(exist_ok=True)  # somebody may have removed all of it
        asides = [*complete_parts(box), durable.replace(box / tickets.FILE, content)]
        return [*self._tell_aside(asides), f"rebuilt .{folder}/{tickets.FILE} from the log"]

    def _tell_aside(self, asides: list[Path | None]) -> list[str]:
        return [f"what was in the way is now {aside.relative_to(self.layout.root)}" for aside in asides if aside]

    def _repair_head(self) -> list[str]:
        try:
            head = read_head(self.layout.head)
        except DataError as error:
            problem = error.message
        else:
            # What the log has lost is made up for by now (`rescue`), but that operation may not be applied yet.
            if head is None or is_in_log(head, self.layout.log):
                return []
            problem = f"the log does not have operation {head.op}"
        # Then the next reader of the head takes it from the log.
        aside = None
        if self.layout.head.is_dir():
            aside = durable.set_aside(self.layout.head)
        else:
            self.layout.head.unlink()
        return [*self._tell_aside([aside]), f"rebuilt head from the log: {problem}"]

    def _unfinished(self, head: Head) -> list[tuple[LinePosition, LogLine]]:
        """The operations that are in the log and not in `head`, made durable.

        Raises DataError where a line does not follow the one before.
        """
        unfinished = list(log.read_chained(self.layout.log, head))
        # Before they are applied: the writer may have died between write and sync. If a power failure took the line
        # after its renames are done, messages would lie where nothing says that they belong.
        for position, line in unfinished:
            try:
                durable.sync(self.layout.log / position.log)
                durable.sync(self.layout.log)
            except OSError as error:
                raise unfinished_error(line.operation.op, error) from error
        return unfinished

    def _read_head(self) -> Head:
        """The head, from the log where the file is damaged or gone.

        Raises DataError where the log lacks operations that are applied: nothing may be appended over the gap.
        """
        list_logs(self.layout.log)  # raises for what is no file, before anything is opened
        try:
            head = read_head(self.layout.head)
        except DataError:  # a cache, like all that follows from the log
            head = None
        if head is None:
            before, head = self._heads_from_log()
            applied = max(head.op, self.catalogue.last_operation())
        else:
            before, applied = head, head.op
        if applied > head.op or not is_in_log(head, self.layout.log):
            raise DataError(f"the log does not have operation {applied}, which is applied", _RESCUE)
        return before

    def _heads_from_log(self) -> tuple[Head, Head]:
        """The heads before and after the log's last operation."""
        # Nothing says whether the last operation is applied, and applying it again does no harm. All others are: a
        # writer finishes what is in the log before it appends.
        before, head = Head(), Head()
        for position, line in log.read_log(self.layout.log):
            before, head = head, head_after(line.operation, position)
        return before, head

    def _catch_up(self, op: int, digest: str, last: tuple[Head, LinePosition, Operation] | None = None) -> None:
        """Bring the catalogue up to an operation, by the `last` one alone where no other is missing."""

        def step() -> None:
            position = self.catalogue.position()
            if last is not None and position == (last[0].op, last[0].hash):
                self.catalogue.catch_up([last[1:]])
            elif position != (op, digest):
                self._catch_up_from_log(op, *position)

        with_sound_caches(step)

    def _catch_up_from_log(self, op: int, known: int, known_digest: str) -> None:
        # The catalogue can be ahead of the log, or know another one: files come back from backups one by one.
        offset = self.catalogue.offset_of(known) if known > 0 else ("", 0)
        if known > op or offset is None or not self._log_has(offset, known, known_digest):
            self.catalogue.discard()
            known, offset = 0, ("", 0)
        following = ((position, line.operation) for position, line in log.read_log(self.layout.log, *offset))
        self.catalogue.catch_up(
            (position, operation) for position, operation in following if known < operation.op <= op
        )

    def _log_has(self, offset: tuple[str, int], op: int, digest: str) -> bool:
        """Whether the log still has an operation where the catalogue says."""
        if op == 0:
            return True
        path = self.layout.log / offset[0]
        if not path.exists() or path.stat().st_size <= offset[1]:
            return False
        try:
            operation = log.read_operation(self.layout.log, *offset)
        except DeskError:
            return False
        return (operation.op, operation.hash) == (op, digest)


def head_after(operation: Operation, position: LinePosition) -> Head:
    """The head once an operation is applied."""
    return Head(position.log, position.end, operation.op, operation.hash, operation.ids)


def unfinished_error(op: int, error: Exception) -> TemporaryError:
    """The error for an operation that stands in the log and is not applied: it must not invite anybody to repeat it."""
    reason = disk_errors.explain(error) if isinstance(error, OSError) else error
    hint = reason.hint if isinstance(reason, DeskError) else ""
    hint = "; ".join(filter(None, [hint, "the next supportctl command finishes it"]))
    return TemporaryError(f"operation {op} is committed but not finished: {reason}", hint)
