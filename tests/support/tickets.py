"""New tickets, where they are, and whether all is well: what the tests of several verbs ask."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

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


def locate(desk: DeskDir, ticket: str, number: int = 0) -> Path:
    """The file of a ticket's mail."""
    found = desk.tickets()[ticket]
    key = found["messages"][number]["key"]
    (path,) = (
        path for part in ("new", "cur") for path in (desk.maildir / f".{found['folder']}" / part).glob(f"{key}*")
    )
    return path


def findings(desk: DeskDir) -> list[dict[str, Any]]:
    """What `check` has to say; it exits 0 if that is nothing, else 65."""
    found = desk.run("check", "--format", "jsonl", status=None)
    rows = found.stdout.decode().splitlines()
    assert found.returncode == (65 if rows else 0)
    return [json.loads(row) for row in rows]
