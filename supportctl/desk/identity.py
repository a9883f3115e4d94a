"""Who calls: the account of the real uid, never `$USER`, and through sudo the account that called sudo."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

NOBODY = -1
"""No uid: the owner of what does not exist."""


def guarded_caller() -> int | None:
    """The uid of the account that runs this process through sudo as another one; None without sudo.

    An account that sets `SUDO_UID` itself runs with no more than its own rights, and loses some.
    """
    uid = os.environ.get("SUDO_UID", "")
    return int(uid) if uid.isdecimal() and int(uid) != os.getuid() else None


def owner_of(root: Path) -> int:
    """The uid that owns a desk's Maildir; NOBODY where there is none."""
    try:
        return root.stat().st_uid
    except OSError:
        return NOBODY


def is_root_elsewhere(root: Path) -> bool:
    """Whether root acts, for nobody, on a desk that belongs to another account."""
    return os.getuid() == 0 and guarded_caller() is None and owner_of(root) not in (0, NOBODY)


def account_of(uid: int) -> str:
    """The account of a uid; the number itself where no account has it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
