"""The bytes of `queues.yaml` → a tree of YAML nodes that know their lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from supportctl.errors import ConfigError
from supportctl.values import count_of

if TYPE_CHECKING:
    from yaml import Event, MarkedYAMLError, Node
    from yaml.reader import ReaderError

MOST_PROBLEMS = 300
"""The number of mistakes that are listed; a file with more is something else."""

DEEPEST_NESTING = 20
"""The depth beyond which nesting is no configuration; the C parser recurses until the stack ends."""


class Problem(NamedTuple):
    """One mistake in the file; the line counts from 1, and is 0 for the file as a whole."""

    line: int
    text: str


class Problems:
    """Everything that is wrong with one file, gathered for one error."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.noted: list[Problem] = []

    def add(self, line: int, text: str) -> None:
        """Note a problem; raise ConfigError where there are too many to list."""
        self.noted.append(Problem(line, text))
        if len(self.noted) >= MOST_PROBLEMS:
            self.noted.append(Problem(line, "too many problems: the rest of the file was not read"))
            self.stop_if_any()

    def stop_if_any(self) -> None:
        """Raise ConfigError with all problems by line, if there are any."""
        if not self.noted:
            return
        lines = [self._show(problem) for problem in sorted(dict.fromkeys(self.noted))]
        raise ConfigError("\n".join(lines), f"{count_of(len(lines), 'problem')} to fix in {self.file}")

    def _show(self, problem: Problem) -> str:
        where = f"{self.file.name}:{problem.line}" if problem.line else self.file.name
        return f"{where}: {problem.text}"


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
    except yaml.reader.ReaderError as error:
        problems.add(*_explain_character(error, text))
    return None


def _decode(data: bytes, problems: Problems) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(line, f"not UTF-8: byte 0x{data[error.start]:02x}")
        return None


def _is_plain(text: str, problems: Problems) -> bool:
    """Whether a text nests no deeper than allowed and has no aliases, of which YAML bombs are made."""
    import yaml

    opening = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
    closing = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
    depth = 0
    before = len(problems.noted)
    for event in _read_events(text):
        depth += isinstance(event, opening) - isinstance(event, closing)
        line = event.start_mark.line + 1 if event.start_mark else 0
        if depth > DEEPEST_NESTING:
            problems.add(line, f"nested more than {DEEPEST_NESTING} levels deep")
            return False
        if isinstance(event, yaml.AliasEvent):
            problems.add(line, f"the YAML alias *{event.anchor} is not supported: repeat the text that it stands for")
    return len(problems.noted) == before


def _read_events(text: str) -> Iterator[Event]:
    """All YAML events before the first mistake; then raises that mistake (MarkedYAMLError)."""
    import yaml

    # PyYAML reads ahead, and since 6.0.4 refuses nesting beyond a limit of its own: it may raise before it gives the
    # events that show us ours. So the text before the mistake is read again, by itself.
    count = 0
    try:
        for count, event in enumerate(yaml.parse(text, yaml.CSafeLoader), 1):  # noqa: B007
            yield event
    except yaml.MarkedYAMLError as error:
        end = error.problem_mark.index if error.problem_mark else 0
        with suppress(yaml.MarkedYAMLError):  # it ends where it was cut
            yield from islice(yaml.parse(text[:end], yaml.CSafeLoader), count, None)
        raise


def _explain_character(error: ReaderError, text: str) -> Problem:
    line = text.encode().count(b"\n", 0, error.position) + 1
    return Problem(line, f"the control character U+{error.character:04X} is not allowed")


def _explain(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    text = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(mark.line + 1 if mark else 0, f"not valid YAML: {text}")
