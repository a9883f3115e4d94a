"""A large open file, looked at anywhere through a window of fixed size."""

from __future__ import annotations

import os

_WIDTH = 1 << 20
"""The number of bytes that are read at once, and held."""


class Window:
    """An open file of `size` bytes."""

    def __init__(self, descriptor: int) -> None:
        self.size = os.fstat(descriptor).st_size
        self._descriptor = descriptor
        self._at = 0
        self._held = b""

    def read(self, start: int, most: int) -> bytes:
        """The bytes from an offset on, `most` of them at most; none outside of the file."""
        if start < 0 or start >= self.size:
            return b""
        self._move(start, most)
        return self._held[start - self._at : start - self._at + most]

    def read_line(self, start: int, most: int) -> tuple[bytes, int]:
        """The line at an offset with its line end (LF, CRLF or a bare CR), and the offset behind.

        Of a line that is longer than `most` bytes, these are the first bytes and the offset behind them.
        """
        text = self.read(start, most)
        feed, carriage = text.find(b"\n"), text.find(b"\r")
        end = feed + 1 if feed >= 0 else len(text)
        if 0 <= carriage < end - 1 and carriage + 1 != feed:
            end = carriage + 1
        return text[:end], start + end

    def find(self, needle: bytes, start: int) -> int:
        """The offset of the first occurrence of a few bytes from an offset on, or -1."""
        while start + len(needle) <= self.size:
            self._move(start, len(needle))
            found = self._held.find(needle, start - self._at)
            if found >= 0:
                return self._at + found
            end = self._at + len(self._held)
            if end < start + len(needle):  # the file has been cut off meanwhile
                break
            start = end - len(needle) + 1
        return -1

    def _move(self, start: int, width: int) -> None:
        """Hold the bytes at an offset, and some before it: who looks at a line asks what stands before the line."""
        end = min(start + width, self.size)
        if start < self._at or end > self._at + len(self._held):
            self._at = max(0, start - 16)
            self._held = os.pread(self._descriptor, max(_WIDTH, end - self._at), self._at)
