"""What is believed of a message, given who brought it to the desk."""

from __future__ import annotations

NOBODY: frozenset[str] = frozenset()


def servers_trusted_for(brought_by: str, trusted: frozenset[str]) -> frozenset[str]:
    """The servers whose Authentication-Results count in a message: none in what a person has brought.

    A person may have written the header field as well as the text; from a mail server, fields with a trusted name can
    only be its own.
    """
    return NOBODY if brought_by else trusted
