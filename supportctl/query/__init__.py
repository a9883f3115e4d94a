"""The query language: one grammar, and two evaluators, on a mail in memory and on the index in SQL."""

from supportctl.query.errors import QueryError
from supportctl.query.parser import parse
from supportctl.query.syntax import Query

__all__ = ["Query", "QueryError", "parse"]
