"""Messages that the desk has already: with the same bytes, or the same message by another way (`mail.sameness`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from supportctl.errors import DeskError, NotFoundError
from supportctl.intake.conversations import KnownConversations
from supportctl.intake.sources import ParsedMessage
from supportctl.model import LARGEST_READ, Message, Ticket
from supportctl.operations.draft import Draft
from supportctl.records import Record
from supportctl.store.exchange import KnownMessage

if TYPE_CHECKING:
    from supportctl.config import Config
    from supportctl.model import RawMessage
    from supportctl.store.contract import Planning

MOST_COMPARED = 4
"""The number of messages with one Message-ID that a new one is compared with; more are somebody's attack."""


class Original(Record):
    """The message that a duplicate is a copy of: its ticket and number, and the domains that it is authenticated for.

    `auth` is looked up only where the copy is authenticated for any.
    """

    ticket: str
    number: int
    auth: Sequence[str] = ()


class Duplicates:
    """The messages of the desk, and of this very plan, that new messages may be duplicates of."""

    def __init__(self, draft: Draft, messages: Sequence[ParsedMessage], known: KnownConversations) -> None:
        self._draft = draft
        self._taken: dict[int, ParsedMessage] = {}
        self._by_digest: dict[str, list[KnownMessage]] = defaultdict(list)
        self._by_mid: dict[str, list[KnownMessage]] = defaultdict(list)
        # All at once, as in `KnownConversations`.
        for digest, kept in draft.planning.with_digests([each for message in messages for each in _digests(message)]):
            self._by_digest[digest].append(kept)
        for mid in {message.content.mid for message in messages}:
            if known.has(mid):
                self._by_mid[mid] = draft.planning.with_mid(mid, MOST_COMPARED)
        self._compare_all(messages)

    def _compare_all(self, messages: Sequence[ParsedMessage]) -> None:
        """Ask for all comparisons that may be needed; raises OpenQuestions where some are not made yet.

        First of all, as a plan that has to be made again is made again from its start.
        """
        earlier: dict[str, list[ParsedMessage]] = defaultdict(list)
        for message in messages:
            if mid := message.content.mid:
                # Lists, as each is to be asked for.
                is_kept = [
                    self._is_same(message, kept, row)
                    for kept in self._by_mid.get(mid, ())
                    if (row := find_row(self._draft, kept.ticket, kept.number))
                ]
                is_earlier = [self._is_same_as_incoming(message, other) for other in earlier[mid][:MOST_COMPARED]]
                if not any(is_kept + is_earlier):  # with what is known to be a copy nothing will be compared
                    earlier[mid].append(message)
        self._draft.readings.require_answers()

    def add(self, message: ParsedMessage, record: Message, ticket: str) -> None:
        """Add a message that this plan takes in."""
        known = KnownMessage(record.number, ticket, record.key, record.brought_by)
        self._taken[record.number] = message
        self._by_digest[record.digest].append(known)
        if record.mid:
            self._by_mid[record.mid].append(known)

    def find_original(self, message: ParsedMessage, may_know: Callable[[KnownMessage], bool]) -> Original | None:
        """The message that another one is a copy of, and whose file still exists; None for a new message.

        `may_know` is whether the first of two copies is none of a secret to whoever brings the second one.
        """
        for known, kept in self._candidates(message, may_know):
            if kept.digest in _digests(message) or self._is_same(message, known, kept):
                return Original(known.ticket, known.number, self._auth_of(message, known, kept))
        return None

    def _candidates(
        self, message: ParsedMessage, may_know: Callable[[KnownMessage], bool]
    ) -> Iterator[tuple[KnownMessage, Message]]:
        """The messages that may be the same, with their rows: first those with the same bytes."""
        content = message.content
        likely = self._by_mid.get(content.mid, ())[:MOST_COMPARED]
        alike = [known for digest in _digests(message) for known in self._by_digest.get(digest, ())]
        for known in (*alike, *likely):
            kept = find_row(self._draft, known.ticket, known.number)
            # With its file: were the first copy lost, keeping the second one aside would lose the message.
            if (
                kept is not None
                and may_know(known)
                and (known.number in self._taken or self._draft.planning.has_file(known, kept.size))
            ):
                yield known, kept

    def _is_same(self, message: ParsedMessage, known: KnownMessage, kept: Message) -> bool:
        """Whether a message says the same as one that has its Message-ID; False until both are read."""
        if taken := self._taken.get(known.number):
            return self._is_same_as_incoming(message, taken)
        if kept.sender not in _writers(message) or kept.size > LARGEST_READ:
            return False
        return self._look_up_whether_same(message, kept.digest, partial(_read_kept, known=known))

    def _is_same_as_incoming(self, message: ParsedMessage, other: ParsedMessage) -> bool:
        if other.content.sender.addr not in _writers(message) or other.content.size > LARGEST_READ:
            return False
        return self._look_up_whether_same(
            message, other.content.digest, partial(_read_incoming, incoming=other.incoming)
        )

    def _look_up_whether_same(
        self, message: ParsedMessage, digest: str, read_kept: Callable[[Planning], bytes | None]
    ) -> bool:
        content = message.content
        if digest == content.digest or content.size > LARGEST_READ:
            return digest == content.digest
        compare = partial(_compare, incoming=message.incoming, read_kept=read_kept)
        return bool(self._draft.readings.look_up(("same", content.digest, digest), compare))

    def _auth_of(self, message: ParsedMessage, known: KnownMessage, kept: Message) -> Sequence[str]:
        if not message.content.auth or kept.brought_by:
            return kept.vouched
        if taken := self._taken.get(known.number):
            return [*taken.content.auth, *kept.vouched]
        if kept.digest == message.content.digest:
            return message.content.auth
        key = ("auth", kept.digest)
        found = self._draft.readings.look_up(key, partial(_read_auth, known=known, config=self._draft.config))
        # Until it is read, and where it can't be: as if it were the same, which changes nothing.
        return message.content.auth if found is None else [*found, *kept.vouched]


