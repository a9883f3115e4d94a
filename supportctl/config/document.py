"""The bytes of `queues.yaml` as a tree of YAML nodes that know their lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from supportctl.errors import ConfigError

if TYPE_CHECKING:
    from yaml import MarkedYAMLError, Node

LARGEST = 1_000_000
"""A larger file, in bytes, is some other file."""

DEEPEST_NESTING = 20
"""Deeper nesting is no configuration; the C parser would recurse through it until the stack ends."""


class Problem(NamedTuple):
    """One mistake in the file; the line is counted from 1, and 0 where it is about the file as a whole."""

    line: int
    text: str


class Problems:
    """Everything that is wrong with one file, gathered so that it is told at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.found: list[Problem] = []

    def add(self, line: int, text: str) -> None:
        """Note one more problem."""
        self.found.append(Problem(line, text))

    def stop_if_any(self) -> None:
        """Raise ConfigError with all problems by line, if there are any."""
        if not self.found:
            return
        lines = [self._show(problem) for problem in sorted(dict.fromkeys(self.found))]
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        raise ConfigError("\n".join(lines), f"{count} in {self.file}")

    def _show(self, problem: Problem) -> str:
        place = f"{self.file.name}:{problem.line}" if problem.line else self.file.name
        return f"{place}: {problem.text}"


def parse_document(data: bytes, problems: Problems) -> Node | None:
    """The root node of the file's one YAML document, or None where a problem was noted."""
    import yaml

    text = _decode(data, problems)
    if text is None:
        return None
    try:
        return yaml.compose(text, yaml.CSafeLoader) if _is_plain(text, problems) else None
    except yaml.MarkedYAMLError as error:
        problems.add(*_explain(error))
    except yaml.YAMLError as error:  # the reader's own, for control characters: no mark
        problems.add(0, f"no YAML: {str(error).splitlines()[0]}")
    return None


def _decode(data: bytes, problems: Problems) -> str | None:
    if len(data) > LARGEST:
        problems.add(0, f"larger than {LARGEST} bytes, so hardly the configuration of a desk")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(line, f"not UTF-8: byte 0x{data[error.start]:02x}")
        return None


def _is_plain(text: str, problems: Problems) -> bool:
    """Whether the text nests no deeper than it may and has no aliases, of which YAML bombs are made."""
    import yaml

    opening = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
    closing = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
    depth = 0
    before = len(problems.found)
    for event in yaml.parse(text, yaml.CSafeLoader):
        depth += isinstance(event, opening) - isinstance(event, closing)
        line = event.start_mark.line + 1 if event.start_mark else 0
        if depth > DEEPEST_NESTING:
            problems.add(line, f"nested deeper than {DEEPEST_NESTING} levels")
            return False
        if isinstance(event, yaml.AliasEvent):
            problems.add(line, f"the YAML alias *{event.anchor} is not supported: write out what it stands for")
    return len(problems.found) == before


def _explain(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    text = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(mark.line + 1 if mark else 0, f"no YAML: {text}")
