"""How a caller names a desk."""

from __future__ import annotations


class DeskOptions:
    """Where the desk is, as whom its caller acts, and how long to wait for another writer.

    `config`, `maildir` and `role` are empty where the desk is to find out; `wait` is in seconds.
    """

    config: str = ""
    maildir: str = ""
    role: str = ""
    wait: float = 30.0
