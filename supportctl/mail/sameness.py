"""Whether a message is the one that it was, although its bytes differ: mail clients rewrite what they save."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def identify(mid: str, date: int, page: str, results: Iterable[str]) -> str:
    """What two messages have in common if and only if they are the same: Message-ID and all that a person reads.

    `page` is all of that as one text (`query.document.make_page`). Line ends and other white space don't count, and
    neither do the fields that no page has (Status, Content-Length, Lines …). But for one: `results` are the values of
    Authentication-Results, which a message must not get because somebody can write to its folder. Without a Message-ID
    the date stands for it, in seconds since the epoch.
    """
    parts = [mid or str(date), " ".join(page.split()), *(" ".join(result.split()) for result in results)]
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()
