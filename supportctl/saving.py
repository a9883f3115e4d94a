"""Saving attachments: whatever a mail calls them, they stay in their folder and replace nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from supportctl.terminal import clean

_LONGEST = 120


def save_attachments(raw: bytes, folder: Path) -> Iterator[Path]:
    """Save every attachment of a mail in a folder, which is made where needed; yields what was written."""
    from supportctl.mail.message import saved

    folder.mkdir(parents=True, exist_ok=True)
    for number, (attachment, content) in enumerate(saved(raw), 1):
        yield _save(folder, safe_name(attachment.name) or f"attachment-{number}", content)


def safe_name(name: str) -> str:
    """The last part of a file name as sent, without anything that leads elsewhere, hides it or steers a terminal."""
    last = clean(name).replace("\\", "/").rpartition("/")[2]
    return last.replace("\ufffd", "_").strip().lstrip(".-")[-_LONGEST:]


def _save(folder: Path, name: str, content: bytes) -> Path:
    stem, dot, ending = name.rpartition(".")
    for attempt in count(1):
        path = folder / (name if attempt == 1 else f"{stem or ending}-{attempt}{dot if stem else ''}{ending if stem else ''}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        except FileExistsError:
            continue
        with open(descriptor, "wb") as stream:
            stream.write(content)
        return path
    raise AssertionError("count ends never")
