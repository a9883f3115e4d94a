"""The log as rows: operations, and what happened to one ticket."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from supportctl.store.layout import queue_of
from supportctl.store.log import LoggedChange, Operation
from supportctl.store.snapshot import Snapshot

Row = dict[str, object]
_QUIET = {"id", "changed", "created", "requester", "subject", "closed", "touched", "rules", "problems", "return_to"}
_PLAIN = {"queue", "state"}


def describe_operations(state: Snapshot, limit: int | None, queues: Collection[str], account: str) -> Iterator[Row]:
    """The last operations, newest first; of tickets in other queues than these nothing is told.

    An account sees that it did something, so that it can undo that, but not more of it than others would.
    """
    rows = (row for operation in state.last_operations() if (row := _visible_row(operation, set(queues), account)))
    return islice(rows, limit)


def _visible_row(operation: Operation, queues: set[str], account: str) -> Row | None:
    visible = [entry for entry in operation.changes if _queues_of(entry) & queues]
    is_hidden = operation.changes and not visible and operation.account != account
    return None if is_hidden else _row(operation, visible)


def describe_ticket(state: Snapshot, ticket: str, limit: int | None) -> Iterator[Row]:
    """What happened to one ticket, newest first."""
    numbers = state.catalogue.operations_on(ticket)[::-1]
    for number in numbers[:limit]:
        operation = state.operation(number)
        entries = [entry for entry in operation.changes if entry["ticket"] == ticket]
        yield _row(operation, entries)


def _row(operation: Operation, visible: list[LoggedChange]) -> Row:
    names = [entry["ticket"] for entry in visible]
    many = f"{len(visible)} tickets" if operation.changes else f"{len(operation.asides)} duplicates"
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
    goals = dict.fromkeys(queue_of(entry["to"]) for entry in entries if entry["to"] and entry["to"] != entry["from"])
    return f"→ {', '.join(list(goals)[:5])}" if goals else ""


def _change(entry: LoggedChange) -> str:
    parts = []
    if entry["to"] is None:
        parts.append("taken back")
    elif entry["from"] is None:
        parts.append(f"new in {queue_of(entry['to'])}")
    for name, (old, new) in entry["set"].items():
        if name not in _QUIET and entry["from"] is not None and entry["to"] is not None:
            parts.append(("" if name in _PLAIN else f"{name}: ") + f"{_text(old)} → {_text(new)}")
    added = len(entry.get("messages", {}).get("add", ()))
    if added and entry["from"] is not None:
        parts.append(f"{added} new mail{'s' * (added > 1)}")
    parts += [f"{mail['kind']} to {', '.join(mail['recipients'])}" for mail in entry.get("outgoing", {}).get("add", ())]
    return "; ".join(parts)


def _text(value: object) -> str:
    if value is None or value == []:
        return "none"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _queues_of(entry: LoggedChange) -> set[str]:
    return {queue_of(folder) for folder in (entry["from"], entry["to"]) if folder is not None}
