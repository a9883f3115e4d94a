"""A query in words, part by part, as it was understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from supportctl.query.ast import (
    Addresses,
    Amount,
    And,
    Domain,
    Everything,
    Header,
    Name,
    Node,
    Not,
    Or,
    Pattern,
    Presence,
    Query,
    Range,
    Status,
    Term,
    Words,
)
from supportctl.values import clock_at


class QueryPart(NamedTuple):
    """A part of a query: its source, its meaning, and the number of parts around it."""

    node: Node
    source: str
    meaning: str
    depth: int


def describe_parts(query: Query) -> list[QueryPart]:
    """Each part of a query, outermost first."""
    return list(_parts(query.root, 0, query.zone))


def _parts(node: Node, depth: int, zone: str) -> Iterator[QueryPart]:
    if isinstance(node, Term):
        meaning = _range(node, zone) if isinstance(node, Range) else _WORDS[type(node)](node)
        yield QueryPart(node, node.source, meaning, depth)
        return
    title = {And: "all of", Or: "any of", Not: "not"}[type(node)]
    yield QueryPart(node, title, "", depth)
    for part in (node.part,) if isinstance(node, Not) else node.parts:
        yield from _parts(part, depth + 1, zone)


_WHERE = {
    "": "in subject, addresses, text or names of attachments",
    "from": "in the sender's name or address",
    "to": "in a name or address in To",
    "cc": "in a name or address in Cc",
    "recipient": "in a recipient's name or address",
    "subject": "in the subject",
    "body": "in the text",
    "unquoted": "in the text without quotations and signature",
    "attachment": "in the name of an attachment",
    "attached": "in an attached message",
    "note": "in a note on the ticket",
    "id": "in the ticket's id",
    "mid": "in the Message-ID",
    "in": "in the key of the queue",
    "tag": "in a tag",
    "type": "in the issue type",
    "owner": "in the owner's account",
    "auth": "in a domain that the sender is authenticated for",
}


def _words(term: Words) -> str:
    return f"{_describe_words(term)} {_WHERE[term.field]}"


def _describe_words(term: Words) -> str:
    text = " ".join(term.tokens)
    if term.is_prefix:
        return f'a {"phrase" if len(term.tokens) > 1 else "word"} that begins with "{text}"'
    return f'the {"phrase" if len(term.tokens) > 1 else "word"} "{text}"'


def _pattern(term: Pattern) -> str:
    return f"the pattern /{term.pattern}/ {_WHERE[term.field]}"


_ROLES = {"from": "as the sender", "to": "in To", "cc": "in Cc", "recipient": "among the recipients"}


def _addresses(term: Addresses) -> str:
    count = len(term.addresses)
    what = f"exactly the address {term.addresses[0]}" if count == 1 else f"one of {count} addresses"
    return f"{what} {_ROLES[term.field]}"


def _header(term: Header) -> str:
    if term.test is None:
        return f"with a header {term.name}"
    what = _describe_words(term.test) if isinstance(term.test, Words) else f"the pattern /{term.test.pattern}/"
    return f"{what} in a header {term.name}"


_NAMES = {
    "id": ("the ticket {}", "tickets whose id begins with {}", "any ticket"),
    "mid": (
        *("the message with the Message-ID {}", "messages whose Message-ID begins with {}"),
        "messages with a Message-ID",
    ),
    "in": ("tickets in the queue {}", "tickets in queues that begin with {}", "tickets in any queue"),
    "tag": ("tickets tagged {}", "tickets with a tag that begins with {}", "tickets with any tag"),
    "type": ("tickets of the type {}", "tickets of a type that begins with {}", "tickets with any type"),
    "owner": ("tickets owned by {}", "tickets with an owner that begins with {}", "tickets with any owner"),
    "automatic": ("automatic messages: {}", "", "automatic messages of any kind"),
    "likely": ("messages that may be automatic: {}", "", "messages that may be automatic"),
}


def _name(term: Name) -> str:
    whole, beginning, anything = _NAMES[term.field]
    if term.is_prefix and not term.value:
        return anything
    return (beginning if term.is_prefix else whole).format(f'"{term.value}"')


def _domain(term: Domain) -> str:
    if term.domain == "*":
        return "authenticated for some domain"
    return f"authenticated for {term.domain} or a domain below it"


def _amount(term: Amount) -> str:
    return f"mentions the amount {term.value}"


def _range(term: Range, zone: str) -> str:
    is_date = term.field == "date"
    show: Callable[[int], str] = partial(_moment, zone=zone) if is_date else "{:,} bytes".format
    limits = []
    if term.low is not None:
        limits.append(f"{'from' if is_date else 'at least'} {show(term.low)}")
    if term.high is not None:
        limits.append(f"{'before' if is_date else 'less than'} {show(term.high)}")
    return f"{'dated' if is_date else 'with a size of'} {' and '.join(limits)}"


def _moment(seconds: int, zone: str) -> str:
    clock = clock_at(seconds, zone)
    if clock.tzinfo is None:
        clock = clock.astimezone()  # which knows the name of the machine's time zone
    return f"{clock:%Y-%m-%d}" if f"{clock:%H:%M:%S}" == "00:00:00" else f"{clock:%Y-%m-%d %H:%M:%S %Z}"


def _state(term: Status) -> str:
    if term.state == "undelivered":
        return "tickets with a message of ours that was not delivered"
    return "unread messages" if term.state == "unread" else f"tickets that are {term.state}"


_THINGS = {
    "attachment": "with an attachment",
    "signature": "with an OpenPGP or S/MIME signature",
    "encryption": "encrypted",
    "text": "with text that a person wrote, hidden and attached text included",
    "type": "tickets with an issue type",
    "owner": "tickets with an owner",
    "tag": "tickets with a tag",
}


def _presence(term: Presence) -> str:
    return _THINGS[term.thing]


def _everything(_term: Everything) -> str:
    return "every message"


_WORDS: dict[type[Term], Callable[..., str]] = {
    Words: _words,
    Pattern: _pattern,
    Addresses: _addresses,
    Header: _header,
    Name: _name,
    Domain: _domain,
    Amount: _amount,
    Status: _state,
    Presence: _presence,
    Everything: _everything,
}
