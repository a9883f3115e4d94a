"""One name for one thing: no two modules define a public class or function of the same name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "supportctl"
SHARED = {"command"}
"""What every verb's module calls its verb."""


def public_names(source: str) -> set[str]:
    """The classes and functions at the top of a module that others may use."""
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names = {node.name for node in ast.parse(source).body if isinstance(node, definitions)}
    return {name for name in names if not name.startswith("_")}


def homonyms(modules: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The names that several modules define, given the name and the source of each."""
    homes: dict[str, list[str]] = defaultdict(list)
    for module, source in modules:
        for name in public_names(source) - SHARED:
            homes[name].append(module)
    return {name: where for name, where in homes.items() if len(where) > 1}


def test_no_name_has_two_meanings() -> None:
    modules = ((str(path.relative_to(PACKAGE)), path.read_text()) for path in sorted(PACKAGE.rglob("*.py")))
    assert homonyms(modules) == {}


def test_a_second_meaning_is_seen() -> None:
    first = "class State: ...\ndef _same(): ...\ndef command(): ...\ndef own(): ..."
    second = "async def State(): ...\ndef _same(): ...\ndef command(): ..."
    assert homonyms([("a", first), ("b", second)]) == {"State": ["a", "b"]}
