"""A ticket with all its mail, to be read."""

from __future__ import annotations

from typing import NamedTuple

from supportctl.errors import DataError, NotFoundError
from supportctl.model import Mail, Message, Ticket
from supportctl.operations.reading import read_to_show
from supportctl.store import maildir
from supportctl.store.snapshot import Snapshot


class MessageView(NamedTuple):
    """One message of a ticket: its place in the conversation (from 1), its path, and what it says.

    `path` and `mail` are None where its file is gone.
    """

    position: int
    message: Message
    path: str | None
    is_unread: bool
    mail: Mail | None


class TicketView(NamedTuple):
    """A ticket and its messages, oldest first."""

    ticket: Ticket
    folder: str
    messages: list[MessageView]


def view_ticket(state: Snapshot, ticket_id: str, only: int = 0, *, with_mail: bool = True) -> TicketView:
    """A ticket to read, or `only` one of its messages.

    Raises NotFoundError where there is no such ticket or message.
    """
    ticket, folder = state.find(ticket_id)
    if only > len(ticket.messages):
        raise NotFoundError(f"{ticket_id} has {len(ticket.messages)} messages, not {only}")
    chosen = [(n, m) for n, m in enumerate(ticket.messages, 1) if only in (0, n)]
    return TicketView(ticket, folder, [_view_message(state, folder, n, m, with_mail) for n, m in chosen])


def position_of(state: Snapshot, ticket_id: str, name: str) -> int:
    """Which of a ticket's messages a Message-ID or a path names; 0 where it names the ticket."""
    wanted = name.strip().removeprefix("<").removesuffix(">")
    key = maildir.key_of(name.rpartition("/")[2])
    for number, message in enumerate(state.find(ticket_id)[0].messages, 1):
        if message.key == key or (message.mid and message.mid == wanted):
            return number
    return 0


def read_raw(state: Snapshot, shown: TicketView) -> bytes:
    """The bytes of the one message of a view.

    Raises NotFoundError where there are several, DataError where its file is gone.
    """
    if len(shown.messages) != 1:
        count = len(shown.messages)
        raise NotFoundError(f"{shown.ticket.id} has {count} messages", f"choose one: --message 1 to {count}")
    raw = state.read_message(shown.folder, shown.messages[0].message.key)
    if raw is None:
        raise DataError(f"{shown.ticket.id}: the mail {shown.messages[0].message.key} is gone", "supportctl check")
    return raw


def read_all_raw(state: Snapshot, shown: TicketView) -> list[bytes]:
    """The bytes of every message of a view whose file is there."""
    mails = (state.read_message(shown.folder, view.message.key) for view in shown.messages)
    return [mail for mail in mails if mail is not None]


def _view_message(state: Snapshot, folder: str, number: int, message: Message, with_mail: bool) -> MessageView:
    place = state.places(folder).get(message.key)
    path = str(state.root / (maildir.relative_path(folder) + place)) if place else None
    mail = read_to_show(state, folder, message.key, message.date) if with_mail and place else None
    return MessageView(number, message, path, bool(place and maildir.is_unread(place)), mail)
