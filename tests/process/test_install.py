"""`make install` and `make uninstall`, as README tells them: the real thing, into a folder of the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.desks import CACERT, ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MAKEFLAGS", "MFLAGS")}


def make(*arguments: str) -> str:
    command = ["make", "--no-print-directory", f"PYTHON={sys.executable}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def registry(tmp_path: Path) -> None:
    """The test is skipped where no virtual environment can be made, or no package can be had."""
    if find_spec("ensurepip") is None:
        pytest.skip("this Python makes no virtual environments: python3-venv is not installed")
    one = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path / "one"), "--constraint"]
    done = subprocess.run(
        [sys.executable, *one, "constraints.txt", "tabulate"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no packages can be had from here: {done.stderr.strip().splitlines()[-1]}")


@pytest.mark.usefixtures("registry")
def test_the_program_is_installed_for_all_and_taken_away_again(tmp_path: Path) -> None:
    prefix = tmp_path / "local"
    command, library = prefix / "bin" / "supportctl", prefix / "lib" / "supportctl"
    for name in ("20260101T000000Z", "20260201T000000Z"):
        (library / name / "bin").mkdir(parents=True)
    command.parent.mkdir()
    command.symlink_to(library / "20260201T000000Z" / "bin" / "supportctl")
    checkout = sorted(os.listdir(ROOT))

    assert make("install", f"PREFIX={prefix}") == f"supportctl 0.1.0 is {command}\n"
    assert sorted(os.listdir(ROOT)) == checkout
    former, current = sorted(library.iterdir())
    assert former.name == "20260201T000000Z"
    assert command.resolve() == current / "bin" / "supportctl"
    assert not (current / "bin" / "pytest").exists()
    assert list(current.glob("lib/python*/site-packages/supportctl/cli/__pycache__/group.*.pyc"))

    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    subprocess.run([command, "init", "desk", "-q"], cwd=tmp_path, env=bare, check=True)
    subprocess.run([command, "check"], cwd=tmp_path / "desk", env=bare, check=True)
    assert (tmp_path / "desk" / "queues.yaml").read_bytes() == CACERT.read_bytes()

    make("uninstall", f"PREFIX={prefix}")
    assert [path.name for path in sorted(prefix.rglob("*"))] == ["bin", "lib"]
    assert (tmp_path / "desk" / "queues.yaml").exists()


def test_a_command_of_another_installation_stays(tmp_path: Path) -> None:
    command = tmp_path / "bin" / "supportctl"
    command.parent.mkdir()
    command.touch()
    make("uninstall", f"PREFIX={tmp_path}")
    assert command.exists()


def test_the_demo_needs_no_test_tools(tmp_path: Path) -> None:
    steps = {goal: make("--dry-run", goal, f"VENV={tmp_path / 'venv'}") for goal in ("demo", "test")}
    assert "[test]" not in steps["demo"] and "[test]" in steps["test"]
    assert all(f"PIP_CONSTRAINT={ROOT / 'constraints.txt'}" in told for told in steps.values())
