"""Read messages of tickets again: for rules and for `show`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from supportctl.errors import DataError, UnreadableMessageError
from supportctl.model import LARGEST_READ

if TYPE_CHECKING:
    from supportctl.config import Config
    from supportctl.mail.content import MessageContent
    from supportctl.model import Message, Ticket, Waiting
    from supportctl.operations.readings import Question, Readings
    from supportctl.store.contract import Planning, Snapshot

_MOST, _HEAVIEST = 100, 16 << 20
"""The number of messages that are read together, and of their bytes."""


def read_to_show(snapshot: Snapshot, ticket: Ticket, message: Message) -> MessageContent | None:
    """A message for a person to look at, without what takes more than reading (`parse_to_show`); None: gone.

    Raises UnreadableMessageError.
    """
    from supportctl.mail.message import parse_to_show

    raw = snapshot.read_message(ticket, message)
    return complete(parse_to_show(raw, received=message.date), message) if raw is not None else None


def read_opening(snapshot: Snapshot, config: Config, ticket: Ticket) -> MessageContent | None:
    """The content of the message that opened a ticket, or None where it is gone; raises UnreadableMessageError."""
    for message in ticket.messages[:1]:
        raw = snapshot.read_message(ticket, message)
        return parse_known(raw, message, config) if raw is not None else None
    return None


def parse_known(raw: bytes, message: Message, config: Config) -> MessageContent:
    """The content of a message of a ticket, by its bytes."""
    from supportctl.mail.message import parse_message
    from supportctl.mail.provenance import servers_trusted_for

    servers = servers_trusted_for(message.brought_by, frozenset(config.desk.trusted_authserv))
    return complete(parse_message(raw, received=message.date, trusted=servers), message)


def answer_all(
    readings: Readings, read: Callable[[Sequence[Waiting]], list[bytes | DataError | None]], config: Config
) -> None:
    """Answer the open questions; `read` gives the bytes of messages by their places, some at a time."""
    questions = {(question.purpose, question.message.number): question for question in readings.open}
    readings.open.clear()
    for part in _split_by_weight(questions.values()):
        found = read([question.place for question in part])
        for question, raw in zip(part, found, strict=True):
            if raw is None:
                error = DataError(f"message {question.message.key} is missing", "run supportctl check")
                readings.settle(question, error)
            else:
                readings.settle(
                    question, raw if isinstance(raw, DataError) else parse_known(raw, question.message, config)
                )


def read_or_explain(planning: Planning, place: Waiting) -> bytes | DataError | None:
    """The bytes of a message, None where they are gone, or the error that says why they can't be read."""
    try:
        return planning.read_waiting(place)
    except UnreadableMessageError as error:
        return error


def _split_by_weight(questions: Iterable[Question]) -> Iterator[list[Question]]:
    """Parts that are read together: one question, or several about few bytes."""
    part: list[Question] = []
    weight = 0
    for question in questions:
        if part and (len(part) == _MOST or weight + question.message.size > _HEAVIEST):
            yield part
            part, weight = [], 0
        part.append(question)
        weight += question.message.size
    if part:
        yield part


def complete(content: MessageContent, message: Message) -> MessageContent:
    """What was read of a message, with what is known of the whole where that is too large to read."""
    if message.size <= LARGEST_READ:
        return content
    from supportctl.mail.content import of_beginning

    return of_beginning(content, message.size, message.digest)
