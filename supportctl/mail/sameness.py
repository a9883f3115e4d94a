"""Whether a message is the one that it was, although its bytes differ: mail clients rewrite what they save."""

from __future__ import annotations

import hashlib


def identify(mid: str, date: int, page: str) -> str:
    """What two messages have in common if and only if they are the same: Message-ID and all that a person reads.

    `page` is all of that as one text (`query.document.page_of`). Line ends and other white space don't count, and
    neither do the fields that no page has (Status, Content-Length, Lines …). Without a Message-ID the date stands for
    it, in seconds since the epoch.
    """
    words = " ".join(page.split())
    return hashlib.sha256(f"{mid or date}\0{words}".encode(errors="replace")).hexdigest()
