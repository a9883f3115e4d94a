"""Nothing stands in `docs/operations.md` to be typed, or written to a file, that no test does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import ROOT
from tests.support.mail_hosts import PAGE

SOURCES = [*Path(__file__).parent.glob("test_*.py"), Path(__file__).parents[1] / "support" / "mail_hosts.py"]
TEXT = "\n".join(path.read_text() for path in SOURCES if path != Path(__file__))
KNOWN = {
    "cp": "tests/process/test_rescue.py",
    "robot:": "tests/verbs/test_bringing.py",
    "bin/otrs.Console.pl": "",
}
"""Other blocks by their first word, and where they are tested: of OTRS there is none here."""


def test_there_is_something_to_do() -> None:
    assert len(PAGE.files) > 15
    assert len(list(PAGE.typed)) > 30


@pytest.mark.parametrize("name", sorted({name for name, _ in PAGE.files}))
def test_each_file_is_written(name: str) -> None:
    assert f'"{name}"' in TEXT


@pytest.mark.parametrize("heading", sorted({typed.heading for typed in PAGE.typed}))
def test_each_section_is_typed(heading: str) -> None:
    assert f'"{heading}"' in TEXT


def test_each_block_is_for_a_file_a_terminal_or_known() -> None:
    others = [block.text for block in PAGE.blocks if not block.file and block.language != "console"]
    assert [text for text in others if text.split()[0] not in KNOWN] == []
    assert all((ROOT / file).exists() for file in KNOWN.values())
