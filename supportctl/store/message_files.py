"""Read the files of messages: the one place that opens them.

Whatever has the name of a message may be anything: a folder, a socket, a fifo, a device, a link to nothing, a file
that this account may not read, a bad sector. None of these stops whoever reads, and none is waited for.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from supportctl.errors import UnreadableMessageError
from supportctl.model import LARGEST_READ, ByteRange

if TYPE_CHECKING:
    import hashlib

PIECE = 1 << 20
"""The number of bytes that are read at a time."""

# Not of the message but of the machine: the next attempt may read it.
_PASSING = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR}

# The begin of a compressed file; no header of a mail begins like one of these.
_MAGIC = {
    b"\x1f\x8b\x08": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"Dovecot-LZ4": "lz4",
}

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFSOCK: "a socket",
    stat.S_IFIFO: "a fifo",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@contextmanager
def opened(path: str, *, is_link_followed: bool = True) -> Iterator[tuple[int, os.stat_result]]:
    """The descriptor and the status of a regular file.

    Raises FileNotFoundError where nothing is there, UnreadableMessageError for what can't be read, within the block as
    well.
    """
    try:
        # Without O_NONBLOCK a fifo would wait for a writer, for ever.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
        descriptor = os.open(path, flags if is_link_followed else flags | os.O_NOFOLLOW)
    except OSError as error:
        raise _explain(path, error) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableMessageError(path, _describe_kind(status))
        yield descriptor, status
    except OSError as error:
        raise _explain(path, error) from error
    finally:
        os.close(descriptor)


def read_bytes(descriptor: int, start: int, size: int) -> bytes:
    """`size` bytes of a file from `start` on; fewer where the file ends before that."""
    data = os.pread(descriptor, size, start)
    while len(data) < size and (more := os.pread(descriptor, size - len(data), start + len(data))):
        data += more
    return data


def read_beginning(path: str) -> bytes:
    """The bytes of a message in a file, unpacked, up to LARGEST_READ; raises as `opened` does."""
    with opened(path) as (descriptor, status):
        raw = read_bytes(descriptor, 0, min(status.st_size, LARGEST_READ))
        if not (compression := _recognise(raw)):
            return raw
        return _join(unpacked(descriptor, ByteRange(path, 0, 0, compression=compression)), LARGEST_READ)


def read_message(path: str, *, is_link_followed: bool = True) -> tuple[bytes, ByteRange, int]:
    """The beginning of a message, where the whole lies, and the time of its file; raises as `opened` does.

    Of a compressed file, it is the message in it.
    """
    with opened(path, is_link_followed=is_link_followed) as (descriptor, status):
        found = read_extent(descriptor, path, 0, status.st_size)
        if compression := _recognise(found[0]):
            whole = ByteRange(path, 0, 0, compression=compression)
            raw, size, digest = _hold(unpacked(descriptor, whole))
            found = raw, whole._replace(size=size, digest=digest)
        return *found, int(status.st_mtime)


def read_part(part: ByteRange) -> tuple[bytes, ByteRange]:
    """The beginning of a message by where it lies, and where the whole lies; raises as `stream` does."""
    raw, size, digest = _hold(stream(part._replace(digest="")))
    return raw, part._replace(size=size, digest=digest)


def compression_of(descriptor: int) -> str:
    """The kind of compression of an open file, "" for none."""
    return _recognise(read_bytes(descriptor, 0, max(map(len, _MAGIC))))


def _recognise(beginning: bytes) -> str:
    return next((name for magic, name in _MAGIC.items() if beginning.startswith(magic)), "")


def unpacked(descriptor: int, part: ByteRange) -> Iterator[bytes]:
    """The whole content of an open compressed file, piece by piece; raises UnreadableMessageError."""
    from supportctl.store.packing import PackingError, unpack

    with os.fdopen(os.dup(descriptor), "rb") as stream:
        stream.seek(0)
        try:
            yield from unpack(stream, part.compression, os.fstat(descriptor).st_size)
        except PackingError as error:
            raise UnreadableMessageError(part.path, str(error)) from error


def _join(pieces: Iterator[bytes], most: int) -> bytes:
    """The first `most` bytes of all pieces."""
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= most:
            break
    return b"".join(held)[:most]


def read_extent(
    descriptor: int, path: str, start: int, size: int, *, is_quoted: bool = False
) -> tuple[bytes, ByteRange]:
    """The beginning of a message that is a part of an open file, and where the whole lies; `is_quoted` as an mboxrd."""
    if is_quoted:
        part = ByteRange(path, start, 0, quoted=size)
        raw, length, digest = _hold(_pieces(descriptor, part))
        return raw, part._replace(size=length, digest=digest)
    raw = read_bytes(descriptor, start, min(size, LARGEST_READ))
    # Whoever parses a message makes its digest; of a large one the digest is made here, without holding it.
    digest = measure_range(descriptor, start, size) if size > LARGEST_READ else ""
    return raw, ByteRange(path, start, size, digest)


def stream(part: ByteRange) -> Iterator[bytes]:
    """The bytes of a part of a file, piece by piece.

    Raises as `opened` does, and UnreadableMessageError in the end where the digest is another one.
    """
    digest = _new_digest() if part.digest else None
    with opened(part.path) as (descriptor, _):
        for piece in _pieces(descriptor, part):
            if digest:
                digest.update(piece)
            yield piece
    if digest and digest.hexdigest() != part.digest:
        raise UnreadableMessageError(part.path, "it was changed meanwhile")


def _pieces(descriptor: int, part: ByteRange) -> Iterator[bytes]:
    end = part.start + (part.quoted or part.size)
    pieces: Iterator[bytes]
    if part.compression:
        pieces = _cut(unpacked(descriptor, part), part.start, end)
    else:
        pieces = (read_bytes(descriptor, at, min(PIECE, end - at)) for at in range(part.start, end, PIECE))
    if not part.quoted:
        return pieces
    from supportctl.store.quoting import undo_quoting

    return undo_quoting(pieces)


def _cut(pieces: Iterator[bytes], start: int, end: int) -> Iterator[bytes]:
    """What lies between two offsets."""
    at = 0
    for piece in pieces:
        if at + len(piece) > start:
            yield piece[max(0, start - at) : end - at]
        at += len(piece)
        if at >= end:
            return


def _hold(pieces: Iterator[bytes]) -> tuple[bytes, int, str]:
    """The beginning of a message, its size, and its digest ("" where the beginning is all of the message)."""
    held = [next(pieces, b"")]
    size, digest = len(held[0]), None
    for piece in pieces:
        if size < LARGEST_READ:
            held.append(piece)
        elif digest is None:
            digest = _new_digest(b"".join(held))
        if digest:
            digest.update(piece)
        size += len(piece)
    raw = b"".join(held)
    if size <= LARGEST_READ:
        return raw, size, ""
    return raw[:LARGEST_READ], size, (digest or _new_digest(raw)).hexdigest()


def open_pieces(path: str) -> Iterator[bytes]:
    """The bytes of a message in a file, unpacked, piece by piece; raises as `opened` does.

    Where the file can't be opened, it raises at once.
    """
    with opened(path) as (descriptor, status):
        compression = compression_of(descriptor)
        size = sys.maxsize if compression else status.st_size
        pieces = stream(ByteRange(path, 0, size, compression=compression))
    # The first piece now: what is read later is another file by then, or none.
    return chain([next(pieces, b"")], pieces)


def measure(path: str) -> tuple[int, str]:
    """The size of a file in bytes, and the digest of its content; raises as `opened` does."""
    with opened(path) as (descriptor, status):
        return status.st_size, measure_range(descriptor, 0, status.st_size)


def measure_range(descriptor: int, start: int, size: int) -> str:
    """The digest of a part of an open file."""
    digest = _new_digest()
    for at in range(start, start + size, PIECE):
        digest.update(read_bytes(descriptor, at, min(PIECE, start + size - at)))
    return digest.hexdigest()


def _new_digest(data: bytes = b"") -> hashlib._Hash:
    import hashlib  # not at the top: whoever shows a message needs no digest

    return hashlib.sha256(data)


def _explain(path: str, error: OSError) -> OSError | UnreadableMessageError:
    """The error for a message that can't be opened or read, as `opened` raises it."""
    if error.errno in _PASSING:
        return error
    try:
        status = Path(path).stat()
    except OSError:
        if not os.path.lexists(path):
            return error
        return UnreadableMessageError(
            path, "it is a link to nothing" if Path(path).is_symlink() else str(error.strerror)
        )
    is_file = stat.S_ISREG(status.st_mode)
    if is_file and error.errno == errno.ELOOP:
        return UnreadableMessageError(path, "it is a link, not a message")
    return UnreadableMessageError(path, (error.strerror or str(error)) if is_file else _describe_kind(status))


def _describe_kind(status: os.stat_result) -> str:
    return f"it is {_KINDS.get(stat.S_IFMT(status.st_mode), 'no file')}, not a message"
