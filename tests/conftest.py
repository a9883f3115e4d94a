"""Fixtures that every test may use."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.desks import DeskDir

for name in ("store_contract", "snapshot_contract", "planning_contract", "outbox_contract", "mail_hosts"):
    pytest.register_assert_rewrite(f"tests.support.{name}")  # tests that test classes inherit say what they saw, too
# Each desk of a test leaves a cached configuration behind: not in the home of who runs the tests.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="supportctl-cache-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as for what a shell runs in the background; children inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
# A machine with much to do is no failure: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

COLLECTION = Path(os.environ.get("SUPPORTCTL_MAILS", Path(__file__).parents[2] / "shared" / "corpora"))


class RealMails:
    """A collection of real mail: its folder, its files in a stable order, and their labels."""

    def __init__(self, folder: Path, labels: dict[str, str]) -> None:
        self.folder = folder
        self.labels = labels
        self.files = sorted(folder.rglob("*.eml"))

    def label(self, file: Path) -> str:
        """The source's own word for a mail."""
        return self.labels[str(file.relative_to(self.folder))]


@pytest.fixture(scope="session")
def real_mails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealMails]:
    """The collection of real mail, unpacked; the test is skipped where there is none."""
    if not (COLLECTION / "unpack").exists():
        pytest.skip(f"no real mail at {COLLECTION} (set SUPPORTCTL_MAILS)")
    target = tmp_path_factory.mktemp("real")
    subprocess.run([COLLECTION / "unpack", target], check=True)
    lines = (COLLECTION / "labels.jsonl").read_text().splitlines()
    yield RealMails(target / "mail", {row["file"]: row["label"] for row in map(json.loads, lines)})


@pytest.fixture(scope="session")
def strace() -> None:
    """Skip where strace is not there, or may not trace."""
    if shutil.which("strace") is None or subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("strace is not installed, or not permitted to trace")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskDir]:
    """An empty desk of CAcert's shape; it must be consistent when the test ends."""
    made = DeskDir(tmp_path / "desk")
    yield made
    made.check()


@pytest.fixture
def full_desk(desk: DeskDir) -> DeskDir:
    """A desk with the example mails, taken in and classified."""
    desk.take_examples("--classify")
    return desk
