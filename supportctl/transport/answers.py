"""What a transport answers for each recipient, and what it is asked with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from supportctl.values import is_address

_LONGEST = 300
_UNPRINTABLE = re.compile(r"[^ -~\u00a1-\ud7ff\ue000-\ufffd]+")


class Answer(NamedTuple):
    """What became of a message for one recipient, and why, in the words of whoever refused it.

    `sent`: somebody else has it. `deferred`: nobody has it, later perhaps. `failed`: nobody ever will. `unknown`: it
    was handed over, and the answer was lost.
    """

    state: Literal["sent", "deferred", "failed", "unknown"]
    words: str = ""


class Courier(Protocol):
    """Takes messages to their recipients, one after the other, over one connection where that serves."""

    def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> dict[str, Answer]:
        """Hand a message over (RFC 5322, with LF line ends); the answer for each recipient.

        An empty `sender` is the null sender. Never raises for what a server or a command does.
        """

    def close(self) -> None:
        """Take leave of the server."""


def same_answer(recipients: Sequence[str], answer: Answer) -> dict[str, Answer]:
    """One answer for all recipients."""
    return dict.fromkeys(recipients, answer)


def refuse_bad_addresses(sender: str, recipients: Sequence[str]) -> dict[str, Answer]:
    """The recipients to whom a message must not go, as it or its sender is no plain address.

    The last gate: what comes here was checked where it was written. But an address that begins with `-` is an option to
    a command, and one with a line end is a second command to a server.
    """
    if sender and not is_address(sender):
        return same_answer(recipients, Answer("failed", f"not a valid sender: {sender[:100]!r}"))
    return {to: Answer("failed", f"not a valid address: {to[:100]!r}") for to in recipients if not is_address(to)}


def one_line(words: str) -> str:
    """Words of a server or a command in one short line of printable text."""
    return " ".join(_UNPRINTABLE.sub(" ", words[: 4 * _LONGEST]).split())[:_LONGEST]
