"""Regular expressions mean the same on every Python that is allowed: read out of the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "supportctl"
SOURCES = sorted(PACKAGE.rglob("*.py"))

_ESCAPE = re.compile(r"\\.", re.S)
_CLASS = re.compile(r"\[\^?\]?[^]]*\]")
_AROUND_A_GROUP = re.compile(r"\)(?:[*+?]|\{[0-9,]+\})\+|\(\?>")
_ADVICE = (
    "a possessive quantifier around a group, or an atomic group, matches too little before Python 3.11.5 "
    "(https://github.com/python/cpython/issues/106052), and Debian 12 has 3.11.2: "
    "put it behind a single character or class, as in a*+(?:ba*+)* for (?:a|b)*+"
)


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Every string of a module with its line; in an f-string `()` stands for each value, since it may be a group."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "()" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node.lineno, node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value


def is_unsafe(pattern: str) -> bool:
    """Whether a pattern has a possessive quantifier around a group, or an atomic group."""
    return _AROUND_A_GROUP.search(_CLASS.sub("x", _ESCAPE.sub("x", pattern))) is not None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_possessive_quantifier_around_a_group(path: Path) -> None:
    found = [f"line {line}: {text}" for line, text in texts_of(path.read_text()) if is_unsafe(text)]
    assert not found, f"{_ADVICE}\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("source", "unsafe"),
    [
        (r're.compile(r"(?:a|b)*+")', True),
        (r're.compile(r"(a)++")', True),
        (r're.compile(r"(a)?+")', True),
        (r're.compile(r"(a){2,3}+")', True),
        (r're.compile(rb"(?:[^\)]|\\.)*+")', True),
        (r're.compile(r"(?>a|ab)c")', True),
        (r're.compile(rf"{GROUP}*+")', True),
        (r're.compile(rf"(?:{GROUP}|a)*+")', True),
        (r're.compile(r"(?:a" r"|b)*+")', True),
        (r're.compile(r"(?:a*+b++[c)]*+\)*+d{2,3}+)*")', False),
        (r're.compile(rf"{GROUP}+")', False),
        (r're.compile(r"[]()*+]x")', False),
    ],
)
def test_what_is_refused(source: str, unsafe: bool) -> None:
    assert any(is_unsafe(text) for _, text in texts_of(source)) is unsafe
