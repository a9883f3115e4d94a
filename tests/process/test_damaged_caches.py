"""Index and catalogue are caches: whatever happens to their files, a search finds what it found before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.desks import DeskDir


def cut_in_half(state: Path) -> None:
    for name in ("text.sqlite-wal", "text.sqlite-shm"):
        (state / name).unlink(missing_ok=True)
    data = (state / "text.sqlite").read_bytes()
    (state / "text.sqlite").write_bytes(data[: len(data) // 2])


def fill_with_garbage(state: Path) -> None:
    (state / "text.sqlite").write_bytes(b"garbage" * 9999)


def empty(state: Path) -> None:
    (state / "text.sqlite").write_bytes(b"")


def delete_without_its_journal(state: Path) -> None:
    (state / "text.sqlite").unlink()


def make_it_of_another_version(state: Path) -> None:
    execute(state / "text.sqlite", "PRAGMA user_version = 1")


def drop_a_table(state: Path) -> None:
    execute(state / "text.sqlite", "DROP TABLE document")


def drop_the_words(state: Path) -> None:
    execute(state / "text.sqlite", "DROP TABLE words_data")


def tear_pages(state: Path) -> None:
    tear(state / "text.sqlite", 5)


def fill_catalogue_with_garbage(state: Path) -> None:
    (state / "catalogue.sqlite").write_bytes(b"garbage" * 9999)


def tear_the_catalogue(state: Path) -> None:
    tear(state / "catalogue.sqlite", 4)


def tear_both(state: Path) -> None:
    tear_pages(state)
    tear_the_catalogue(state)


def execute(path: Path, sql: str) -> Any:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    found = connection.execute(sql).fetchone()
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return found


def tear(path: Path, first: int, count: int | None = None) -> None:
    """Overwrite every page from one on, or so many."""
    (size,) = execute(path, "PRAGMA page_size")
    data = path.read_bytes()
    start = size * (first - 1)
    assert start < len(data)
    end = len(data) if count is None else start + size * count
    path.write_bytes(data[:start] + b"\xfe" * (end - start) + data[end:])


@pytest.mark.parametrize(
    "damage",
    [
        cut_in_half, fill_with_garbage, empty, delete_without_its_journal, make_it_of_another_version, drop_a_table,
        drop_the_words, tear_pages, fill_catalogue_with_garbage, tear_the_catalogue, tear_both,
    ],
)  # fmt: skip
def test_a_damaged_cache_is_made_anew(full_desk: DeskDir, damage: Callable[[Path], None]) -> None:
    before = full_desk.rows("search", "the or /paypal/ or in:SE")
    damage(full_desk.maildir / "supportctl")
    assert full_desk.rows("search", "the or /paypal/ or in:SE") == before
    assert full_desk.run("search", "--count", "*").stderr == b""


def test_a_damaged_catalogue_costs_the_full_text_nothing(full_desk: DeskDir, tmp_path: Path) -> None:
    before = full_desk.rows("search", "the")
    state = full_desk.maildir / "supportctl"
    (page,) = execute(state / "catalogue.sqlite", "SELECT rootpage FROM sqlite_master WHERE name = 'ticket'")
    tear(state / "catalogue.sqlite", page, 1)
    kept = tmp_path / "text.sqlite"
    kept.hardlink_to(state / "text.sqlite")
    assert full_desk.rows("search", "the") == before
    assert kept.samefile(state / "text.sqlite")
