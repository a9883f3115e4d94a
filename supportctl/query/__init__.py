"""The query language: one grammar, and two evaluators, on one message in memory and on the index in SQL."""

from supportctl.query.ast import Query
from supportctl.query.errors import QueryError
from supportctl.query.parser import parse_query

__all__ = ["Query", "QueryError", "parse_query"]
