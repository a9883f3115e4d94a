"""Queries on the index: a WHERE expression, and the part of a query that FTS5 can answer alone."""

from __future__ import annotations

from collections.abc import Callable

from supportctl.index.boolean_terms import make_boolean_term
from supportctl.index.lookups import Lookup, find_lookups
from supportctl.query import fields
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
from supportctl.query.fold import list_spellings
from supportctl.records import Record

Expression = tuple[str, list[object]]

FALSE: Expression = ("0", [])
#: With more addresses than this, a query does not look them up as words first.
_MANY = 50
#: The depth at which the parser of FTS5 gives up.
_DEEPEST = 12


class QueryPlan(Record):
    """How to find a query's rows: those of `match` (FTS5; None for all rows) that pass `where`.

    All of them have `first` <= date < `end` (None is no limit), and are in each of the `lookups`.
    """

    match: str | None
    where: str
    parameters: list[object]
    first: int | None
    end: int | None
    lookups: list[Lookup]


def plan_query(query: Query) -> QueryPlan:
    """The plan for a query."""
    # What FTS5 answers exactly is not tested again; what it answers too widely is.
    match, is_exact = _match(query.root, 0)
    if match and is_exact:
        rest: Node = Everything("*")
    elif match:
        rest = _rest(query.root)
    else:
        rest = query.root
    where, parameters = express(rest)
    return QueryPlan(match, where, parameters, *_dates(query.root), find_lookups(query))


def _dates(node: Node) -> tuple[int | None, int | None]:
    """The dates between which all rows of a part are, as (first, end)."""
    parts = node.parts if isinstance(node, And) else (node,)
    ranges = [part for part in parts if isinstance(part, Range) and part.field == "date"]
    first = max((part.low for part in ranges if part.low is not None), default=None)
    return first, min((part.high for part in ranges if part.high is not None), default=None)


def _rest(node: Node) -> Node:
    """What is left to test of the rows that FTS5 has found."""
    if not isinstance(node, And):
        return node
    left = tuple(part for part in node.parts if not _is_answered(part))
    return And(left) if left else node


def _is_answered(node: Node) -> bool:
    part = node.part if isinstance(node, Not) else node
    match, is_exact = _match(part, 1)
    return match is not None and is_exact


# --- the full text


def _match(node: Node, depth: int) -> tuple[str | None, bool]:
    """An FTS5 expression that finds every row of a part, and whether it finds no other."""
    if depth > _DEEPEST:
        return None, False
    match node:
        case Words(field=fields.NOTE):
            return None, False
        case Words():
            return _phrase(node), True
        case Addresses():
            return _match_addresses(node), False
        case Presence(thing="attachment" | "signature" | "encryption"):
            return _marked("has", node.thing), True
        case Name(field="automatic" | "likely"):
            return _marked(node.field, *([] if node.is_prefix else [node.value])), True
        case Domain():
            return _marked("auth", *([] if node.domain == "*" else [node.domain])), False
        case And():
            return _match_all(node, depth)
        case Or():
            return _match_any(node, depth)
    return None, False


def _phrase(term: Words) -> str:
    """Words as an FTS5 phrase in the columns of their field."""
    text = f'"{" ".join(term.tokens)}"{" *" if term.is_prefix else ""}'
    return f"{{{' '.join(fields.COLUMNS[term.field])}}} : {text}" if term.field else text


def _match_addresses(term: Addresses) -> str | None:
    from supportctl.query.fold import split_words

    phrases = [" ".join(split_words(address)) for address in term.addresses]
    if not all(phrases) or not 0 < len(phrases) <= _MANY:
        return None
    return f"{{{' '.join(fields.COLUMNS[term.field])}}} : ({_any_of(phrases)})"


def _marked(*words: str) -> str:
    return f'marks : "{make_boolean_term(*words)}"'


def _any_of(phrases: list[str]) -> str:
    return " OR ".join(f'"{text}"' for text in phrases)


def _match_all(node: And, depth: int) -> tuple[str | None, bool]:
    matches = [_match(part, depth + 1) for part in node.parts if not isinstance(part, Not)]
    refused = [_match(part.part, depth + 1) for part in node.parts if isinstance(part, Not)]
    needed = [match for match, _ in matches if match]
    # FTS5 has no NOT without something before it.
    if not needed:
        return None, False
    expression = " AND ".join(f"({match})" for match in needed)
    unwanted = [match for match, is_exact in refused if match and is_exact]
    if unwanted:
        expression = f"({expression}) NOT ({' OR '.join(f'({match})' for match in unwanted)})"
    is_exact = all(exact for _, exact in matches) and len(unwanted) == len(refused)
    return expression, is_exact


def _match_any(node: Or, depth: int) -> tuple[str | None, bool]:
    matches = [_match(part, depth + 1) for part in node.parts]
    known = [match for match, _ in matches if match]
    # One part without an expression could find rows that the others do not.
    if len(known) < len(matches):
        return None, False
    return " OR ".join(f"({match})" for match in known), all(exact for _, exact in matches)


# --- the rest


def express(node: Node) -> Expression:
    """A part of a query as a WHERE expression with its parameters, cheap tests first.

    The tables are `document d`, `desk.message m` and `desk.ticket t`; the functions are those of `index.functions`,
    and `is_unread(folder, key)`, which the connection has to know.
    """
    if isinstance(node, Not):
        text, parameters = express(node.part)
        return f"NOT {text}", parameters
    if isinstance(node, And | Or):
        parts = [express(part) for part in sorted(node.parts, key=estimate_cost)]
        sign = " AND " if isinstance(node, And) else " OR "
        return f"({sign.join(text for text, _ in parts)})", [value for _, values in parts for value in values]
    return _EXPRESS[type(node)](node)


