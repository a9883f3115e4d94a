"""Desks that the tests of several verbs look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import CACERT, Colleagues, DeskDir, make_mail


@pytest.fixture(scope="session")
def plain_desk(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with one ticket, which tests only look at."""
    desk = DeskDir(tmp_path_factory.mktemp("plain") / "desk")
    desk.take(make_mail("A mail"))
    return desk


@pytest.fixture(scope="session")
def read_desk(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """The examples, taken in and classified, one ticket closed and one waiting; only looked at."""
    desk = DeskDir(tmp_path_factory.mktemp("reading") / "desk")
    desk.take_examples("--classify")
    first, second, *_ = desk.ids("ls", "triage")
    desk.run("close", first)
    desk.run("pend", second, "--until", "90d")
    return desk


@pytest.fixture
def colleagues(tmp_path: Path) -> Colleagues:
    """A desk with a Support Engineer "4242", another "4243", and one of Triage, "4244"."""
    text = CACERT.read_text().replace("agents: [ben, clara]", 'agents: ["4242", "4243"]')
    (tmp_path / "many.yaml").write_text(text.replace("agents: [anna, ben]", 'agents: ["4244"]'))
    return Colleagues(tmp_path / "desk", tmp_path / "many.yaml")
