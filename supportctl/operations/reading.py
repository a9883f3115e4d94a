"""Read messages of tickets again: for plans and for `show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supportctl.model import LARGEST_READ

if TYPE_CHECKING:
    from supportctl.config import Config
    from supportctl.mail.content import MessageContent
    from supportctl.model import Message, Ticket
    from supportctl.store.contract import Snapshot


def read_to_show(
    snapshot: Snapshot, ticket: Ticket, message: Message, *, is_judged: bool = False
) -> MessageContent | None:
    """A message for a person to look at; None: gone. Without what takes more than reading, unless it `is_judged`.

    Raises UnreadableMessageError.
    """
    from supportctl.mail.message import parse_message, parse_to_show

    raw = snapshot.read_message(ticket, message)
    parse = parse_message if is_judged else parse_to_show
    return complete(parse(raw, received=message.date), message) if raw is not None else None


def read_opening(snapshot: Snapshot, config: Config, ticket: Ticket) -> MessageContent | None:
    """The content of the message that opened a ticket, or None where it is gone; raises UnreadableMessageError."""
    for message in ticket.messages[:1]:
        raw = snapshot.read_message(ticket, message)
        return parse_known(raw, message, config) if raw is not None else None
    return None


def parse_known(raw: bytes, message: Message, config: Config) -> MessageContent:
    """The content of a message of a ticket, by its bytes, with what a copy of it is authenticated for."""
    from supportctl.mail.message import parse_message
    from supportctl.mail.provenance import servers_trusted_for

    servers = servers_trusted_for(message.brought_by, frozenset(config.desk.trusted_authserv))
    content = parse_message(raw, received=message.date, trusted=servers)
    auth = [*content.auth, *(domain for domain in message.vouched if domain not in content.auth)]
    return complete(content._replace(auth=auth) if message.vouched else content, message)


def complete(content: MessageContent, message: Message) -> MessageContent:
    """What was read of a message, with what is known of the whole where that is too large to read."""
    if message.size <= LARGEST_READ:
        return content
    from supportctl.mail.content import of_beginning

    return of_beginning(content, message.size, message.digest)
