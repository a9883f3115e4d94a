"""The messages that one operation brings to the desk: to tickets, into the outbox, or aside."""

from __future__ import annotations

from collections.abc import Collection

from supportctl.model import DUPLICATES, OUTBOX, RawMessage, Waiting
from supportctl.store.contract import Planning
from supportctl.store.exchange import Delivery

Aside = dict[str, str]
"""A message that belongs to no ticket by itself, as the log has it: like which ticket's, its key, from, to."""


class Deliveries:
    """What comes with an operation; a message of a ticket that the plan drops in the end does not come either."""

    def __init__(self) -> None:
        self.asides: list[Aside] = []
        self._aside: list[Delivery] = []
        self._posted: list[Delivery] = []
        self._arriving: list[Delivery] = []

    def arrive(self, message: RawMessage, ticket_id: str, key: str) -> None:
        """Let a message come to its ticket, wherever that will be."""
        raw = None if message.waits else message.raw
        self._arriving.append(Delivery(key, ticket_id, "", message.waits, raw, message.flags))

    def bring(self, waiting: Waiting, ticket_id: str) -> None:
        """Let a message of a ticket, that lies in another folder, come to its ticket."""
        self._arriving.append(Delivery(waiting.key, ticket_id, waits=waiting))

    def post(self, raw: bytes, ticket_id: str, key: str) -> None:
        """Put a finished mail for a ticket into the outbox."""
        self._posted.append(Delivery(key, ticket_id, OUTBOX, raw=raw))

    def keep_aside(self, message: RawMessage, ticket_id: str, digest: str, key: str) -> None:
        """Put a message that came twice into the folder of duplicates; `key` is free there."""
        raw = None if message.waits else message.raw
        self._aside.append(Delivery(key, "", DUPLICATES, message.waits, raw))
        self.asides.append({"ticket": ticket_id, "from": "", "to": DUPLICATES, "key": key, "digest": digest})

    def put_back(self, aside: Aside, target: str, key: str) -> None:
        """Turn round what became of a message that came twice; `key` is free in the target."""
        source = aside["to"]
        self._aside.append(Delivery(key, "", target, Waiting(source, aside["key"])))
        self.asides.append({**aside, "from": source, "to": target, "key": key})

    def read_arriving(self, ticket_id: str, key: str, planning: Planning) -> bytes | None:
        """The bytes of a message that is just coming to a ticket; None where it is no such."""
        for delivery in self._arriving:
            if (delivery.ticket, delivery.key) == (ticket_id, key):
                return planning.read_waiting(delivery.waits) if delivery.waits else delivery.raw
        return None

    def list_for(self, tickets: Collection[str]) -> list[Delivery]:
        """What comes, given the tickets that the plan changes."""
        for_tickets = [delivery for delivery in (*self._posted, *self._arriving) if delivery.ticket in tickets]
        return [*self._aside, *for_tickets]
