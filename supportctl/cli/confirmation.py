"""Asking the person at the terminal: before many tickets are changed, and before a move that asks."""

from __future__ import annotations

import sys

import click

from supportctl.errors import DeniedError
from supportctl.output.terminal import clean, is_terminal

MANY_TICKETS = 50
"""More tickets than this are changed by one command only once a person who is there has confirmed it."""


def confirm(question: str, option: str) -> None:
    """Go on if the person at the terminal says yes; otherwise raise DeniedError.

    Nobody is asked without a terminal. The question may hold untrusted text. `option` would have confirmed beforehand.
    """
    text = clean(question, keep_newlines=True)
    if not is_conversation():
        raise DeniedError(f"confirmation needed: {text}", f"confirm with {option}")
    if not click.confirm(text, err=True):
        raise DeniedError("not confirmed: nothing was changed")


def is_conversation() -> bool:
    """Is a person there to be asked?"""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)
