"""The log as rows: operations, and the history of one ticket."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from supportctl.records import Row
from supportctl.store.changes import queue_after
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.contract import LoggedChange, Operation, Snapshot

_QUIET = {"id", "changed", "created", "requester", "subject", "closed", "touched", "rules", "problems", "return_to"}
_PLAIN = {"queue", "state"}
_SHOWN = 60
"""The number of characters of a note that the log shows."""


def describe_operations(snapshot: Snapshot, limit: int | None) -> Iterator[Row]:
    """The last operations, newest first, as far as the agent may see what they did."""
    return islice(map(_row, snapshot.operations()), limit)


def describe_history(snapshot: Snapshot, ticket: str, limit: int | None) -> Iterator[Row]:
    """The operations on one ticket, newest first."""
    return islice(map(_row, snapshot.operations_on(ticket)), limit)


def _row(operation: Operation) -> Row:
    visible = operation.changes
    names = [entry["ticket"] for entry in visible]
    has_only_asides = operation.asides and not visible
    many = count_of(len(operation.asides), "duplicate") if has_only_asides else count_of(len(visible), "ticket")
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
    noun = "operation" if len(operation.undoes) == 1 else "operations"
    undone = [f"undoes {noun} {', '.join(map(str, operation.undoes))}"] if operation.undoes else []
    rules = dict.fromkeys(entry["why"] for entry in entries if "why" in entry)
    notes = dict.fromkeys(note for entry in entries for note in entry.get("notes", ()))
    return "; ".join(filter(None, [operation.why, *undone, *list(rules)[:5], *list(notes)[:5]]))


def _common(entries: list[LoggedChange]) -> str:
    """What many changes have in common for a person: the queues that the tickets went to."""
    queues = dict.fromkeys(
        queue_after(entry) or "" for entry in entries if entry["to"] and entry["to"] != entry["from"]
    )
    return f"→ {', '.join(list(queues)[:5])}" if queues else ""


def _change(entry: LoggedChange) -> str:
    parts = []
    if entry["to"] is None:
        parts.append("undone")
    elif entry["from"] is None:
        parts.append(f"new in {queue_after(entry)}")
    for name, (old, new) in entry["set"].items():
        if name not in _QUIET and entry["from"] is not None and entry["to"] is not None:
            parts.append(("" if name in _PLAIN else f"{name}: ") + f"{_text(old)} → {_text(new)}")
    messages = entry.get("messages", {})
    # A message that only gets another key is dropped and added.
    added = len(
        {row["number"] for row in messages.get("add", ())} - {row["number"] for row in messages.get("drop", ())}
    )
    if added and entry["from"] is not None:
        parts.append(count_of(added, "new message"))
    parts += _outgoing(entry.get("outgoing", {}))
    parts += [f"note: {row['text'][:_SHOWN].splitlines()[0]}" for row in entry.get("noted", {}).get("add", ())]
    return "; ".join(parts)


def _outgoing(rows: LoggedChange) -> Iterator[str]:
    """What a change says of outgoing messages: that they were written, and then only what has become otherwise."""
    before = {row["key"]: row.get("progress", ()) for row in rows.get("drop", ())}
    for row in rows.get("add", ()):
        if row["key"] not in before:
            yield f"{row['kind']} to {', '.join(row['recipients'])}"
            continue
        states = {each["to"]: each["state"] for each in before[row["key"]]}
        for each in row.get("progress", ()):
            if states.get(each["to"]) != each["state"]:
                reason = f" ({each['reason']})" if each.get("reason") else ""
                yield f"{row['kind']} to {each['to']}: {each['state']}{reason}"


def _text(value: object) -> str:
    if value is None or value == []:
        return "none"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
