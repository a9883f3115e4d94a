"""Running an iteration ahead in a process of its own, so that reading mail takes the other processor.

The worker is forked before any lock is taken (a fork would share it), and it never touches the desk's state.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from queue import Queue

Item = TypeVar("Item")


AHEAD = 8
"""So many items at most wait for the caller."""


def run_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, made by a worker while the caller is busy with those before; an error in it is raised here.

    The worker is ahead by a few items, so memory stays flat. Raises ChildProcessError where the worker
    was killed.
    """
    from queue import Queue
    from threading import Thread

    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(reading)
        _work(items, writing)
    os.close(writing)
    waiting: Queue[tuple[str, Any]] = Queue(AHEAD)
    # A pipe alone holds less than one item: the worker would stand still whenever the caller is busy.
    Thread(target=_fetch, args=(reading, waiting), daemon=True).start()
    try:
        yield from _receive(waiting)
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def _fetch(reading: int, waiting: Queue[tuple[str, Any]]) -> None:
    with os.fdopen(reading, "rb") as stream:
        kind = "item"
        while kind == "item":
            try:
                kind, value = pickle.load(stream)
            except (EOFError, pickle.UnpicklingError):
                kind, value = "error", ChildProcessError("the process that reads mail was killed")
            waiting.put((kind, value))


def _receive(waiting: Queue[tuple[str, Any]]) -> Iterator[Any]:
    while True:
        kind, value = waiting.get()
        if kind == "end":
            return
        if kind == "error":
            raise value
        yield value


def _work(items: Iterable[Item], writing: int) -> None:
    """The worker's whole life; it leaves without tidying up what it shares with its parent."""
    status = 1
    try:
        with os.fdopen(writing, "wb") as stream:
            try:
                for item in items:
                    pickle.dump(("item", item), stream, pickle.HIGHEST_PROTOCOL)
                    stream.flush()
                pickle.dump(("end", None), stream)
            except Exception as error:  # noqa: BLE001 - it is raised again in the parent
                pickle.dump(("error", error), stream)
        status = 0
    finally:
        os._exit(status)
