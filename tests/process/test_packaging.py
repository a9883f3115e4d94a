"""What a user gets: the wheel, the source archive, the demo, and the CI's one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support.desks import CACERT, ROOT

PARTS = ("LICENSE", "README.md", "pyproject.toml", "queues.yaml", "supportctl")


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and a source archive, built from a copy of the project, without a network."""
    pytest.importorskip("setuptools", minversion="77")
    folder = tmp_path_factory.mktemp("dist")
    source = tmp_path_factory.mktemp("source")
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, source / name)
    build = "import sys, setuptools.build_meta as b; to = sys.argv[1]; b.build_sdist(to); b.build_wheel(to)"
    subprocess.run([sys.executable, "-c", build, folder], cwd=source, check=True, capture_output=True)
    return folder


def test_the_wheel_brings_the_queues_and_the_licence(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("supportctl/queues.yaml") == CACERT.read_bytes()
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    assert any(name.endswith("/LICENSE") for name in names)
    assert "GPL-3.0-or-later" in metadata
    assert not [name for name in names if name.startswith("tests")]


def test_the_source_archive_brings_the_content_of_queues_yaml(distributions: Path) -> None:
    (archive,) = distributions.glob("*.tar.gz")
    with tarfile.open(archive) as stream:
        members = [member for member in stream if member.name.endswith("/supportctl/queues.yaml")]
        assert len(members) == 1
        content = stream.extractfile(members[0])  # follows a link
        assert content is not None
        assert content.read() == CACERT.read_bytes()


def test_an_installed_command_makes_a_desk(distributions: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (wheel,) = distributions.glob("*.whl")
    (site,) = environment.glob("lib/python*/site-packages")
    install(wheel, environment, site)
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        [environment / "bin" / "supportctl", "init", "desk"], cwd=tmp_path, env=clean, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "desk" / "queues.yaml").read_bytes() == CACERT.read_bytes()


def install(wheel: Path, environment: Path, site: Path) -> None:
    """Install a wheel without its dependencies: those of the Python that runs the tests serve."""
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    theirs = [path for path in sys.path if path.endswith("-packages")]
    (site / "dependencies.pth").write_text("\n".join(theirs) + "\n")
    assert (site / "supportctl" / "__init__.py").exists()


def test_the_demo_runs_without_a_terminal_and_cleans_up(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "supportctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m supportctl "$@"\n')
    program.chmod(0o755)
    done = run_demo(program.parent, tmp_path)
    assert done.returncode == 0, done.stdout
    for verb in ("ingest", "classify", "queues", "ls", "show", "mv", "close", "search", "stats", "log", "undo"):
        assert f"$ supportctl {verb} " in done.stdout or f"$ supportctl {verb}\n" in done.stdout
    assert len(done.stdout.splitlines()) < 175
    assert not list(tmp_path.glob("supportctl-demo.*"))


def test_the_demo_fails_where_a_step_fails(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "supportctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$1" = stats ] && exit 70\nexec {sys.executable} -m supportctl "$@"\n')
    program.chmod(0o755)
    assert run_demo(program.parent, tmp_path).returncode == 1


def run_demo(binaries: Path, scratch: Path) -> subprocess.CompletedProcess[str]:
    path = f"{binaries}:{os.environ['PATH']}"
    environment = {"PATH": path, "PYTHONPATH": str(ROOT), "TMPDIR": str(scratch), "HOME": str(scratch)}
    return subprocess.run(
        [ROOT / "examples" / "demo.sh"], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment
    )
