"""Durable files and renames: the only module that syncs or renames.

The promises, on a local POSIX file system:

- `write` and then `sync` (or `sync_many`, for many files): the content is on the disk, and so is the file's name.
- `replace`: after a crash the file has its old content or its new one, never a mixture, never none.
- `append`: once it returns, the bytes are on the disk; after a crash within it, a prefix of them may be.
- `move_path`: a rename within one file system, durable once `sync_folders` on both folders has returned.

Nothing that lies under a name which is needed here is deleted or in the way for good: `set_aside` gives it another one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path

MANY_FILES = 16
"""With this many files or more, one sync of the whole file system is cheaper than one of each file."""


def write(path: Path, content: bytes, like: Path | None = None) -> None:
    """Create a file, which must not exist yet; it is not durable until it is synced.

    With `like`, mode and group are those of that file, or, where `like` is a folder, those of a file in it.
    """
    write_pieces(path, (content,), like)


def write_pieces(path: Path, pieces: Iterable[bytes], like: Path | None = None) -> None:
    """Create a file as `write` does, piece by piece: its content need not fit into memory."""
    mode, group = _access_of(like) if like else (0o666, None)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        for piece in pieces:
            _write_all(descriptor, piece)
        # The umask has had its say in os.open, so the mode is set as well.
        if like:
            _set_access(descriptor, path, mode, group)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Remove a folder and everything in it, or a file of any kind, if it exists; not durably, as nothing depends on it.

    Does what `shutil.rmtree` does, whose import takes 2 ms for the sake of zip files. Links are not followed.
    """
    with suppress(FileNotFoundError):
        # Before it is opened: the opening of a fifo would wait for somebody who writes.
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            os.unlink(path)
            return
        for _, folders, names, descriptor in os.fwalk(path, topdown=False):
            for name in names:
                os.unlink(name, dir_fd=descriptor)
            for name in folders:
                try:
                    os.rmdir(name, dir_fd=descriptor)
                except NotADirectoryError:  # a link to a folder
                    os.unlink(name, dir_fd=descriptor)
        os.rmdir(path)


def sync(path: Path) -> None:
    """Make one file or one folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_many(folder: Path, paths: list[Path]) -> None:
    """Make files below one folder durable, together with the folders that name them."""
    if len(paths) >= MANY_FILES and _sync_file_system(folder):
        return
    for path in paths:
        sync(path)
    sync_folders({path.parent for path in paths} | {folder})


def sync_folders(folders: Iterable[Path]) -> None:
    """Make the names in folders durable; a folder that is gone is skipped."""
    remaining = sorted(set(folders))
    if len(remaining) >= MANY_FILES and _sync_file_system(remaining[0]):
        return
    for folder in remaining:
        try:
            sync(folder)
        except FileNotFoundError:
            continue


def replace(path: Path, content: bytes) -> Path | None:
    """Replace a whole file, durably, keeping its mode and group; return where a folder of its name was set aside."""
    fresh = _free_name(path)
    write(fresh, content, like=path if path.exists() else path.parent)
    # Before the rename: a file system may store the new name before the new content, and a power failure in between
    # would leave an empty file.
    sync(fresh)
    aside = None
    try:
        os.replace(fresh, path)
    except IsADirectoryError:
        aside = set_aside(path)
        os.replace(fresh, path)
    sync(path.parent)
    return aside


def set_aside(path: Path, name: str = "") -> Path:
    """Rename what is in the way to a free name beside it, such as `NAME.in-the-way-1`; return that path."""
    for number in count(1):
        aside = path.with_name(f"{(name or path.name)[:60]}.in-the-way-{number}")
        if not os.path.lexists(aside):
            os.rename(path, aside)
            return aside
    raise AssertionError("numbers do not end")


def clear_database(path: Path) -> None:
    """Set aside what is no file, but lies where SQLite has a database or one of the two files beside it."""
    for suffix in ("", "-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        if _is_in_the_way(file):
            set_aside(file)


def _is_in_the_way(path: Path) -> bool:
    """Whether something lies at a path that is no file, and leads to none."""
    try:
        # Asked once: SQLite deletes the files beside a database whenever its last reader leaves.
        return not stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return path.is_symlink()


def append(path: Path, content: bytes) -> int:
    """Append to a file, creating it where needed, durably; return the file's new size in bytes.

    After an error nothing is appended.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        before = os.fstat(descriptor).st_size
        # A new file: without its name on the disk, the synced bytes would be lost in a power failure.
        if before == 0:
            sync(path.parent)
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        except OSError:
            # Half a line must not stay: to a reader it is an operation that is not applied yet.
            os.ftruncate(descriptor, before)
            raise
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def cut(path: Path, size: int) -> None:
    """Truncate a file to `size` bytes, durably."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_path(source: str, target: str) -> bool:
    """Rename one file or folder; False where the source is gone, because an earlier attempt has moved it."""
    try:
        os.rename(source, target)
    except FileNotFoundError:
        if os.path.lexists(source):  # then it is the target's folder that is missing
            raise
        return False
    return True


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:  # write(2) may take a part, as it does when the disk fills up
        view = view[os.write(descriptor, view) :]


def _free_name(path: Path) -> Path:
    """A free name beside a file, for its next version."""
    fresh = path.with_name(f"{path.name}.new")
    with suppress(IsADirectoryError, PermissionError):
        fresh.unlink(missing_ok=True)  # from a writer that was killed
        return fresh
    # What can't be removed is not ours, and stays; it must not be in the way for good.
    numbered = (fresh.with_name(f"{fresh.name}-{number}") for number in count(2))
    return next(name for name in numbered if not os.path.lexists(name))


def _access_of(like: Path) -> tuple[int, int]:
    status = like.stat()
    return status.st_mode & 0o666, status.st_gid


def _set_access(descriptor: int, path: Path, mode: int, group: int | None) -> None:
    status = os.fstat(descriptor)
    if group is not None and status.st_gid != group:
        try:
            os.fchown(descriptor, -1, group)
        except PermissionError as error:  # in another group, the file would be closed to those who share the desk
            problem = "this account is not in the group that the files there belong to"
            raise PermissionError(error.errno, problem, str(path)) from error
    if status.st_mode & 0o777 != mode:
        os.fchmod(descriptor, mode)


def _sync_file_system(folder: Path) -> bool:
    """Call syncfs(2); False where the C library has none, so that each file has to be synced."""
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None:
        return False
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if call(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)
    return True
