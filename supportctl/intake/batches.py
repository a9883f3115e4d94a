"""Cut a stream of messages into batches that fit into memory, by their number and by their weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from supportctl.intake.sources import ParsedMessage
from supportctl.model import LeftMessage

Arrival = ParsedMessage | LeftMessage


def split_batches(arrivals: Iterable[Arrival], most: int, heaviest: int) -> Iterator[list[Arrival]]:
    """Batches of at most so many messages, each with one message or with at most so many bytes (`weigh`)."""
    batch: list[Arrival] = []
    weight = 0
    for arrival in arrivals:
        own = weigh(arrival)
        if batch and (len(batch) == most or weight + own > heaviest):
            yield batch
            batch, weight = [], 0
        batch.append(arrival)
        weight += own
    if batch:
        yield batch


def weigh(arrival: Arrival) -> int:
    """The number of bytes that a message may take in memory."""
    return arrival.weight if isinstance(arrival, ParsedMessage) else 0
