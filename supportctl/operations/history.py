"""The log as rows: operations, and what happened to one ticket."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from supportctl.records import Row
from supportctl.store.changes import queue_after

if TYPE_CHECKING:
    from supportctl.store.contract import LoggedChange, Operation, Snapshot

_QUIET = {"id", "changed", "created", "requester", "subject", "closed", "touched", "rules", "problems", "return_to"}
_PLAIN = {"queue", "state"}


def describe_operations(snapshot: Snapshot, limit: int | None) -> Iterator[Row]:
    """The last operations, newest first, as far as the agent may see what they did."""
    return islice(map(_row, snapshot.operations()), limit)


def describe_history(snapshot: Snapshot, ticket: str, limit: int | None) -> Iterator[Row]:
    """What happened to one ticket, newest first."""
    return islice(map(_row, snapshot.operations_on(ticket)), limit)


def _row(operation: Operation) -> Row:
    visible = operation.changes
    names = [entry["ticket"] for entry in visible]
    many = f"{len(operation.asides)} duplicates" if operation.asides and not visible else f"{len(visible)} tickets"
    return {
        "op": operation.op,
        "at": operation.at,
        "account": operation.account,
        "role": operation.role,
        "verb": operation.verb,
        "tickets": names[0] if len(names) == 1 else many,
        "change": _change(visible[0]) if len(visible) == 1 else _common(visible),
        "why": _reason(operation, visible),
        "ids": names,
    }


def _reason(operation: Operation, entries: list[LoggedChange]) -> str:
    undone = [f"takes back {', '.join(map(str, operation.undoes))}"] if operation.undoes else []
    rules = dict.fromkeys(entry["why"] for entry in entries if "why" in entry)
    notes = dict.fromkeys(note for entry in entries for note in entry.get("notes", ()))
    return "; ".join(filter(None, [operation.why, *undone, *list(rules)[:5], *list(notes)[:5]]))


def _common(entries: list[LoggedChange]) -> str:
    """What a person wants to know of many changes: where the tickets went."""
    queues = dict.fromkeys(
        queue_after(entry) or "" for entry in entries if entry["to"] and entry["to"] != entry["from"]
    )
    return f"→ {', '.join(list(queues)[:5])}" if queues else ""


def _change(entry: LoggedChange) -> str:
    parts = []
    if entry["to"] is None:
        parts.append("taken back")
    elif entry["from"] is None:
        parts.append(f"new in {queue_after(entry)}")
    for name, (old, new) in entry["set"].items():
        if name not in _QUIET and entry["from"] is not None and entry["to"] is not None:
            parts.append(("" if name in _PLAIN else f"{name}: ") + f"{_text(old)} → {_text(new)}")
    added = len(entry.get("messages", {}).get("add", ()))
    if added and entry["from"] is not None:
        parts.append(f"{added} new {'mail' if added == 1 else 'mails'}")
    outgoing = entry.get("outgoing", {}).get("add", ())
    parts += [f"{row['kind']} to {', '.join(row['recipients'])}" for row in outgoing]
    return "; ".join(parts)


def _text(value: object) -> str:
    if value is None or value == []:
        return "none"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
