"""A desk that an earlier commit made and worked on: the program of today goes on with it. Needs the whole history."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.support.desks import EXAMPLES, ROOT, DeskDir

pytestmark = pytest.mark.slow
EVERY = int(os.environ.get("SUPPORTCTL_EVERY", "10"))
"""Of how many commits one is taken; those that changed the format are taken all."""
WORK = (
    *("ingest --classify", "tag +urgent .1", "mv .2 junk", "close .3 --type General", "pend .4 --until 2099-01-01"),
    *("forward .6 --to list@example.org", "tag +wrong .7", "undo", "mv .8 support-engineers", "reopen --closed .2"),
)
"""What is done with the earlier program; a verb or an option that it does not have yet does nothing."""


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False).stdout


def chosen() -> list[str]:
    """The commits, oldest first; none in a copy without the history."""
    if git("rev-parse", "--is-shallow-repository").strip() != b"false":
        return []
    every = git("log", "--reverse", "--format=%h", "--", "supportctl").decode().split()
    format = git("log", "--format=%h", "--", "docs/format.md").decode().split()
    return [commit for number, commit in enumerate(every) if number % EVERY == 0 or commit in format]


@pytest.mark.parametrize("commit", chosen() or ["none"])
def test_a_desk_of_an_earlier_commit(tmp_path: Path, commit: str) -> None:
    if commit == "none":
        pytest.skip("there is no history here: a full clone has it")
    desk = make_desk(tmp_path, commit)
    before = desk.tickets()
    assert len(before) > 60
    for command in ("ls", "queues", "stats", "log --all", "search *"):
        assert desk.run(*command.split()).stdout
    for ticket in list(before)[::10]:
        assert desk.run("show", ticket).stdout
    open_tickets = desk.ids("ls")
    desk.run("check")
    for command in (f"tag +later {open_tickets[0]}", f"mv {open_tickets[1]} junk", f"close {open_tickets[2]} --yes"):
        desk.run(*command.split(), status=None if command.startswith("close") else 0)
    assert desk.tickets().keys() == before.keys()
    desk.check()
    for _ in range(2):
        desk.run("undo")
    desk.check()


def make_desk(folder: Path, commit: str) -> DeskDir:
    """A desk that the program of a commit has made and worked on."""
    source = folder / "source"
    with tarfile.open(fileobj=BytesIO(git("archive", commit, "supportctl", "queues.yaml"))) as archive:
        archive.extractall(source, filter="data")
    desk = DeskDir.found_in(folder / "desk")
    work(source, desk, "init", str(desk.folder))
    shutil.copytree(EXAMPLES, desk.maildir, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".gitkeep"))
    done = [work(source, desk, *command.split()) for command in WORK]
    if done[0] != 0:
        pytest.skip("that program does not run with the libraries of today")
    assert done.count(0) > 4
    return desk


def work(source: Path, desk: DeskDir, *words: str) -> int:
    """Run the earlier program."""
    environment = {**desk.environment, "PYTHONPATH": str(source), "XDG_CACHE_HOME": str(source)}
    config = [] if words[0] == "init" else ["--config", str(desk.config)]
    command = [sys.executable, "-P", "-m", "supportctl", *config, *words]
    return subprocess.run(command, env=environment, cwd=source, capture_output=True, check=False).returncode
