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
#: A pattern ends at a slash that ends the part of the query; with a bare slash in it, it has no spaces.
_PATTERN = re.compile(
    r"/(?:((?:[^/\\]|\\.)+)|((?:[^\s\\]|\\.)+?))/(?=\s|\)|$)",
    re.DOTALL,
)
#: `/pattern/i`, as sed and Perl have it; compiled only where a pattern went wrong.
_FLAGGED = r"/[^/\s]+/(?=[gimsux]{1,3}(?:\s|\)|$))"
_LIST = re.compile(r"\{([^{}\s]*)\}")
#: `https://x`, `std::x`, `mailto:x` look like fields and are words.
_NO_FIELD = ("//", ":")


class Token(Record):
    """A piece of a query from `start` to `end`; for a value also its field, and where the value begins."""

    kind: TokenKind
    start: int
    end: int
    value: str = ""
    field: str = ""
    header: str = ""
    place: int = 0


def scan(text: str) -> list[Token]:
    """Split a query into tokens, the last one of kind "end".

    Raises QueryError for an unknown field, for quotes and patterns that do not end, and for what is no UTF-8.
    """
    _refuse_bytes(text)
    tokens: list[Token] = []
    place = _skip(text, 0)
    while place < len(text):
        token = _next(text, place)
        tokens.append(token)
        place = _skip(text, token.end)
    tokens.append(Token("end", len(text), len(text)))
    return tokens


def _refuse_bytes(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        hint = "the terminal or the script sends another encoding"
        raise QueryError("expected text in UTF-8", text, error.start, hint) from error


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _next(text: str, start: int) -> Token:
    sign = text[start]
    if sign == "(":
        return Token("(", start, start + 1)
    if sign == ")":
        return Token(")", start, start + 1)
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
    name, place = match[1].lower(), match.end()
    is_bare = place == len(text) or text[place].isspace()
    if text.startswith(_NO_FIELD, place) or name == "mailto" or (is_bare and name not in fields.NAMES):
        return None
    if name not in fields.NAMES:
        raise _unknown(text, start, match[1])
    if is_bare or text[place] == ")":
        raise QueryError(f"expected a value right after '{match[0]}'", text, place, "no space after the colon")
    return _header(text, start, place) if name == "header" else _value(text, start, place, name)


def _header(text: str, start: int, place: int) -> Token:
    match = _HEADER_NAME.match(text, place)
    if not match:
        raise QueryError("expected the name of a header", text, place, "as in header:x-mailer:word")
    end = match.end()
    name = match[0].lower()
    if not text.startswith(":", end):
        return Token("word", start, end, "*", "header", name, end)
    end += 1
    if end == len(text) or text[end].isspace() or text[end] == ")":
        raise QueryError(f"expected a value right after '{match[0]}:'", text, end, "* stands for any value")
    return _value(text, start, end, "header", name)


def _unknown(text: str, start: int, name: str) -> QueryError:
    near = fields.nearest_field(name.lower())
    known = "known fields: " + " ".join(fields.NAMES)
    if "-" in name and not near:
        known = f"for a header, header:{name}:…; {known}"
    meant = f"; did you mean '{near}:'?" if near else ""
    hint = f'{known}; to search for the text itself, put it in "quotes"'
    return QueryError(f"there is no field '{name}:'{meant}", text, start, hint)


def _value(text: str, start: int, place: int, field: str, header: str = "") -> Token:
    sign = text[place]
    if sign == "(":
        return Token("group", start, place + 1, "", field, header, place)
    if sign == '"':
        return _phrase(text, start, place, field, header)
    if sign == "/" and (token := _pattern(text, start, place, field, header)):
        return token
    if match := _LIST.match(text, place):  # within from:( ) it has no field of its own
        return _alone(text, Token("list", start, match.end(), match[1], field, header, place))
    run = _run(text, place)
    return Token("word", start, place + len(run), run, field, header, place)


def _phrase(text: str, start: int, place: int, field: str, header: str) -> Token:
    match = _QUOTED.match(text, place)
    if not match:
        raise QueryError('expected a closing " for the one here', text, place)
    value, end = _ESCAPE.sub(r"\1", match[1]), match.end()
    if text.startswith("*", end):
        value, end = value + "*", end + 1
    return _alone(text, Token("phrase", start, end, value, field, header, place))


def _alone(text: str, token: Token) -> Token:
    """Return a value in quotes or braces; raises QueryError where something follows that would be another value."""
    rest = _run(text, token.end)
    if rest:
        hint = 'a range stands in one pair of quotes: "2026-01-31 09:30..2026-02"' if rest.startswith("..") else ""
        raise QueryError(f"expected a space after the {token.kind}", text, token.end, hint)
    return token


def _pattern(text: str, start: int, place: int, field: str, header: str) -> Token | None:
    """Return the pattern that begins here, or None for a word such as /var/log."""
    match = _PATTERN.match(text, place)
    if match:
        value = (match[1] or match[2]).replace("\\/", "/")
        return Token("pattern", start, match.end(), value, field, header, place)
    if text.startswith("//", place):
        raise QueryError("expected a pattern between the slashes", text, place + 1)
    if match := re.compile(_FLAGGED).match(text, place):
        hint = 'capitals do not count anyway, /(?s)…/ sets a flag; a path stands in "quotes"'
        raise QueryError("expected nothing behind the pattern", text, match.end(), hint)
    if "/" in _run(text, place + 1):
        return None
    raise QueryError("expected a closing / for the pattern that begins here", text, place, r"\/ is a slash in it")
