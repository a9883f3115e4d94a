"""Opening the desk that a command is about, as the agent who calls it.

The agent is the real uid's account, never `$USER`. A process that runs through sudo acts for the account that
called sudo: such a desk is *guarded*, its files are closed to everyone but its owner, and rights really hold.
What runs there can read and write what its caller can not, so it trusts nothing that the caller may have made: not
the configuration, not the Maildir, no file.
"""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

from supportctl import access, config
from supportctl.config import Config
from supportctl.config.loading import NAME
from supportctl.desk.desk import Desk
from supportctl.desk.options import DeskOptions
from supportctl.errors import ConfigError, DeniedError


def open_desk(settings: DeskOptions) -> Desk:
    """The desk that the settings name, as its caller sees it.

    Raises ConfigError, NotFoundError or DeniedError where there is no such desk or role.
    """
    caller = guarded_caller()
    if caller is not None:
        os.umask(0o077)  # sudo may keep the caller's
    configuration = load_config(settings)
    root = _root_of(configuration, settings)
    if caller is not None:
        _require_own(root)
    _share(root)
    uid = os.getuid() if caller is None else caller
    agent = access.appoint(configuration, _account(uid), uid == _owner_of(root), settings.role or None)
    return Desk(configuration, root, agent, agent.account, settings.wait)


def guarded_caller() -> int | None:
    """The uid of the account that runs this through sudo as somebody else; None for who runs it as himself.

    Whoever sets `SUDO_UID` himself runs with no more than his own rights, and loses some.
    """
    uid = os.environ.get("SUDO_UID", "")
    return int(uid) if uid.isdecimal() and int(uid) != os.getuid() else None


def require_unguarded(what: str) -> None:
    """Raise DeniedError if the process acts for somebody else, who must not let it open files by their names."""
    if guarded_caller() is not None:
        raise DeniedError(
            f"{what}: a guarded desk opens no file that its caller names",
            "mail and text come by standard input, results leave by standard output",
        )


def describe_account(configuration: Config, root: Path, account: str) -> access.Agent:
    """What an account, other than the caller's, may be on a desk."""
    return access.appoint(configuration, account, account == _account(_owner_of(root)))


def load_config(settings: DeskOptions) -> Config:
    """The configuration that the settings name; a guarded desk's must be in its owner's or root's hands alone."""
    path = config.find_config(settings.config or None, os.environ, Path.cwd())
    if guarded_caller() is not None:
        path = path.resolve()  # what is checked is what is read, whatever becomes of a link on the way
        _require_trusted(path)
    return config.load(path, _cache_of(path))


def _root_of(configuration: Config, settings: DeskOptions) -> Path:
    if settings.maildir:
        require_unguarded("--maildir")
        return Path(settings.maildir).absolute()
    return configuration.desk.maildir


def _share(root: Path) -> None:
    """Let the group of a desk that is its own write what this process makes there: all of it works on the same."""
    if root.exists() and root.stat().st_mode & stat.S_IWGRP:
        os.umask(os.umask(0o077) & ~stat.S_IRWXG)


def _owner_of(root: Path) -> int:
    try:
        return root.stat().st_uid
    except OSError:
        return -1


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _require_trusted(file: Path) -> None:
    """A guarded desk's configuration, and all folders above it, can be changed by its owner or root alone.

    It must be called `queues.yaml`, too: mail that somebody sent is the owner's file as well.
    """
    if file.name != NAME:
        raise ConfigError(f"{file} is not called {NAME}: a guarded desk reads no other file", "leave out --config")
    for path in (file, *file.parents):
        if _can_be_changed(path):
            raise ConfigError(
                f"{path} can be changed by others than the desk's owner: a guarded desk does not trust it",
                f"chown it to the owner, and chmod go-w {path}",
            )


def _can_be_changed(path: Path) -> bool:
    """Whether an account other than the process's own and root can change a file, or what a folder names."""
    try:
        status = path.stat()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    is_sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    is_open = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not is_sticky
    return bool(is_open) or status.st_uid not in (0, os.getuid())


def _require_own(root: Path) -> None:
    """A guarded desk lies in the process's own hands: another's could lead it anywhere by links."""
    if root.exists() and _owner_of(root) != os.getuid():
        raise ConfigError(
            f"{root} is not {_account(os.getuid())}'s: a guarded desk runs as the owner of its Maildir",
            f"sudo -u {_account(_owner_of(root))} supportctl",
        )


def _cache_of(path: Path) -> Path | None:
    """Where the configuration is kept in a form that is read faster: in the cache of the process's account.

    On a guarded desk the environment is the caller's, and has no say in what its owner's process reads.
    """
    named = os.environ.get("XDG_CACHE_HOME", "") if guarded_caller() is None else ""
    try:
        base = Path(named) if named.startswith("/") else Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache"
        folder = base / "supportctl"
        folder.mkdir(parents=True, exist_ok=True)
    except (KeyError, OSError):
        return None  # an account without a home reads the file itself
    return folder / f"{str(path.absolute()).replace('/', '%')[-200:]}.json"
