"""Files that another program has compressed, as Dovecot does in a Maildir, unpacked piece by piece."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

PIECE = 1 << 20
"""The number of bytes that are unpacked at a time."""

_LARGEST, _LARGEST_RATIO = 1 << 30, 100
"""The number of bytes that any file may unpack to, and how many more for each byte that the file has."""

_MOST_MEMORY = 128 << 20
"""The number of bytes of what it has unpacked that a decompressor may keep: twice what `xz -9` needs."""


_SIP = 128
"""The number of bytes that are unpacked at once where nothing bounds the result: each 4 bytes may be 128 KiB of it."""


class PackingError(Exception):
    """A compressed file can't be read; the text says why, as a clause."""


def unpack(stream: IO[bytes], compression: str, packed: int) -> Iterator[bytes]:
    """The content of a compressed file of `packed` bytes, piece by piece; raises PackingError."""
    left = _LARGEST + _LARGEST_RATIO * packed
    pieces = _READERS[compression](stream)
    while piece := _next_piece(pieces, compression):
        left -= len(piece)
        if left < 0:
            raise PackingError(f"it is compressed ({compression}), and far too large once it is unpacked")
        yield piece


def _next_piece(pieces: Iterator[bytes], compression: str) -> bytes:
    try:
        return next(pieces, b"")
    except PackingError:
        raise
    except (EOFError, OSError, MemoryError, ValueError, zlib.error) as error:
        raise PackingError(f"it is compressed ({compression}), and damaged: {error}") from error
    except Exception as error:  # each library has an error of its own, and some of them no base of it
        if type(error).__name__ in ("LZMAError", "ZstdError"):
            raise PackingError(f"it is compressed ({compression}), and damaged: {error}") from error
        raise


def _read_gzip(stream: IO[bytes]) -> Iterator[bytes]:
    import gzip

    return iter(partial(gzip.GzipFile(fileobj=stream).read, PIECE), b"")


def _read_bzip2(stream: IO[bytes]) -> Iterator[bytes]:
    import bz2

    return iter(partial(bz2.BZ2File(stream).read, PIECE), b"")


def _read_xz(stream: IO[bytes]) -> Iterator[bytes]:
    import lzma

    # Not LZMAFile, which takes as much memory as the file asks for.
    unread = stream.read(PIECE)
    while unread:
        current = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)
        while not current.eof:
            if current.needs_input and not unread and not (unread := stream.read(PIECE)):
                raise EOFError("its end is missing")
            piece, unread = current.decompress(unread, PIECE), b""
            if piece:
                yield piece
        # Streams may follow each other, with zeros between them.
        unread = current.unused_data.lstrip(b"\0") or stream.read(PIECE).lstrip(b"\0")


def _read_zstd(stream: IO[bytes]) -> Iterator[bytes]:
    try:
        from compression import zstd  # Python 3.14
    except ImportError:
        return _read_zstd_frames(stream)
    widest = {zstd.DecompressionParameter.window_log_max: _MOST_MEMORY.bit_length() - 1}
    return iter(partial(zstd.ZstdFile(stream, options=widest).read, PIECE), b"")


def _read_zstd_frames(stream: IO[bytes]) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        raise PackingError("it is compressed (zstd): install the Python package zstandard, or unpack it") from None
    # Not its stream_reader, to which a file that is cut off looks like any other.
    library = zstandard.ZstdDecompressor(max_window_size=_MOST_MEMORY)
    while unread := stream.read(_SIP):
        current = library.decompressobj()
        while not current.eof:
            if not unread and not (unread := stream.read(_SIP)):
                raise EOFError("its end is missing")
            piece, unread = current.decompress(unread), b""
            if piece:
                yield piece
        stream.seek(-len(current.unused_data), os.SEEK_CUR)  # the next frame


def _refuse_lz4(_: IO[bytes]) -> Iterator[bytes]:
    raise PackingError("it is compressed (lz4), which can't be read here: unpack it")


_READERS: dict[str, Callable[[IO[bytes]], Iterator[bytes]]] = {
    "gzip": _read_gzip,
    "bzip2": _read_bzip2,
    "xz": _read_xz,
    "zstd": _read_zstd,
    "lz4": _refuse_lz4,
}
