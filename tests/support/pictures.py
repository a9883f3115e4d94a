"""What a desk is, read off its files without the program: to hold two desks against each other.

What differs between two runs of the same command is left out: keys, Message-IDs and boundaries of mails that the
desk wrote. Times are compared: a runner's clock stands still.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDE_FOLDERS = (".outbox", ".sent.", ".duplicates", ".undone")
CACHES = tuple(f"{name}.sqlite{suffix}" for name in ("catalogue", "text") for suffix in ("", "-wal", "-shm"))
_TOKEN = re.compile(rb"\.[0-9a-f]{12}@")
_BOUNDARY = re.compile(rb'boundary="([^"]+)"')

Ticket = dict[str, Any]


@dataclass(slots=True)
class Picture:
    """All tickets by id, and all mails: folder, `new` or `cur`, flags, digest."""

    tickets: dict[str, Ticket]
    mails: list[tuple[str, str, str, str]]

    def copies_of(self, content: bytes) -> list[str]:
        """The folders where a mail lies."""
        digest = digest_of(content)
        return [folder for folder, _, _, found in self.mails if found == digest]

    def tickets_with(self, content: bytes) -> list[str]:
        """The tickets that a mail belongs to."""
        digest = digest_of(content)
        return [
            name for name, ticket in self.tickets.items() if digest in [row["file"][2] for row in ticket["messages"]]
        ]


def take_picture(maildir: Path) -> Picture:
    """A desk as its files show it, asserting that each ticket is in one place and its mails are there."""
    tickets: dict[str, Ticket] = {}
    mails: list[tuple[str, str, str, str]] = []
    for folder in sorted(path for path in maildir.glob(".*") if path.is_dir()):
        found = _read_mails(folder)
        mails += [(folder.name, *file) for file in found.values()]
        documents = _read_documents(folder)
        for document in documents:
            assert document["id"] not in tickets, f"{document['id']} is in two places"
            tickets[document["id"]] = {**_describe(document, found), "folder": folder.name}
        if not folder.name.startswith(SIDE_FOLDERS):
            owned = Counter(row["key"] for document in documents for row in document["messages"])
            assert owned == Counter(found.keys()), f"{folder.name}: its mails are not those of its tickets"
    mails += [("", *file) for file in _read_mails(maildir).values()]
    return Picture(tickets, sorted(mails))


def read_contents(maildir: Path, without: tuple[str, ...] = CACHES) -> dict[str, bytes]:
    """Every folder, and every file with its content, but for the caches."""
    found: dict[str, bytes] = {}
    for place, folders, names in os.walk(maildir):
        prefix = place.removeprefix(str(maildir))
        found.update({f"{prefix}/{name}/": b"" for name in folders})
        found.update({f"{prefix}/{name}": Path(place, name).read_bytes() for name in names if name not in without})
    return found


def count_operations(maildir: Path) -> int:
    """How many whole lines the log has."""
    return sum(path.read_bytes().count(b"\n") for path in (maildir / "supportctl" / "log").glob("*.jsonl"))


def digest_of(content: bytes) -> str:
    """A mail's digest; what is never the same twice in mails that the desk writes is left out."""
    content = _TOKEN.sub(b"@", content)
    for boundary in _BOUNDARY.findall(content):
        content = content.replace(boundary, b"-")
    return hashlib.sha256(content).hexdigest()


def _read_mails(folder: Path) -> dict[str, tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    for part in ("new", "cur"):
        for path in (folder / part).iterdir():
            key, _, flags = path.name.partition(":2,")
            assert key not in found, f"{folder.name}: two files with the key {key}"
            found[key] = part, flags, digest_of(path.read_bytes())
    return found


def _read_documents(folder: Path) -> list[Ticket]:
    path = folder / "tickets.json"
    return list(json.loads(path.read_bytes())["tickets"].values()) if path.exists() else []


def _describe(document: Ticket, found: dict[str, tuple[str, str, str]]) -> Ticket:
    rest = {name: value for name, value in document.items() if name not in ("messages", "outgoing")}
    messages = [{**row, "key": "", "file": found[row["key"]]} for row in document["messages"]]
    outgoing = [{**mail, "key": "", "mid": "", "digest": ""} for mail in document.get("outgoing", ())]
    return {**rest, "messages": messages, "outgoing": outgoing}
