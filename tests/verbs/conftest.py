"""Desks that the tests of several verbs look at."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskDir, make_mail


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
