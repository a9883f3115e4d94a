"""`stats`: each ticket is counted once, and only where it may be read."""

from __future__ import annotations

import json
import re
from collections import Counter

from tests.support.desks import DeskDir


def test_stats_counts_every_ticket_once(read_desk: DeskDir) -> None:
    tickets = list(read_desk.tickets().values())
    for by, key in (("queue", "queue"), ("state", "state"), ("type", "issue_type")):
        rows = read_desk.rows("stats", "--by", by)
        assert {row[by] or None: row["tickets"] for row in rows} == Counter(ticket.get(key) for ticket in tickets)
        assert [row["tickets"] for row in rows] == sorted((row["tickets"] for row in rows), reverse=True)
    assert sum(row["tickets"] for row in read_desk.rows("stats")) == len(tickets)
    months = read_desk.rows("stats", "--by", "month")
    assert all(re.fullmatch(r"\d{4}-\d\d", row["month"]) for row in months)
    assert read_desk.lines("stats", "--since", "2099-01-01") == []
    since = read_desk.rows("stats", "--since", "2026-11-15T00:00z", "--by", "queue")
    late = [ticket for ticket in tickets if ticket["created"] >= 1794700800]
    assert sum(row["tickets"] for row in since) == len(late) < len(tickets)
    for arguments in (["--by", "colour"], ["--since", "soon"], ["--by", ""]):
        read_desk.run("stats", *arguments, status=2)


def test_stats_counts_only_what_may_be_read(read_desk: DeskDir) -> None:
    queues = {
        json.loads(line)["queue"] for line in read_desk.lines("stats", "--format", "jsonl", role="organisation-assurer")
    }
    assert queues <= {"organisation-assurance"}
