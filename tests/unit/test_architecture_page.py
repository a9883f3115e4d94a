"""docs/architecture.md and the contributor's part of README.md say of the source what is so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.test_layers import FLOORS, MODULES, PACKAGE, ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
README = (ROOT / "README.md").read_text()

NO_ROOMS = {"__version__", "__init__"}  # on the floors of the test, and no module to tell of
A_VERB = "tag"  # stands for VERB


def section(document: str, title: str) -> str:
    """A section of a document, up to the next one."""
    return document.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


WORKING_ON_IT = section(README, "Working on it")


def codes(text: str) -> list[str]:
    """What stands between backquotes, blocks of code left out."""
    return re.findall("`([^`\n]+)`", re.sub("^```.*?^```", "", text, flags=re.M | re.S))


def paths(text: str) -> list[str]:
    """The files and folders that a text names."""
    names = [name for name in codes(text) if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|\w+\.(py|md)", name)]
    return [name.replace("VERB", A_VERB) for name in names]


def items(text: str) -> list[str]:
    """The entries of the lists in a text, with or without numbers."""
    return [item.group() for item in re.finditer(r"^(?:-|\d+\.) .*(?:\n +\S.*)*", text, re.M)]


def floors(block: str) -> Iterator[dict[str, str]]:
    """The rooms of each floor of the picture, the top one first: their names, and what is said of them."""
    shared: dict[str, str] = {}
    for line in block.splitlines():
        if found := re.fullmatch(r"([ ┌│└]) (\w+) +(\S.*)", line):
            sign, room, words = found.groups()
            shared[room] = words
            if sign in " └":
                yield shared
                shared = {}
        else:
            raise AssertionError(f"not a line of the picture: {line!r}")


PICTURE = list(floors(section(PAGE, "The floors").split("```")[1].strip("\n")))


def test_the_floors_stand_in_the_order_of_the_test() -> None:
    assert [set(floor) for floor in PICTURE] == [set(line.split()) - NO_ROOMS for line in FLOORS.splitlines()]


def test_every_room_has_one_line() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - NO_ROOMS
    told = [room for floor in PICTURE for room in floor]
    assert sorted(told) == sorted(rooms)


@pytest.mark.parametrize("name", sorted(set(paths(PAGE))))
def test_what_the_page_names_exists(name: str) -> None:
    assert (PACKAGE / name).exists()


@pytest.mark.parametrize("name", sorted(set(paths(WORKING_ON_IT))))
def test_what_the_readme_names_exists(name: str) -> None:
    assert (ROOT / name).exists()


def test_every_class_on_the_page_exists() -> None:
    sources = [path.read_text() for path in MODULES]
    known = {node.name for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)}
    named = {name for name in codes(PAGE) if re.fullmatch("[A-Z][a-z]+(?:[A-Z][a-z]+)*", name)}
    assert {"Draft", "Snapshot", "FolderStore"} <= named <= known


@pytest.mark.parametrize("step", items(section(PAGE, "The life of a message")), ids=lambda step: step[:2])
def test_each_step_of_a_message_names_its_module(step: str) -> None:
    assert [name for name in paths(step) if name.endswith(".py")]


@pytest.mark.parametrize("item", items(WORKING_ON_IT), ids=lambda item: item.partition(":")[0])
def test_a_table_to_add_to_stands_in_its_file(item: str) -> None:
    """Constants and classes by the names of the files on the same line."""
    files = [ROOT / name for name in paths(item)]
    text = "".join(path.read_text() for path in files if path.is_file())
    for name in re.findall(r"`([A-Z][A-Z_]+|[A-Z][a-z]+)`", item):
        assert re.search(rf"^(class )?{name}\b", text, re.M), f"no {name} in {[str(path.name) for path in files]}"


def test_what_is_read_from_the_documents() -> None:
    assert {"commands/ingest.py", "values.py", "operations/"} <= {*paths(PAGE), *paths("`values.py` and `x`")}
    assert {"tests/verbs/test_tag.py", "supportctl/query/fields.py", "CHANGELOG.md"} <= set(paths(WORKING_ON_IT))
    assert len(items(section(PAGE, "The life of a message"))) == 8
    assert len(items(WORKING_ON_IT)) >= 25
    assert list(floors("  a  one\n┌ b  two\n└ c  three")) == [{"a": "one"}, {"b": "two", "c": "three"}]


@pytest.mark.parametrize("document", ["README.md", "docs/README.md"])
def test_the_page_is_found(document: str) -> None:
    assert "architecture.md" in (ROOT / document).read_text()


def test_the_page_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= 150


def test_links_of_the_page_lead_to_a_heading() -> None:
    for target in re.findall(r"\]\(([^)\s#]+#[^)\s]+)\)", PAGE):
        file, _, anchor = target.partition("#")
        titles = re.findall("^#+ (.*)$", Path(ROOT / "docs" / file).read_text(), re.M)
        assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, target
