"""Root on somebody else's desk: goes on as the owner, as a mail server does when it delivers.

A file of root's there would be one that the owner can't read, and stop the desk. That holds for reading as well, which
brings caches up to date.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from supportctl.desk.identity import account_of, owner_of
from supportctl.errors import DeniedError


def act_as_owner(root: Path) -> None:
    """Let a process of root go on with the rights of a desk's owner, for good; raises DeniedError if that can't be."""
    owner = owner_of(root)
    try:
        _join_groups(owner, root.stat().st_gid)
        os.seteuid(owner)
        can_load = _can_load_modules()
        os.seteuid(0)
        if can_load:
            os.setuid(owner)
            return
        reason = "can't read this program"
    except PermissionError as error:
        reason = f"can't be acted for ({error.strerror})"
    account = account_of(owner)
    raise DeniedError(
        f"{root} belongs to {account}, who {reason}: root leaves no files there",
        f"run sudo -u {account} supportctl, with a program that {account} can run",
    )


def _join_groups(owner: int, group: int) -> None:
    """Take the groups of an account; of a uid without an account, the desk's."""
    try:
        entry = pwd.getpwuid(owner)
    except KeyError:
        os.setgroups([])
    else:
        group = entry.pw_gid
        os.initgroups(entry.pw_name, group)
    os.setgid(group)


def _can_load_modules() -> bool:
    """Whether the account that acts can load the modules that are still to come."""
    import orjson

    import supportctl

    files = (os.__file__, orjson.__file__, supportctl.__file__)  # Python's own, the libraries, and ours
    return all(file is not None and os.access(file, os.R_OK, effective_ids=True) for file in files)
