"""Read one mapping of the file, key by key; a wrong value is noted as a problem and read as nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from supportctl.config.document import Problems
from supportctl.config.settings import suggest
from supportctl.values import Span, parse_address, parse_span

if TYPE_CHECKING:
    from yaml import Node

Value = TypeVar("Value")

KINDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "yes or no",
    "null": "nothing",
    "timestamp": "a date",
    "seq": "a list",
    "map": "a mapping",
}
MOST_ENTRIES = 1000
"""The number of queues, rules and the like beyond which a file is no configuration."""

QUOTABLE = ("a number", "yes or no", "a date")


def kind_of(node: Node) -> str:
    """The kind of a node, in people's words."""
    return KINDS.get(node.tag.rpartition(":")[2], f"a value of type {node.tag}")


def line_of(node: Node) -> int:
    """The line of a node in the file, counted from 1."""
    return int(node.start_mark.line) + 1


class MappingReader:
    """The keys of one mapping; `where` names the mapping in problems. Unknown and duplicate keys are noted.

    A node of None is a mapping that is not there: it has no keys, and none is missing. With None for `known`, every
    key is known.
    """

    def __init__(self, node: Node | None, where: str, known: Iterable[str] | None, problems: Problems) -> None:
        self.where = where
        self.line = line_of(node) if node else 0
        self.problems = problems
        self.nodes: dict[str, Node] = {}
        self.key_lines: dict[str, int] = {}
        self.is_there = node is not None and kind_of(node) == "a mapping"
        spellings = None if known is None else {key: key for key in known}
        for key, line, value in read_entries(node, where, problems) if node else ():
            if spellings is None or key in spellings:
                self.nodes[key] = value
                self.key_lines[key] = line
            else:
                problems.add(line, f"{where}: unknown key {key!r}; {suggest(key, spellings)}")

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return key in self.nodes

    def line_at(self, key: str) -> int:
        """The line of a key, 0 where there is none."""
        return self.key_lines.get(key, 0)

    def require(self, *keys: str) -> None:
        """Note a problem for each of these keys that is missing."""
        for key in keys:
            if self.is_there and key not in self.nodes:
                self.problems.add(self.line, f"{self.where}: {key!r} is missing")

    def mapping(self, key: str, known: Iterable[str] | None) -> MappingReader:
        """The mapping under a key."""
        where = key if self.where == "the file" else f"{self.where}: {key}"
        return MappingReader(self.nodes.get(key), where, known, self.problems)

    def children(self, key: str, what: str, known: tuple[str, ...]) -> Iterator[tuple[str, MappingReader]]:
        """The mappings in the mapping under a key, by name, each with the line of its name."""
        parent = self.mapping(key, None)
        if not self._has_few(key, len(parent.nodes)):
            return
        for name, node in parent.nodes.items():
            child = MappingReader(node, f"{what} {name}", known, self.problems)
            child.line = parent.line_at(name)
            yield name, child

    def items(self, key: str, what: str, known: tuple[str, ...]) -> Iterator[MappingReader]:
        """The mappings in the list under a key, each called by its `name`."""
        items = self._items(key)
        if not self._has_few(key, len(items)):
            return
        for number, node in enumerate(items, 1):
            yield MappingReader(node, f"{what} {name_in(node) or number}", known, self.problems)

    def text(self, key: str) -> str:
        """A text, by default an empty one."""
        return self.checked(key, str, "")

    def line_text(self, key: str, default: str = "") -> str:
        """A text of one line without control characters."""
        return self.checked(key, parse_line, default)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts of one line each, without duplicates."""
        return self.each(key, parse_line)

    def checked(self, key: str, check: Callable[[str], Value], default: Value) -> Value:
        """A text as `check` reads it; a ValueError becomes a problem."""
        node = self.nodes.get(key)
        value = None if node is None else self._check(node, key, check)
        return default if value is None else value

    def each(self, key: str, check: Callable[[str], Value]) -> tuple[Value, ...]:
        """A list of texts as `check` reads each, without duplicates."""
        values: dict[Value, None] = {}
        for item in self._items(key):
            value = self._check(item, key, check)
            if value in values:
                self.problems.add(line_of(item), f"{self.where}: {key}: {item.value!r} appears twice")
            elif value is not None:
                values[value] = None
        return tuple(values)

    def span(self, key: str, default: Span) -> Span:
        """A span of time such as 30d."""
        return self.checked(key, parse_span, default)

    def address(self, key: str) -> str:
        """An address, in lower case."""
        return self.checked(key, parse_address, "")

    def addresses(self, key: str) -> tuple[str, ...]:
        """A list of addresses, in lower case."""
        return self.each(key, parse_address)

    def choice(self, key: str, options: Iterable[str]) -> str:
        """One of some words, or "" where there is none."""
        return self.checked(key, make_reference_check(options, "not a valid value:"), "")

    def reference(self, key: str, names: Iterable[str], what: str) -> str:
        """The name of something defined elsewhere, or "" where there is none; `what` is its kind, for problems."""
        return self.checked(key, make_reference_check(names, f"no {what} named"), "") if key in self.nodes else ""

    def references(self, key: str, names: Iterable[str], what: str) -> tuple[str, ...]:
        """A list of names of things defined elsewhere."""
        return self.each(key, make_reference_check(names, f"no {what} named"))

    def flag(self, key: str) -> bool:
        """Yes or no; no where there is none."""
        node = self.nodes.get(key)
        if node is None:
            return False
        if kind_of(node) != "yes or no":
            self._complain(node, key, "true or false")
        return str(node.value).lower() in ("yes", "true", "on")

    def _has_few(self, key: str, count: int) -> bool:
        """Whether a section is of a size that can be read at once; notes a problem where it is not."""
        if count > MOST_ENTRIES:
            self.problems.add(self.line_at(key), f"{key}: more than {MOST_ENTRIES:,}")
        return count <= MOST_ENTRIES

    def _items(self, key: str) -> list[Node]:
        node = self.nodes.get(key)
        if node is None:
            return []
        if kind_of(node) != "a list":
            self._complain(node, key, "a list")
            return []
        return list(node.value)

    def _check(self, node: Node, key: str, check: Callable[[str], Value]) -> Value | None:
        if kind_of(node) != "text":
            self._complain(node, key, "text")
            return None
        try:
            if not node.value.strip():
                raise ValueError("empty")
            return check(node.value)
        except ValueError as error:
            self.problems.add(line_of(node), f"{self.where}: {key}: {error}")
            return None

    def _complain(self, node: Node, key: str, expected: str) -> None:
        actual = kind_of(node)
        advice = " (put it in quotes)" if expected == "text" and actual in QUOTABLE else ""
        self.problems.add(line_of(node), f"{self.where}: {key}: expected {expected}, found {actual}{advice}")


def keys_of(node: Node | None) -> tuple[str, ...]:
    """The keys of a mapping, none for any other node; whoever reads the node notes its problems."""
    if node is None or kind_of(node) != "a mapping":
        return ()
    return tuple(key.value for key, _ in node.value if isinstance(key.value, str))


def name_in(node: Node) -> str:
    """The name that a mapping has under `name`, or ""."""
    pairs = node.value if kind_of(node) == "a mapping" else ()
    return next((value.value for key, value in pairs if key.value == "name" and kind_of(value) == "text"), "")


def make_reference_check(names: Iterable[str], problem: str) -> Callable[[str], str]:
    """A check that a text is one of these names; `problem` says what is wrong with any other."""
    spellings = {name.casefold(): name for name in names}

    def check(text: str) -> str:
        if spellings.get(text.casefold()) != text:
            raise ValueError(f"{problem} {text!r}; {suggest(text, spellings)}")
        return text

    return check


def read_entries(node: Node, where: str, problems: Problems) -> Iterator[tuple[str, int, Node]]:
    """Key, line and value of each entry of a mapping, without entries for which a problem is noted."""
    if kind_of(node) != "a mapping":
        problems.add(line_of(node), f"{where}: expected a mapping, found {kind_of(node)}")
        return
    seen: dict[str, int] = {}
    for key_node, value in node.value:
        line = line_of(key_node)
        # As written: to YAML 1.1 a bare `on` is the truth value "true".
        key = key_node.value if isinstance(key_node.value, str) else ""
        if not key:
            problems.add(line, f"{where}: expected a name as key, found {kind_of(key_node)}")
        elif key in seen:
            problems.add(line, f"{where}: {key!r} appears twice, first on line {seen[key]}")
        else:
            seen[key] = line
            yield key, line, value


def parse_line(text: str) -> str:
    """A text of one line; raises ValueError for line ends and other control characters."""
    if not text.isprintable():
        raise ValueError(f"{text!r} contains a line break or a control character")
    return text
