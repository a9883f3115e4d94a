"""What is declared, imported, pinned and explained to the reader is one set of libraries."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text()

# Declared, and not imported so far.
GIVEN = {"python-gnupg"}  # for OpenPGP, which a later version brings
# Tools that nothing imports: programs of `make lint` and what they read, a plugin of pytest, what builds the program.
PROGRAMS = {"mypy", "ruff", "types-pyyaml", "types-tabulate", "pytest-xdist", "setuptools"}
OURS = {"supportctl", "tests", "benchmarks", "_typeshed"}  # the last is a part of mypy
LATER = {"compression"}  # of the standard library from Python 3.14 on


def plain(name: str) -> str:
    """The name of a distribution as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> tuple[dict[str, str], dict[str, str]]:
    """The oldest version of each library that the program uses, needed or not, and of each that tests need besides."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    needed = [[*project["dependencies"], *optional["zstd"]], optional["test"]]
    program, tests = [dict(read_requirement(one) for one in names) for names in needed]
    return program, {name: oldest for name, oldest in tests.items() if name not in program}


def read_requirement(line: str) -> tuple[str, str]:
    """A name and its oldest version: every requirement has one, and no other condition."""
    name, _, oldest = line.partition(">=")
    assert re.fullmatch(r"\d+(\.\d+)*", oldest, re.ASCII), line
    return plain(name), oldest


def pinned() -> dict[str, str]:
    """The versions in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {plain(name): version for name, _, version in (line.partition("==") for line in lines if line[0] != "#")}


def imported(*folders: str) -> set[str]:
    """The distributions that the sources in folders import, within functions and for type checkers, too."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {plain(distribution_of(name)) for path in files for name in foreign_imports(path.read_text())}


def foreign_imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for top in {name.partition(".")[0] for name in names}:
            if top not in sys.stdlib_module_names | OURS | LATER:
                yield top


@cache
def modules() -> dict[str, list[str]]:
    return dict(packages_distributions())


def distribution_of(module: str) -> str:
    """What to install for a module; by its own name where it is not installed here."""
    return modules().get(module, [module])[0]


def told(column: str) -> set[str]:
    """The names in the first column of a table of the page, by that column's title."""
    table = PAGE[PAGE.index(f"\n| {column} |") :].partition("\n\n")[0]
    return {plain(name) for name in re.findall(r"^\| \[?([\w.-]+)", table, re.MULTILINE)} - {plain(column)}


def test_every_library_is_declared_and_imported() -> None:
    assert imported("supportctl") == declared()[0].keys() - GIVEN


def test_every_test_tool_is_declared_and_used() -> None:
    used = imported("tests", "benchmarks") - declared()[0].keys()
    assert used | PROGRAMS == declared()[1].keys()
    assert not used & PROGRAMS


def test_the_page_names_them_all() -> None:
    program, tests = declared()
    assert told("library") == program.keys()
    assert told("tool") == tests.keys()


def test_each_has_one_version_that_was_tested() -> None:
    versions = pinned()
    for name, oldest in (declared()[0] | declared()[1]).items():
        assert name in versions, f"constraints.txt has no version of {name}: make constraints"
        assert numbers(versions[name]) >= numbers(oldest), name


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_what_they_need_themselves_has_one_too() -> None:
    waiting = [*declared()[0], *declared()[1]]
    seen: set[str] = set()
    while waiting:
        name = plain(waiting.pop())
        if name not in seen:
            seen.add(name)
            waiting += needs_of(name)
    if not all(is_this_version(name, pinned()) for name in declared()[0]):
        pytest.skip("another set of versions is under test")
    assert seen <= pinned().keys()


def needs_of(name: str) -> list[str]:
    """What an installed distribution needs on this Python, extras left out."""
    needed = map(Requirement, requires(name) or [])
    return [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]


def is_this_version(name: str, versions: dict[str, str]) -> bool:
    from importlib.metadata import version

    return version(name) == versions[name]


def test_what_is_found_in_a_source() -> None:
    source = "import os, yaml.nodes\nfrom flufl.bounce import x\ndef f():\n    import re2\n    from tests import y"
    assert sorted(foreign_imports(source)) == ["flufl", "re2", "yaml"]
