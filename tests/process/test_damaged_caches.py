"""Index and catalogue are caches: whatever happens to their files, every verb does what it would have done."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.desks import DeskDir, make_mail


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


# every verb

CATALOGUE, TEXT = "catalogue.sqlite", "text.sqlite"
OTHER = {CATALOGUE: TEXT, TEXT: CATALOGUE}
ROOTS = {CATALOGUE: "ticket", TEXT: "document"}
"""A table of each cache that most verbs read."""

VERBS = {
    "ls": ["ls"], "show": ["show", ".1"], "search": ["search", "common tag:x or header:From:/ann/"], "stats": ["stats"],
    "log": ["log", "--format", "ids"], "tag": ["tag", "+new", ".2"], "mv": ["mv", ".2", "returns"], "undo": ["undo"],
    "ingest": ["ingest"], "check": ["check"],
}  # fmt: skip


def be_garbage(cache: Path) -> None:
    cache.write_bytes(b"garbage" * 9999)


def be_truncated(cache: Path) -> None:
    cache.write_bytes(cache.read_bytes()[: cache.stat().st_size // 2])


def be_of_another_version(cache: Path) -> None:
    execute(cache, "PRAGMA user_version = 99")


def lack_a_table(cache: Path) -> None:
    execute(cache, f"DROP TABLE {ROOTS[cache.name]}")


def have_a_torn_page(cache: Path) -> None:
    (page,) = execute(cache, f"SELECT rootpage FROM sqlite_master WHERE name = '{ROOTS[cache.name]}'")
    tear(cache, page, 1)


DAMAGES = [be_garbage, be_truncated, be_of_another_version, lack_a_table, have_a_torn_page]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A small desk with both caches, whole and each in one file; a mail waits in its INBOX. It is only copied."""
    desk = DeskDir(tmp_path_factory.mktemp("sound") / "desk")
    many_words = " ".join(f"word{number:x}" for number in range(20_000))  # more than one page of the index has room for
    desk.take(*(make_mail(f"Mail {number}", text=f"common {number} {many_words}\n") for number in range(5)))
    desk.run("close", ".4")
    desk.run("tag", "+x", "--owner", "ben", ".1", ".3")
    desk.run("search", "common")
    (desk.maildir / "new" / "1763900000.M1P1.late").write_bytes(make_mail("Late", text="common too\n"))
    for cache in OTHER:
        execute(desk.maildir / "supportctl" / cache, "SELECT 1")
    return desk


@pytest.fixture
def copied(sound: DeskDir, tmp_path: Path) -> Iterator[DeskDir]:
    """A copy of one's own; it must be consistent when the test ends."""
    desk = sound.copy(tmp_path / "copy")
    yield desk
    desk.check()


def outcome(desk: DeskDir, verb: str) -> tuple[bytes, bytes, list[dict[str, Any]]]:
    """What a verb says, and what the tickets are after it, but for times."""
    done = desk.run(*VERBS[verb])
    tickets = [{**ticket, "changed": 0, "closed": 0} for ticket in desk.tickets().values()]
    return done.stdout, done.stderr, tickets


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", OTHER)
def test_every_verb_does_its_work_and_the_other_cache_stays(
    copied: DeskDir, tmp_path: Path, name: str, damage: Callable[[Path], None], verb: str
) -> None:
    state = copied.maildir / "supportctl"
    expected = outcome(copied.copy(tmp_path / "twin"), verb)
    damage(state / name)
    kept = tmp_path / "kept"
    kept.hardlink_to(state / OTHER[name])
    assert outcome(copied, verb) == expected
    assert kept.samefile(state / OTHER[name])
    found = copied.rows("search", "common")
    assert len(found) == 5 + (verb == "ingest")
    assert kept.samefile(state / OTHER[name])


def tables_of(cache: Path) -> list[str]:
    connection = sqlite3.connect(cache)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    connection.close()
    return names


@pytest.mark.parametrize("name", OTHER)
def test_a_search_is_as_before_whichever_table_is_gone(copied: DeskDir, tmp_path: Path, name: str) -> None:
    """Some tables of the catalogue are read by the index alone, and some of the index's own by SQLite alone."""
    texts = ["common", "tag:x", "header:From:/ann/", "/comm/", "owner:ben", "mid:x or *"]
    before = [copied.run("search", text).stdout for text in texts]
    state = copied.maildir / "supportctl"
    whole = (state / name).read_bytes()
    kept = tmp_path / "kept"
    kept.hardlink_to(state / OTHER[name])
    tables = tables_of(state / name)
    assert len(tables) >= 5
    for table in tables:
        for text, found in zip(texts, before, strict=True):
            for suffix in ("-wal", "-shm"):
                (state / f"{name}{suffix}").unlink(missing_ok=True)
            (state / name).write_bytes(whole)
            execute(state / name, f'DROP TABLE "{table}"')
            done = copied.run("search", text)
            assert (done.stdout, done.stderr) == (found, b""), (table, text)
    assert kept.samefile(state / OTHER[name])


def test_both_caches_are_damaged_and_every_verb_does_its_work(sound: DeskDir, tmp_path: Path) -> None:
    for verb in VERBS:
        desk = sound.copy(tmp_path / verb)
        expected = outcome(sound.copy(tmp_path / f"{verb}-twin"), verb)
        for name, damage in zip(OTHER, (have_a_torn_page, lack_a_table), strict=True):
            damage(desk.maildir / "supportctl" / name)
        assert outcome(desk, verb) == expected
        assert len(desk.rows("search", "common")) == 5 + (verb == "ingest")
        desk.check()


def test_a_catalogue_for_which_there_is_no_room_leaves_the_operation_to_the_next_command(copied: DeskDir) -> None:
    """The operation is in the log by then: whoever is told less might do it again."""
    copied.run("tag", "+old", ".2")  # so that the catalogue has a journal, to which the next operation is added
    count = len(copied.rows("log"))

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (33_000, 33_000))

    environment = {**copied.environment, "PYTHONDONTWRITEBYTECODE": "1"}  # Python itself would write half a file
    command = [*copied.command, "tag", "+new", ".2"]
    done = subprocess.run(
        command, env=environment, cwd=copied.folder, capture_output=True, preexec_fn=no_room, check=False
    )
    assert done.returncode == 75
    assert b"is committed but not finished" in done.stderr
    assert copied.rows("search", "tag:new") != []
    assert len(copied.rows("log")) == count + 1
