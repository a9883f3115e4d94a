"""What has become of outgoing messages, in words for a person."""

from __future__ import annotations

import time
from collections.abc import Iterable

from supportctl.config import Config
from supportctl.model import Dispatch, Outgoing
from supportctl.operations.outbox import OutboxEntry, id_of, why_held
from supportctl.output import formats
from supportctl.records import Row
from supportctl.values import count_of


def describe_fates(config: Config, entries: Iterable[OutboxEntry], now: int, excuse: str = "") -> str:
    """What has become of messages, as part of a sentence: `sent`, or `1 sent, 1 waiting in the outbox (…)`.

    `excuse` is why those that wait were not sent at once.
    """
    fates: dict[str, int] = {}
    for entry in entries:
        for dispatch in entry.dispatches:
            fate = describe_fate(config, entry.queue, dispatch, now, excuse)
            fates[fate] = fates.get(fate, 0) + 1
    if len(fates) == 1:
        return next(iter(fates))
    return ", ".join(f"{count} {fate}" for fate, count in fates.items())


def describe_fate(config: Config, queue: str, dispatch: Dispatch, now: int, excuse: str = "") -> str:
    """What has become of a message for one recipient."""
    match dispatch.state:
        case "sent" | "dropped" | "failed":
            word = "not delivered" if dispatch.state == "failed" else dispatch.state
            reason = "" if dispatch.state == "sent" else dispatch.reason
            return f"{word} ({reason})" if reason else word
        case "held":
            return f"waiting in the outbox ({dispatch.reason or why_held(config, queue)})"
        case "sending":
            return "being sent"
    then = f"next try {formats.short_time(dispatch.due, now)}" if dispatch.due > now else ""
    if dispatch.state == "waiting" and then:
        then = f"may leave {formats.short_time(dispatch.due, now)}"
    reasons = "; ".join(filter(None, [dispatch.reason or excuse, then]))
    return f"waiting in the outbox ({reasons or 'supportctl outbox send sends it'})"


def describe_written(config: Config, queue: str, outgoing: Outgoing) -> str:
    """A message with what has become of it for each recipient: `forward to ann@example.org, sent 2026-11-22 10:00`."""
    now, zone = int(time.time()), config.desk.timezone
    fates = []
    for dispatch in outgoing.dispatches:
        fate = describe_fate(config, queue, dispatch, now)
        fates.append(
            f"{dispatch.to}, {fate}" + (f" {formats.local_moment(dispatch.at, zone)}" if fate == "sent" else "")
        )
    return f"{outgoing.kind} to {'; '.join(fates)}"


def describe_recipients(entries: Iterable[OutboxEntry]) -> str:
    """The recipients of messages, each once."""
    names = list(dict.fromkeys(to for entry in entries for to in entry.outgoing.recipients))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def describe_stuck(failed: int, held: int) -> list[str]:
    """A sentence for each kind of messages that wait for a person."""
    counts = ((failed, "was not delivered", "were not delivered"), (held, "is held", "are held"))
    return [
        f"{count_of(count, 'message')} in the outbox {one if count == 1 else many}: see supportctl outbox"
        for count, one, many in counts
        if count
    ]


def describe_outgoing(ticket_id: str, outgoing: Outgoing) -> Row:
    """An outgoing message for JSON."""
    return {
        "id": id_of(ticket_id, outgoing),
        "kind": outgoing.kind,
        "message_id": outgoing.mid,
        "at": formats.iso_time(outgoing.at),
        "recipients": [
            {
                "to": dispatch.to,
                "state": dispatch.state,
                "at": formats.iso_time(dispatch.at),
                "due": formats.iso_time(dispatch.due) or None,
                "tries": dispatch.tries,
                "reason": dispatch.reason,
            }
            for dispatch in outgoing.dispatches
        ],
    }
