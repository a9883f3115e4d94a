"""Ask the person at the terminal: before many tickets are changed, and before a move that asks."""

from __future__ import annotations

import sys

import click

from supportctl.errors import DeniedError
from supportctl.output.terminal import clean, is_terminal

MANY_TICKETS = 50
"""The number of tickets that a command may change without being confirmed by the person at the terminal."""


def confirm(question: str, option: str) -> None:
    """Return if the person at the terminal says yes; else, or without a terminal, raise DeniedError.

    The question may contain untrusted text. `option` would have confirmed in advance.
    """
    text = clean(question, keep_newlines=True)
    if not is_conversation():
        raise DeniedError(f"confirmation needed: {text}", f"confirm with {option}")
    if not click.confirm(text, err=True):
        raise DeniedError("not confirmed: nothing was changed")


def is_conversation() -> bool:
    """Whether a person is there to be asked."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)
