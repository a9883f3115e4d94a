"""`queues`: how many tickets each one holds, and what a role may do there."""

from __future__ import annotations

import json
import re
from collections import Counter

from tests.support.desks import CACERT, DeskDir


def test_queues_counts_what_is_there(read_desk: DeskDir) -> None:
    tickets = list(read_desk.tickets().values())
    rows = read_desk.rows("queues")
    assert [row["key"] for row in rows] == re.findall(
        r"^  ([a-z-]+):$", CACERT.read_text().partition("\nqueues:")[2].partition("\nissue_types")[0], re.M
    )
    for row in rows:
        states = Counter(ticket["state"] == "closed" for ticket in tickets if ticket["queue"] == row["key"])
        assert (row["open"], row["closed"]) == (states[False], states[True])
    assert sum(row["unread"] for row in rows) == sum(row["unread"] for row in read_desk.rows("ls"))


def test_queues_says_what_a_role_may(read_desk: DeskDir) -> None:
    lines = [json.loads(line) for line in read_desk.lines("queues", "--format", "jsonl", role="triage")]
    rights = {row["key"]: row["rights"] for row in lines}
    assert rights["triage"] == ["read", "move in"]
    assert rights["disputes"] == ["move in"]
    assert rights["secure-test"] == ["move in (asks)"]
    assert rights["deleted-accounts"] == []
    hidden = next(row for row in lines if row["key"] == "disputes")
    assert hidden["open"] is None
