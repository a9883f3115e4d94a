"""The desk before an operation that is committed and not applied, for readers where nobody can apply it now.

The renames of the operation may be done in part. Metadata that are replaced already are taken back to what they were,
out of the log; what was not replaced yet is in the stage. A message is looked for at both ends of its rename.
"""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path

from supportctl.store import log, maildir, tickets
from supportctl.store.cache_errors import CacheDamageError, CacheTroubleError
from supportctl.store.catalogue import MemoryCatalogue
from supportctl.store.changes import take_back
from supportctl.store.documents import Document, document_number, pack_ticket, unpack_ticket
from supportctl.store.folders import Folders
from supportctl.store.layout import Layout
from supportctl.store.log import LoggedChange, LogLine
from supportctl.store.recognition import Place, end_of
from supportctl.store.recovery import Recovery, head_after


class WaitingOperation:
    """One operation whose renames are done in part, or not at all."""

    def __init__(self, layout: Layout, line: LogLine) -> None:
        self._root = layout.root
        self._changes = line.operation.changes
        self._staged = dict(filter(None, (_metadata_of(*rename) for rename in line.renames)))
        self._moved = {end_of(source): end_of(target) for source, target in line.renames}

    def progress(self) -> list[bool]:
        """Which metadata are replaced; the same before and after a look if nobody has gone on meanwhile."""
        return [self._is_replaced(folder) for folder in self._staged]

    def other_end(self, folder: str, key: str) -> Place | None:
        """Where a message of a folder is, if it is moved already."""
        return self._moved.get((folder, key))

    def table(self, folder: str) -> dict[str, Document]:
        """The metadata of a folder before the operation, by TinyDB document id."""
        if not self._is_replaced(folder):
            return self._read(maildir.relative_path(folder) + tickets.FILE)
        table = dict(self._table_after(folder))
        for entry in self._changes:
            number = str(document_number(entry["ticket"]))
            table.pop(number, None)
            if entry["from"] == folder:
                table[number] = self._document_before(entry)
        return table

    def _document_before(self, entry: LoggedChange) -> Document:
        folder, number = entry["to"], str(document_number(entry["ticket"]))
        after = self._table_after(folder).get(number) if folder is not None else None
        before = take_back(entry, unpack_ticket(after) if after is not None else None)
        assert before is not None  # it was in a folder
        return pack_ticket(before)

    def _table_after(self, folder: str) -> dict[str, Document]:
        """The metadata of a folder after the operation, wherever they are now."""
        is_staged = folder in self._staged and not self._is_replaced(folder)
        return self._read(self._staged[folder] if is_staged else maildir.relative_path(folder) + tickets.FILE)

    def _is_replaced(self, folder: str) -> bool:
        return folder in self._staged and not os.path.lexists(self._root / self._staged[folder])

    def _read(self, path: str) -> dict[str, Document]:
        return tickets.read_table(Path(self._root, path)).documents


def _metadata_of(source: str, target: str) -> tuple[str, str] | None:
    """The folder whose metadata a rename puts in place, with their path in the stage."""
    if target.endswith(f"/{tickets.FILE}"):
        return target[1:].removesuffix(f"/{tickets.FILE}"), source
    if target.startswith(".") and "/" not in target:  # a whole folder
        return target[1:], f"{source}/{tickets.FILE}"
    return None


def folders_before(recovery: Recovery) -> Folders:
    """The folders of a desk as of the last operation that is applied, however far the next one is."""
    head, lines = recovery.waiting()
    layout, catalogue = recovery.layout, recovery.catalogue
    try:
        position = catalogue.position()
    except (CacheDamageError, CacheTroubleError, OSError):
        position = None
    for place, line in lines:
        # The catalogue follows when all renames are done: only `head` is behind.
        if position == (line.operation.op, line.operation.hash):
            return Folders(layout, catalogue, head_after(line.operation, place))
    if position != (head.op, head.hash):
        catalogue = MemoryCatalogue()
        operations = ((place, line.operation) for place, line in log.read_log(layout.log))
        catalogue.catch_up(takewhile(lambda entry: entry[1].op <= head.op, operations))
    return Folders(layout, catalogue, head, WaitingOperation(layout, lines[0][1]) if lines else None)
