"""TinyDB's storage for one folder's metadata (importing TinyDB costs: only writers come here)."""

from __future__ import annotations

from typing import Any

from tinydb.storages import Storage


class FolderStorage(Storage):
    """Holds one folder's tables in memory; the operation puts what becomes of them on the disk.

    TinyDB's own JSONStorage rewrites its file in place without a lock, so that a crash or a second
    process loses records.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def read(self) -> dict[str, Any]:
        """The tables as they are now."""
        return self.content

    def write(self, data: dict[str, Any]) -> None:
        """Take over the tables as they shall be."""
        self.content = data
