"""Find and load `queues.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from supportctl.config.cache import read_cache, write_cache
from supportctl.config.settings import Config
from supportctl.errors import ConfigError

NAME = "queues.yaml"
VARIABLE = "SUPPORTCTL_CONFIG"
SYSTEM = Path("/etc/supportctl") / NAME


def find_config(option: str | Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The absolute path of the configuration to use.

    The first of these: the option, $SUPPORTCTL_CONFIG, `./queues.yaml`, `supportctl/queues.yaml` in the user's
    configuration folder (XDG Base Directory Specification), `/etc/supportctl/queues.yaml`. What the option or the
    variable names need not exist. Raises ConfigError where there is none.
    """
    named = option or environ.get(VARIABLE)
    if named:
        return cwd / named
    candidates = [cwd / NAME, *_user_files(environ), SYSTEM]
    for file in candidates:
        if file.exists():
            return file
    tried = "\n".join(f"  {file}" for file in candidates)
    raise ConfigError(
        f"no {NAME} found; looked for:\n{tried}",
        f"name the file with --config or ${VARIABLE}, or create a desk with supportctl init",
    )


def load(path: Path, cache: Path | None = None) -> Config:
    """The configuration in the file `path`, checked as a whole.

    `cache` is a file that keeps the configuration in a form that is read faster; it is used if this version of the
    program wrote it for the same text, and else written. Raises ConfigError with every problem of the file.
    """
    file = path.absolute()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from error
    config = read_cache(cache, file, data) if cache else None
    if config is None:
        config = parse_config(data, file)
        if cache:
            write_cache(cache, config, data)
    return config


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


def _user_files(environ: Mapping[str, str]) -> list[Path]:
    base = environ.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):
        return [Path(base) / "supportctl" / NAME]
    home = environ.get("HOME", "")
    return [Path(home) / ".config" / "supportctl" / NAME] if home.startswith("/") else []
