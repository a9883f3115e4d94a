"""Which ticket a person means: by its id, `.17` of today, a Message-ID, or the path of a message."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from supportctl.config import Config
from supportctl.errors import NotFoundError
from supportctl.values import TICKET_ID, day_of, make_encodable

if TYPE_CHECKING:
    from supportctl.operations.draft import Draft
    from supportctl.store.contract import Snapshot

_SHORT = re.compile(r"\.(\d{1,9})")


def resolve(snapshot: Snapshot, config: Config, name: str, now: int, *, is_path: bool = False) -> str:
    """The id of the ticket that a name means; an id is taken as it is, whether or not there is such a ticket.

    Tickets of an older `ticket_prefix` keep their ids. Raises NotFoundError where a Message-ID or a path belongs to no
    ticket.
    """
    if not is_path and re.fullmatch(TICKET_ID, name):
        return name
    if not is_path and (short := _SHORT.fullmatch(name)):
        # As `Numbering` does: the day in ids never runs backwards, even when the clock does.
        today = max(day_of(now), snapshot.last_day())
        return f"{config.desk.ticket_prefix}{today}.{int(short[1])}"
    # A Message-ID may have a slash in it, and every Message-ID has an @.
    looks_like_path = is_path or ("/" in name and "@" not in name)
    ticket_id = snapshot.ticket_at(name) if looks_like_path else _by_mid(snapshot, name)
    if ticket_id is None:
        raise NotFoundError(f"no ticket named {name}", "find tickets with supportctl ls or search")
    return ticket_id


def resolve_all(
    snapshot: Snapshot, config: Config, names: Iterable[str], now: int, *, are_paths: bool = False
) -> tuple[list[str], list[tuple[str, NotFoundError]]]:
    """The ids that names mean, each once, and the names that mean nothing, with their errors."""
    ticket_ids: dict[str, None] = {}
    unknown = []
    for name in mail_paths(snapshot, names) if are_paths else names:
        try:
            ticket_ids[resolve(snapshot, config, name, now, is_path=are_paths)] = None
        except NotFoundError as error:
            unknown.append((name, error))
    return list(ticket_ids), unknown


def resolve_or_refuse(draft: Draft, names: Iterable[str], *, are_paths: bool = False) -> list[str]:
    """The ids that names mean, each once; names that mean nothing are refused."""
    ticket_ids, unknown = resolve_all(draft.planning, draft.config, names, draft.now, are_paths=are_paths)
    for name, error in unknown:
        draft.refuse(name, error)
    return ticket_ids


def mail_paths(snapshot: Snapshot, names: Iterable[str]) -> list[str]:
    """Paths without what `grep -r` finds on a desk besides messages of tickets: metadata, log, messages kept aside."""
    return [name for name in names if not snapshot.is_aside(name)]


def resolve_or_raise(
    snapshot: Snapshot, config: Config, names: Iterable[str], now: int, *, are_paths: bool = False
) -> list[str]:
    """The ids that names mean; raises NotFoundError for the first that means none."""
    ticket_ids, unknown = resolve_all(snapshot, config, names, now, are_paths=are_paths)
    for _, error in unknown:
        raise error
    return ticket_ids


def _by_mid(snapshot: Snapshot, name: str) -> str | None:
    mid = make_encodable(name).strip().removeprefix("<").removesuffix(">")
    return snapshot.ticket_with_mid(mid) if mid else None  # many messages have none
