"""Patterns of Python's `re` that see mail take time linear in it: by their form, or for a reason that stands here.

Others are google-re2's (`query/patterns.py`), which knows no other time.
"""

from __future__ import annotations

import ast
import importlib
import re
import re._constants as operators  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PACKAGE = Path(__file__).parents[2] / "supportctl"
FUNCTIONS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
REPEATS = {operators.MAX_REPEAT, operators.MIN_REPEAT, operators.POSSESSIVE_REPEAT}
LARGEST_BOUND = 2_000

# What never sees mail.
NO_MAIL = {
    "config/": "queues.yaml",
    "values.py": "what people and queues.yaml name",
    "query/lexer.py": "what a person types, or a rule says",
    "query/values.py": "what a person types, or a rule says",
    "query/ranges.py": "what a person types, or a rule says",
    "operations/naming.py": "what a person types",
    "store/head.py": "what the desk wrote",
    "store/layout.py": "names of folders",
    "store/maildir.py": "names of files, of at most 255 bytes",
}
# What sees mail and repeats something without a bound, by its file and the name that it is bound to or called in.
_FIXED = "is matched at one place, and no character of it can be repeated by two of its parts"
_WHOLE = "matches at every place where it begins, so that what was looked at is passed"
_SHORT = "reads 20,000 characters at most, each match from where the last one ended, none a second time"
REASONS: dict[str, dict[str, str]] = {
    "mail/addresses.py": {
        **dict.fromkeys(("_USUAL", "_ROUTABLE", "_LOCAL"), _FIXED),
        **dict.fromkeys(("_TOKEN", "_LOOSE", "_IN_COMMENT"), _WHOLE),
    },
    "mail/amounts.py": {"_TOKEN": _WHOLE},
    "mail/authentication.py": {
        **dict.fromkeys(("_PIECE", "_COMMENT_PIECE", "_SPLIT", "_SERVER", "_PAIR"), _SHORT),
        "_DOMAIN": _FIXED,
    },
    "mail/east_asian.py": {"_PAIRS": _WHOLE, "_EUC": _WHOLE, "_BIG5": _WHOLE},
    "mail/headers.py": {
        "_LINE": _FIXED,
        "_END": "begins at line ends, and looks at one line",
        "_FIELD": "begins with lines, and fails only within the first word and the blanks after it",
    },
    "mail/html.py": {
        "_LONG_TAG": "begins with an angle bracket, and fails only before the next one",
        "_TOKEN": "reads what the parser has written, in which every tag and every comment ends",
        "_HREF": "ends at the next quotation mark",
    },
    "mail/html_look.py": {
        "_STYLE": "ends at the next quotation mark",
        "_VALUE": "ends at the next quotation mark",
        "_SHEET": "ends at the next angle bracket",
        "_DECLARATION": _WHOLE,
    },
    "mail/line_ends.py": {"_DOUBLED": "begins at the start of a run of carriage returns, and takes all of it"},
    "mail/parameters.py": {
        **dict.fromkeys(("_MAIN", "_QUOTED", "_ENDED"), _FIXED),
        "_NAME": "begins at the start of a word, and fails only behind it and the blanks after it",
        "_END": "begins at the start of a run of blanks and commas, and looks at a few characters behind it",
    },
    "mail/reply_draft.py": {"_FIELD": "begins with a line, and fails only within its first word and blanks"},
    "output/terminal.py": {"_unsafe": "is one character"},
    "query/fold.py": {"compile_phrase": "words and what is no word take turns"},
}


class Pattern(NamedTuple):
    """A pattern in the source: where it stands, and its text and flags (None where only the run tells)."""

    file: str
    line: int
    name: str
    text: str | bytes | None
    flags: int


def patterns_of(path: Path) -> Iterator[Pattern]:
    """The patterns of a module, from every call of a function of `re`."""
    file = str(path.relative_to(PACKAGE))
    name = "supportctl." + file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    for top in ast.parse(path.read_text()).body:
        for node in ast.walk(top):
            if isinstance(node, ast.Call) and is_call(node):
                names = vars(importlib.import_module(name))
                yield Pattern(file, node.lineno, name_of(top, node), *read_call(node, names))


