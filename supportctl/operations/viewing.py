"""A ticket with all its messages, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from supportctl.errors import DataError, NotFoundError, UnreadableMessageError
from supportctl.mail.content import MessageContent
from supportctl.model import Message, Note, Ticket
from supportctl.operations.reading import read_to_show
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot
    from supportctl.store.exchange import Reason


class MessageView(NamedTuple):
    """One message of a ticket: its position in the conversation (from 1), its path, and what it says.

    `path` is None where its file is gone; without content, `problem` says why.
    """

    position: int
    message: Message
    path: str | None
    is_unread: bool
    content: MessageContent | None
    problem: str = ""


class TicketView(NamedTuple):
    """A ticket with its messages, the notes on it, and the reasons given for what was done to it, each oldest first.

    Where only one message is asked for, there are neither notes nor reasons.
    """

    ticket: Ticket
    messages: list[MessageView]
    notes: Sequence[Note] = ()
    reasons: Sequence[Reason] = ()


def view_ticket(
    snapshot: Snapshot, ticket_id: str, only: int = 0, *, with_content: bool = True, is_judged: bool = False
) -> TicketView:
    """A ticket to read, or `only` one of its messages (counted from 1); with the signs of a verdict if it `is_judged`.

    Raises NotFoundError where there is no such ticket or message.
    """
    ticket = snapshot.find(ticket_id)
    if only > len(ticket.messages):
        raise NotFoundError(f"{ticket_id} has only {count_of(len(ticket.messages), 'message')}, no message {only}")
    chosen = [(n, m) for n, m in enumerate(ticket.messages, 1) if only in (0, n)]
    messages = [_view_message(snapshot, ticket, n, m, with_content, is_judged) for n, m in chosen]
    return TicketView(ticket, messages, [] if only else ticket.notes, [] if only else snapshot.reasons_on(ticket_id))


def position_of(ticket: Ticket, name: str) -> int:
    """The position of the message that a Message-ID or a path names; 0 where the name is the ticket's."""
    mid = name.strip().removeprefix("<").removesuffix(">")
    file = name.rpartition("/")[2]
    for number, message in enumerate(ticket.messages, 1):
        is_file = file.startswith(message.key) and file[len(message.key) :][1:3] in ("", "2,")
        if is_file or (message.mid and message.mid == mid):
            return number
    return 0


def read_raw(snapshot: Snapshot, shown: TicketView) -> Iterator[bytes]:
    """The bytes of the one message of a view, piece by piece.

    Raises NotFoundError where there are several, DataError where they are gone or can't be read.
    """
    if len(shown.messages) != 1:
        count = len(shown.messages)
        hint = f"choose one with --message N, from 1 to {count}"
        raise NotFoundError(f"{shown.ticket.id} has {count_of(count, 'message')}", hint)
    message = shown.messages[0].message
    pieces = snapshot.read_pieces(shown.ticket, message)
    if pieces is None:
        raise DataError(f"{shown.ticket.id}: message {message.key} is missing", "run supportctl check")
    return pieces


def read_attachment(snapshot: Snapshot, shown: TicketView, number: int) -> bytes:
    """The bytes of an attachment (counted from 1) of the one message of a view, decoded.

    Raises NotFoundError where there are several messages or no such attachment, DataError where the file is gone.
    """
    from supportctl.mail.message import read_attachments

    contents = [content for _, content in read_attachments(b"".join(read_raw(snapshot, shown)))]
    if number > len(contents):
        message = f"message {shown.messages[0].position} of {shown.ticket.id}"
        raise NotFoundError(f"{message} has {count_of(len(contents), 'attachment')}, no attachment {number}")
    return b"".join(contents[number - 1])


def read_all_raw(snapshot: Snapshot, shown: TicketView) -> list[bytes]:
    """The bytes of every message of a view that can be read."""
    found = (snapshot.read_pieces(shown.ticket, view.message) for view in shown.messages if not view.problem)
    return [b"".join(pieces) for pieces in found if pieces is not None]


def require_all(shown: TicketView) -> None:
    """Raise DataError where a message of a view is gone or can't be read."""
    for view in shown.messages:
        if view.problem:
            raise DataError(f"{shown.ticket.id}: {view.problem}", "run supportctl check")


def _view_message(
    snapshot: Snapshot, ticket: Ticket, number: int, message: Message, with_content: bool, is_judged: bool
) -> MessageView:
    path = snapshot.path_of(ticket, message)
    content, problem = None, "" if path else f"message {message.key} is missing"
    if with_content and path:
        try:
            content = read_to_show(snapshot, ticket, message, is_judged=is_judged)
        except UnreadableMessageError as error:
            problem = error.message
    is_unread = snapshot.is_message_unread(ticket, message)
    return MessageView(number, message, str(path) if path else None, is_unread, content, problem)
