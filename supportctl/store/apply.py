"""Apply a committed operation: its renames, in their order, and nothing else.

Applying twice is applying once, so after a crash the operation is applied again. A mail client may have renamed a
message since the plan was made (it sets flags, it moves from `new/` to `cur/`): the message is then found by its key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from supportctl.errors import TemporaryError
from supportctl.store import durable, maildir
from supportctl.store.log import Rename

_STAGE = f"{maildir.STATE}/stage/"


def apply(root: Path, renames: Iterable[Rename], *, skip_lost: bool = False) -> list[Rename]:
    """Do an operation's renames durably; return those that are impossible because the message is gone.

    Raises TemporaryError for the first of those, unless `skip_lost`.
    """
    base = str(root)
    lost = []
    folders = set()
    for source, target in renames:
        folders.add(target.rpartition("/")[0])
        # The stage needs no sync: names that come back in it after a power failure are discarded.
        if not source.startswith(_STAGE):
            folders.add(source.rpartition("/")[0])
        # Before the rename, which replaces its target silently. When an operation is applied again, its message may
        # have arrived, and another one may lie under the source's name by now: that one must not replace the first.
        if _has_arrived(base, target):
            continue
        if not _move(root, source, target) and not _follow(root, source, target):
            lost.append((source, target))
            if not skip_lost:
                raise TemporaryError(
                    f"{source} is missing: an interrupted operation can't be finished",
                    "run supportctl check --repair, which finishes the rest and notes what is lost",
                )
    # Before the caller replaces `head`: what `head` calls applied is never applied again.
    durable.sync_folders(root / folder for folder in folders)
    return lost


def _move(root: Path, source: str, target: str) -> bool:
    """Rename what is there; False where the source is gone."""
    try:
        return durable.move_path(str(root / source), str(root / target))
    except FileNotFoundError:  # somebody has removed the target's folder, or a part of it, since the commit
        part = (root / target).parent
        part.mkdir(parents=True, exist_ok=True)
        durable.sync_folders([root, part.parent])
        return durable.move_path(str(root / source), str(root / target))


def _has_arrived(base: str, target: str) -> bool:
    """Whether a message lies at its target already."""
    return target.rpartition("/")[0].endswith(("/new", "/cur")) and os.path.lexists(f"{base}/{target}")


def _follow(root: Path, source: str, target: str) -> bool:
    """Whether a rename whose source is not there is done: by an earlier attempt, or now, behind a mail client."""
    if os.path.lexists(root / target):
        return True  # metadata, or a whole folder, from an earlier attempt
    planned = PurePosixPath(target)
    if planned.parent.name not in ("new", "cur"):
        return False
    # The target first: once the message has arrived there, the key may stand for another message at the source.
    if _find(root, planned):
        return True
    current = _find(root, PurePosixPath(source))
    if current is None:
        return False
    box = planned.parent.parent
    is_same_folder = current.parent.parent == box
    place = f"{current.parent.name}/{current.name}"
    place = maildir.with_key(place, maildir.key_of(planned.name), is_same_folder=is_same_folder)
    return durable.move_path(str(root / current), str(root / box / place))


def _find(root: Path, message: PurePosixPath) -> PurePosixPath | None:
    """The current path of the message that a path names by its folder and key; None where there is none."""
    if message.parent.name not in ("new", "cur"):
        return None
    box = message.parent.parent
    folder = "" if box == PurePosixPath(".") else box.name[1:]
    path = maildir.find_message(root, folder, maildir.key_of(message.name))
    return PurePosixPath(path) if path else None
