"""Save attachments: whatever their names are, they stay in their folder and replace nothing."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from supportctl.errors import UsageError
from supportctl.output.terminal import clean

_LONGEST = 200
"""The number of bytes of a name that are kept, from its end; file systems take 255."""


def save_attachments(raw: bytes, folder: Path) -> Iterator[Path]:
    """Save every attachment of a message in a folder, which is created where needed; yield the files.

    Raises UsageError where something other than a folder has that path.
    """
    from supportctl.mail.message import read_attachments

    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError(f"not a folder: {folder}", "name a folder, or a new one to create")
    folder.mkdir(parents=True, exist_ok=True)
    attempts: dict[str, Iterator[int]] = defaultdict(lambda: count(1))
    for number, (attachment, content) in enumerate(read_attachments(raw), 1):
        name = safe_name(attachment.name) or f"attachment-{number}"
        # Numbers go on from one to the next: of ten thousand that have one name each would try those before it.
        yield _save(folder, name, content, attempts[name])


def safe_name(name: str) -> str:
    """The last part of a file name as sent, without anything that leads elsewhere, hides it or steers a terminal."""
    last = clean(name).replace("\\", "/").rpartition("/")[2]
    end = last.replace("\ufffd", "_").strip().encode()[-_LONGEST:].decode(errors="ignore")
    # No leading dot hides the file, no leading minus makes it an option of the next command.
    return end.lstrip(".- ")


def _save(folder: Path, name: str, content: Iterable[bytes], attempts: Iterator[int]) -> Path:
    for attempt in attempts:
        path = folder / (name if attempt == 1 else _numbered(name, attempt))
        try:
            # The kernel checks and creates in one step: a file or link that comes in between is not written to.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(content)
        return path
    raise AssertionError("count never ends")


def _numbered(name: str, number: int) -> str:
    """`scan.pdf` as `scan-2.pdf`, `README` as `README-2`."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{number}{dot}{ending}" if stem else f"{name}-{number}"