def _digests(message: ParsedMessage) -> list[str]:
    """The digests by which a message is known: its own, and the one that it has with or without the envelope's line."""
    twin = message.incoming.twin
    return [message.content.digest, twin] if twin else [message.content.digest]


def _writers(message: ParsedMessage) -> set[str]:
    """Who may have sent what a message is a copy of: a list that writes in its own name has the sender in Reply-To."""
    content = message.content
    return {content.sender.addr, *(address.addr for address in content.reply_to)}


def find_row(draft: Draft, ticket_id: str, number: int) -> Message | None:
    """A message of a ticket by its number; None where there is none."""
    try:
        ticket = draft.find(ticket_id)
    except NotFoundError:
        return None
    return _row_in(ticket, number)


def _row_in(ticket: Ticket, number: int) -> Message | None:
    # From the end: messages are numbered in the order of intake, and copies come soon after each other.
    return next((message for message in reversed(ticket.messages) if message.number == number), None)


def _compare(planning: Planning, incoming: RawMessage, read_kept: Callable[[Planning], bytes | None]) -> bool:
    from supportctl.mail.sameness import are_same

    try:
        copy, kept = _read_incoming(planning, incoming), read_kept(planning)
        return copy is not None and kept is not None and are_same(copy, kept)
    except DeskError:  # what can't be read is the same as nothing
        return False
    except Exception:  # noqa: BLE001 - a fault of ours must keep no message out; then both are kept
        return False


def _read_incoming(planning: Planning, incoming: RawMessage) -> bytes | None:
    if incoming.is_held:
        return incoming.raw
    return planning.read_waiting(incoming.waits) if incoming.waits else planning.read_range(incoming.whole)


def _read_kept(planning: Planning, known: KnownMessage) -> bytes | None:
    ticket = planning.find(known.ticket)
    message = _row_in(ticket, known.number)
    return planning.read_message(ticket, message) if message else None


def _read_auth(planning: Planning, known: KnownMessage, config: Config) -> Iterable[str] | None:
    from supportctl.operations.reading import parse_known

    try:
        ticket = planning.find(known.ticket)
        message = _row_in(ticket, known.number)
        raw = planning.read_message(ticket, message) if message else None
    except DeskError:
        return None
    return parse_known(raw, message, config).auth if raw is not None and message else None
