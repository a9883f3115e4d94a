"""Opening the desk that a command is about, as the agent who calls it.

The agent is the real uid's account, never `$USER`. A process that runs as the desk's owner through sudo acts
for the account that called sudo: such a desk is *guarded*, its files are closed to everyone but its owner, and
rights really hold.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from supportctl import access, config
from supportctl.config import Config
from supportctl.desk import Desk
from supportctl.errors import ConfigError
from supportctl.options import Settings


def open_desk(settings: Settings) -> Desk:
    """The desk that the settings name, as its caller sees it.

    Raises ConfigError, NotFoundError or DeniedError where there is no such desk or role.
    """
    configuration = load_config(settings)
    root = _root_of(configuration, settings)
    account, is_owner = _caller(root)
    if is_guarded(root):
        _require_trusted(configuration.file, root)
    agent = access.appoint(configuration, account, is_owner, settings.role or None)
    return Desk(configuration, root, agent, account, settings.wait)


def describe_account(configuration: Config, root: Path, account: str) -> access.Agent:
    """What an account, other than the caller's, may be on a desk."""
    return access.appoint(configuration, account, account == _account(_owner_of(root)))


def load_config(settings: Settings) -> Config:
    """The configuration that the settings name."""
    path = config.find_config(settings.config or None, os.environ, Path.cwd())
    return config.load(path, _cache_of(path))


def is_guarded(root: Path) -> bool:
    """Whether the process acts for somebody else: as the desk's owner, through sudo."""
    return "SUDO_UID" in os.environ and os.getuid() == _owner_of(root)


def _root_of(configuration: Config, settings: Settings) -> Path:
    return Path(settings.maildir).absolute() if settings.maildir else configuration.desk.maildir


def _caller(root: Path) -> tuple[str, bool]:
    """The account that acts, and whether it owns the desk."""
    uid = os.getuid()
    if is_guarded(root) and os.environ["SUDO_UID"].isdigit():
        uid = int(os.environ["SUDO_UID"])
    return _account(uid), uid == _owner_of(root)


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


def _require_trusted(file: Path, root: Path) -> None:
    """A guarded desk's configuration, and all folders above it, can be changed by its owner or root alone."""
    trusted = {0, _owner_of(root)}
    for path in (file.resolve(), *file.resolve().parents):
        status = path.stat()
        is_sticky = status.st_mode & 0o1000
        if status.st_uid not in trusted or (status.st_mode & 0o022 and not is_sticky):
            raise ConfigError(
                f"{path} can be changed by others than the desk's owner: a guarded desk does not trust it",
                f"chown it to the owner, and chmod go-w {path}",
            )


def _cache_of(path: Path) -> Path | None:
    """Where the configuration is kept in a form that is read faster: in the home of the process's account."""
    try:
        folder = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache" / "supportctl"
        folder.mkdir(parents=True, exist_ok=True)
    except (KeyError, OSError):
        return None  # an account without a home reads the file itself
    return folder / f"{str(path.absolute()).replace('/', '%')[-200:]}.json"