def is_call(node: ast.Call) -> bool:
    """Whether a function of `re` is called that takes a pattern."""
    function = node.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in FUNCTIONS
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
    )


def name_of(top: ast.stmt, call: ast.AST) -> str:
    """The name that a pattern is bound to, or the innermost function that calls it."""
    if isinstance(top, ast.Assign | ast.AnnAssign):
        target = top.target if isinstance(top, ast.AnnAssign) else top.targets[0]
        return ast.unparse(target)
    functions = [node for node in ast.walk(top) if isinstance(node, ast.FunctionDef) and call in ast.walk(node)]
    return functions[-1].name if functions else ""


def read_call(call: Any, names: dict[str, Any]) -> tuple[str | bytes | None, int]:
    """The pattern and the flags of a call."""
    flags = [argument for argument in call.args[1:] if "re." in ast.unparse(argument)]
    flags += [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    try:
        text = evaluate(call.args[0], names)
        return text.pattern if isinstance(text, re.Pattern) else text, sum(int(evaluate(f, names)) for f in flags)
    except NameError:
        return None, 0


def evaluate(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "", "eval"), dict(names))


def is_linear(text: str | bytes | None, flags: int) -> bool:
    """Whether a pattern repeats nothing without a bound, or is nothing but one repeated character."""
    if text is None:
        return False
    items = list(parser.parse(text, flags))
    if len(items) == 1 and items[0][0] in REPEATS and is_character(items[0][1][2]):
        return True
    return bound_of(items) <= LARGEST_BOUND


def is_character(items: Any) -> bool:
    return len(items) == 1 and items[0][0] in {operators.IN, operators.LITERAL, operators.NOT_LITERAL, operators.ANY}


def bound_of(items: Any) -> int:
    """The largest product of bounds of repetitions that are within each other."""
    largest = 1
    for operator, argument in items:
        if operator in REPEATS:
            largest = max(largest, int(argument[1]) * bound_of(argument[2]))
        else:
            inner = [part for part in flatten(argument) if isinstance(part, parser.SubPattern)]
            largest = max([largest, *map(bound_of, inner)])
    return largest


def flatten(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple | list):
        for part in value:
            yield from flatten(part)
    else:
        yield value


SOURCES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not any(str(path.relative_to(PACKAGE)).startswith(part) for part in NO_MAIL)
]
FOUND = [pattern for path in SOURCES for pattern in patterns_of(path)]


@pytest.mark.parametrize("pattern", FOUND, ids=lambda it: f"{it.file}:{it.name}")
def test_a_pattern_is_linear(pattern: Pattern) -> None:
    reason = REASONS.get(pattern.file, {}).get(pattern.name)
    assert is_linear(pattern.text, pattern.flags) != bool(reason), (
        f"{pattern.file}, line {pattern.line}: {pattern.text!r} repeats something without a bound; use google-re2, or "
        f"code that scans, or say in REASONS why it takes linear time (now: {reason})"
    )


def test_every_reason_is_one_of_a_pattern() -> None:
    given = {(file, name) for file, names in REASONS.items() for name in names}
    assert given == {(pattern.file, pattern.name) for pattern in FOUND if not is_linear(pattern.text, pattern.flags)}


@pytest.mark.parametrize(
    ("text", "linear"),
    [
        (r"[ \t]+", True),
        (r"a{0,9}b", True),
        (r"(?:ab|cd?){1,20}", True),
        (r" *x", False),
        (r"a++", True),
        (r"(?:ab|b)*", False),
        (r"(?=a*)", False),
        (r"(a{1,50}b){1,50}", False),
    ],
)
def test_what_is_linear_by_its_form(text: str, linear: bool) -> None:
    assert is_linear(text, 0) is linear
