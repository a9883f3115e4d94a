"""TinyDB's storage for one folder's metadata. Importing TinyDB is slow, so only writers import this."""

from __future__ import annotations

from typing import Any

from tinydb.storages import Storage


class FolderStorage(Storage):
    """One folder's tables in memory; the operation writes them to the disk.

    TinyDB's own JSONStorage rewrites its file in place without a lock, so that a crash or a second process loses
    records.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def read(self) -> dict[str, Any]:
        """The current tables."""
        return self.content

    def write(self, data: dict[str, Any]) -> None:
        """Replace the tables."""
        self.content = data
