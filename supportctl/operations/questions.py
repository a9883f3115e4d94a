"""What a plan asks of messages: read and parsed while nobody holds the lock, then looked up while the plan is made.

A plan that asks for what is not known yet is not committed. What it has asked for is read, and the plan is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from supportctl.errors import DataError, DeskError, UnreadableMessageError

if TYPE_CHECKING:
    from supportctl.config import Config
    from supportctl.mail.content import MessageContent
    from supportctl.model import Message, Waiting
    from supportctl.store.contract import Planning

T = TypeVar("T")


class NotReadError(DataError):
    """A plan asks for a message that is not read yet."""


class OpenQuestions(Exception):  # noqa: N818 - a request, not a fault
    """A plan has asked for what is not read yet, and is to be made again once that is."""


class Question(NamedTuple):
    """What a plan wants to know of a message, and where that lies; `answer` takes it from what the message says.

    The answer, not the message, is kept until the plan is made: there may be thousands.
    """

    purpose: str
    message: Message
    place: Waiting
    answer: Callable[[MessageContent], object]


_MOST, _HEAVIEST = 100, 16 << 20
"""The number of messages that are read together, and of their bytes."""

_MOST_ROUNDS = 10
"""How often a plan may ask; where mail comes faster than it is read, what came last is left."""


class Readings:
    """The answers by purpose and message, and the questions that are open."""

    def __init__(self) -> None:
        self.open: list[Question] = []
        self._rounds = 0
        self._answers: dict[tuple[str, int, str], Any] = {}
        self._contents: dict[str, MessageContent] = {}
        self._wanted: dict[tuple[str, ...], Callable[[Planning], object]] = {}
        self._found: dict[tuple[str, ...], Any] = {}

    def know(self, content: MessageContent) -> None:
        """Add what a message says that is read already."""
        self._contents[content.digest] = content

    def find(self, purpose: str, message: Message, answer: Callable[[MessageContent], T]) -> T:
        """The answer for a purpose, from a message that is read.

        Raises NotReadError where it is not, and DataError for a message that is gone or can't be read.
        """
        key = (purpose, message.number, message.digest)
        if key in self._answers:
            found = self._answers[key]
            if isinstance(found, DeskError):
                raise found
            return found  # type: ignore[no-any-return]
        if message.digest not in self._contents:
            raise NotReadError(f"message {message.key} came in meanwhile", "try again")
        return answer(self._contents[message.digest])

    def look_up(self, key: tuple[str, ...], read: Callable[[Planning], T]) -> T | None:
        """What `read` finds on the desk, once that is done; None until then. `key` stands for the question."""
        if key not in self._found:
            self._wanted[key] = read
        return self._found.get(key)

    def require_answers(self) -> None:
        """Raise OpenQuestions where a plan has asked for what is not read."""
        if (self.open or self._wanted) and self._rounds < _MOST_ROUNDS:
            self._rounds += 1
            raise OpenQuestions
        self.open.clear()
        self._wanted.clear()

    def find_wanted(self, look: Callable[[Callable[[Planning], list[object]]], list[object]]) -> None:
        """Do all that is to be looked up, some at a time; `look` looks at the desk without the lock."""
        from supportctl.operations.batches import split_batches

        wanted, self._wanted = self._wanted, {}
        for part in split_batches(wanted.items(), lambda _: 1, _MOST, _MOST):
            found = look(lambda planning, part=part: [read(planning) for _, read in part])  # type: ignore[misc]
            self._found.update(zip((key for key, _ in part), found, strict=True))

    def settle(self, question: Question, found: MessageContent | DeskError) -> None:
        """Answer a question, by what its message says or why that can't be known."""
        key = (question.purpose, question.message.number, question.message.digest)
        self._answers[key] = found if isinstance(found, DeskError) else question.answer(found)


def answer_all(
    readings: Readings, read: Callable[[Sequence[Waiting]], list[bytes | DataError | None]], config: Config
) -> None:
    """Answer the open questions; `read` gives the bytes of messages by their places, some at a time."""
    # Not at the top: most plans ask for nothing.
    from supportctl.operations.batches import split_batches
    from supportctl.operations.reading import parse_known

    questions = {(question.purpose, question.message.number): question for question in readings.open}
    readings.open.clear()
    for part in split_batches(questions.values(), lambda question: question.message.size, _MOST, _HEAVIEST):
        found = read([question.place for question in part])
        for question, raw in zip(part, found, strict=True):
            if raw is None:
                raw = DataError(f"message {question.message.key} is missing", "run supportctl check")
            said = raw if isinstance(raw, DataError) else parse_known(raw, question.message, config)
            readings.settle(question, said)


def read_or_explain(planning: Planning, place: Waiting) -> bytes | DataError | None:
    """The bytes of a message, None where they are gone, or the error that says why they can't be read."""
    try:
        return planning.read_waiting(place)
    except UnreadableMessageError as error:
        return error
