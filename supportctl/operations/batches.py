"""Cut a stream into batches that fit into memory, by the number and the weight of what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def split_batches(items: Iterable[T], weigh: Callable[[T], int], most: int, heaviest: int) -> Iterator[list[T]]:
    """Batches of at most so many items, each with one item or with at most so many bytes (`weigh`)."""
    batch: list[T] = []
    weight = 0
    for item in items:
        own = weigh(item)
        if batch and (len(batch) == most or weight + own > heaviest):
            yield batch
            batch, weight = [], 0
        batch.append(item)
        weight += own
    if batch:
        yield batch
