"""The account at a mail server: from a file that nobody else can read, or from the environment."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from supportctl.errors import ConfigError, DeniedError

USER, PASSWORD = "SUPPORTCTL_SMTP_USER", "SUPPORTCTL_SMTP_PASSWORD"


class Credentials(NamedTuple):
    """A user and a password."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Without the password, wherever it may be printed."""
        return f"Credentials({self.user!r}, …)"


def read_credentials(file: str, host: str, environ: Mapping[str, str]) -> Credentials | None:
    """The credentials for a host: from a file in the format of netrc(5), or without one from the environment.

    None where there are none. Raises ConfigError for a file that others can read, or without an entry for the host;
    DeniedError where this account can't read it.
    """
    if not file:
        user = environ.get(USER, "")
        return Credentials(user, environ.get(PASSWORD, "")) if user else None
    from netrc import NetrcParseError, netrc

    _require_private(Path(file))
    try:
        entry = netrc(file).authenticators(host)
    except (NetrcParseError, UnicodeDecodeError) as error:  # its message has a line number, and no password
        reason = f"line {error.lineno}: {error.msg}" if isinstance(error, NetrcParseError) else "not UTF-8"
        raise ConfigError(f"{file}: {reason}", f"write: machine {host} login USER password PASSWORD") from None
    if entry is None or not entry[0]:
        raise ConfigError(f"{file} has no entry for {host}", f"write: machine {host} login USER password PASSWORD")
    return Credentials(entry[0], entry[2] or "")


def _require_private(file: Path) -> None:
    try:
        status = file.stat()
    except OSError as error:
        raise ConfigError(f"can't read {file}: {error.strerror}", "see credentials in docs/sending.md") from error
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"can't read {file}: not a regular file")
    if status.st_mode & 0o077:
        raise ConfigError(f"{file} can be read by others than its owner", f"run chmod 600 {file}")
    if status.st_uid not in (0, os.getuid()) or not os.access(file, os.R_OK):
        raise DeniedError(f"{file} belongs to another account", "let that account run supportctl outbox send")
