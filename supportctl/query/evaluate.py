"""Queries on one mail in memory, as rules need them: prepared once, cheap tests first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from supportctl.model import Mail, Ticket
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
from supportctl.query.cost import cost
from supportctl.query.fold import clean, fold, has_words, lower, spellings, words_finder
from supportctl.query.money import amount_finder
from supportctl.query.patterns import finder


@dataclass(slots=True)
class Candidate:
    """A mail, the ticket that it belongs or would belong to, and what has been read out of them so far."""

    mail: Mail
    ticket: Ticket
    unread: bool = False
    _texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def column(self, name: str) -> str:
        """Return the text of a column of the index."""
        if (text := self._texts.get(name)) is None:
            text = self._texts[name] = document.column(self.mail, name)
        return text

    def folded(self, name: str) -> str:
        """Return the words of a text field, each column's apart from the next."""
        key = f"{name}:"
        if (text := self._texts.get(key)) is None:
            text = self._texts[key] = document.join_columns([self._fold(c) for c in fields.COLUMNS[name]])
        return text

    def _fold(self, name: str) -> str:
        key = f"{name}::"
        if (text := self._texts.get(key)) is None:
            text = self._texts[key] = fold(self.column(name))
        return text

    def plain(self, name: str) -> str:
        """Return the text that a pattern looks into, for a text field."""
        if name in _TEXTS:
            if (text := self._texts.get(f"/{name}")) is None:
                text = self._texts[f"/{name}"] = _TEXTS[name](self)
            return text
        columns = fields.COLUMNS[name]
        return self.column(columns[0]) if len(columns) == 1 else document.list_texts(list(map(self.column, columns)))

    def headers(self) -> str:
        """Return the header block."""
        if (text := self._texts.get("headers")) is None:
            text = self._texts["headers"] = document.header_block(self.mail)
        return text


#: Texts that are put together for patterns alone: the whole mail, and its body.
_TEXTS: dict[str, Callable[[Candidate], str]] = {
    "": lambda candidate: document.page(list(map(candidate.column, document.HEADING)), candidate.plain("body"))[0],
    "body": lambda candidate: clean(candidate.mail.text),
}


