"""Writing to a desk, by the holder of its lock: stage, log, apply."""

from __future__ import annotations

from supportctl.errors import TemporaryError
from supportctl.store import files, log
from supportctl.store.cache_errors import database_errors
from supportctl.store.changes import Change, record
from supportctl.store.log import Operation, Place
from supportctl.store.recovery import Recovery, head_after
from supportctl.store.snapshot import Snapshot
from supportctl.store.stage import Delivery, Stage


class Writer:
    """The holder of the lock: plans on `state`, then commits."""

    def __init__(self, recovery: Recovery, state: Snapshot) -> None:
        self.state = state
        self._recovery = recovery
        self.missing: list[str] = []

    def commit(self, operation: Operation, changes: list[Change], deliveries: list[Delivery]) -> Operation:
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
            operation = operation._replace(
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
        self.state = Snapshot(self.state.layout, self._recovery.catalogue, head_after(operation, place))
        return operation

    def _append(self, operation: Operation) -> tuple[Operation, Place]:
        name = f"{operation.ids.month}.jsonl"
        path = self.state.layout.log / name
        line, digest = log.encode(operation, self.state.head.hash)
        end = files.append(path, line)
        return operation._replace(hash=digest), Place(name, end - len(line), end)

    def _finish(self, operation: Operation, place: Place) -> None:
        try:
            self._recovery.finish(operation, place, self.state.head)
        except database_errors(OSError) as error:
            raise TemporaryError(
                f"operation {operation.op} is committed, but not finished: {error}",
                "the next supportctl command finishes it",
            ) from error
