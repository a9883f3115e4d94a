"""What a delivery report says of the mail that it is about: lost for good, or only late."""

from __future__ import annotations

import re

_ACTION = re.compile(r"^Action:[ \t]{0,9}([a-z]{1,20})", re.I | re.M)
_ONLY_LATE = re.compile(
    r"delayed|has not (?:yet )?been delivered yet|not yet been delivered|will (?:be retried|retry|keep trying|continue)"
    r"|still (?:trying|undelivered|in (?:the )?queue)|(?:this is (?:only )?)?a warning (?:message )?only"
    r"|temporary (?:failure|error|problem)|\bwarning: (?:could not send|message still)|no action is required",
    re.I,
)
_READ = 20_000
"""The number of characters of a report that are looked through; what follows is the mail that came back."""


def is_final(report: str) -> bool:
    """Whether a delivery report says that a mail did not arrive and will not (RFC 3464, 2.3.3); by its text.

    A report without such a field is final unless its words say that the server goes on trying.
    """
    start = report[:_READ]
    actions = {action.lower() for action in _ACTION.findall(start)}
    return "failed" in actions if actions else not _ONLY_LATE.search(start)
