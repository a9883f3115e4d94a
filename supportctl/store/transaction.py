"""One operation from plan to disk, by the holder of the lock: stage, log, apply (`contract.Writer`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supportctl.store import log
from supportctl.store.cache_errors import CacheDamageError
from supportctl.store.changes import Change, record
from supportctl.store.folders import Folders
from supportctl.store.head import Head
from supportctl.store.log import LinePosition, LogLine, Operation
from supportctl.store.planning import FolderPlanning
from supportctl.store.recovery import Recovery, unfinished_error
from supportctl.store.stage import Stage

if TYPE_CHECKING:
    from supportctl.store.exchange import Delivery, Remark


class FolderWriter:
    """The holder of the lock: plans on `planning`, then commits."""

    def __init__(self, recovery: Recovery, head: Head) -> None:
        self._recovery = recovery
        self.remarks: list[Remark] = recovery.remarks
        self.planning = self._plan_on(head)

    def commit(self, operation: Operation, changes: list[Change], deliveries: list[Delivery]) -> Operation:
        """Make changes and deliveries durable as one operation; return the operation as it is logged.

        `operation` comes without number, changes and hash. Raises TemporaryError when the disk fails after the commit
        point: the next command then finishes the operation. Before the commit point any error leaves the desk as it
        was.
        """
        folders = self.planning.folders
        number = (operation.lost or [folders.head.op])[-1] + 1
        stage = Stage(folders, number)
        stage.open()
        try:
            stage.prepare(changes, deliveries)
            # Before the commit point: a message that arrives has no other copy that recovery could apply.
            stage.sync()
        except BaseException:
            stage.close()
            raise
        # From here on an error must not remove the stage: the line may be in the log even if appending it has failed,
        # and then its renames start in the stage. The next writer looks into the log, and applies or discards.
        entries = [record(change) for change in changes]
        operation = operation._replace(op=number, group=operation.group or number, changes=entries)
        operation, position = log.append_operation(
            self._recovery.layout.log, operation, stage.renames, folders.head.hash
        )
        head = self._finish(LogLine(operation, stage.renames), position)
        stage.close()  # after `head`: until then a crash has the renames done again
        self.remarks.extend(stage.remarks)
        # The folders that were read before are out of date, should the caller plan again under the same lock.
        self.planning = self._plan_on(head)
        return operation

    def _plan_on(self, head: Head) -> FolderPlanning:
        return FolderPlanning(Folders(self._recovery.layout, self._recovery.catalogue, head))

    def _finish(self, line: LogLine, position: LinePosition) -> Head:
        try:
            return self._recovery.finish(line, position, self.planning.folders.head)
        except CacheDamageError as error:
            # The operation is in the log: the caller must not be made to do it once more with a new catalogue.
            raise unfinished_error(line.operation.op, error) from error
