"""Queries on one message in memory, as rules need them: prepared once, cheap tests first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from supportctl.mail.content import MessageContent
from supportctl.model import Ticket
from supportctl.query import document, fields
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
from supportctl.query.cost import estimate_cost
from supportctl.query.fold import fold, has_words, list_spellings, lower_ascii, make_words_finder
from supportctl.query.money import make_amount_finder
from supportctl.query.patterns import make_finder
from supportctl.values import make_encodable


@dataclass(slots=True)
class Target:
    """A message, the ticket that it belongs or would belong to, and the texts read out of them so far."""

    content: MessageContent
    ticket: Ticket
    unread: bool = False
    _texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def column(self, name: str) -> str:
        """The text of a column of the index."""
        if (text := self._texts.get(name)) is None:
            text = self._texts[name] = document.read_column(self.content, name)
        return text

    def folded(self, name: str) -> str:
        """The words of a text field, with a barrier between its columns."""
        key = f"{name}:"
        if (text := self._texts.get(key)) is None:
            text = self._texts[key] = document.join_columns([self.folded_column(c) for c in fields.COLUMNS[name]])
        return text

    def folded_column(self, name: str) -> str:
        """The words of one column."""
        key = f"{name}::"
        if (text := self._texts.get(key)) is None:
            text = self._texts[key] = fold(self.column(name))
        return text

    def plain(self, name: str) -> str:
        """The text that a pattern looks into, for a text field."""
        if name in _TEXTS:
            if (text := self._texts.get(f"/{name}")) is None:
                text = self._texts[f"/{name}"] = _TEXTS[name](self)
            return text
        columns = fields.COLUMNS[name]
        return self.column(columns[0]) if len(columns) == 1 else document.list_texts(list(map(self.column, columns)))

    def headers(self) -> str:
        """The header block."""
        if (text := self._texts.get("headers")) is None:
            text = self._texts["headers"] = document.make_header_block(self.content)
        return text


#: Texts that only patterns look into: the whole message, and its body.
_TEXTS: dict[str, Callable[[Target], str]] = {
    "": lambda target: document.page_of(target.content, list(map(target.column, document.HEADING))).text,
    "body": lambda target: document.body_of(target.content),
}


MessageTest = Callable[[Target], bool]


@dataclass(frozen=True, slots=True)
class PartOutcome:
    """Whether one part of a query is true of a message; `depth` is the number of parts around it."""

    text: str
    is_true: bool
    depth: int


def matches(query: Query, target: Target) -> bool:
    """Whether a query matches a message."""
    # Kept with the query: a rule is evaluated on thousands of messages, and preparing compiles its patterns.
    test = query.prepared.get("memory")
    if test is None:
        test = query.prepared["memory"] = prepare(query.root)
    return test(target)  # type: ignore[operator,no-any-return]  # only this function sets it


def explain_match(query: Query, target: Target) -> list[PartOutcome]:
    """The outcome of each part of a query on a message, outermost first."""
    return _explain(query.root, target, 0)


def _explain(node: Node, target: Target, depth: int) -> list[PartOutcome]:
    is_true = prepare(node)(target)
    if isinstance(node, Term):
        return [PartOutcome(node.source, is_true, depth)]
    parts = (node.part,) if isinstance(node, Not) else node.parts
    title = {And: "all of", Or: "any of", Not: "not"}[type(node)]
    inner = [finding for part in parts for finding in _explain(part, target, depth + 1)]
    return [PartOutcome(title, is_true, depth), *inner]


def prepare(node: Node) -> MessageTest:
    """The test for a part of a query."""
    if isinstance(node, Not):
        part = prepare(node.part)
        return lambda target: not part(target)
    if isinstance(node, And | Or):
        tests = tuple(map(prepare, sorted(node.parts, key=estimate_cost)))
        return _every(tests) if isinstance(node, And) else _some(tests)
    return _PREPARE[type(node)](node)


def _every(tests: tuple[MessageTest, ...]) -> MessageTest:
    def test(target: Target) -> bool:
        for part in tests:  # noqa: SIM110 - a generator costs three times the test
            if not part(target):
                return False
        return True

    return test


def _some(tests: tuple[MessageTest, ...]) -> MessageTest:
    def test(target: Target) -> bool:
        for part in tests:  # noqa: SIM110 - as above
            if part(target):
                return True
        return False

    return test


def _words(term: Words) -> MessageTest:
    find, name = make_words_finder(term.tokens, term.is_prefix), term.field
    if name == fields.NOTE:
        return lambda target: any(find(fold(note.text)) for note in target.ticket.notes)
    return lambda target: find(target.folded(name))


def _pattern(term: Pattern) -> MessageTest:
    find, name = make_finder(term.pattern), term.field
    if name in fields.COLUMNS:
        return lambda target: find(target.plain(name))
    return lambda target: any(map(find, list_names(target, name)))


def list_names(target: Target, name: str) -> list[str]:
    """The names in a field of names (or in `auth`), or the notes."""
    ticket, content = target.ticket, target.content
    match name:
        case "id":
            return [ticket.id]
        case "mid":
            return [make_encodable(content.mid)]
        case "in":
            return [ticket.queue]
        case "tag":
            return ticket.tags
        case "type":
            return [ticket.issue_type]
        case "owner":
            return [ticket.owner]
        case "automatic":
            return [content.automatic]
        case "likely":
            return [content.likely]
        case "auth":
            return content.auth
        case fields.NOTE:
            return [note.text for note in ticket.notes]
    raise KeyError(name)


def _name(term: Name) -> MessageTest:
    value, name, is_prefix = term.value, term.field, term.is_prefix
    equal = _beginning(value) if is_prefix else value.__eq__
    if name == "id" and not is_prefix:
        return lambda target: target.ticket.id in list_spellings(value)
    if name == "mid":
        return lambda target: equal(make_encodable(target.content.mid))
    return lambda target: any(equal(lower_ascii(make_encodable(text))) for text in list_names(target, name))


def _beginning(value: str) -> Callable[[str], bool]:
    return lambda text: text != "" and text.startswith(value)


def _domain(term: Domain) -> MessageTest:
    domain, below = term.domain, f".{term.domain}"
    if domain == "*":
        return lambda target: bool(target.content.auth)
    return lambda target: any(name == domain or name.endswith(below) for name in target.content.auth)


def _addresses(term: Addresses) -> MessageTest:
    columns, addresses = fields.COLUMNS[term.field], frozenset(term.addresses)
    return lambda target: any(not addresses.isdisjoint(document.list_addresses(target.content, c)) for c in columns)


def _header(term: Header) -> MessageTest:
    name, test = term.name, term.test
    find: Callable[[str], bool]
    if isinstance(test, Words):
        words = make_words_finder(test.tokens, test.is_prefix)
        find = lambda value: words(fold(value))  # noqa: E731
    else:
        find = make_finder(test.pattern) if test else lambda _: True
    return lambda target: any(map(find, document.find_header_values(target.headers(), name)))


def _amount(term: Amount) -> MessageTest:
    is_named = make_amount_finder(term.value)
    return lambda target: is_named(target.column("subject")) or is_named(target.plain("body"))


def _range(term: Range) -> MessageTest:
    low = -(2**63) if term.low is None else term.low
    high = 2**63 if term.high is None else term.high
    if term.field == "size":
        return lambda target: low <= target.content.size < high
    return lambda target: low <= target.content.date < high


def _state(term: Status) -> MessageTest:
    state = term.state
    if state == "unread":
        return lambda target: target.unread
    if state == "undelivered":
        return lambda target: any(outgoing.has_failed for outgoing in target.ticket.outgoing)
    return lambda target: target.ticket.state == state


_PRESENCE: dict[str, MessageTest] = {
    "attachment": lambda target: bool(target.content.attachments),
    "signature": lambda target: target.content.is_signed,
    "encryption": lambda target: target.content.is_encrypted,
    "text": lambda target: any(has_words(target.folded_column(name)) for name in fields.TEXTS),
    "type": lambda target: bool(target.ticket.issue_type),
    "owner": lambda target: bool(target.ticket.owner),
    "tag": lambda target: bool(target.ticket.tags),
}


def _presence(term: Presence) -> MessageTest:
    return _PRESENCE[term.thing]


def _everything(_term: Everything) -> MessageTest:
    return lambda _: True


_PREPARE: dict[type[Term], Callable[..., MessageTest]] = {
    Words: _words,
    Pattern: _pattern,
    Addresses: _addresses,
    Header: _header,
    Name: _name,
    Domain: _domain,
    Amount: _amount,
    Range: _range,
    Status: _state,
    Presence: _presence,
    Everything: _everything,
}
