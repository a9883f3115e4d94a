"""What is wrong with a query, and where."""

from __future__ import annotations

from supportctl.errors import UsageError


class QueryError(UsageError):
    """A query that makes no sense; `problem` says why, `position` is the place in `query` (in characters).

    The message shows the line of the query with a caret under the place.
    """

    def __init__(self, problem: str, query: str, position: int, hint: str = "") -> None:
        self.problem = problem
        self.query = query
        self.position = position
        super().__init__(f"{problem}\n{self.excerpt()}", hint)

    def excerpt(self, length: int = 76) -> str:
        """Return the line of the query around the place, and below it a caret."""
        from supportctl.terminal import width  # only once something is wrong

        start = self.query.rfind("\n", 0, self.position) + 1
        line = self.query[start:].split("\n", 1)[0]
        column = self.position - start
        left = max(0, column - length * 2 // 3)
        shown = "".join(c if c.isprintable() else " " for c in line[left : left + length])
        return f"  {shown}\n  {' ' * width(shown[: column - left])}^"


class ValueProblem(Exception):  # noqa: N818 - becomes a QueryError where the query is known
    """A value that makes no sense at `offset` characters into it."""

    def __init__(self, problem: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset
        self.hint = hint
