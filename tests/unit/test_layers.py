"""Imports point downwards only: read out of the source, lazy imports inside functions and all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "supportctl"

# A module imports from the floors below its own, and within its own package; nothing else.
FLOORS = """\
__main__
commands
cli
output
intake outbox
desk
operations
policy transport
config index
query
mail
store
model dates
values
errors records __version__
"""
FLOOR = {part: number for number, line in enumerate(reversed(FLOORS.splitlines())) for part in line.split()}

# What the letter of the floors would allow and the plan of the house does not.
FORBIDDEN = {
    "store": {"mail", "query", "config"},
    "mail": {"store", "click"},
    "query": {"store", "click"},
    "config": {"store", "click"},
    "index": {"config", "click"},
    "policy": {"store", "index", "os", "pathlib", "io", "shutil", "subprocess", "sqlite3"},
    "operations": {"click", "sys", "os", "pathlib"},
    "intake": {"click"},
    "desk": {"click", "sys"},
    "model": {"os", "pathlib", "errors"},
}  # fmt: skip
# The seam: what is imported of the store from outside of it, and by whom what is not for everybody.
SEAM = {"store.contract", "store.exchange", "store.changes"}
BEHIND_THE_SEAM = {
    "desk.open": {"store.store"},  # it opens the one store that there is
    "cli.group": {"store.disk_errors"},  # errors of the operating system are read in one place
    "commands.init": {"store.store"},  # it makes one
    "desk.desk": {"store.cache_errors", "store.log"},  # a damaged cache is mended there; an operation is made there
    "intake.folders": {"store.maildir", "store.message_files"},
    "intake.files": {"store.maildir", "store.message_files"},  # what somebody names is read as the desk's own mail is
    "index.search": {"store.cache_errors", "store.catalogue"},  # the index and the catalogue are a pair
    "index.schema": {"store.cache_errors", "store.catalogue"},
}
ONLY_BELOW = {"sqlite3", "tinydb", "fcntl", "ctypes"}
SQL = re.compile(r"\b(SELECT .* FROM|INSERT INTO|INSERT OR|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|PRAGMA )", re.S)
DURABLE_CALLS = {"fsync", "fdatasync", "rename", "renames", "link", "symlink", "flock", "lockf", "syncfs", "ftruncate"}
LONGEST_VERB, LONGEST_FUNCTION = 120, 31

MODULES = sorted(path for path in PACKAGE.rglob("*.py"))
VERBS = sorted(path for path in (PACKAGE / "commands").glob("*.py") if path.stem != "__init__")


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE).with_suffix("")).replace("/", ".").removesuffix(".__init__")


def part_of(name: str) -> str:
    return name.partition(".")[0]


def imports_of(source: str, *, at_run_time: bool = False) -> Iterator[str]:
    """What a module imports: `desk`, `store.durable` for our own modules, `os`, `email.header` for others."""
    for node in walk(ast.parse(source), at_run_time):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("supportctl.") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            assert node.module
            yield from _from(node.module, [alias.name for alias in node.names])


def walk(node: ast.AST, at_run_time: bool) -> Iterator[ast.AST]:
    """Every node, or those alone that are not only for the type checker."""
    yield node
    for child in ast.iter_child_nodes(node):
        is_typing = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        if not (at_run_time and is_typing):
            yield from walk(child, at_run_time)


def _from(module: str, names: list[str]) -> Iterator[str]:
    if module.split(".")[0] != "supportctl":
        yield from (f"{module}.{name}" for name in names)
        return
    inner = module.removeprefix("supportctl").lstrip(".")
    for name in names:
        full = f"{inner}.{name}".lstrip(".")
        is_module = (PACKAGE / (full.replace(".", "/") + ".py")).exists() or (PACKAGE / full.replace(".", "/")).is_dir()
        yield full if is_module or not inner else inner


def calls_of(source: str) -> Iterator[tuple[str, ast.Call]]:
    """The functions and methods that a module calls, by the last part of their name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id), node


