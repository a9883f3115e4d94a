"""A verb loads what it needs and nothing else: start-up is imports, and most verbs do little besides."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.desks import ROOT, DeskDir, make_mail

# What costs a millisecond or more to load, and is no use to most verbs. `email` stands for all of it.
HEAVY = {
    *("yaml", "tinydb", "tabulate", "lark", "flufl", "selectolax", "chardetng_py", "uao", "re2", "gnupg", "mailbox"),
    *("email", "html", "http", "ssl", "socket", "hashlib", "secrets", "random", "logging", "csv", "unicodedata"),
    *("multiprocessing", "concurrent", "asyncio", "subprocess", "ctypes", "pickle", "tempfile", "difflib"),
    *("orjson", "dataclasses", "sqlite3", "shutil", "traceback", "decimal", "zoneinfo", "typing_extensions"),
    *("importlib.metadata", "importlib.resources", "unittest", "pdb", "hypothesis", "msgspec"),
}
INDEX = {"sqlite3"}
TICKETS = {"orjson", "dataclasses"}  # the latter by the former
LIST = INDEX | TICKETS
WRITE = {*LIST, "tinydb", "shutil", "hashlib"}
JUDGE_MAIL = {"hashlib", "logging", "traceback"}  # the latter two by the detector of returned mail

# Rooms and modules of ours that `ls` has no use for: it looks, and neither writes, judges nor searches.
NO_USE_FOR_LS = {
    *("mail", "query", "index", "intake", "policy.rules", "cli.writing"),
    *("operations.draft", "operations.classification", "operations.searching", "operations.undo"),
    *("store.transaction", "store.stage", "store.apply", "store.recovery", "store.storage", "store.verify"),
    *("transport", "outbox", "cli.sending", "operations.outgoing", "operations.outbox"),
}
# And those that `--help` has no use for: it lists the verbs and asks nothing of a desk.
NO_USE_FOR_HELP = {
    *("commands", "config", "desk.open", "index", "intake", "mail", "operations", "policy", "query", "store"),
}

# The verb, what it may load of all that, and how many modules at most it loads, Python's own start included.
CASES: list[tuple[list[str], set[str], int]] = [
    (["--help"], {"shutil"}, 128),
    (["mv", "--help"], WRITE, 173),
    (["can", "anna", "access", "junk"], set(), 143),
    (["queues"], LIST, 158),
    (["ls"], LIST, 158),
    (["ls", "--format", "json"], LIST, 158),
    (["ls", "--format", "ids"], LIST, 158),
    (["ls", "--format", "csv"], LIST | {"csv"}, 158),
    (["log"], LIST, 158),
    (["log", ".1"], LIST, 158),
    (["stats"], INDEX, 153),
    (["show", ".1"], LIST, 180),
    (["show", "--raw", ".1"], LIST, 163),
    (["search", "question"], INDEX | {"unicodedata"}, 174),
    (["search", "subject:/quest/"], INDEX | {"unicodedata", "re2"}, 178),
    (["tag", "+x", ".1"], WRITE, 188),
    (["mv", ".1", "junk"], WRITE, 188),
    (["close", ".1"], WRITE, 188),
    (["reopen", ".2"], WRITE, 188),
    (["pend", ".3", "--until", "90d"], WRITE, 188),
    (["wake"], WRITE, 178),
    (["undo"], WRITE, 188),
    (["ingest"], {*WRITE, *JUDGE_MAIL, "pickle", "unicodedata"}, 213),  # nothing is in the INBOX
    (["classify"], {*WRITE, *JUDGE_MAIL, "re2", "unicodedata"}, 228),
]


@pytest.fixture(scope="module")
def used_desk(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with three tickets, one of them closed, whose configuration has been read before."""
    desk = DeskDir(tmp_path_factory.mktemp("startup") / "desk")
    desk.deliver(*(make_mail("A question", mid=f"{number}@example.org") for number in range(3)))
    desk.run("ingest")
    desk.run("close", ".2")
    desk.run("tag", "+x", ".3")
    desk.run("search", "question")
    return desk


