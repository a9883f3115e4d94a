"""Values as people write them: tags and addresses. Each is read here and nowhere else.

Configuration, command line, queries and composing share these definitions, so what one of them takes, all take.
Every command loads this module: what it needs to compile or import, it does where it is needed.
"""

from __future__ import annotations

import re

from supportctl.errors import UsageError

_SHOWN = 100
"""So much of a wrong value is repeated in the message."""

_WORD = r"[^\s,()\"\x00-\x1f\x7f\ud800-\udfff]{1,60}"
"""What needs no quotes in a query, and parts no list: the characters of a tag, or of an account."""

_ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?"
"""Of RFC 5322, 3.4.1 what every server takes: no quoted local part, no domain literal, no UTF-8 (RFC 6531)."""


class InvalidValueError(UsageError, ValueError):
    """Text that is no value of its kind; as a text, with the hint what one looks like."""

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}"


def is_word(text: str) -> bool:
    """Whether a text is one word that tickets can be marked with."""
    return re.fullmatch(_WORD, text) is not None


def parse_tag(text: str) -> str:
    """A tag: a word that begins with neither + nor -, which add and remove it; raises InvalidValueError."""
    if not is_word(text) or text[0] in "+-":
        hint = "a tag is one word, such as urgent or dispute?, without commas, quotes and parentheses"
        raise InvalidValueError(_told("tag", text), hint)
    return text


def is_address(text: str) -> bool:
    """Whether the desk can write to an address."""
    return re.fullmatch(_ADDRESS, text) is not None and ".." not in text


def parse_address(text: str) -> str:
    """A bare mail address that the desk can write to, in lower case; raises InvalidValueError."""
    if not is_address(text):
        raise InvalidValueError(_told("address", text), "an address looks like ann@example.org, all of it in ASCII")
    return text.lower()


def _told(kind: str, text: str) -> str:
    return f"not a valid {kind}: {text[:_SHOWN]!r}"
