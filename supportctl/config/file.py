"""The bytes of `queues.yaml`, from a regular file of bounded size and nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from supportctl.errors import ConfigError

LARGEST = 1_000_000
"""The size in bytes beyond which a file is no configuration."""


def read_file(path: Path) -> bytes:
    """The bytes of the file, and one more than it may have of a larger one.

    Raises ConfigError for a file that can't be read, or is not regular.
    """
    try:
        # Before it is opened: a fifo would wait for a writer, and a device may be anything.
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise ConfigError(f"can't read {path}: not a regular file", "name a file called queues.yaml")
        with open(path, "rb", opener=_open_at_once) as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from error


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # should it be another file by now
