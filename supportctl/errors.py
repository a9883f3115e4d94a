"""The one tree of errors: each error knows what is wrong, what to do next, and its exit status.

Here belongs one class for each exit status, and what a caller handles apart. Not here: errors of one room, such as
QueryError or CacheDamageError, which derive from these.
"""

from __future__ import annotations

_LONGEST_TEXT = 200
"""The number of characters of a fault's own message that are told: it may hold a whole mail."""


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
    """Mail, metadata or log that can't be read, or files of the desk that can't be used as they are."""

    status = 65


class UnreadableMessageError(DataError):
    """A message whose bytes can't be read; `reason` says why. It stays where it is, and others go on."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"can't read {path}: {reason}", "restore the file from a backup, or move it away")
        self.reason = reason


class NotFoundError(DeskError):
    """No such ticket, queue or operation, or no desk at all."""

    status = 66


class TemporaryError(DeskError):
    """Try again later: locked, disk full, an operation that is not finished."""

    status = 75


class DeniedError(DeskError):
    """The agent has no right to this, or the file system refuses it."""

    status = 77


class ConfigError(DeskError):
    """`queues.yaml` is wrong or missing, with every problem and its line; or the desk is of a newer program."""

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


def describe_fault(error: BaseException) -> str:
    """An error that nobody foresaw, in one line that is enough to find it: class, message, innermost file and line."""
    place, step = "", error.__traceback__
    while step is not None:
        _, inside, file = step.tb_frame.f_code.co_filename.rpartition("/supportctl/")
        place = f" ({file}, line {step.tb_lineno})" if inside else place
        step = step.tb_next
    text = " ".join(str(error).encode(errors="replace").decode().split())[:_LONGEST_TEXT]
    return f"{type(error).__name__}{text and ': '}{text}{place}"
