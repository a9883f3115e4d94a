"""`supportctl`, stopped from outside, by strace: proof that the runner in `tests/support/crash.py` misses no call,
and the calls that it can't see, SQLite's."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crash import CONFIG, ROOT, Event, Job, Runner
from tests.support.crash_fixtures import NOTHING_TO_DO, crash_desk, crash_folder, runner
from tests.support.crash_scenarios import SCENARIOS, copy_desk, set_up
from tests.support.pictures import CACHES, Picture, count_operations, take_picture

__all__ = ["crash_desk", "crash_folder", "runner"]

NAMES = {
    "write": "write", "rename": "rename", "mkdir": "mkdir", "rmdir": "rmdir", "fsync": "fsync", "syncfs": "syncfs",
    "unlink": "unlink", "openat": "create", "ftruncate": "ftruncate", "chmod": "chmod",
}  # fmt: skip
"""The calls that a runner counts, by their names in the kernel."""

UNCOUNTED = (
    *("creat", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlinkat", "mkdirat", "truncate"),
    *("writev", "pwrite64", "pwritev", "pwritev2", "fdatasync", "fallocate", "sync_file_range", "copy_file_range"),
    *("sendfile", "splice", "mknod", "mknodat", "fchmodat", "setxattr", "fsetxattr"),
)
"""The other calls that change a disk: nothing but SQLite may use them, in a desk."""

CALL = re.compile(r"^\d+ +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
PATH = re.compile(r'<(/[^>]*)>|"(/[^"]*)"')
KEY = re.compile(r"\d{10}\.M\d+P\d+Q[^ ]*")
MOVE, CLASSIFY = "mv to a queue that closes", "classify"
VERBS = {scenario.name: scenario for scenario in SCENARIOS}

pytestmark = pytest.mark.usefixtures("strace")


class Traced:
    """A verb as a process of its own, under strace."""

    def __init__(self, runner: Runner, desk: Path, folder: Path, name: str) -> None:
        self.runner = runner
        self.scenario = VERBS[name]
        self.start = set_up(runner, desk, folder / "start", self.scenario)
        self._folder = folder

    def fresh(self) -> Path:
        """A copy of the desk before the verb."""
        return copy_desk(self.start, self._folder / "work")

    def launch(self, maildir: Path, calls: str, *options: str) -> tuple[int, list[str]]:
        """Run the verb; returns its exit status, and the calls on the desk with their ordinal numbers."""
        trace = self._folder / "trace"
        done = subprocess.run(
            ["strace", "-f", "-y", "-s", "0", "-o", str(trace), "-e", f"trace={calls}", *options, sys.executable, "-m",
             "supportctl", "--config", str(CONFIG), "--maildir", str(maildir), *self.scenario.arguments],
            cwd=ROOT, check=False, capture_output=True,
        )  # fmt: skip
        return done.returncode, trace.read_text().splitlines()

    def ordinals(self, maildir: Path, calls: str, path: str) -> Iterator[tuple[str, int]]:
        """The calls whose arguments name a path: each name with its place among the calls of that name."""
        seen: Counter[str] = Counter()
        status, lines = self.launch(maildir, calls)
        assert status == 0
        for call in filter(None, map(CALL.match, lines)):
            seen[call["name"]] += 1
            if path in call["arguments"]:
                yield call["name"], seen[call["name"]]

    def view(self, maildir: Path) -> Picture:
        """A desk once it has recovered; `check` must find nothing."""
        for question in (NOTHING_TO_DO, ("check",)):
            done = self.runner.run(Job(maildir, list(question), is_counted=False)).ended()
            assert done.stdout == b""
        return without_times(take_picture(maildir))


def without_times(picture: Picture) -> Picture:
    """A picture without what goes by the clock: times, and the mails that the desk wrote."""
    for ticket in picture.tickets.values():
        ticket.update(changed=0, closed=0, outgoing=[mail["recipients"] for mail in ticket["outgoing"]])
    return Picture(
        picture.tickets, [mail if mail[0] != ".outbox" else (".outbox", "", "", "") for mail in picture.mails]
    )


@pytest.fixture
def traced(request: pytest.FixtureRequest, runner: Runner, crash_desk: Path, crash_folder: Path) -> Traced:
    """A verb, ready to be traced."""
    return Traced(runner, crash_desk, crash_folder / "traced", request.param)


def read_event(line: str, maildir: Path) -> Event | None:
    """A line of the trace as a runner notes it; None for what does not touch the desk, or only SQLite's files."""
    call = CALL.match(line)
    if call is None:
        return None
    found = [first or second for first, second in PATH.findall(call["arguments"])]
    paths = [path for path in found if path.startswith(str(maildir))]
    if not paths or paths[0].endswith(CACHES) or (call["name"] == "openat" and "O_CREAT" not in call["arguments"]):
        return None
    short = [path.replace(f"{maildir}/", "").replace(str(maildir), ".") for path in paths]
    return NAMES[call["name"]], " → ".join(short) if call["name"] == "rename" else short[0]


@pytest.mark.parametrize("traced", [MOVE, CLASSIFY], indirect=True)
def test_the_runner_sees_every_call(traced: Traced) -> None:
    maildir = traced.fresh()
    had = {str(path.relative_to(maildir)) for path in maildir.rglob("*")}
    events = traced.runner.run(Job(maildir, list(traced.scenario.arguments), traced.scenario.input)).ended().events
    maildir = traced.fresh()
    status, lines = traced.launch(maildir, ",".join((*NAMES, *(f"?{name}" for name in UNCOUNTED))))
    assert status == 0
    seen = [event for event in (read_event(line, maildir) for line in lines) if event]
    seen = [event for event in seen if event[0] != "create" or event[1] not in had]
    seen = [(name, KEY.sub("KEY", path)) for name, path in seen]
    assert seen == [("rename" if name == "replace" else name, KEY.sub("KEY", path)) for name, path in events]
    assert len(seen) > 30


@pytest.mark.parametrize(
    ("traced", "calls", "path", "least"),
    [(CLASSIFY, "rename,fsync", "/maildir", 20), (MOVE, "pwrite64,ftruncate", "catalogue.sqlite", 15)],
    indirect=["traced"],
)
def test_the_kernel_kills_it_at_any_call(traced: Traced, calls: str, path: str, least: int) -> None:
    before, after = traced.view(traced.fresh()), None
    operations = count_operations(traced.start)
    maildir = traced.fresh()
    points = list(traced.ordinals(maildir, calls, path))
    assert len(points) >= least
    after = traced.view(maildir)
    for name, number in points:
        maildir = traced.fresh()
        status, _ = traced.launch(maildir, name, "-e", f"inject={name}:signal=KILL:when={number}")
        assert status in (-9, 137)
        assert traced.view(maildir) == (after if count_operations(maildir) > operations else before)


@pytest.mark.parametrize("traced", [MOVE], indirect=True)
def test_the_disk_is_full_for_the_catalogue(traced: Traced) -> None:
    before = traced.view(traced.fresh())
    operations = count_operations(traced.start)
    maildir = traced.fresh()
    points = list(traced.ordinals(maildir, "pwrite64", "catalogue.sqlite"))
    after = traced.view(maildir)
    for name, number in points:
        maildir = traced.fresh()
        status, _ = traced.launch(maildir, name, "-e", f"inject={name}:error=ENOSPC:when={number}+")
        assert status == 75
        assert traced.view(maildir) == (after if count_operations(maildir) > operations else before)
