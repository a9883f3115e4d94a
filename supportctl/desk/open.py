"""Open the desk that a command is about, as the agent who calls it."""

from __future__ import annotations

import os
import pwd
import stat
import time
from pathlib import Path

from supportctl import config
from supportctl.config import Config
from supportctl.config.loading import stat_file
from supportctl.desk.desk import Desk, Standing
from supportctl.desk.guard import require_own, require_trusted, require_unguarded, trusted_places
from supportctl.desk.identity import NOBODY, account_of, guarded_caller, is_root_elsewhere, owner_of
from supportctl.desk.requests import DeskOptions
from supportctl.policy.agents import determine_agent, may_be_robot
from supportctl.store.store import FolderStore


def open_desk(settings: DeskOptions) -> Desk:
    """The desk that the options name, as its caller sees it.

    Raises ConfigError, NotFoundError or DeniedError where there is no such desk or role.
    """
    caller = guarded_caller()
    if caller is not None:
        _leave_callers_surroundings()
    file = locate_config(settings)
    before = stat_file(file)
    configuration = load_config(file)
    root = _root_of(configuration, settings)
    uid = os.getuid() if caller is None else caller
    _let_root_go(root)
    require_own(root)
    _share(root)
    owner = owner_of(root)
    # A desk that is not there denies nobody anything: that it is not there is what has to be said.
    is_owner = uid == 0 or owner in (uid, NOBODY)  # root may be whoever it likes

    def judge(configuration: Config) -> Standing:
        agent = determine_agent(configuration, account_of(uid), is_owner, settings.role or None)
        return Standing(configuration, agent, may_be_robot(configuration, agent, settings.role))

    def judge_again() -> Standing | None:
        return judge(load_config(file)) if stat_file(file) != before else None

    store = FolderStore(root, settings.wait, settings.warn)
    desk = Desk(judge(configuration), store, account_of(owner), judge_again)
    desk.warn = settings.warn
    return desk


def _leave_callers_surroundings() -> None:
    os.umask(0o077)  # sudo may keep the caller's, and lets the caller's time zone through
    if os.environ.pop("TZ", ""):
        time.tzset()


def locate_config(settings: DeskOptions) -> Path:
    """The file with the configuration that the options name, which a guarded desk does not look for at its caller's."""
    named = settings.config or os.environ.get(config.VARIABLE, "")
    if guarded_caller() is None:
        return config.find_config(named, config.list_places(os.environ))
    # What is checked is what is read, whatever becomes of a link on the way.
    return config.find_config(named, trusted_places()).resolve()


def load_config(file: Path) -> Config:
    """The configuration in a file; a guarded desk takes one that only its owner and root can change."""
    if guarded_caller() is not None:
        require_trusted(file)
    return config.load(file, _cache_of(file))


def _root_of(configuration: Config, settings: DeskOptions) -> Path:
    if settings.maildir:
        require_unguarded("--maildir")
        return Path(settings.maildir).absolute()
    return configuration.desk.maildir


def _let_root_go(root: Path) -> None:
    """Go on as the owner of a desk where root acts on it, for nobody."""
    if is_root_elsewhere(root):
        from supportctl.desk.privileges import act_as_owner  # not at the top: few commands are root's

        act_as_owner(root)


def _share(root: Path) -> None:
    """Let the group of a shared desk write what this process creates there."""
    if root.exists() and root.stat().st_mode & stat.S_IWGRP:
        os.umask(os.umask(0o077) & ~stat.S_IRWXG)


def _cache_of(path: Path) -> Path | None:
    """The file in which the parsed configuration is kept, in the cache folder of the process's account.

    On a guarded desk the environment is the caller's, and must not decide what the owner's process reads.
    """
    named = os.environ.get("XDG_CACHE_HOME", "") if guarded_caller() is None else ""
    try:
        base = Path(named) if named.startswith("/") else Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache"
        folder = base / "supportctl"
        folder.mkdir(parents=True, exist_ok=True)
    except (KeyError, OSError):
        return None  # an account without a home reads the file itself
    return folder / f"{str(path.absolute()).replace('/', '%')[-200:]}.json"
