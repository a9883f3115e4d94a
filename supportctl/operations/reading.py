"""Reading the mail of tickets again: for rules, for `show`, for the full text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportctl.config import Config
    from supportctl.model import Mail, Ticket
    from supportctl.store.snapshot import Snapshot


def read_mail(state: Snapshot, config: Config, folder: str, key: str, received: int) -> Mail | None:
    """A message's mail, or None where its file is gone; `received` dates a mail that has no date."""
    from supportctl.mail.message import parse

    raw = state.read_message(folder, key)
    return parse(raw, received=received, trusted=frozenset(config.desk.trusted_authserv)) if raw is not None else None


def read_to_show(state: Snapshot, folder: str, key: str, received: int) -> Mail | None:
    """The same for a person to look at: without what takes more than reading (see `mail.message.read`)."""
    from supportctl.mail.message import read

    raw = state.read_message(folder, key)
    return read(raw, received=received) if raw is not None else None


def read_opening(state: Snapshot, config: Config, ticket: Ticket, folder: str) -> Mail | None:
    """The mail that opened a ticket, or None where it is gone."""
    for message in ticket.messages[:1]:
        return read_mail(state, config, folder, message.key, message.date)
    return None
