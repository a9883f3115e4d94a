"""Tokens → the tree of a query, by recursive descent.

query = all { "or" all }; all = part { ["and"] part }; part = ("not" | "-") part | "(" query ")" | field:"(" query ")"
| value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from supportctl.query.ast import And, Node, Not, Or, Query
from supportctl.query.errors import QueryError, ValueProblem
from supportctl.query.lexer import Token, TokenKind, scan
from supportctl.query.values import Context, read_term

#: The depth of parentheses and `not`, and the number of values in a query: well below the limits of SQLite.
DEPTH = 20
TERMS = 500

_ENDS: tuple[TokenKind, ...] = ("end", ")")
_EXPECTED = "expected a word, a \"phrase\", field:value, /pattern/ or '('"


def parse_query(
    text: str,
    *,
    lists: Mapping[str, Sequence[str]] | None = None,
    queues: Mapping[str, str] | None = None,
    now: int = 0,
    zone: str = "",
) -> Query:
    """The query that a text is.

    `lists` are the addresses that `from:{name}` stands for. `queues` has the key of a queue for each of its names in
    lower case; without it, `in:` takes any key. Relative dates count from `now` (seconds since the epoch, 0 for the
    present); days are those of a time `zone` ("" is the machine's). Raises QueryError, with the offset of the mistake.
    """
    return Query(text, _Parser(text, Context(lists or {}, queues, now, zone)).read(), zone)


class _Parser:
    def __init__(self, text: str, context: Context) -> None:
        self.text = text
        self.context = context
        self.tokens = scan(text)
        self.offset = 0
        self.terms = 0
        self.group: Token | None = None

    @property
    def token(self) -> Token:
        return self.tokens[self.offset]

    def take(self) -> Token:
        token = self.token
        self.offset += 1
        return token

    def wrong(self, problem: str, token: Token, hint: str = "") -> QueryError:
        return QueryError(problem, self.text, token.start, hint)

    def read(self) -> Node:
        node = self.read_any(0)
        if self.token.kind == ")":
            raise self.wrong("expected no ')' here, as no '(' is open", self.token)
        return node

    def read_any(self, depth: int) -> Node:
        parts = [self.read_all(depth)]
        while self.token.kind == "or":
            self.take()
            parts.append(self.read_all(depth))
        return parts[0] if len(parts) == 1 else Or(_flat(Or, parts))

    def read_all(self, depth: int) -> Node:
        parts = [self.read_part(depth)]
        while self.token.kind not in (*_ENDS, "or"):
            if self.token.kind == "and":
                self.take()
            parts.append(self.read_part(depth))
        return parts[0] if len(parts) == 1 else And(_flat(And, parts))

    def read_part(self, depth: int) -> Node:
        # Python's own stack would end later, and with a worse message.
        if depth > DEPTH:
            raise self.wrong(f"expected at most {DEPTH} levels of parentheses", self.token)
        match self.token.kind:
            case "not":
                self.take()
                return Not(self.read_part(depth + 1))
            case "(" | "group":
                return self.read_group(depth + 1)
            case "and" | "or" | "end" | ")":
                raise self.unexpected()
        return self.read_value()

    def unexpected(self) -> QueryError:
        token = self.token
        if token.kind in ("and", "or"):
            word = self.text[token.start : token.end]
            return self.wrong(f"{_EXPECTED} before '{word}'", token, f'to search for this word, write "{word}"')
        return self.wrong(_EXPECTED, token, "" if self.text.strip() else "* finds everything")

    def read_group(self, depth: int) -> Node:
        opened, outer = self.take(), self.group
        if opened.kind == "group":
            self.group = self.grouped(opened)
        node = self.read_any(depth)
        if self.token.kind != ")":
            raise self.unclosed(opened)
        self.take()
        self.group = outer
        return node

    def unclosed(self, opened: Token) -> QueryError:
        column = opened.end
        return self.wrong(f"expected a ')' for the '(' at character {column}", self.token)

    def read_value(self) -> Node:
        token = self.take()
        self.terms += 1
        if self.terms > TERMS:
            raise self.wrong(f"expected at most {TERMS} values in one query", token)
        try:
            return read_term(self.grouped(token), self.source(token), self.context)
        except ValueProblem as problem:
            offset = (token.offset or token.start) + problem.offset
            offset += token.kind == "phrase" and problem.offset > 0  # the quote comes before the value
            raise QueryError(problem.problem, self.text, offset, problem.hint) from problem

    def grouped(self, token: Token) -> Token:
        """A value in `field:( … )` with that field."""
        if self.group is None:
            return token
        if token.field:
            raise self.wrong(f"expected no field inside '{self.group.field}:( )'", token)
        return token._replace(field=self.group.field, header=self.group.header)

    def source(self, token: Token) -> str:
        text = self.text[token.start : token.end]
        if self.group is None:
            return text
        return self.text[self.group.start : self.group.offset] + text


def _flat(kind: type[And] | type[Or], parts: list[Node]) -> tuple[Node, ...]:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return tuple(flat)
