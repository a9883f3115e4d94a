"""Texts for replies that a desk gives often: one file each, in the folder `templates` beside `queues.yaml`."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from supportctl.config.settings import Config, suggest
from supportctl.errors import ConfigError, NotFoundError

FOLDER, SUFFIX = "templates", ".md"
FIELDS = ("ticket", "subject", "name", "requester", "desk")
"""The names that may be in braces: the ticket's id and subject, name and address of the writer, the desk's name."""
LARGEST = 100_000
"""The size in bytes beyond which a file is no text for a reply."""


class Template(NamedTuple):
    """A text for replies, by the name of its file."""

    name: str
    text: str

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with these values for its fields; values are taken as they are, whatever they hold."""
        return self.text.format_map(values)


def list_templates(config: Config) -> list[str]:
    """The names of all templates, sorted."""
    return sorted(path.name.removesuffix(SUFFIX) for path in _folder(config).glob(f"[!.]*{SUFFIX}"))


def read_template(config: Config, name: str) -> Template:
    """A template by its name; raises NotFoundError where there is none, ConfigError where it can't be filled."""
    names = list_templates(config)
    # Only what is listed is opened: a name is no path.
    if name not in names:
        hint = suggest(name, {known.casefold(): known for known in names})
        raise NotFoundError(f"no template named {name!r} in {_folder(config)}", hint)
    template = _read(config, name)
    if problems := list(_find_problems(template)):
        raise ConfigError("\n".join(problems), f"choose fields from {_listed()}")
    return template


def find_bad_templates(config: Config) -> Iterator[str]:
    """A sentence for each mistake in a template, with its file and line."""
    for name in list_templates(config):
        try:
            yield from _find_problems(_read(config, name))
        except ConfigError as error:
            yield error.message


def _read(config: Config, name: str) -> Template:
    path = _folder(config) / f"{name}{SUFFIX}"
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ConfigError(f"{FOLDER}/{path.name}: larger than {LARGEST:,} bytes")
        return Template(name, data.decode())
    except OSError as error:
        raise ConfigError(f"can't read {FOLDER}/{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{FOLDER}/{path.name}: not UTF-8") from error


def _find_problems(template: Template) -> Iterator[str]:
    for number, line in enumerate(template.text.splitlines(), 1):
        where = f"{FOLDER}/{template.name}{SUFFIX}:{number}"
        try:
            fields = [field for _, *field in string.Formatter().parse(line)]
        except ValueError:
            yield f"{where}: braces come in pairs; write {{{{ or }}}} for a brace itself"
            continue
        for name, form, conversion in fields:
            if name is not None and name not in FIELDS:
                yield f"{where}: unknown field {{{name}}}; choose from {_listed()}"
            elif name is not None and (form or conversion):
                yield f"{where}: {{{name}}} takes no format: write only the name in braces"


def _listed() -> str:
    return ", ".join(f"{{{name}}}" for name in FIELDS)


def _folder(config: Config) -> Path:
    return config.file.parent / FOLDER
