"""A query's text → tokens."""

from __future__ import annotations

import re
from typing import Literal

from supportctl.query import fields
from supportctl.query.errors import QueryError
from supportctl.records import Record

TokenKind = Literal["word", "phrase", "pattern", "list", "group", "(", ")", "and", "or", "not", "end"]

_SPACE = re.compile(r"\s*")
_RUN = re.compile(r"[^\s()]+")
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*):")
_HEADER_NAME = re.compile(r"[^\s:()\"/]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
#: A pattern ends at a slash that ends its part of the query; a pattern with a bare slash in it has no spaces.
_PATTERN = re.compile(
    r"/(?:((?:[^/\\]|\\.)+)|((?:[^\s\\]|\\.)+?))/(?=\s|\)|$)",
    re.DOTALL,
)
#: `/pattern/i`, as sed and Perl write it; compiled only for the error message.
_FLAGGED = r"/[^/\s]+/(?=[gimsux]{1,3}(?:\s|\)|$))"
_LIST = re.compile(r"\{([^{}\s]*)\}")
#: `https://x` and `std::x` look like fields and are words.
_NO_FIELD = ("//", ":")


class Token(Record):
    """A piece of a query from `start` to `end`; of a value also its field, and the `offset` at which it begins."""

    kind: TokenKind
    start: int
    end: int
    value: str = ""
    field: str = ""
    header: str = ""
    offset: int = 0


def scan(text: str) -> list[Token]:
    """The tokens of a query, the last one of kind "end".

    Raises QueryError for an unknown field, for quotes and patterns without an end, and for bytes that are not UTF-8.
    """
    _refuse_bytes(text)
    tokens: list[Token] = []
    offset = _skip(text, 0)
    while offset < len(text):
        token = _next(text, offset)
        tokens.append(token)
        offset = _skip(text, token.end)
    tokens.append(Token("end", len(text), len(text)))
    return tokens


def _refuse_bytes(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        hint = "the terminal or the script sends another encoding"
        raise QueryError("expected text in UTF-8", text, error.start, hint) from error


def _skip(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def _next(text: str, start: int) -> Token:
    sign = text[start]
    if sign == "(":
        return Token("(", start, start + 1)
    if sign == ")":
        return Token(")", start, start + 1)
    # A minus alone, or before a space, is no negation: people write " - " between words.
    if sign == "-" and start + 1 < len(text) and not text[start + 1].isspace():
        return Token("not", start, start + 1)
    return _operator(text, start) or _field(text, start) or _value(text, start, start, "")


def _operator(text: str, start: int) -> Token | None:
    run = _run(text, start)
    match run.lower():
        case "and":
            return Token("and", start, start + len(run))
        case "or":
            return Token("or", start, start + len(run))
        case "not":
            return Token("not", start, start + len(run))
    return None


def _run(text: str, start: int) -> str:
    match = _RUN.match(text, start)
    return match[0] if match else ""


def _field(text: str, start: int) -> Token | None:
    match = _FIELD.match(text, start)
    if not match:
        return None
    name, offset = match[1].lower(), match.end()
    is_bare = offset == len(text) or text[offset].isspace()
    if text.startswith(_NO_FIELD, offset) or name == "mailto" or (is_bare and name not in fields.NAMES):
        return None
    if name not in fields.NAMES:
        raise _unknown(text, start, match[1])
    if is_bare or text[offset] == ")":
        raise QueryError(f"expected a value right after '{match[0]}'", text, offset, "leave no space after the colon")
    return _header(text, start, offset) if name == "header" else _value(text, start, offset, name)


def _header(text: str, start: int, offset: int) -> Token:
    match = _HEADER_NAME.match(text, offset)
    if not match:
        raise QueryError("expected the name of a header", text, offset, "for example header:x-mailer:word")
    end = match.end()
    name = match[0].lower()
    if not text.startswith(":", end):
        return Token("word", start, end, "*", "header", name, end)
    end += 1
    if end == len(text) or text[end].isspace() or text[end] == ")":
        raise QueryError(f"expected a value right after '{match[0]}:'", text, end, "use * for any value")
    return _value(text, start, end, "header", name)


def _unknown(text: str, start: int, name: str) -> QueryError:
    near = fields.find_nearest_field(name.lower())
    known = "known fields: " + " ".join(fields.NAMES)
    if "-" in name and not near:
        known = f"for a header, use header:{name}:…; {known}"
    meant = f"; did you mean '{near}:'?" if near else ""
    hint = f'{known}; to search for these words, put them in "quotes"'
    return QueryError(f"no field named '{name}:'{meant}", text, start, hint)


def _value(text: str, start: int, offset: int, field: str, header: str = "") -> Token:
    sign = text[offset]
    if sign == "(":
        return Token("group", start, offset + 1, "", field, header, offset)
    if sign == '"':
        return _phrase(text, start, offset, field, header)
    if sign == "/" and (token := _pattern(text, start, offset, field, header)):
        return token
    if match := _LIST.match(text, offset):  # within from:( ) it has no field of its own
        return _alone(text, Token("list", start, match.end(), match[1], field, header, offset))
    run = _run(text, offset)
    return Token("word", start, offset + len(run), run, field, header, offset)


def _phrase(text: str, start: int, offset: int, field: str, header: str) -> Token:
    match = _QUOTED.match(text, offset)
    if not match:
        raise QueryError('expected a closing " for this one', text, offset)
    value, end = _ESCAPE.sub(r"\1", match[1]), match.end()
    if text.startswith("*", end):
        value, end = value + "*", end + 1
    return _alone(text, Token("phrase", start, end, value, field, header, offset))


def _alone(text: str, token: Token) -> Token:
    """A value in quotes or braces; raises QueryError where another value follows without a space."""
    rest = _run(text, token.end)
    if rest:
        hint = 'put the whole range in quotes: "2026-01-31 09:30..2026-02"' if rest.startswith("..") else ""
        raise QueryError(f"expected a space after the {token.kind}", text, token.end, hint)
    return token


def _pattern(text: str, start: int, offset: int, field: str, header: str) -> Token | None:
    """The pattern that begins here, or None for a word such as /var/log."""
    match = _PATTERN.match(text, offset)
    if match:
        value = (match[1] or match[2]).replace("\\/", "/")
        return Token("pattern", start, match.end(), value, field, header, offset)
    if text.startswith("//", offset):
        raise QueryError("expected a pattern between the slashes", text, offset + 1)
    if match := re.compile(_FLAGGED).match(text, offset):
        hint = 'case is ignored anyway, /(?s)…/ sets a flag; put a path in "quotes"'
        raise QueryError("expected nothing after the pattern", text, match.end(), hint)
    if "/" in _run(text, offset + 1):
        return None
    hint = r"write \/ for a slash in the pattern"
    raise QueryError("expected a closing / for the pattern that begins here", text, offset, hint)
