"""`head`: where the applied log ends, in a file that can be rebuilt from the log."""

import json
import os
import re
import stat
from binascii import crc32
from pathlib import Path
from typing import Any

from supportctl.errors import ConfigError, DataError
from supportctl.model import Ids
from supportctl.records import Record
from supportctl.store import durable

FORMAT_VERSION = 3
"""The version of the format on disk, in `head` and in every line of the log (docs/format.md has the history)."""

_LOG = r"(\d{4}-\d{2})(?:-(\d{1,9}))?\.jsonl"


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
        # Before it is opened: a fifo would wait for somebody who writes.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError("it is not a file")
        values = _decode(path.read_bytes())
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
    durable.replace(path, _encode(head))


def is_applied(head: Head, folder: Path) -> bool:
    """Whether the log in a folder ends where the head says, with the operation that the head names."""
    # Sizes and one hash, since every reader asks this twice; what the log holds is verified by `check`.
    sizes = {name: (folder / name).stat().st_size for name in list_logs(folder, head.log)}
    return sizes.pop(head.log, 0) == head.end and not any(sizes.values()) and is_in_log(head, folder)


def is_in_log(head: Head, folder: Path) -> bool:
    """Whether the log has the operation that the head names, where the head says."""
    if not head.log:
        return True  # before the first operation
    # A line ends with its hash, which no other line of this or any other desk has.
    ending = head.hash.encode() + b'"}\n'
    try:
        with (folder / head.log).open("rb") as stream:
            stream.seek(max(head.end - len(ending), 0))
            return stream.read(len(ending)) == ending
    except (FileNotFoundError, IsADirectoryError):
        return False


def list_logs(folder: Path, first: str = "") -> list[str]:
    """The names of the log files from one on, oldest first; other files, such as somebody's copies, are none.

    Raises DataError for a log that is no file.
    """
    try:
        with os.scandir(folder) as entries:
            found = {entry.name: entry.is_file() for entry in entries if re.fullmatch(_LOG, entry.name)}
    except FileNotFoundError:
        return []
    for name, is_file in found.items():
        if not is_file:  # a fifo would be waited for, for ever
            raise DataError(f"{folder / name} is no file", "move it away; then restore the log from a backup")
    return sorted((name for name in found if log_order(name) >= log_order(first)), key=log_order)


def log_order(name: str) -> tuple[str, int]:
    """The place of a log file among all: by month, then by the number that further files of one month have."""
    found = re.fullmatch(_LOG, name)
    return (found[1], int(found[2] or 1)) if found else ("", 0)


def pack_ids(ids: Ids) -> dict[str, Any]:
    """Ids as a JSON object; what only a clock that was ahead has made is left out otherwise."""
    return {name: value for name, value in ids._asdict().items() if value or name not in ("floor", "until")}


def _encode(head: Head) -> bytes:
    """The bytes of a head: one line, with the CRC-32 of all before it."""
    body = json.dumps(head._asdict() | {"ids": pack_ids(head.ids)}, separators=(",", ":"))[:-1].encode()
    return body + _checksum(body)


def _decode(content: bytes) -> dict[str, Any]:
    """The values of a head; raises ValueError for a wrong checksum."""
    values: dict[str, Any] = json.loads(content)
    body = content[: content.rfind(b',"crc"')]
    # Even before the version is looked at, which may be what is damaged. Before version 3 there was no checksum.
    if ("crc" in values or 3 <= values.get("version", 1) <= FORMAT_VERSION) and content != body + _checksum(body):
        raise ValueError("the checksum is wrong")
    values.pop("crc", None)
    return values


def _checksum(body: bytes) -> bytes:
    return b',"crc":"%08x"}\n' % crc32(body)
