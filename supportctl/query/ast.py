"""The parts of a query, as plain data; `source` is a part as it was written, for messages to people."""

from __future__ import annotations

from supportctl.records import Record


class Everything(Record):
    """`*`: true of every message."""

    source: str


class Words(Record):
    """Consecutive words in one column of a text field; with `is_prefix`, the last is the beginning of a word."""

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
    """Any of these whole addresses, in lower case, in an address field."""

    source: str
    field: str
    addresses: tuple[str, ...]


class Header(Record):
    """A header of this name (lower case) whose value passes the test; without a test, any header of this name."""

    source: str
    name: str
    test: Words | Pattern | None


class Name(Record):
    """A name compared as a whole, without regard to case; with `is_prefix`, its beginning."""

    source: str
    field: str
    value: str
    is_prefix: bool


class Domain(Record):
    """A domain, or a domain below it, that the message is authenticated for."""

    source: str
    domain: str


class Amount(Record):
    """A sum of money that the message names, in the normal form of `mail.amounts`."""

    source: str
    value: str


class Range(Record):
    """A date (seconds since the epoch) or a size (bytes) with low <= value < high; None is no limit."""

    source: str
    field: str
    low: int | None
    high: int | None


class Status(Record):
    """`open`, `pending`, `closed`, `unread` or `undelivered`."""

    source: str
    state: str


class Presence(Record):
    """Something that a message or its ticket has: one of `fields.THINGS`."""

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
    """A parsed query: its text, its tree, the time zone of its days, and what the evaluators keep for it."""

    def __init__(self, text: str, root: Node, zone: str = "") -> None:
        self.text = text
        self.root = root
        self.zone = zone
        self.prepared: dict[str, object] = {}
