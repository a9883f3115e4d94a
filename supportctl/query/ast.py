"""The parts of a query, as plain data. `source` is a part as it was written, for people."""

from __future__ import annotations

from supportctl.records import Record


class Everything(Record):
    """`*`: true of every mail."""

    source: str


class Words(Record):
    """Consecutive words in one column of a text field; the last may be the beginning of a word."""

    source: str
    field: str
    tokens: tuple[str, ...]
    is_prefix: bool


class Pattern(Record):
    """A regular expression (RE2 syntax, flags included) in the text of a field."""

    source: str
    field: str
    pattern: str


class Addresses(Record):
    """One of these whole addresses, lower case, in an address field."""

    source: str
    field: str
    addresses: tuple[str, ...]


class Header(Record):
    """A header of this name (lower case) whose value passes the test, or which is there at all."""

    source: str
    name: str
    test: Words | Pattern | None


class Name(Record):
    """A name compared whole, without regard to case; with `is_prefix`, its beginning."""

    source: str
    field: str
    value: str
    is_prefix: bool


class Domain(Record):
    """A domain, or a sub-domain of it, that the mail is authenticated for."""

    source: str
    domain: str


class Amount(Record):
    """A sum of money, in the normal form of `mail.amounts`, named in the mail."""

    source: str
    value: str


class Range(Record):
    """A date (seconds since the epoch) or a size (bytes) with low <= it < high; None is no limit."""

    source: str
    field: str
    low: int | None
    high: int | None


class Status(Record):
    """`open`, `pending`, `closed` or `unread`."""

    source: str
    state: str


class Presence(Record):
    """Something that a mail or its ticket has: a key of `fields.THINGS`."""

    source: str
    thing: str


class And(Record):
    """Every part is true."""

    parts: tuple[Node, ...]


class Or(Record):
    """At least one part is true."""

    parts: tuple[Node, ...]


class Not(Record):
    """The part is false."""

    part: Node


Term = Everything | Words | Pattern | Addresses | Header | Name | Domain | Amount | Range | Status | Presence
Node = And | Or | Not | Term


class Query:
    """A query that has been read: its text, its parts, whose days it means, and what the evaluators keep of it."""

    def __init__(self, text: str, root: Node, zone: str = "") -> None:
        self.text = text
        self.root = root
        self.zone = zone
        self.prepared: dict[str, object] = {}
