"""Which ticket a person means: by its id, `.17` of today, a Message-ID, or the path of a mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from supportctl.config import Config
from supportctl.errors import NotFoundError
from supportctl.store import maildir
from supportctl.store.layout import day_of
from supportctl.store.snapshot import Snapshot

_SHORT = re.compile(r"\.(\d{1,9})")


def resolve(state: Snapshot, config: Config, name: str, now: int, *, is_path: bool = False) -> str:
    """The id of the ticket that is meant; an id is taken as it stands, whether there is such a ticket or not.

    Raises NotFoundError where a Message-ID or a path belongs to no ticket.
    """
    if not is_path and re.fullmatch(rf"{re.escape(config.desk.ticket_prefix)}\d{{8}}\.\d{{1,9}}", name):
        return name
    if not is_path and (short := _SHORT.fullmatch(name)):
        today = max(day_of(now), state.head.ids.day)  # the day in ids never runs backwards, even when the clock does
        return f"{config.desk.ticket_prefix}{today}.{int(short[1])}"
    found = _by_path(state, name) if is_path or ("/" in name and "@" not in name) else _by_mid(state, name)
    if found is None:
        raise NotFoundError(f"no ticket {name}", "supportctl ls, or supportctl search")
    return found


def resolve_all(
    state: Snapshot, config: Config, names: Iterable[str], now: int, *, are_paths: bool = False
) -> tuple[list[str], list[tuple[str, NotFoundError]]]:
    """The ids that are meant, each once, and the names that mean nothing."""
    found: dict[str, None] = {}
    unknown = []
    for name in mail_paths(state.root, names) if are_paths else names:
        try:
            found[resolve(state, config, name, now, is_path=are_paths)] = None
        except NotFoundError as error:
            unknown.append((name, error))
    return list(found), unknown


def mail_paths(root: Path, names: Iterable[str]) -> list[str]:
    """Paths without what `grep -r` finds in a desk beside the mail of tickets: metadata, log, mail kept aside."""
    desk = root.resolve()
    return [name for name in names if not _is_aside(desk, Path(name).absolute())]


def _is_aside(desk: Path, path: Path) -> bool:
    place = path.parent.resolve() / path.name
    if desk not in place.parents:
        return False
    match place.relative_to(desk).parts:
        case (folder, part, _) if folder.startswith(".") and part in maildir.PARTS:
            return folder[1:] in maildir.SIDE_FOLDERS
        case (part, _) if part in maildir.PARTS:
            return False  # mail in the INBOX, which is no ticket yet
    return True


def choose_tickets(
    state: Snapshot, config: Config, names: Iterable[str], now: int, *, are_paths: bool = False
) -> list[str]:
    """The ids that are meant, or the open tickets of the intake that nobody has touched where none is named."""
    found, unknown = resolve_all(state, config, names, now, are_paths=are_paths)
    for _, error in unknown:
        raise error
    intake = state.tickets_in(config.desk.intake)
    return found or [ticket.id for ticket in intake if ticket.state == "open" and not ticket.touched]


def _by_mid(state: Snapshot, name: str) -> str | None:
    known = state.catalogue.with_mid(name.strip().removeprefix("<").removesuffix(">"))
    return known[0].ticket if known else None


def _by_path(state: Snapshot, name: str) -> str | None:
    path = Path(name)
    box = path.absolute().parent.parent
    folder = box.name.removeprefix(".")
    if box.resolve().parent != state.root.resolve() or not box.name.startswith("."):
        return None
    return state.ticket_with_key(folder, maildir.key_of(path.name))
