"""How expensive a test is, so that cheap tests run first."""

from __future__ import annotations

from supportctl.query.ast import Amount, And, Header, Node, Not, Or, Pattern, Words

_LONG = ("", "body", "unquoted")


def estimate_cost(node: Node) -> int:
    """The cost of a part of a query: 0 for a look at a value, 100 for a scan of the whole text."""
    if isinstance(node, Not):
        return estimate_cost(node.part)
    if isinstance(node, And | Or):
        return max(map(estimate_cost, node.parts))
    if isinstance(node, Words | Pattern):
        return 100 if node.field in _LONG else 10
    return {Header: 20, Amount: 80}.get(type(node), 0)
