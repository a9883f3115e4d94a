"""What is right in a configuration, and does less than it did under an earlier version of the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supportctl.config.document import Problem
from supportctl.config.settings import Rule

if TYPE_CHECKING:
    from supportctl.config.settings import Config
    from supportctl.query.ast import Node


def find_remarks(config: Config) -> Iterator[Problem]:
    """A remark for each kind of automatic mail that has a rule for what is certain, and none for what is likely."""
    first: dict[tuple[str, str], Rule] = {}
    for rule in config.rules:
        for verdict in _verdicts_in(config, rule):
            first.setdefault(verdict, rule)
    for field, kind in first:
        if field == "automatic" and ("likely", kind) not in first:
            rule = first[field, kind]
            missing = f"add a rule with when: 'likely:{kind}' and tag: [\"{kind}?\"], so that a person sees the rest"
            yield Problem(rule.line, f"rule {rule.name}: automatic:{kind} finds only what is certain; {missing}")


def _verdicts_in(config: Config, rule: Rule) -> Iterator[tuple[str, str]]:
    """The verdicts that a rule is for: field and kind."""
    from supportctl.query import parse_query
    from supportctl.query.fields import VERDICTS

    query = parse_query(rule.when, lists=config.lists, queues=config.queue_names, now=0, zone=config.desk.timezone)
    for field, value in _names_in(query.root):
        if field in VERDICTS:
            yield from ((field, kind) for kind in VERDICTS["likely"] if value in (kind, ""))


def _names_in(node: Node) -> Iterator[tuple[str, str]]:
    """Each name that a query asks for, with its field; not what it excludes."""
    from supportctl.query.ast import And, Name, Or

    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _names_in(part)
    elif isinstance(node, Name):
        yield node.field, node.value
