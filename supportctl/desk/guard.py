"""What a guarded desk does not trust: it runs as its owner, for a caller who may have made what it is given.

A guarded desk can read and write what its caller can not. So it takes no configuration, no Maildir and no file that
the caller may have put there.
"""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

from supportctl.config.loading import NAME, list_places
from supportctl.desk.identity import account_of, guarded_caller, owner_of
from supportctl.errors import ConfigError, DeniedError


def require_unguarded(what: str) -> None:
    """Raise DeniedError if the process acts for another account, which must not make it open files by name."""
    if guarded_caller() is not None:
        raise DeniedError(
            f"{what}: a guarded desk opens no files that its caller names",
            "pass mail and text on standard input, take results from standard output",
        )


def trusted_places() -> list[Path]:
    """Where a guarded desk looks for its configuration: in the owner's home and in /etc, never where its caller is."""
    try:
        home = {"HOME": pwd.getpwuid(os.getuid()).pw_dir}
    except KeyError:
        home = {}
    return list_places(home, with_working_folder=False)


def require_trusted(file: Path) -> None:
    """Raise ConfigError if anybody but the owner and root can change the configuration of a guarded desk.

    The file must be called `queues.yaml`, too: a message that somebody sent is the owner's file as well.
    """
    if file.name != NAME:
        raise ConfigError(f"{file} is not named {NAME}: a guarded desk reads no other file", "leave out --config")
    for path in (file, *file.parents):
        if _can_be_changed(path):
            raise ConfigError(
                f"{path} can be changed by accounts other than the desk owner's: a guarded desk does not trust it",
                f"chown {account_of(os.getuid())} {path}, and chmod go-w {path}",
            )


def require_own(root: Path) -> None:
    """Raise ConfigError where a guarded desk's process doesn't own the Maildir: links there could lead anywhere."""
    if guarded_caller() is not None and root.exists() and owner_of(root) != os.getuid():
        raise ConfigError(
            f"{root} does not belong to {account_of(os.getuid())}: a guarded desk runs as the owner of its Maildir",
            f"run sudo -u {account_of(owner_of(root))} supportctl",
        )


def _can_be_changed(path: Path) -> bool:
    """Whether an account other than the process's own and root can change a file, or what a folder names."""
    try:
        status = path.stat()
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from error
    is_sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    is_open = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not is_sticky
    return bool(is_open) or status.st_uid not in (0, os.getuid())
