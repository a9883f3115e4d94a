"""`head`: where the applied log ends, in a file that can be rebuilt from the log."""

import json
import os
from pathlib import Path

from supportctl.errors import ConfigError, DataError
from supportctl.model import Ids
from supportctl.records import Record
from supportctl.store import durable

FORMAT_VERSION = 2
"""The version of the format on disk, in `head` and in every line of the log (docs/format.md has the history)."""


class Head(Record):
    """The end of the applied log: file and size in bytes, number and hash of the last operation, the last ids given.

    `version` is that of the format on disk.
    """

    log: str = ""
    end: int = 0
    op: int = 0
    hash: str = ""
    ids: Ids = Ids()
    version: int = FORMAT_VERSION


def read_head(path: Path) -> Head | None:
    """The head, or None where there is no file.

    Raises DataError for a damaged head, ConfigError for one of a newer program.
    """
    try:
        values = json.loads(path.read_bytes())
        if values.get("version", 1) > FORMAT_VERSION:
            raise newer_format_error(str(path))
        return Head(**{**values, "ids": Ids(**values["ids"])})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{path} is damaged: {error}", "delete the file; it is rebuilt from the log") from error


def newer_format_error(where: str) -> ConfigError:
    """The error for a desk whose files a program of today may misread."""
    return ConfigError(f"{where}: this desk was written by a newer supportctl", "upgrade supportctl")


def write_head(path: Path, head: Head) -> None:
    """Replace the head, durably."""
    values = head._asdict() | {"ids": head.ids._asdict()}
    durable.replace(path, json.dumps(values, separators=(",", ":")).encode() + b"\n")


def is_applied(head: Head, folder: Path) -> bool:
    """Whether the log in a folder ends where the head says, so that nothing is left to apply."""
    # Sizes alone, since every reader asks this twice; what the log holds is verified by `check`.
    sizes = {name: (folder / name).stat().st_size for name in list_logs(folder) if name >= head.log}
    return sizes.pop(head.log, 0) == head.end and not any(sizes.values())


def list_logs(folder: Path) -> list[str]:
    """The names of the log files, oldest first."""
    return sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))
