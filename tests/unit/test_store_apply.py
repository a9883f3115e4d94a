"""Renames: done twice they are done once, and what a mail client did in between is followed."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
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


def digest_of(rename: Rename) -> str:
    """What the log knows of the messages that are moved."""
    content = {"a": b"A", "b": b"B"}.get(maildir.key_of(Path(rename[0]).name))
    return hashlib.sha256(content).hexdigest() if content else ""


def test_a_message_is_known_by_what_it_says(root: Path) -> None:
    """New mails have the old names, at the source and at the target."""
    prepare(root)
    put(root, NEXT="new/b", OTHER=".triage/new/a")
    applied = apply(root, RENAMES, digest_of, is_repeated=True)
    (aside,) = applied.aside
    assert tree(root) == {**AFTER, "new/b": b"NEXT", aside: b"OTHER"}
    (root / ".triage/new/a").rename(root / ".triage/cur/a:2,F")
    put(root, LAST="new/a")
    before = tree(root)
    assert apply(root, RENAMES, digest_of, is_repeated=True) == CLEAN
    assert tree(root) == before
    (root / ".triage/cur/a:2,F").unlink()
    assert apply(root, RENAMES, digest_of, is_repeated=True).skipped == [Skipped(*RENAMES[0], "is gone")]
    assert tree(root)["new/a"] == b"LAST"


def test_a_mail_in_the_way_gets_a_fresh_key(root: Path) -> None:
    prepare(root)
    put(root, FIRST=".triage/new/a", SECOND=".triage/cur/b:2,RS")
    applied = apply(root, RENAMES, digest_of)
    assert applied.skipped == []
    assert {path: tree(root)[path] for path in AFTER} == AFTER
    first, second = applied.aside
    assert (tree(root)[first], tree(root)[second]) == (b"FIRST", b"SECOND")
    assert first.startswith(".triage/new/")
    assert second.endswith(":2,RS")
    assert len(maildir.list_messages(root, "triage")) == 4


def test_the_same_mail_at_both_ends_has_arrived(root: Path) -> None:
    prepare(root)
    (root / ".triage/new/a").hardlink_to(root / "new/a")
    put(root, B=".triage/cur/b:2,RS")
    assert apply(root, RENAMES, digest_of) == CLEAN
    assert tree(root) == {**AFTER, "new/a": b"A", "cur/b:2,RS": b"B"}


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [Path.mkdir, make_fifo])
@pytest.mark.parametrize("place", [".triage/new/a", ".triage/cur/b:2,RS", ".triage/tickets.json"])
def test_what_is_no_mail_is_set_aside(root: Path, make: Callable[[Path], None], place: str) -> None:
    prepare(root)
    (root / place).unlink(missing_ok=True)
    make(root / place)
    applied = apply(root, RENAMES, digest_of)
    assert applied.skipped == []
    assert tree(root) == AFTER
    is_replaced = make is make_fifo and place.endswith("json")  # by a rename, as any file
    assert len(applied.aside) == (not is_replaced)
    assert all((root / aside).exists() for aside in applied.aside)
    assert len(maildir.list_messages(root, "triage")) == 2


@pytest.mark.parametrize("place", [".triage", ".triage/new", ".triage/cur"])
def test_a_file_in_place_of_a_folder_is_set_aside(root: Path, place: str) -> None:
    prepare(root)
    shutil.rmtree(root / place)
    (root / place).write_text("MINE")
    applied = apply(root, RENAMES, digest_of)
    assert applied.skipped == []
    (aside,) = applied.aside
    assert (root / aside).read_text() == "MINE"
    assert {path: tree(root)[path] for path in AFTER} == AFTER


def test_a_folder_that_somebody_else_has_made_gets_what_ours_has(root: Path) -> None:
    fresh = root / "supportctl/stage/1/folder.late"
    maildir.make_folder(fresh)
    put(root, A="new/a", T="supportctl/stage/1/folder.late/tickets.json")
    maildir.make_folder(root / ".late")
    put(root, MINE=".late/cur/mine:2,S")
    renames = [("supportctl/stage/1/folder.late", ".late"), ("new/a", ".late/new/a")]
    for _ in range(2):
        assert redo(root, renames) == CLEAN
        found = tree(root)
        found.pop(".late/maildirfolder", None)
        assert found == {".late/new/a": b"A", ".late/tickets.json": b"T", ".late/cur/mine:2,S": b"MINE"}


@pytest.fixture
def far(root: Path) -> Iterator[str]:
    """A folder of the desk that is a link to another file system."""
    places = [Path(place) for place in ("/var/tmp", "/dev/shm") if os.access(place, os.W_OK)]
    found = [place for place in places if place.stat().st_dev != root.stat().st_dev]
    if not found:
        pytest.skip("no second file system to write to")
    with tempfile.TemporaryDirectory(dir=found[0]) as folder:
        maildir.make_folder(Path(folder))
        (root / ".far").symlink_to(folder)
        yield ".far"


def test_what_is_impossible_is_left_where_it_is(root: Path, far: str) -> None:
    prepare(root)
    put(root, NEW="supportctl/stage/1/mail.0", TABLE="supportctl/stage/1/tickets.far")
    table = ("supportctl/stage/1/tickets.far", f"{far}/tickets.json")
    renames = [("new/a", f"{far}/new/a"), ("supportctl/stage/1/mail.0", f"{far}/new/n"), table, *RENAMES[1:]]
    applied = apply(root, renames, digest_of)
    why = os.strerror(errno.EXDEV)
    kept = applied.skipped[1].left
    assert applied == Applied([Skipped(*renames[0], why, "new/a"), Skipped(*renames[1], why, kept)], [])
    assert kept.startswith(".undone/new/"), "the stage is emptied after this"
    found = tree(root)
    assert (found["new/a"], found[kept]) == (b"A", b"NEW")
    assert (root / far / "tickets.json").read_bytes() == b"TABLE", "metadata are copied"
    assert (found[".triage/cur/b:2,RS"], found[".triage/tickets.json"]) == (b"B", b"T"), "the rest is done"


@pytest.mark.parametrize("length", [251, 300])
def test_a_name_that_is_too_long_stops_nothing(root: Path, length: int) -> None:
    prepare(root)
    applied = apply(root, [("new/a", f".triage/cur/{'a' * length}:2,S"), *RENAMES[1:]], digest_of)
    assert [skipped.left for skipped in applied.skipped] == ([] if length == 251 else ["new/a"])
    assert tree(root)[".triage/cur/b:2,RS"] == b"B"


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
