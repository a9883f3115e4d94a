"""Durable files, renames and the lock, on a real file system."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from supportctl.errors import TemporaryError
from supportctl.store import durable
from supportctl.store.lock import locked


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def in_a_process(work: Callable[[], None]) -> int:
    """The exit status of some work in a process of its own."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# Content


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as two accounts")
def test_an_account_outside_the_group_is_told_which_file_it_may_not_write(tmp_path: Path) -> None:
    like, path = tmp_path / "like", tmp_path / "new"
    like.touch()
    tmp_path.chmod(0o777)

    def write_as_somebody() -> None:
        os.chdir(tmp_path)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        with pytest.raises(PermissionError, match="not in the group that the files there belong to: 'new'"):
            durable.write(Path("new"), b"x", like=Path("like"))

    assert in_a_process(write_as_somebody) == 0
    assert path.exists()


@pytest.mark.parametrize("content", [b"", b"x", b"\x00\xff\r\n" * 100_000])
def test_what_is_written_is_there(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    durable.write(path, content)
    durable.sync(path)
    assert path.read_bytes() == content


def test_no_file_is_written_over(tmp_path: Path) -> None:
    durable.write(tmp_path / "file", b"one")
    with pytest.raises(FileExistsError):
        durable.write(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660, 0o644, 0o666])
def test_a_file_takes_the_mode_of_another_whatever_the_umask(tmp_path: Path, mode: int) -> None:
    model = tmp_path / "model"
    model.touch()
    model.chmod(mode)
    before = os.umask(0o077)
    try:
        durable.write(tmp_path / "file", b"", like=model)
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "file") == mode


def test_a_file_takes_mode_and_group_from_its_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    durable.write(tmp_path / "file", b"", like=tmp_path)
    assert mode_of(tmp_path / "file") == 0o660
    assert (tmp_path / "file").stat().st_gid == tmp_path.stat().st_gid


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.replace(path, b"one")
    path.chmod(0o640)
    durable.replace(path, b"two")
    assert (path.read_bytes(), mode_of(path)) == (b"two", 0o640)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_what_a_crash_left_does_not_hinder_a_replacement(tmp_path: Path) -> None:
    (tmp_path / "file.new").write_bytes(b"half")
    durable.replace(tmp_path / "file", b"whole")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("file", b"whole")]


def test_a_replaced_file_is_never_seen_in_between(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([letter]) * 50_000 for letter in b"ab"]
    durable.replace(path, contents[0])

    def rewrite() -> None:
        for turn in range(100):
            durable.replace(path, contents[turn % 2])

    writer = multiprocessing.get_context("fork").Process(target=rewrite)
    writer.start()
    while writer.is_alive():
        assert path.read_bytes() in contents
    writer.join()
    assert writer.exitcode == 0


# Appending


