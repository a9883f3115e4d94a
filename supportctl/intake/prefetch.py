"""Run an iteration ahead in a process of its own, so that reading mail takes the other processor.

The worker is forked before any lock is taken (a fork would share it), and never touches the desk's state.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from typing import IO, Any, TypeVar

Item = TypeVar("Item")

AHEAD = 16 << 20
"""The number of bytes that may wait for the caller, beyond the last item."""

_LENGTH = 8
"""The number of bytes before each item that give its length."""


def run_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, made by a worker while the caller is busy with earlier ones; errors in the worker are raised here.

    The worker is some megabytes ahead, so memory stays flat, however large the items are. Raises ChildProcessError
    where the worker was killed.
    """
    from threading import Thread

    # A bare fork: multiprocessing is slow to import, and would do no more here.
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(reading)
        _work(items, writing)
    os.close(writing)
    del items  # what has been read for the worker is the worker's
    waiting = _Waiting()
    # A pipe holds less than one item, so without this thread the worker would stand still while the caller is busy.
    Thread(target=_fetch, args=(reading, waiting), daemon=True).start()
    try:
        yield from _receive(waiting)
    finally:
        # The caller may stop early, and then the worker waits for a reader for ever. It has no state to lose.
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


class _Waiting:
    """A queue of items as bytes, bounded by their size."""

    def __init__(self) -> None:
        from threading import Condition  # not at the top: a few messages take no worker

        self._items: deque[bytes] = deque()
        self._size = 0
        self._changed = Condition()

    def put(self, item: bytes) -> None:
        """Add an item, once there is room for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._size <= AHEAD)
            self._items.append(item)
            self._size += len(item)
            self._changed.notify()

    def get(self) -> bytes:
        """Take the oldest item, once there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._items)
            item = self._items.popleft()
            self._size -= len(item)
            self._changed.notify()
            return item


def _fetch(reading: int, waiting: _Waiting) -> None:
    """Take the items off the pipe, still packed, which saves memory and the caller's time."""
    with os.fdopen(reading, "rb") as stream:
        try:
            while packed := _read_packed(stream):
                waiting.put(packed)
        finally:
            waiting.put(b"")  # an end that the worker has not announced: the caller must not wait for ever


def _read_packed(stream: IO[bytes]) -> bytes:
    """One item, or nothing at the end of the stream, even if that is within an item."""
    length = int.from_bytes(stream.read(_LENGTH))
    packed = stream.read(length)
    return packed if len(packed) == length else b""


def _receive(waiting: _Waiting) -> Iterator[Any]:
    while packed := waiting.get():
        kind, value = pickle.loads(packed)
        if kind == "end":  # announced, since a worker that is killed ends the pipe as well
            return
        if kind == "error":
            raise value
        yield value
    raise ChildProcessError("the process that reads mail was killed")


def _work(items: Iterable[Item], writing: int) -> None:
    """Run the worker to its end."""
    status = 1
    try:
        with os.fdopen(writing, "wb") as stream:
            try:
                for item in items:
                    _send(stream, "item", item)
                _send(stream, "end", None)
            except Exception as error:  # noqa: BLE001 - it is raised again in the parent
                _send(stream, "error", error)
        status = 0
    finally:
        # Not sys.exit: buffers, locks and database connections are the parent's, which flushes and closes them itself.
        os._exit(status)


def _send(stream: IO[bytes], kind: str, value: object) -> None:
    packed = pickle.dumps((kind, value), pickle.HIGHEST_PROTOCOL)
    stream.write(len(packed).to_bytes(_LENGTH))
    stream.write(packed)
    stream.flush()