_NOTE = "EXISTS (SELECT 1 FROM desk.note n WHERE n.ticket = t.id AND {}(?, n.text))"


def _words(term: Words) -> Expression:
    if term.field == fields.NOTE:
        return _NOTE.format("has_words_in_order"), [" ".join(term.tokens) + "*" * term.is_prefix]
    return "(d.slot IN (SELECT rowid FROM words WHERE words MATCH ?))", [_phrase(term)]


_BODY = "substr(c.page, c.start, c.rest - c.start)"
_TEXTS = {
    "": "c.page",
    "body": _BODY,
    "unquoted": f"coalesce(c.written, {_BODY})",
    "attached": "substr(c.page, c.attached)",
}
_NAMES = {"id": "t.id", "mid": "d.mid", "in": "t.queue", "type": "t.issue_type", "owner": "t.owner"}


def _pattern(term: Pattern) -> Expression:
    if term.field in _TEXTS:
        test = f"has_match(?, {_TEXTS[term.field]})"
        return f"(SELECT {test} FROM content c WHERE c.slot = d.slot)", [term.pattern]
    if term.field == fields.NOTE:
        return _NOTE.format("has_match"), [term.pattern]
    if term.field in ("tag", "auth"):
        return f"has_match_among(?, {'t.tags' if term.field == 'tag' else 'd.auth'})", [term.pattern]
    if term.field in _NAMES:
        return f"has_match(?, {_NAMES[term.field]})", [term.pattern]
    columns = [f"d.{column}" for column in fields.COLUMNS[term.field]]
    return f"has_match(?, {', '.join(columns)})", [term.pattern]


def _addresses(term: Addresses) -> Expression:
    if not term.addresses:
        return FALSE
    columns = [f"d.{column}_addresses" for column in fields.COLUMNS[term.field]]
    tests = [f"instr({column}, ?) > 0" for column in columns for _ in term.addresses]
    # SQLite refuses expressions that nest deeper than a thousand, and a list of addresses may be longer.
    if len(tests) > _MANY:
        return f"has_any_address(?, {', '.join(columns)})", ["\n".join(term.addresses)]
    return f"({' OR '.join(tests)})", [f"\n{address}\n" for _ in columns for address in term.addresses]


def _header(term: Header) -> Expression:
    block = "(SELECT {} FROM header h WHERE h.slot = d.slot)"
    if term.test is None:
        return block.format("has_header_match(?, '', h.block)"), [term.name]
    if isinstance(term.test, Pattern):
        return block.format("has_header_match(?, ?, h.block)"), [term.name, term.test.pattern]
    words = " ".join(term.test.tokens) + "*" * term.test.is_prefix
    return block.format("has_header_words(?, ?, h.block)"), [term.name, words]


def _name(term: Name) -> Expression:
    if term.field == "tag":
        return _tag(term)
    if term.field == "id" and not term.is_prefix:
        return "m.ticket IN (?, ?, ?)", [*list_spellings(term.value)]
    if term.field in fields.VERDICTS:
        return (f"d.{term.field} <> ''", []) if term.is_prefix else (f"d.{term.field} = ?", [term.value])
    column = "d.mid" if term.field == "mid" else f"lower({_NAMES[term.field]})"
    if not term.is_prefix:
        return f"{column} = ?", [term.value]
    return f"({column} <> '' AND substr({column}, 1, ?) = ?)", [len(term.value), term.value]


def _tag(term: Name) -> Expression:
    if term.value != "".join(term.value.split()):
        return FALSE  # tags hold no space
    if not term.value:
        return "trim(t.tags) <> ''", []
    return "instr(lower(t.tags), ?) > 0", [f" {term.value}{'' if term.is_prefix else ' '}"]


def _domain(term: Domain) -> Expression:
    if term.domain == "*":
        return "d.auth <> ''", []
    return "(instr(d.auth, ?) > 0 OR instr(d.auth, ?) > 0)", [f" {term.domain} ", f".{term.domain} "]


def _amount(term: Amount) -> Expression:
    test = f"has_amount(?, d.subject, {_BODY})"
    return f"(SELECT {test} FROM content c WHERE c.slot = d.slot)", [term.value]


def _range(term: Range) -> Expression:
    limits = ((">=", term.low), ("<", term.high))
    tests = [(f"d.{term.field} {sign} ?", limit) for sign, limit in limits if limit is not None]
    return f"({' AND '.join(text for text, _ in tests) or 1})", [limit for _, limit in tests]


def _state(term: Status) -> Expression:
    if term.state == "unread":
        return "is_unread(t.folder, m.key)", []
    if term.state == "undelivered":
        return "EXISTS (SELECT 1 FROM outgoing o WHERE o.ticket = t.id AND o.has_failed)", []
    return "t.state = ?", [term.state]


_PRESENCE = {
    "attachment": "d.has_attachment",
    "signature": "d.is_signed",
    "encryption": "d.is_encrypted",
    "text": "d.has_text",
    "type": "(t.issue_type <> '')",
    "owner": "(t.owner <> '')",
    "tag": "(trim(t.tags) <> '')",
}


def _presence(term: Presence) -> Expression:
    return _PRESENCE[term.thing], []


def _everything(_term: Everything) -> Expression:
    return "1", []


_EXPRESS: dict[type[Term], Callable[..., Expression]] = {
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
