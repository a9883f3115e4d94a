"""Find the messages that tickets lack: where other programs have put them, and as these have rewritten them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from supportctl.errors import UnreadableMessageError
from supportctl.records import Record

if TYPE_CHECKING:
    from supportctl.model import Waiting
    from supportctl.store.contract import Planning
    from supportctl.store.exchange import LostMessage, Stray

T = TypeVar("T")
_AT_ONCE = 10_000
"""The number of messages that are measured by one look, which lists a folder once."""

_READ_AT_ONCE = 1000
"""The number of messages that are read by one look, which begins anew where somebody writes meanwhile."""

_FEW = 20
"""The number of Message-IDs that are quickly looked for in a message."""

Identities = Callable[[Sequence[int]], Mapping[int, str]]
"""What messages are known by where mail clients rewrite them, by number."""


class Look(Protocol):
    """Looks at the whole desk, without the lock."""

    def __call__(self, look: Callable[[Planning], T], /) -> T:
        """The result of `look`."""


class Candidate(Record):
    """A stray that may be a message of a ticket, with its size and digest."""

    stray: Stray
    size: int
    digest: str


class Loss(Record):
    """A message that is not as its ticket has it, and what was found for it."""

    lost: LostMessage
    found: Candidate | None


def find_lost_mail(look: Look, queues: Mapping[str, str], identities: Identities) -> list[Loss]:
    """Every message that is not as its ticket has it, with the file that is the message now.

    `queues` has the queue for each folder that has or stands for one. Everything is read here, and outside the lock;
    whoever acts on the result looks again whether it still holds.
    """
    # Folder by folder: a look is repeated where somebody writes meanwhile.
    folders = look(lambda planning: planning.ticket_folders())
    lost = [each for folder in folders for each in look(partial(_find_lost, folder=folder))]
    if not lost:
        return []
    search = _Search(look, lost, identities)
    instead = [each.instead for each in lost if each.instead is not None]
    search.go_through([*instead, *look(lambda planning: planning.strays(queues))])
    # A loss that was noted was looked for everywhere then.
    if missing := [each for each in search.missing if not each.is_noted]:
        search.go_through(look(lambda planning: planning.strays_elsewhere(queues, missing)))
    return [Loss(each, search.found.get(each.message.number)) for each in lost]


def _find_lost(planning: Planning, folder: str) -> list[LostMessage]:
    return planning.lost_messages(folder)


class _Search:
    """Which stray is which message: each stray is one message, of all tickets, by the best evidence that there is."""

    def __init__(self, look: Look, lost: list[LostMessage], identities: Identities) -> None:
        # What is noted as gone comes last: of two messages with the same bytes, the other one was there till now.
        self._lost = sorted(lost, key=lambda each: each.is_noted)
        self._look = look
        self._identities = identities
        self.found: dict[int, Candidate] = {}

    @property
    def missing(self) -> list[LostMessage]:
        """The messages for which nothing is found so far."""
        return [each for each in self._lost if each.message.number not in self.found]

    def go_through(self, strays: Iterable[Stray]) -> None:
        """Look among strays for what is missing: by name and bytes, then by bytes, then by what they say."""
        candidates = list(self._in_parts(strays, _AT_ONCE, measure_stray))
        self._match(candidates, lambda each: (each.stray.waits.key, each.digest), _name_and_bytes)
        self._match(self._left(candidates), lambda each: each.digest, lambda each: each.message.digest)
        if (missing := self.missing) and (left := self._left(candidates)):
            known = self._identities([each.message.number for each in missing])
            mids = _mids_to_look_for(missing)
            at_once, identify = _AT_ONCE if mids else _READ_AT_ONCE, partial(_identify, mids=mids)
            said = dict(self._in_parts([each.stray for each in left], at_once, identify))
            self._match(left, lambda each: said[each.stray.waits], lambda each: known.get(each.message.number))

    def _in_parts(
        self, strays: Iterable[Stray], at_once: int, read: Callable[[Planning, Stray], T | None]
    ) -> Iterator[T]:
        """What is read of each stray, some at once by one look."""
        remaining = iter(strays)
        while some := list(islice(remaining, at_once)):
            yield from self._look(partial(_read_all, strays=some, read=read))

    def _left(self, candidates: list[Candidate]) -> list[Candidate]:
        taken = {each.stray.waits for each in self.found.values()}
        return [each for each in candidates if each.stray.waits not in taken]

    def _match(
        self,
        candidates: list[Candidate],
        evidence: Callable[[Candidate], object],
        wanted: Callable[[LostMessage], object],
    ) -> None:
        """Give each missing message the first candidate with the evidence that is wanted; None is no evidence."""
        waiting: dict[object, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            waiting[evidence(candidate)].append(candidate)
        for lost in self.missing:
            sought = wanted(lost)
            if sought is not None and waiting.get(sought):
                self.found[lost.message.number] = waiting[sought].pop(0)


def _name_and_bytes(lost: LostMessage) -> tuple[str, str]:
    return lost.message.key, lost.message.digest


def _read_all(planning: Planning, strays: list[Stray], read: Callable[[Planning, Stray], T | None]) -> list[T]:
    return [found for stray in strays if (found := read(planning, stray)) is not None]


def measure_stray(planning: Planning, stray: Stray) -> Candidate | None:
    """A stray with its size and digest as it lies there now; None for one that is gone or can't be read."""
    try:
        measured = planning.measure_waiting(stray.waits) if planning.is_waiting(stray.waits) else None
    except UnreadableMessageError:
        measured = None
    return Candidate(stray, *measured) if measured else None


def _mids_to_look_for(missing: list[LostMessage]) -> list[bytes]:
    """The Message-IDs of what is missing, one of which is in the bytes of each; none where a look would not pay."""
    mids = {each.message.mid for each in missing}
    return [mid.encode() for mid in mids] if len(mids) <= _FEW and all(mid and mid.isascii() for mid in mids) else []


def _identify(planning: Planning, stray: Stray, mids: list[bytes]) -> tuple[Waiting, str]:
    """Where a stray lies, and what it is known by; "" for one that is gone, unreadable, or has none of these `mids`."""
    from supportctl.mail.message import parse_to_show
    from supportctl.query.document import identity_of

    try:
        raw = planning.read_waiting(stray.waits) if planning.is_waiting(stray.waits) else None
    except UnreadableMessageError:
        raw = None
    # Reading what a message says takes a hundred times as long, and somebody's archive may be large.
    if raw is None or (mids and not any(mid in raw for mid in mids)):
        return stray.waits, ""
    return stray.waits, identity_of(parse_to_show(raw, received=0))
