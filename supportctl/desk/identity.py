"""Who calls: the account of the real uid, never `$USER`, and through sudo the account that called sudo."""

from __future__ import annotations

import os
import pwd
from pathlib import Path


def guarded_caller() -> int | None:
    """The uid of the account that runs this through sudo as somebody else; None for who runs it as himself.

    Whoever sets `SUDO_UID` himself runs with no more than his own rights, and loses some.
    """
    uid = os.environ.get("SUDO_UID", "")
    return int(uid) if uid.isdecimal() and int(uid) != os.getuid() else None


def owner_of(root: Path) -> int:
    """The uid that owns a desk's Maildir; -1 where there is none."""
    try:
        return root.stat().st_uid
    except OSError:
        return -1


def account_of(uid: int) -> str:
    """The account of a uid; the number itself where no account has it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
