"""What is wrong with a query, and where."""

from __future__ import annotations

from supportctl.errors import UsageError


class QueryError(UsageError):
    """A query that makes no sense: `problem` says why, `position` is the offset in `query`, in characters."""

    def __init__(self, problem: str, query: str, position: int, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.query = query
        self.position = position
        start = query.rfind("\n", 0, position) + 1
        self.excerpt = query[start:].split("\n", 1)[0], position - start


class ValueProblem(Exception):  # noqa: N818 - becomes a QueryError where the query is known
    """A value that makes no sense, `offset` characters into it."""

    def __init__(self, problem: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset
        self.hint = hint
