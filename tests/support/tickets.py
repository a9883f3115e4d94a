"""New tickets, and where they are: what the tests of several verbs ask."""

from __future__ import annotations

import time

from tests.support.desks import DeskDir, make_mail


def take(desk: DeskDir, count: int = 1) -> list[str]:
    """New tickets in the intake."""
    return [
        row["ticket"]
        for row in desk.take(*(make_mail(f"Mail {number}", text=f"{number}\n") for number in range(count)))
    ]


def whereabouts(desk: DeskDir, ticket: str) -> tuple[str, str]:
    """A ticket's state and queue; its mail must lie in the folder of its metadata."""
    found = desk.tickets()[ticket]
    month = time.strftime("%Y-%m", time.gmtime(found["closed"])) if found.get("closed") else ""
    assert found["folder"] == found["queue"] + (f".closed.{month}" if found["state"] == "closed" else "")
    keys = {name.partition("/")[2].partition(":2,")[0] for name in desk.mails(found["folder"])}
    assert keys >= {message["key"] for message in found["messages"]}
    return found["state"], found["queue"]