def test_appending_tells_the_size(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert [durable.append(path, line) for line in (b"one\n", b"", b"two\n")] == [4, 4, 8]
    assert path.read_bytes() == b"one\ntwo\n"


def test_what_is_appended_in_part_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "log"
    durable.append(path, b"line\n")

    def fail() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        with pytest.raises(OSError, match="too large"):
            durable.append(path, b"x" * 100)
        os._exit(7)

    assert in_a_process(fail) == 7
    assert path.read_bytes() == b"line\n"


def test_a_file_is_cut(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"line\nto")
    durable.cut(tmp_path / "log", 5)
    assert (tmp_path / "log").read_bytes() == b"line\n"


# Syncing


@pytest.mark.parametrize("count", [0, 1, durable.MANY_FILES - 1, durable.MANY_FILES, durable.MANY_FILES * 3])
def test_many_files_are_synced_with_their_folders(tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    paths = []
    for number in range(count):
        folder = tmp_path / str(number % 3)
        folder.mkdir(exist_ok=True)
        paths.append(folder / f"file{number}")
        durable.write(paths[-1], b"x")
    durable.sync_many(tmp_path, paths)
    few = {*paths, tmp_path, *(path.parent for path in paths)}
    assert set(synced) == (few if count < durable.MANY_FILES else set())  # then it is one syncfs
    durable.sync_folders({path.parent for path in paths} | {tmp_path / f"gone{number}" for number in range(count)})


def test_a_file_that_is_gone_can_not_be_synced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        durable.sync_many(tmp_path, [tmp_path / "gone"])


# Renaming


def test_a_file_moves_once(tmp_path: Path) -> None:
    source, target = str(tmp_path / "a"), str(tmp_path / "b")
    Path(source).write_bytes(b"x")
    assert durable.move_path(source, target)
    assert not durable.move_path(source, target)
    assert Path(target).read_bytes() == b"x"


def test_a_missing_target_folder_is_no_missing_source(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(FileNotFoundError):
        durable.move_path(str(tmp_path / "a"), str(tmp_path / "no" / "b"))


def test_a_dangling_link_is_a_file_like_any(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("nowhere")
    assert durable.move_path(str(tmp_path / "a"), str(tmp_path / "b"))


# The lock


def hold(folder: Path, ready: int, seconds: float) -> None:
    with locked(folder, 0):
        os.write(ready, b"x")
        time.sleep(seconds)


def test_the_lock_has_one_holder(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        hold(tmp_path, writing, 60)
    os.read(reading, 1)
    started = time.monotonic()
    try:
        with pytest.raises(TemporaryError, match="busy"), locked(tmp_path, 0.1):
            pass
        assert time.monotonic() - started >= 0.1
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with locked(tmp_path, 0):
        pass


def test_a_lock_is_had_as_soon_as_it_is_free(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        hold(tmp_path, writing, 0.2)
        os._exit(0)
    os.read(reading, 1)
    started = time.monotonic()
    with locked(tmp_path, 30):
        assert time.monotonic() - started < 10
    os.waitpid(child, 0)


def test_the_lock_ends_with_an_error_inside(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), locked(tmp_path, 0):
        raise ValueError("inside")
    with locked(tmp_path, 0):
        pass


def test_a_held_lock_makes_a_second_try_of_the_same_process_wait_too(tmp_path: Path) -> None:
    with locked(tmp_path, 0), pytest.raises(TemporaryError), locked(tmp_path, 0):
        pass


def test_a_tree_is_removed_whole(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    for name in ("one", "a/two", "a/b/three"):
        (tree / name).write_bytes(b"x")
    for _ in range(2):  # what is gone is no error
        durable.remove_tree(tree)
        assert not tree.exists()


def test_no_link_leads_the_removal_of_a_tree_elsewhere(tmp_path: Path) -> None:
    """A group that shares a desk can put links there; nobody's own files are removed for that."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_bytes(b"x")
    (tmp_path / "tree").mkdir()
    for link in (tmp_path / "link", tmp_path / "tree" / "link"):
        link.symlink_to(tmp_path / "precious")
        durable.remove_tree(link if link.parent == tmp_path else link.parent)
        assert not os.path.lexists(link)  # else it would be in the way of every writer
    assert (tmp_path / "precious" / "file").exists()


def test_a_file_of_any_kind_is_removed(tmp_path: Path) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(str(tmp_path / "socket"))
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").touch()
    for path in list(tmp_path.iterdir()):
        durable.remove_tree(path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_way_of_a_new_version_stays(tmp_path: Path) -> None:
    (tmp_path / "file.new").mkdir()
    (tmp_path / "file.new" / "mine").write_bytes(b"mine")
    for content in (b"one", b"two"):
        assert durable.replace(tmp_path / "file", content) is None
        assert (tmp_path / "file").read_bytes() == content
    assert (tmp_path / "file.new" / "mine").read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "file.new"]


def test_a_folder_in_place_of_a_file_is_set_aside(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "file").unlink(missing_ok=True)
        (tmp_path / "file").mkdir()
        (tmp_path / "file" / "mine").write_bytes(b"mine")
        aside = durable.replace(tmp_path / "file", b"ours")
        assert aside == tmp_path / f"file.in-the-way-{number}"
        assert ((tmp_path / "file").read_bytes(), (aside / "mine").read_bytes()) == (b"ours", b"mine")
