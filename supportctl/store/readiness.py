"""What renames need, made or checked before the commit: after it, a rename that can't be done is in everybody's way."""

from __future__ import annotations

import os
from pathlib import Path

from supportctl.errors import DataError, DeniedError
from supportctl.store import durable, maildir

LONGEST_NAME = 255
"""The number of bytes in the longest name that Linux file systems take (NAME_MAX)."""


def complete_parts(folder: Path) -> list[Path]:
    """Create the parts that a folder lacks, durably; return what was in the way, by its path now.

    A backup may have left out empty ones.
    """
    missing = [folder / part for part in maildir.PARTS if not (folder / part).is_dir()]
    aside = [durable.set_aside(part) for part in missing if os.path.lexists(part)]
    if missing:
        maildir.make_folder(folder)
        durable.sync(folder)
    return aside


def require_renames(folder: Path, stage: Path) -> None:
    """Check that files can be renamed into a folder and out of it; `stage` is where the desk's new files are.

    Raises DataError for a folder on another file system, DeniedError for one that this account can't write in.
    """
    device = stage.stat().st_dev
    for path in (folder, folder / "new", folder / "cur"):
        if path.stat().st_dev != device:
            raise DataError(
                f"{path} is on another file system than {stage}",
                "mail is moved by rename: bring the folder back, or link the whole Maildir instead of one folder",
            )
        if not os.access(path, os.W_OK | os.X_OK):
            raise DeniedError(f"{path}: this account may not write there", "change the folder's owner or its mode")


def require_name(target: str) -> None:
    """Check that a name is not too long; raises DataError, which no key of ours and no known flags come to."""
    name = os.fsencode(target.rpartition("/")[2])
    if len(name) > LONGEST_NAME:
        raise DataError(
            f"{target}: the name would have {len(name)} bytes, more than {LONGEST_NAME}", "shorten the name"
        )