def loaded(desk: DeskDir, *arguments: str) -> set[str]:
    """The modules that a process loads, by the interpreter's own account: by a statement or by `import_module`."""
    command = [sys.executable, "-v", *desk.command[1:], *arguments]
    done = subprocess.run(command, capture_output=True, env=desk.environment, cwd=desk.folder, check=False)
    told = done.stderr.decode()
    errors = [line for line in told.splitlines() if not line.startswith(("import ", "#"))]
    assert done.returncode == 0, errors
    modules = set(re.findall("^import '([^']+)' #", told, re.MULTILINE))
    assert {"os", "supportctl.cli.group"} <= modules, "the interpreter tells nothing"
    # An editable installation adds a finder of its own: that is no module of ours, nor of a library.
    return {name for name in modules if not name.startswith("__editable__")}


def heavy(modules: set[str]) -> set[str]:
    return among(HEAVY, modules)


def among(names: set[str], modules: set[str]) -> set[str]:
    """Those of the names that are loaded, as a module or as the package of one."""
    return {name for name in names for module in modules if module == name or module.startswith(f"{name}.")}


def ours(modules: set[str]) -> set[str]:
    """The modules of supportctl among others, by their names inside of it."""
    return {name.removeprefix("supportctl.") for name in modules if name.startswith("supportctl.")}


@pytest.mark.parametrize(
    ("arguments", "allowed", "most"), CASES, ids=lambda case: " ".join(case) if isinstance(case, list) else ""
)
def test_a_verb_loads_what_it_needs(used_desk: DeskDir, arguments: list[str], allowed: set[str], most: int) -> None:
    modules = loaded(used_desk, *arguments)
    assert heavy(modules) - allowed == set()
    assert "store.contract" not in ours(modules), "protocols are for the type checker alone"
    assert len(modules) <= most, sorted(modules)


@pytest.mark.parametrize("verb", ["ls", "show", "tag", "queues"])
def test_no_verb_loads_another(used_desk: DeskDir, verb: str) -> None:
    words = {"show": [".3"], "tag": ["+y", ".3"]}.get(verb, [])
    commands = {name for name in loaded(used_desk, verb, *words) if name.startswith("supportctl.commands.")}
    assert commands == {f"supportctl.commands.{verb}"}


def test_looking_loads_nothing_that_writes_or_judges(used_desk: DeskDir) -> None:
    assert not among(NO_USE_FOR_LS, ours(loaded(used_desk, "ls")))


def test_help_loads_no_verb_and_no_desk(used_desk: DeskDir) -> None:
    assert not among(NO_USE_FOR_HELP, ours(loaded(used_desk, "--help")))


@pytest.mark.parametrize("name", sorted(NO_USE_FOR_LS | NO_USE_FOR_HELP))
def test_what_must_not_be_loaded_exists(name: str) -> None:
    """A name that is gone would guard nothing."""
    path = ROOT / "supportctl" / name.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def test_a_changed_configuration_is_read_once(used_desk: DeskDir, tmp_path: Path) -> None:
    """YAML is read when the file is new or changed, and not again."""
    copied = tmp_path / "queues.yaml"
    text = used_desk.config.read_text().replace("maildir: ./maildir ", f"maildir: {used_desk.maildir} ")
    for title in ("Junk", "Rubbish"):
        copied.write_text(text.replace("title: Junk", f"title: {title}"))
        options = ["--config", str(copied), "queues"]
        assert "yaml" in loaded(used_desk, *options)
        assert "yaml" not in loaded(used_desk, *options)


def test_the_list_catches_what_it_names(used_desk: DeskDir) -> None:
    assert heavy({"yaml.reader", "email.header", "tinydb", "htmlish", "sqlite3.dbapi2"}) == {
        "yaml",
        "email",
        "tinydb",
        "sqlite3",
    }
    assert "tabulate" in loaded(used_desk, "ls", "--format", "table")
