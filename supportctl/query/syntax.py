"""The parts of a query, as plain data. `source` is a part as it was written, for people."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Term:
    """A test of one thing."""

    source: str


@dataclass(frozen=True, slots=True)
class Everything(Term):
    """`*`: true of every mail."""


@dataclass(frozen=True, slots=True)
class Words(Term):
    """Consecutive words in one column of a text field; the last may be the beginning of a word."""

    field: str
    tokens: tuple[str, ...]
    is_prefix: bool


@dataclass(frozen=True, slots=True)
class Pattern(Term):
    """A regular expression (RE2 syntax, flags included) in the text of a field."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Addresses(Term):
    """One of these whole addresses, lower case, in an address field."""

    field: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header(Term):
    """A header of this name (lower case) whose value passes the test, or which is there at all."""

    name: str
    test: Words | Pattern | None


@dataclass(frozen=True, slots=True)
class Name(Term):
    """A name compared whole, without regard to case; with `is_prefix`, its beginning."""

    field: str
    value: str
    is_prefix: bool


@dataclass(frozen=True, slots=True)
class Domain(Term):
    """A domain, or a sub-domain of it, that the mail is authenticated for."""

    domain: str


@dataclass(frozen=True, slots=True)
class Amount(Term):
    """A sum of money, in the normal form of `mail.amounts`, named in the mail."""

    value: str


@dataclass(frozen=True, slots=True)
class Range(Term):
    """A date (seconds since the epoch) or a size (bytes) with low <= it < high; None is no limit."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class State(Term):
    """`open`, `pending`, `closed` or `unread`."""

    state: str


@dataclass(frozen=True, slots=True)
class Presence(Term):
    """Something that a mail or its ticket has: a key of `fields.THINGS`."""

    thing: str


@dataclass(frozen=True, slots=True)
class And:
    """Every part is true."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part is true."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false."""

    part: Node


Node = And | Or | Not | Term


@dataclass(frozen=True, slots=True)
class Query:
    """A query that has been read: its text, its parts, and what the evaluators keep of it."""

    text: str
    root: Node
    prepared: dict[str, object] = field(default_factory=dict, compare=False, repr=False)
