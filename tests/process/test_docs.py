"""Every command of the documents works, and prints what the document shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.consoles import Step, copy_checkout, install, read_steps, run_steps
from tests.support.desks import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WITH_COMMANDS = [path for path in DOCUMENTS if next(read_steps(path.read_text()), None) and path.name != "search.md"]
"""docs/search.md is run by a test of its own."""
START = """\
supportctl init . -q
cp -a examples/maildir/. maildir/
supportctl ingest -q
supportctl classify -q"""


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands(path: Path, tmp_path: Path) -> None:
    """README.md starts in a checkout, every other document on a desk with the example mails."""
    shown = list(read_steps(path.read_text()))
    start = [] if path.name == "README.md" else [Step(0, line) for line in START.splitlines()]
    steps = [*start, *shown]
    results = run_steps(steps, copy_checkout(tmp_path / "checkout"), install(tmp_path / "bin"))
    assert len(results) == len(steps), f"{path.name}: the shell ended after {steps[len(results) - 1].command}"
    for step, (status, output) in zip(steps, results, strict=True):
        where = f"{path.name}, line {step.line}: $ {step.command}\n" + "\n".join(output)
        assert status == step.status, f"{where}\nexit status {status}, not {step.status}"
        assert step.agrees(output), f"{where}\nis not what is shown there"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links(path: Path) -> None:
    """Every relative link leads to a file."""
    for target in links_of(path.read_text()):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


def links_of(document: str) -> set[str]:
    import re

    found = re.findall(r"\]\(([^)\s]+)\)", document)
    return {target.partition("#")[0] for target in found if "://" not in target and not target.startswith("#")}


SAMPLE = """
```console
$ echo one; exit 3   # exit 3
one
$ cat <<END
> two
> END
two
…
```
```
$ not an example
```
"""


def test_what_is_read_from_a_document() -> None:
    first, second = read_steps(SAMPLE)
    assert (first.line, first.command, first.status, first.shown) == (3, "echo one; exit 3   # exit 3", 3, ["one"])
    assert (second.command, second.status, second.shown) == ("cat <<END\ntwo\nEND", 0, ["two", "…"])


@pytest.mark.parametrize(
    ("shown", "output", "agrees"),
    [
        ([], ["anything"], True),
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["a"], False),
        (["a"], ["a", "b"], False),
        (["a", "…"], ["a", "b", "c"], True),
        (["…", "c"], ["a", "b", "c"], True),
        (["…", "c"], ["a", "b"], False),
        (["in …/maildir"], ["in /tmp/maildir"], True),
        (["in …/maildir"], ["in /tmp/mail"], False),
        (["s.1  *  3s  x"], ["s.1   *   5s   x"], True),
        (["s.1  *  3d  x"], ["s.1   *   5d   x"], False),
    ],
)
def test_comparing(shown: list[str], output: list[str], agrees: bool) -> None:
    assert Step(1, "x", shown).agrees(output) == agrees
