"""Find and load `queues.yaml`."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from supportctl.config.cache import read_cache, write_cache
from supportctl.config.settings import Config
from supportctl.errors import ConfigError

NAME = "queues.yaml"
VARIABLE = "SUPPORTCTL_CONFIG"
SYSTEM = Path("/etc/supportctl") / NAME
LARGEST = 1_000_000
"""The size in bytes beyond which a file is no configuration."""


def find_config(named: str, places: Sequence[Path]) -> Path:
    """The absolute path of the configuration: the one that is `named`, else the first one found in `places`.

    What is named need not exist; what can't be read is passed over. Raises ConfigError where there is none.
    """
    if named:
        return _absolute(named)
    for file in places:
        if _is_readable(file):
            return file
    tried = "\n".join(f"  {file}" for file in places)
    raise ConfigError(
        f"no {NAME} found; looked for:\n{tried}",
        f"name the file with --config or ${VARIABLE}, or create a desk with supportctl init",
    )


def list_places(environ: Mapping[str, str], *, with_working_folder: bool = True) -> list[Path]:
    """Where a configuration is looked for, in this order.

    `./queues.yaml`, `supportctl/queues.yaml` in the user's configuration folder (XDG Base Directory Specification),
    `/etc/supportctl/queues.yaml`.
    """
    places = [*_user_files(environ), SYSTEM]
    if with_working_folder:
        with suppress(OSError):  # the folder may be gone
            places.insert(0, Path.cwd() / NAME)
    return places


def load(path: Path, cache: Path | None = None) -> Config:
    """The configuration in the file `path`, checked as a whole.

    `cache` is a file that keeps the configuration in a form that is read faster; it is used if this version of the
    program wrote it for the same text, and else written. Raises ConfigError with every problem of the file.
    """
    file = path.absolute()
    data = _read_file(path)
    config = read_cache(cache, file, data) if cache else None
    if config is None:
        config = parse_config(data, file)
        if cache:
            write_cache(cache, config, data)
    return config


def stat_file(path: Path) -> tuple[int, ...]:
    """What changes with every change of the file; nothing for a file that is gone or can't be looked at."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def parse_config(data: bytes, file: Path) -> Config:
    """The configuration that `data` is, in a file at the absolute path `file`; raises ConfigError."""
    from supportctl.config.consistency import find_contradictions
    from supportctl.config.document import Problems, parse_document
    from supportctl.config.sections import read_sections

    problems = Problems(file)
    root = parse_document(data, problems)
    problems.stop_if_any()
    # Checked for contradictions even with problems so far, so that one error lists everything.
    config = read_sections(root, file, problems)
    for problem in find_contradictions(config):
        problems.add(*problem)
    problems.stop_if_any()
    return config


def _read_file(path: Path) -> bytes:
    """The bytes of the file; raises ConfigError for one that can't be read, is too large, or is not regular."""
    try:
        # Before it is opened: a fifo would wait for a writer, and a device may be anything.
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise ConfigError(f"can't read {path}: not a regular file", f"name a file called {NAME}")
        with open(path, "rb", opener=_open_at_once) as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise ConfigError(f"{path.name}: too large: more than {LARGEST:,} bytes", f"is {path} the right file?")
    return data


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # should it be another file by now


def _is_readable(file: Path) -> bool:
    try:
        return file.is_file() and os.access(file, os.R_OK)
    except OSError:
        return False  # such as a folder on the way that is closed to us


def _absolute(named: str) -> Path:
    try:
        return Path(named).absolute()
    except OSError as error:
        raise ConfigError(f"can't read {named}: the working folder is gone", "name it by its whole path") from error


def _user_files(environ: Mapping[str, str]) -> list[Path]:
    base = environ.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):
        return [Path(base) / "supportctl" / NAME]
    home = environ.get("HOME", "")
    return [Path(home) / ".config" / "supportctl" / NAME] if home.startswith("/") else []
