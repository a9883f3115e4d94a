"""The one tree of errors: each error knows what is wrong, what to do next, and its exit status.

Here belongs one class for each exit status, and what a caller handles apart. Not here: errors of one room, such as
QueryError or CacheDamageError, which derive from these.
"""

from __future__ import annotations


class DeskError(Exception):
    """An error for the caller to read: a message, a hint, and an exit status (sysexits(3) where that has one)."""

    status = 1
    excerpt: tuple[str, int] | None = None
    """A line that the caller wrote, and the offset of the mistake in it, in characters."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NothingMatched(DeskError):  # noqa: N818 - an outcome, not a fault
    """A search or a question with the answer "none" or "no"."""

    status = 1


class UsageError(DeskError):
    """The command line, or a query on it, makes no sense."""

    status = 2


class DonePartly(DeskError):  # noqa: N818 - an outcome, not a fault
    """Part of a request is done, the rest was refused; the message says which."""

    status = 3


class DataError(DeskError):
    """Mail, metadata or log that can't be read."""

    status = 65


class NotFoundError(DeskError):
    """No such ticket, queue or operation."""

    status = 66


class TemporaryError(DeskError):
    """Try again later: locked, disk full, an operation that is not finished."""

    status = 75


class DeniedError(DeskError):
    """The agent has no right to this."""

    status = 77


class ConfigError(DeskError):
    """`queues.yaml` is wrong or missing; the message lists every problem with its line."""

    status = 78


class UnreadableQueueError(DeniedError):
    """The agent may not read a queue; `Desk` adds the reason, as it knows the configuration."""

    def __init__(self, queue: str) -> None:
        super().__init__(f"you may not read {queue}")
        self.queue = queue


class ConfirmationNeeded(DeniedError):  # noqa: N818 - a question, not a fault
    """Something that is only done once it is confirmed: `question` asks for that, `option` confirms beforehand."""

    def __init__(self, message: str, option: str, question: str) -> None:
        super().__init__(message, f"confirm with {option}")
        self.option = option
        self.question = question
