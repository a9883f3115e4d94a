"""Words of the index that nobody can type: what a message is or has.

As words they take part in the search for words, so FTS5 answers `has:attachment` together with the rest of a query.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supportctl.query.fold import BARRIER

if TYPE_CHECKING:
    from supportctl.mail.content import MessageContent


def make_boolean_term(*words: str) -> str:
    """The word for a property of a message: its name, and its value where it has one."""
    # The barrier first: no text that is folded has one, so nothing in a message can pass for such a word.
    text = BARRIER.join(("", *words))
    return "".join([c if c.isalnum() or c == BARRIER else BARRIER for c in text])


def join_boolean_terms(content: MessageContent) -> str:
    """The words for all properties of a message, one after the other."""
    return " ".join(_marks(content))


def _marks(content: MessageContent) -> Iterator[str]:
    for name, kind in (("automatic", content.automatic), ("likely", content.likely)):
        if kind:
            yield from (make_boolean_term(name), make_boolean_term(name, kind))
    for name, has in (
        ("attachment", content.attachments),
        ("signature", content.is_signed),
        ("encryption", content.is_encrypted),
    ):
        if has:
            yield make_boolean_term("has", name)
    if content.auth:
        yield make_boolean_term("auth")
    for domain in content.auth:
        labels = domain.lower().split(".")
        yield from (make_boolean_term("auth", ".".join(labels[n:])) for n in range(len(labels)))