Test = Callable[[Candidate], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one part of a query says of a mail; `depth` counts the parts that it lies in."""

    text: str
    found: bool
    depth: int


def matches(query: Query, candidate: Candidate) -> bool:
    """Does the query match the mail?"""
    test = query.prepared.get("memory")
    if test is None:
        test = query.prepared["memory"] = prepare(query.root)
    return test(candidate)  # type: ignore[operator,no-any-return]  # what stands there is a Test


def explain(query: Query, candidate: Candidate) -> list[Finding]:
    """Return what each part of the query says of the mail, outermost first."""
    return _explain(query.root, candidate, 0)


def _explain(node: Node, candidate: Candidate, depth: int) -> list[Finding]:
    found = prepare(node)(candidate)
    if isinstance(node, Term):
        return [Finding(node.source, found, depth)]
    parts = (node.part,) if isinstance(node, Not) else node.parts
    title = {And: "all of", Or: "any of", Not: "not"}[type(node)]
    inner = [finding for part in parts for finding in _explain(part, candidate, depth + 1)]
    return [Finding(title, found, depth), *inner]


def prepare(node: Node) -> Test:
    """Return the test for a part of a query."""
    if isinstance(node, Not):
        part = prepare(node.part)
        return lambda candidate: not part(candidate)
    if isinstance(node, And | Or):
        tests = tuple(map(prepare, sorted(node.parts, key=cost)))
        return _every(tests) if isinstance(node, And) else _some(tests)
    return _PREPARE[type(node)](node)


def _every(tests: tuple[Test, ...]) -> Test:
    def test(candidate: Candidate) -> bool:
        for part in tests:  # noqa: SIM110 - a generator costs three times the test
            if not part(candidate):
                return False
        return True

    return test


def _some(tests: tuple[Test, ...]) -> Test:
    def test(candidate: Candidate) -> bool:
        for part in tests:  # noqa: SIM110 - as above
            if part(candidate):
                return True
        return False

    return test


def _words(term: Words) -> Test:
    find, name = words_finder(term.tokens, term.is_prefix), term.field
    return lambda candidate: find(candidate.folded(name))


def _pattern(term: Pattern) -> Test:
    find, name = finder(term.pattern), term.field
    if name in fields.COLUMNS:
        return lambda candidate: find(candidate.plain(name))
    return lambda candidate: any(map(find, names(candidate, name)))


def names(candidate: Candidate, name: str) -> list[str]:
    """Return the names that a field of names (or `auth`) holds."""
    ticket, mail = candidate.ticket, candidate.mail
    match name:
        case "id":
            return [ticket.id]
        case "mid":
            return [clean(mail.mid)]
        case "in":
            return [ticket.queue]
        case "tag":
            return ticket.tags
        case "type":
            return [ticket.issue_type]
        case "owner":
            return [ticket.owner]
        case "automatic":
            return [mail.automatic]
    return mail.auth


def _name(term: Name) -> Test:
    value, name, is_prefix = term.value, term.field, term.is_prefix
    equal = _beginning(value) if is_prefix else value.__eq__
    if name == "id" and not is_prefix:
        return lambda candidate: candidate.ticket.id in spellings(value)
    if name == "mid":
        return lambda candidate: equal(clean(candidate.mail.mid))
    return lambda candidate: any(equal(lower(clean(text))) for text in names(candidate, name))


def _beginning(value: str) -> Callable[[str], bool]:
    return lambda text: text != "" and text.startswith(value)


def _domain(term: Domain) -> Test:
    domain, below = term.domain, f".{term.domain}"
    if domain == "*":
        return lambda candidate: bool(candidate.mail.auth)
    return lambda candidate: any(name == domain or name.endswith(below) for name in candidate.mail.auth)


def _addresses(term: Addresses) -> Test:
    columns, wanted = fields.COLUMNS[term.field], frozenset(term.addresses)
    return lambda candidate: any(not wanted.isdisjoint(document.addresses(candidate.mail, c)) for c in columns)


def _header(term: Header) -> Test:
    name, test = term.name, term.test
    find: Callable[[str], bool]
    if isinstance(test, Words):
        words = words_finder(test.tokens, test.is_prefix)
        find = lambda value: words(fold(value))  # noqa: E731
    else:
        find = finder(test.pattern) if test else lambda _: True
    return lambda candidate: any(map(find, document.header_values(candidate.headers(), name)))


def _amount(term: Amount) -> Test:
    is_named = amount_finder(term.value)
    return lambda it: is_named(it.column("subject")) or is_named(it.plain("body"))


def _range(term: Range) -> Test:
    low = -(2**63) if term.low is None else term.low
    high = 2**63 if term.high is None else term.high
    if term.field == "size":
        return lambda candidate: low <= candidate.mail.size < high
    return lambda candidate: low <= candidate.mail.date < high


def _state(term: Status) -> Test:
    state = term.state
    if state == "unread":
        return lambda candidate: candidate.unread
    return lambda candidate: candidate.ticket.state == state


_PRESENCE: dict[str, Test] = {
    "attachment": lambda candidate: bool(candidate.mail.attachments),
    "signature": lambda candidate: candidate.mail.is_signed,
    "encryption": lambda candidate: candidate.mail.is_encrypted,
    "text": lambda candidate: has_words(candidate.folded("unquoted")),
    "type": lambda candidate: bool(candidate.ticket.issue_type),
    "owner": lambda candidate: bool(candidate.ticket.owner),
    "tag": lambda candidate: bool(candidate.ticket.tags),
}


def _presence(term: Presence) -> Test:
    return _PRESENCE[term.thing]


def _everything(_term: Everything) -> Test:
    return lambda _: True


_PREPARE: dict[type[Term], Callable[..., Test]] = {
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
