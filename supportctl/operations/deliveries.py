"""The messages that one operation brings to the desk: to tickets, into the outbox, or aside."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from supportctl.model import DUPLICATES, OUTBOX, ByteRange, RawMessage, Waiting
from supportctl.store.exchange import Delivery

if TYPE_CHECKING:
    from supportctl.store.contract import Planning

Aside = dict[str, str]
"""A message kept aside, as the log has it: the ticket whose message it resembles, its key, from, to."""


class Deliveries:
    """The messages of one operation; those of a ticket come only if the plan changes that ticket in the end."""

    def __init__(self) -> None:
        self.asides: list[Aside] = []
        self.posted_weight = 0  # in bytes, counted along: a plan may post thousands
        self._aside: list[Delivery] = []
        self._posted: list[Delivery] = []
        self._arriving: list[Delivery] = []

    def arrive(self, message: RawMessage, ticket_id: str, key: str) -> None:
        """Bring a message on its way in to its ticket, whichever folder that will be in."""
        self._arriving.append(Delivery(key, ticket_id, "", *_sources(message), message.flags))

    def bring(self, waiting: Waiting, ticket_id: str, key: str = "") -> None:
        """Bring a message of a ticket that lies in another folder to its ticket, where it has the same key or `key`."""
        self._arriving.append(Delivery(key or waiting.key, ticket_id, waits=waiting))

    def post(self, raw: bytes, ticket_id: str, key: str, flags: str | None = None) -> None:
        """Put a finished message for a ticket into the outbox."""
        self._posted.append(Delivery(key, ticket_id, OUTBOX, raw=raw, flags=flags))
        self.posted_weight += len(raw)

    def count_posted(self) -> int:
        """The number of messages put into the outbox so far."""
        return len(self._posted)

    def drop_posted(self, kept: int) -> None:
        """Take the messages back that came into the outbox after the first ones."""
        self.posted_weight -= sum(len(delivery.raw or b"") for delivery in self._posted[kept:])
        del self._posted[kept:]

    def keep_aside(self, message: RawMessage, ticket_id: str, digest: str, key: str) -> None:
        """Put a duplicate into the folder of duplicates; `key` is free there."""
        self._aside.append(Delivery(key, "", DUPLICATES, *_sources(message)))
        self.asides.append({"ticket": ticket_id, "from": "", "to": DUPLICATES, "key": key, "digest": digest})

    def put_back(self, aside: Aside, target: str, key: str) -> None:
        """Undo keeping a message aside: move it to `target`, where `key` is free."""
        source = aside["to"]
        self._aside.append(Delivery(key, "", target, Waiting(source, aside["key"])))
        self.asides.append({**aside, "from": source, "to": target, "key": key})

    def read_arriving(self, ticket_id: str, key: str, planning: Planning) -> bytes | None:
        """The bytes of a message that is on its way to a ticket; None for any other message."""
        for delivery in self._arriving:
            if (delivery.ticket, delivery.key) == (ticket_id, key):
                if delivery.whole:
                    return planning.read_range(delivery.whole)
                return planning.read_waiting(delivery.waits) if delivery.waits else delivery.raw
        return None

    def list_for(self, tickets: Collection[str]) -> list[Delivery]:
        """The deliveries, given the tickets that the plan changes."""
        for_tickets = [delivery for delivery in (*self._posted, *self._arriving) if delivery.ticket in tickets]
        return [*self._aside, *for_tickets]


def _sources(message: RawMessage) -> tuple[Waiting | None, bytes | None, ByteRange | None]:
    """Where the bytes of a message come from, as a delivery has it: from the desk, from memory, or from a file."""
    if message.waits:
        return message.waits, None, None
    return (None, message.raw, None) if message.is_held else (None, None, message.whole)