def test_every_module_has_a_floor() -> None:
    assert {part_of(name_of(path)) for path in MODULES} - FLOOR.keys() - {"__init__"} == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_downwards(path: Path) -> None:
    own = part_of(name_of(path))
    for imported in imports_of(path.read_text()):
        part = part_of(imported)
        assert part not in FORBIDDEN.get(own, ()), f"{name_of(path)} imports {imported}"
        if part in FLOOR and part != own:
            assert FLOOR[part] < FLOOR[own], f"{name_of(path)} imports {imported}, which stands above it"


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(name_of(path)) != "store"], ids=name_of)
def test_the_store_is_known_by_its_seam(path: Path) -> None:
    name = name_of(path)
    known = {imported for imported in imports_of(path.read_text()) if part_of(imported) == "store"}
    assert known <= SEAM | BEHIND_THE_SEAM.get(name, set())


def test_whoever_looks_behind_the_seam_needs_to() -> None:
    for name, allowed in BEHIND_THE_SEAM.items():
        assert allowed <= set(imports_of((PACKAGE / f"{name.replace('.', '/')}.py").read_text())), name


@pytest.mark.parametrize(
    "path", [path for path in MODULES if part_of(name_of(path)) not in ("store", "index")], ids=name_of
)
def test_no_sql_stands_outside_of_store_and_index(path: Path) -> None:
    texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    assert [text for text in texts if isinstance(text, str) and SQL.search(text)] == []


def test_a_lazy_import_counts() -> None:
    source = (
        "def f():\n    from supportctl.store import durable\n    from supportctl.model import Ticket\n    import os"
    )
    assert list(imports_of(source)) == ["store.durable", "model", "os"]


def test_no_two_modules_need_each_other() -> None:
    graph = {name_of(path): set(imports_of(path.read_text(), at_run_time=True)) for path in MODULES}
    while free := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in free:
            del graph[name]
    assert not graph, f"a circle of imports among {sorted(graph)}"


@pytest.mark.parametrize("path", VERBS, ids=name_of)
def test_a_verb_is_thin_and_imports_no_other_verb(path: Path) -> None:
    source = path.read_text()
    assert [name for name in imports_of(source) if part_of(name) == "commands"] == []
    assert len(source.splitlines()) <= LONGEST_VERB
    assert any(isinstance(node, ast.FunctionDef) and node.name == "command" for node in ast.parse(source).body)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_function_is_long(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", [path for path in MODULES if not {"store", "index"} & {*path.parts}], ids=name_of)
def test_only_the_store_knows_the_database(path: Path) -> None:
    known = [name for name in imports_of(path.read_text(), at_run_time=True) if part_of(name) in ONLY_BELOW]
    assert [name for name in known if name not in ("sqlite3.Error", "sqlite3.DatabaseError")] == []


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) != "store.durable"], ids=name_of)
def test_only_one_module_syncs_and_renames_and_one_locks(path: Path) -> None:
    found = [f"line {call.lineno}: {name}" for name, call in calls_of(path.read_text()) if is_durable(name, call)]
    if name_of(path) == "config.cache":  # a cache in the account's home, no part of the desk
        assert len(found) == 1
    elif name_of(path) == "store.lock":
        assert [line.partition(": ")[2] for line in found] == ["flock"]
    else:
        assert found == []


def is_durable(name: str, call: ast.Call) -> bool:
    """Whether a call syncs, renames or locks; `replace` with one argument, or of `os`, is that of a file."""
    if name == "replace" and isinstance(call.func, ast.Attribute):
        of_os = isinstance(call.func.value, ast.Name) and call.func.value.id == "os"
        return of_os or (len(call.args) == 1 and not call.keywords)
    return name in DURABLE_CALLS


@pytest.mark.parametrize(
    ("call", "is_one"),
    [
        ("os.fsync(3)", True),
        ("os.replace('a', 'b')", True),
        ("Path('a').replace(b)", True),
        ("path.rename('b')", True),
        ("'a'.replace('b', 'c')", False),
        ("replace(ticket, key=1)", False),
    ],
)
def test_the_calls_are_told_apart(call: str, is_one: bool) -> None:
    assert next(is_durable(*found) for found in calls_of(call)) is is_one
