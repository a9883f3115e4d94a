"""Change tags, issue type and owner of tickets."""

from __future__ import annotations

from supportctl.errors import UsageError
from supportctl.operations.draft import Draft
from supportctl.records import Record
from supportctl.values import is_word, parse_tag


class Marks(Record):
    """Tags to add and to remove; issue type and owner to set ("" removes them, None leaves them)."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    issue_type: str | None = None
    owner: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return self == Marks()


def read_tags(words: tuple[str, ...]) -> Marks:
    """The tags that words such as `+urgent` and `-dispute?` add and remove; raises UsageError for any other word."""
    signed = [(word[0], parse_tag(word[1:])) for word in words]
    return Marks(tuple(tag for sign, tag in signed if sign == "+"), tuple(tag for sign, tag in signed if sign == "-"))


def read_owner(word: str) -> str:
    """An account to own tickets, or "" for nobody; raises UsageError for more than one word."""
    if word and not is_word(word):
        raise UsageError(f"not a valid account: {word!r}", "an account is one word: --owner ben")
    return word


def apply_marks(draft: Draft, names: list[str], marks: Marks) -> None:
    """Change tags, issue type and owner of tickets."""
    for ticket in draft.find_many(names):
        ticket.tags = with_tags(ticket.tags, marks.add, marks.remove)
        if marks.issue_type is not None:
            ticket.issue_type = marks.issue_type
        if marks.owner is not None:
            ticket.owner = marks.owner
        draft.put(ticket)


def with_tags(tags: list[str], add: tuple[str, ...], remove: tuple[str, ...] = ()) -> list[str]:
    """Tags with some added and some removed, sorted, each once."""
    return sorted((set(tags) | set(add)) - set(remove))
