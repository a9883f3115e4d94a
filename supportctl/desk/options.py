"""How a caller names a desk."""

from __future__ import annotations


class DeskOptions:
    """Which desk, in which role, and how long to wait for another writer.

    `config`, `maildir` and `role` are empty where the desk finds its own; `wait` is in seconds.
    """

    config: str = ""
    maildir: str = ""
    role: str = ""
    wait: float = 30.0

    def warn(self, text: str) -> None:
        """Tell what the caller should know besides the result; here, nobody listens."""
