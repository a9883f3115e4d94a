"""One value of a query → the test that it stands for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence

from supportctl.query import fields
from supportctl.query.ast import (
    Addresses,
    Amount,
    Domain,
    Everything,
    Header,
    Name,
    Node,
    Not,
    Pattern,
    Presence,
    Range,
    Status,
    Words,
)
from supportctl.query.errors import ValueProblem
from supportctl.query.fold import lower_ascii, split_words
from supportctl.query.lexer import Token
from supportctl.records import Record
from supportctl.values import InvalidValueError, make_encodable

#: What a query takes for an address and not for words, even if the desk could not write to it: messages have such.
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+")


class Context(Record):
    """What the meaning of a value depends on: lists of addresses, names of queues, now, the time zone of days."""

    lists: Mapping[str, Sequence[str]]
    queues: Mapping[str, str] | None
    now: int
    zone: str

    @property
    def moment(self) -> int:
        """The time that relative dates count from, in seconds since the epoch."""
        return self.now or int(time.time())


def read_term(token: Token, source: str, context: Context) -> Node:
    """The test for a value; raises ValueProblem with the offset of the mistake in the value."""
    if token.kind == "pattern":
        return _pattern(token, source)
    if token.kind == "list":
        return _list(token, source, context)
    reader = _READERS.get(token.field)
    if reader:
        return reader(token, source, context)
    if token.field in fields.NAME_FIELDS:
        return _name(token, source, context)
    return _text(token, source)


def _pattern(token: Token, source: str) -> Node:
    from supportctl.query.patterns import make_finder

    if token.field not in (*fields.COLUMNS, *fields.NAME_FIELDS, fields.NOTE, "header", "auth"):
        raise ValueProblem(f"'{token.field}:' takes no pattern")
    # Compiled only to be refused now, with its offset, and not by the first message that it meets.
    try:
        make_finder(token.value)
    except ValueProblem as problem:
        raise ValueProblem(problem.problem, problem.offset + 1, problem.hint) from problem
    test = Pattern(source, token.field, token.value)
    return Header(source, token.header, test) if token.field == "header" else test


def _list(token: Token, source: str, context: Context) -> Node:
    if token.field not in fields.ADDRESS_FIELDS:
        raise ValueProblem("expected no list here", hint="a list goes after from: to: cc: or recipient:")
    if token.value not in context.lists:
        known = f"known lists: {', '.join(context.lists)}" if context.lists else "no list is defined"
        raise ValueProblem(f"no list named '{token.value}'", 1, known)
    addresses = tuple(sorted({address.strip().lower() for address in context.lists[token.value]}))
    return Addresses(source, token.field, addresses)


def _text(token: Token, source: str) -> Node:
    """Words of a text field; a complete address without quotes means that address alone."""
    if token.kind == "word" and token.field in fields.ADDRESS_FIELDS and _ADDRESS.fullmatch(token.value):
        if "*" not in token.value:
            return Addresses(source, token.field, (token.value.lower(),))
    elif token.kind == "word" and not token.field and token.value == "*":
        return Everything(source)
    return _words(token, source)


def _words(token: Token, source: str) -> Words:
    value = token.value
    is_prefix = value.endswith("*") and len(value) > 1
    if token.kind == "word":
        _refuse_wildcards(value)
    tokens = tuple(split_words(make_encodable(value)))
    if not tokens:
        raise ValueProblem(_wordless(value), hint='for punctuation, use a pattern: "/[!?]{3}/"')
    return Words(source, token.field, tokens, is_prefix)


def _refuse_wildcards(value: str) -> None:
    star = value.find("*")
    if -1 < star < len(value) - 1 or value == "*":
        hint = "a * may only end a word; otherwise use a pattern: /ab.*c/"
        raise ValueProblem("expected a word", star, hint)


def _wordless(value: str) -> str:
    meant = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "-": "not"}.get(value)
    meaning = f"; did you mean '{meant}'?" if meant else ""
    return f"expected a word: there is no letter or digit in '{value}'{meaning}"


def _header(token: Token, source: str, _context: Context) -> Node:
    if token.kind == "word" and token.value == "*":
        return Header(source, token.header, None)
    return Header(source, token.header, _words(token, source))


def _name(token: Token, source: str, context: Context) -> Node:
    value, is_prefix = token.value.strip(), False
    if token.kind == "word":
        _refuse_inner_star(value)
        is_prefix, value = value.endswith("*"), value.removesuffix("*")
    if token.field == "mid":
        value = value.removeprefix("<").removesuffix(">")
    if token.field == "id":
        _refuse_no_ids(value)
    if token.field == "in":
        value = _queue(value, None if is_prefix else context.queues)
    if not value and not is_prefix:
        raise ValueProblem(f"expected a name after '{token.field}:'")
    is_as_typed = token.field == "mid" or (token.field == "id" and not is_prefix)
    return Name(
        source, token.field, make_encodable(value) if is_as_typed else lower_ascii(make_encodable(value)), is_prefix
    )


def _refuse_no_ids(value: str) -> None:
    """Raise ValueProblem for what other verbs and programs take as an id, and no ticket has."""
    if "@" in value:
        raise ValueProblem("expected a ticket's id", hint="mid: takes a Message-ID")
    if value.startswith("."):
        raise ValueProblem("expected a ticket's whole id", hint="for example id:s20261122.17, or id:s20261122.*")


def _queue(value: str, queues: Mapping[str, str] | None) -> str:
    """The key of the queue with this name; raises ValueProblem where all names are known and this one is not."""
    words = value.casefold().split()
    key = "-".join(words)
    if queues is None or not words:
        return key
    known_key = queues.get(" ".join(words)) or queues.get(key)
    if known_key is None:
        near = fields.find_nearest(" ".join(words), tuple(queues))
        meant = f"; did you mean '{queues[near]}'?" if near else ""
        hint = "supportctl queues lists all queues; in:x* finds all that begin with x"
        raise ValueProblem(f"no queue named '{value}'{meant}", hint=hint)
    return known_key


def _refuse_inner_star(value: str) -> None:
    star = value.find("*")
    if -1 < star < len(value) - 1:
        raise ValueProblem("expected a name", star, "a * may only end a name")


def _domain(token: Token, source: str, _context: Context) -> Node:
    value = token.value.strip().lower().rstrip(".")
    if not re.fullmatch(r"\*|[^\s@*.]+(\.[^\s@*.]+)*", value):
        raise ValueProblem("expected a domain", hint="for example auth:example.org, or auth:* for any")
    return Domain(source, value)


def _amount(token: Token, source: str, _context: Context) -> Node:
    from supportctl.mail import amounts

    value = amounts.normalise(token.value)
    if value is None:
        raise ValueProblem("expected an amount of money", hint="for example amount:15.00USD")
    return Amount(source, value)


def _choice(known: tuple[str, ...]) -> Callable[[Token], str]:
    def choose(token: Token) -> str:
        value = token.value.lower()
        if value in known:
            return value
        near = fields.find_nearest(value, known)
        meant = f"; did you mean '{near}'?" if near else ""
        raise ValueProblem(f"expected one of: {' '.join(known)}{meant}")

    return choose


def _verdict(token: Token, source: str, _context: Context) -> Node:
    if token.value == "*":
        return Name(source, token.field, "", True)
    return Name(source, token.field, _choice(fields.VERDICTS[token.field])(token), False)


def _is(token: Token, source: str, _context: Context) -> Node:
    if token.value.lower() in ("read", "seen"):
        raise ValueProblem(f"expected one of: {' '.join(fields.STATES)}; did you mean '-is:unread'?")
    return Status(source, _choice(fields.STATES)(token))


def _has(token: Token, source: str, _context: Context) -> Node:
    return Presence(source, _choice(fields.THINGS)(token))


def _no(token: Token, _source: str, _context: Context) -> Node:
    return Not(Presence(f"has:{token.value.lower()}", _choice(fields.THINGS)(token)))


def _size(token: Token, source: str, _context: Context) -> Node:
    from supportctl.query.ranges import read_range, read_size

    return Range(source, "size", *read_range(token.value, read_size))


def _date(token: Token, source: str, context: Context) -> Node:
    """An interval; a single moment (`date:7d`) means from then on."""
    from supportctl.query.ranges import read_range

    low, high = read_range(token.value, lambda value: _read_date(value, context))
    is_moment = ".." not in token.value and low == high
    return Range(source, "date", low, None if is_moment else high)


def _after(token: Token, source: str, context: Context) -> Node:
    return Range(source, "date", _beginning(token, context), None)


def _before(token: Token, source: str, context: Context) -> Node:
    return Range(source, "date", None, _beginning(token, context))


def _beginning(token: Token, context: Context) -> int:
    start = token.value.find("..")
    if start >= 0:
        raise ValueProblem("expected one date", start, "a range goes after date:")
    return _read_date(token.value, context)[0]


def _read_date(value: str, context: Context) -> tuple[int, int]:
    from supportctl.dates import read_date

    try:
        return read_date(value, context.moment, context.zone)
    except InvalidValueError as error:
        raise ValueProblem(error.message, hint=error.hint) from error


def _older(token: Token, source: str, context: Context) -> Node:
    from supportctl.dates import read_ago

    try:
        return Range(source, "date", None, read_ago(token.value, context.moment, context.zone))
    except InvalidValueError as error:
        raise ValueProblem(error.message, hint=f"{error.hint}; before: takes a date") from error


_READERS: dict[str, Callable[[Token, str, Context], Node]] = {
    "header": _header,
    "auth": _domain,
    "amount": _amount,
    "automatic": _verdict,
    "likely": _verdict,
    "is": _is,
    "has": _has,
    "no": _no,
    "size": _size,
    "date": _date,
    "after": _after,
    "before": _before,
    "older": _older,
}
