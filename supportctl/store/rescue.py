"""Go on after the loss of a part of the log: enter what newer metadata know, as one operation.

A log that comes back from a backup, or is gone, lacks operations that were applied. Their tickets may still stand in a
`tickets.json` that one of them wrote. Who did what in them, and why, is lost.
"""

from __future__ import annotations

from itertools import filterfalse
from typing import NamedTuple

from supportctl.errors import DataError
from supportctl.model import Ids, is_side_folder
from supportctl.store import log, maildir, tickets
from supportctl.store.changes import Change
from supportctl.store.documents import Document, document_number, unpack_ticket
from supportctl.store.head import Head, is_in_log, read_head
from supportctl.store.layout import Layout, month_of
from supportctl.store.log import Operation
from supportctl.store.recovery import Recovery
from supportctl.store.transaction import FolderWriter
from supportctl.store.verify import History, read_sound_history
from supportctl.values import count_of


class Remains(NamedTuple):
    """What is left of lost operations: the number of the last one, the last ids, and metadata newer than the log.

    `tables` are documents by ticket id, by folder, the oldest first.
    """

    op: int
    ids: Ids
    tables: dict[str, dict[str, Document]]


def make_up_for_losses(recovery: Recovery, operation: Operation) -> list[str]:
    """Where applied operations are lost from the end of the log, enter what newer metadata know.

    `operation` comes without number, changes and ids. Returns a sentence for each thing done. Raises DataError for a
    damaged log, and for one of another desk.
    """
    history = read_sound_history(recovery.layout)
    last = history.head
    head = _read_known_head(recovery.layout)
    _require_own_log(recovery, head)
    remains = _find_remains(recovery, last, head)
    if remains.op <= last.op:
        return []
    recovery.make_log_folder()
    log.cut_torn_lines(recovery.layout.log, last.log)
    # What is left of the log is all applied, since later operations were. The newer metadata stay on the disk until
    # the operation that has them is applied: nothing else knows what they know.
    writer = FolderWriter(recovery, last)
    folders = {*remains.tables, *history.folders}
    writer.planning.folders.replace_tables({folder: history.folders.get(folder, {}) for folder in folders})
    changes = _list_changes(history, remains)
    # No id and no number of a lost operation is given again.
    ids = remains.ids._replace(month=max(remains.ids.month, month_of(operation.at)))
    done = writer.commit(operation._replace(ids=ids, lost=[last.op + 1, remains.op]), changes, [])
    # A message that is not where the log had it lies where the newer metadata say, or is looked for after this.
    recovery.remarks.clear()
    return [
        f"the log has lost {count_of(remains.op - last.op, 'operation')} after operation {last.op}: "
        "who did what in them, and why, is not known",
        f"operation {done.op}: took {count_of(len(changes), 'ticket')} from metadata that are newer than the log",
    ]


def _read_known_head(layout: Layout) -> Head:
    try:
        return read_head(layout.head) or Head()
    except DataError:  # it knows nothing that can be trusted
        return Head()


def _require_own_log(recovery: Recovery, head: Head) -> None:
    """Raise DataError for a log that tells of other operations than those applied here, under the same numbers.

    Tickets rebuilt from it would take the place of all that the metadata of this desk know.
    """
    if is_in_log(head, recovery.layout.log):
        return
    op, offset = 0, 0
    for position, line in log.read_log(recovery.layout.log):
        op, offset = line.operation.op, position.offset
        if op == head.op and line.operation.hash != head.hash:
            raise _another_log_error(op)
    if recovery.catalogue.has_elsewhere(op, offset):
        raise _another_log_error(op)


def _another_log_error(op: int) -> DataError:
    hint = (
        "restore the supportctl/log of this desk; without a backup, move supportctl/log away;"
        " then run supportctl check --repair"
    )
    return DataError(f"the log is not of this desk: operation {op} is another one there", hint)


def _find_remains(recovery: Recovery, last: Head, head: Head) -> Remains:
    """What is left of operations after the `last` one of the log."""
    known = max(last.op, head.op, recovery.catalogue.last_operation())
    tables = []
    for folder in filterfalse(is_side_folder, maildir.list_folders(recovery.layout.root)):
        documents, op = _read_table(recovery.layout, folder)
        # A file of an old program does not say which operation wrote it: it counts as one of the last.
        op = known if op is None else op
        if op > last.op:
            tables.append((op, folder, documents))
    newer = {folder: documents for _, folder, documents in sorted(tables, key=lambda table: table[:2])}
    return Remains(max([known, *(op for op, _, _ in tables)]), _last_ids([last.ids, head.ids], newer), newer)


def _read_table(layout: Layout, folder: str) -> tuple[dict[str, Document], int | None]:
    try:
        table = tickets.read_table(maildir.folder_path(layout.root, folder) / tickets.FILE)
        for document in table.documents.values():
            unpack_ticket(document)
    except DataError:
        return {}, 0  # it is rebuilt from what is left of the log, as without a loss
    return table.by_ticket(), table.op


def _list_changes(history: History, remains: Remains) -> list[Change]:
    """The changes from the tickets as the log has them to those of the newer metadata."""
    # A ticket that stands in two folders is where the later operation wrote it.
    places = {name: (folder, document) for folder, table in remains.tables.items() for name, document in table.items()}
    changes = []
    for name, (folder, document) in places.items():
        source = history.folder_of.get(name)
        before = unpack_ticket(history.folders[source][name]) if source is not None else None
        changes.append(Change(before, unpack_ticket(document), source or folder, folder))
    return [change for change in changes if not change.is_empty]


def _last_ids(known: list[Ids], tables: dict[str, dict[str, Document]]) -> Ids:
    """The last of all ids given."""
    documents = [document for table in tables.values() for document in table.values()]
    numbers = [divmod(document_number(document["id"]), 1_000_000) for document in documents]
    messages = [message["number"] for document in documents for message in document["messages"]]
    last = max(known, key=lambda ids: ids.message)
    until = max(ids.until for ids in known)
    day, counter = max([(last.day, last.counter), *((str(day), n) for day, n in numbers if str(day) > until)])
    # Of days that a wrong clock was in, `floor` alone counts (`Ids`).
    floor = max([*(ids.floor for ids in known), *(n for day, n in numbers if last.day <= str(day) <= until)])
    counter = max(counter, floor) if day <= until else counter
    month = max(ids.month for ids in known) if not until else last.month
    return Ids(day, counter, max([*messages, *(ids.message for ids in known)]), month, floor, until)
