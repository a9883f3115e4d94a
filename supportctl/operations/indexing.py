"""Bringing the full text to where the catalogue is; what was cut short is done by whoever comes next."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from supportctl.operations.reading import read_mail

if TYPE_CHECKING:
    from supportctl.config import Config
    from supportctl.index.search import Position, TextIndex
    from supportctl.model import Mail
    from supportctl.store.snapshot import Snapshot

INDEX_BATCH = 500
Rows = list[tuple[int, "Mail"]]


def read_missing(
    state: Snapshot, config: Config, index: TextIndex, read: Mapping[int, Mail]
) -> tuple[Rows, Position | None]:
    """A batch of the messages that the index lacks, from what was `read` or from their files, and its position then.

    The position is None where nothing is missing. A message whose file is gone is passed over.
    """
    rows: Rows = []
    position = None
    missing = state.catalogue.messages_after(_position_of(state, index))
    for number, folder, key, digest, date in islice(missing, INDEX_BATCH if not read else None):
        mail = read.get(number) or read_mail(state, config, folder, key, date)
        if mail is not None:
            rows.append((number, mail))
        position = (number, digest)
    return rows, position


def _position_of(state: Snapshot, index: TextIndex) -> int:
    """The number of the last message in the index; one that does not fit the desk is thrown away."""
    number, digest = index.position()
    known = state.catalogue.digest_of(number)
    if number > state.head.ids.message or (known is not None and known != digest):
        index.reset()
        return 0
    return number
