"""Renames: done twice they are done once, and what a mail client did in between is followed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportctl.store import maildir
from supportctl.store.apply import Applied, Skipped, apply
from supportctl.store.log import Rename

FOLDERS = ("", "triage", "junk")
Tree = dict[str, bytes]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in FOLDERS:
        maildir.make_folder(maildir.folder_path(tmp_path, folder))
    (tmp_path / "supportctl" / "stage" / "1").mkdir(parents=True)
    return tmp_path


def put(root: Path, **files: str) -> None:
    """Files by what they hold."""
    for content, path in files.items():
        (root / path).write_text(content)


def tree(root: Path) -> Tree:
    """All files by their path."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


RENAMES = [
    ("new/a", ".triage/new/a"),
    ("cur/b:2,RS", ".triage/cur/b:2,RS"),
    ("supportctl/stage/1/t", ".triage/tickets.json"),
]
AFTER = {".triage/new/a": b"A", ".triage/cur/b:2,RS": b"B", ".triage/tickets.json": b"T"}


CLEAN = Applied([], [])


def redo(root: Path, renames: Sequence[Rename] = RENAMES) -> Applied:
    """Apply as after a crash: anything may be done already."""
    return apply(root, renames, is_repeated=True)


def prepare(root: Path) -> None:
    put(root, A="new/a", B="cur/b:2,RS", T="supportctl/stage/1/t", OLD=".triage/tickets.json")


@pytest.mark.parametrize("done", range(4))
def test_it_goes_on_from_wherever_it_was_stopped(root: Path, done: int) -> None:
    prepare(root)
    assert redo(root, RENAMES[:done]) == CLEAN
    assert redo(root) == CLEAN
    assert tree(root) == AFTER
    assert redo(root) == CLEAN
    assert tree(root) == AFTER


@pytest.mark.parametrize("gone", ["new", "cur", "."])
def test_a_folder_that_was_removed_after_the_commit_comes_back(root: Path, gone: str) -> None:
    prepare(root)
    shutil.rmtree(root / ".triage" / gone)
    assert redo(root) == CLEAN
    assert tree(root) == AFTER | ({".triage/maildirfolder": b""} if gone == "." else {})


CLIENT = [
    ("new/a", "cur/a:2,S", ".triage/cur/a:2,S"),
    ("new/a", "cur/a:2,", ".triage/cur/a:2,"),
    ("cur/b:2,RS", "cur/b:2,FRS", ".triage/cur/b:2,FRS"),
    ("cur/b:2,RS", "new/b", ".triage/new/b"),
]


@pytest.mark.parametrize(("place", "client", "target"), CLIENT)
def test_a_message_that_was_renamed_before_is_followed(root: Path, place: str, client: str, target: str) -> None:
    prepare(root)
    (root / place).rename(root / client)
    assert redo(root) == CLEAN
    expected = {path: content for path, content in AFTER.items() if content != (root / target).read_bytes()}
    assert tree(root) == {**expected, target: (root / target).read_bytes()}
    assert redo(root) == CLEAN
    assert target in tree(root)


@pytest.mark.parametrize(("place", "client", "target"), CLIENT)
def test_a_message_that_was_renamed_behind_is_left(root: Path, place: str, client: str, target: str) -> None:
    prepare(root)
    apply(root, RENAMES)
    (root / f".triage/{place}").rename(root / target)
    before = tree(root)
    assert redo(root) == CLEAN
    assert tree(root) == before


def test_a_fresh_key_takes_the_flags_along(root: Path) -> None:
    put(root, A="cur/a:2,FS")
    assert redo(root, [("new/a", ".junk/new/fresh")]) == CLEAN
    assert tree(root) == {".junk/cur/fresh:2,FS": b"A"}


def test_keywords_of_a_client_do_not_follow_into_another_folder(root: Path) -> None:
    put(root, A=".triage/cur/a:2,FSab", B=".triage/cur/b:2,Sab")
    apply(root, [(".triage/new/a", ".junk/new/a"), (".triage/new/b", ".triage/new/fresh")])
    assert set(tree(root)) == {".junk/cur/a:2,FS", ".triage/cur/fresh:2,Sab"}


def test_a_new_mail_of_an_old_name_is_not_taken_for_the_old_one(root: Path) -> None:
    prepare(root)
    apply(root, RENAMES)
    put(root, NEXT="new/a")
    assert redo(root) == CLEAN
    assert tree(root) == {**AFTER, "new/a": b"NEXT"}


def test_a_new_mail_of_an_old_name_stays_where_a_client_put_it(root: Path) -> None:
    prepare(root)
    apply(root, RENAMES)
    (root / ".triage/new/a").rename(root / ".triage/cur/a:2,F")
    put(root, NEXT="cur/a:2,S")
    assert redo(root) == CLEAN
    expected = {path: content for path, content in AFTER.items() if content != b"A"}
    assert tree(root) == {**expected, ".triage/cur/a:2,F": b"A", "cur/a:2,S": b"NEXT"}


def test_what_is_gone_is_told_and_stops_nothing(root: Path) -> None:
    prepare(root)
    (root / "new/a").unlink()
    assert apply(root, RENAMES) == Applied([Skipped(*RENAMES[0], "is gone")], [])
    assert tree(root) == {path: content for path, content in AFTER.items() if content != b"A"}


def test_a_folder_comes_as_a_whole(root: Path) -> None:
    fresh = root / "supportctl" / "stage" / "1" / "folder.late"
    maildir.make_folder(fresh)
    put(root, A="new/a")
    renames = [("supportctl/stage/1/folder.late", ".late"), ("new/a", ".late/new/a")]
    for _ in range(2):
        assert redo(root, renames) == CLEAN
        assert tree(root) == {".late/new/a": b"A"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_moves_twice_are_the_moves_once(root: Path, data: st.DataObject) -> None:
    """Moves as an operation has them: each mail once, each to a name that is free."""
    for path in [path for path in root.rglob("*") if path.is_file()]:
        path.unlink()
    keys = data.draw(st.lists(st.sampled_from("123456"), unique=True, max_size=6))
    renames = []
    for key in keys:
        source, target = (maildir.relative_path(data.draw(st.sampled_from(FOLDERS))) for _ in range(2))
        part = data.draw(st.sampled_from(["new/{}", "cur/{}:2,", "cur/{}:2,FS"])).format(key)
        (root / (source + part)).write_text(key)
        renames.append((source + part, target + part))
    stop = data.draw(st.integers(0, len(renames)))
    apply(root, renames[:stop])
    for source, target in renames:
        if data.draw(st.booleans()):
            path = next(path for path in (root / target, root / source) if path.exists())
            path.rename(path.parents[1] / "cur" / f"{maildir.key_of(path.name)}:2,R")
    assert redo(root, renames) == CLEAN
    for key, (_, target) in zip(keys, renames, strict=True):
        folder = target.rpartition("/")[0].rpartition("/")[0]
        assert [path.read_text() for path in (root / folder).glob(f"*/{key}*")] == [key]
    assert len(tree(root)) == len(keys)
