"""A parsed `queues.yaml`, kept as JSON: reading YAML takes a hundred times as long. Only a cache."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from supportctl import __version__
from supportctl.config.settings import Config


def read_cache(cache: Path, file: Path, text: bytes) -> Config | None:
    """The configuration that this version of the program kept for this file with this text, or None."""
    try:
        kept = json.loads(cache.read_bytes())
        if kept["version"] == __version__ and kept["text"] == text.decode() and kept["config"]["file"] == str(file):
            return Config.from_json(kept["config"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # none there, or not one of ours: the file itself is at hand
    return None


def write_cache(cache: Path, config: Config, text: bytes) -> None:
    """Keep a configuration, as a whole or not at all; a cache that can't be written is no error."""
    # The whole text, not a digest: comparing is faster than loading a hash function.
    data = json.dumps({"version": __version__, "text": text.decode(), "config": config.to_json()})
    # Written aside and renamed, so that another process never reads half of it.
    draft = cache.with_name(f"{cache.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        try:
            draft.write_text(data)
            draft.replace(cache)
        finally:
            draft.unlink(missing_ok=True)
