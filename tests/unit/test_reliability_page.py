"""`docs/reliability.md` names tests that exist, for each promise."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text()
NAMED = re.findall(r"`(tests/[\w/.]+)::(\w+)`", PAGE)


@cache
def find_tests(file: str) -> dict[str, bool]:
    """The tests of a file, and whether each is a slow one."""
    tree = ast.parse((ROOT / file).read_text())
    marks = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign)]
    are_slow = any(mark.startswith("pytestmark") and "mark.slow" in mark for mark in marks)
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return {
        test.name: are_slow or any(ast.unparse(d) == "pytest.mark.slow" for d in test.decorator_list) for test in tests
    }


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda word: word.rpartition("/")[2])
def test_a_named_test_exists(file: str, name: str) -> None:
    assert name in find_tests(file)


def test_every_promise_is_there() -> None:
    promises = PAGE.partition("## Promises")[2].partition("\n## ")[0]
    numbers = re.findall(r"^\*\*(\d+)\. ", promises, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 10)]
    bare = [part[:1] for part in re.split(r"^\*\*(?=\d+\. )", promises, flags=re.MULTILINE)[1:] if "::" not in part]
    assert bare == ["6"], "measured, not tested"


def test_every_line_that_shows_something_names_its_test() -> None:
    lines = [line for line in PAGE.partition("## Growth")[0].splitlines() if line.startswith("| ")]
    heads = [line for line in lines if line.endswith("| shown by |")]
    assert len(lines) - len(heads) == len(NAMED) > 35


def test_what_only_the_slow_tests_run_is_marked() -> None:
    """A row is marked itself, or its table is."""
    for table in PAGE.split("\n\n"):
        for line in table.splitlines():
            if named := re.search(r"`(tests/[\w/.]+)::(\w+)`", line):
                is_marked = "†" in line or "†" in table.splitlines()[0]
                assert find_tests(named[1])[named[2]] == is_marked, line
