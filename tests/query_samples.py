"""Mails, tickets and an index of them, for the tests of the query language."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from supportctl import query
from supportctl.model import Address, Mail, Ticket
from supportctl.query.memory import Candidate, matches
from supportctl.store.text import TextIndex

NOW = 1795392000  # 2026-11-23
LISTS = {"arbitrators": ["Arb@Example.org", "judge@example.net"], "nobody": []}
QUEUES = ("triage", "support-engineers", "junk", "disputes")

_SCHEMA = """
CREATE TABLE ticket (
  id TEXT PRIMARY KEY, folder TEXT NOT NULL, queue TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL,
  issue_type TEXT NOT NULL, tags TEXT NOT NULL, requester TEXT NOT NULL, subject TEXT NOT NULL,
  created INTEGER NOT NULL, changed INTEGER NOT NULL, due INTEGER NOT NULL, op INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE message (
  number INTEGER PRIMARY KEY, ticket TEXT NOT NULL, key TEXT NOT NULL, mid TEXT NOT NULL, digest TEXT NOT NULL
);
"""

BLANK_MAIL = Mail(
    headers=[],
    mid="",
    subject="",
    sender=Address("", ""),
    to=[],
    cc=[],
    recipients=[],
    date=NOW,
    references=[],
    text="",
    written="",
    quoted="",
    attachments=[],
    is_signed=False,
    is_encrypted=False,
    size=0,
    digest="",
    automatic="",
    original="",
    auth=[],
    problems=[],
)


def mail(**fields: object) -> Mail:
    """Return a mail with these fields; its text is all written unless told otherwise."""
    if "text" in fields:
        fields = {"written": fields["text"], **fields}
    return replace(BLANK_MAIL, **fields)  # type: ignore[arg-type]  # checked where the tests read it


def ticket(number: int, **fields: object) -> Ticket:
    """Return a ticket whose fields follow from its number, so that every value occurs."""
    varied = Ticket(
        id=f"s20261123.{number}",
        queue=QUEUES[number % 4],
        state=("open", "closed", "pending")[number % 3],
        subject="",
        requester="",
        created=NOW,
        changed=NOW,
        owner=("", "anna", "Ben")[number // 3 % 3],
        tags=[["paypal?"], [], ["Dispute?", "x"], ["xy"]][number // 2 % 4],
        issue_type=("", "Code Signing", "General Questions")[number // 5 % 3],
    )
    return replace(varied, **fields)  # type: ignore[arg-type]  # as above


class Desk:
    """Candidates by number, and an index of them."""

    def __init__(self, folder: Path, candidates: Iterable[Candidate]) -> None:
        self.candidates = dict(enumerate(candidates, 1))
        self.catalogue = folder / "catalogue.sqlite"
        self._fill_catalogue()
        self.index = TextIndex(folder / "text.sqlite", self.catalogue)
        rows = [(number, candidate.mail) for number, candidate in self.candidates.items()]
        self.index.add(rows, (1, "hash"))

    def _fill_catalogue(self) -> None:
        with sqlite3.connect(self.catalogue) as connection:
            connection.executescript(_SCHEMA)
            for number, candidate in self.candidates.items():
                it = candidate.ticket
                tags = f" {' '.join(it.tags)} " if it.tags else ""
                row = (it.id, f".{it.queue}", it.queue, it.state, it.owner, it.issue_type, tags, "", "", 0, 0, 0, 0)
                connection.execute(f"INSERT OR IGNORE INTO ticket VALUES ({', '.join('?' * 13)})", row)
                row_of_message = (number, it.id, str(number), candidate.mail.mid, candidate.mail.digest)
                connection.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row_of_message)

    def is_unread(self, _folder: str, key: str) -> bool:
        """Is the message of this key unread?"""
        return self.candidates[int(key)].unread

    def found_in_sql(self, text: str, queues: Sequence[str] = QUEUES) -> list[int]:
        """Return the numbers that the index finds, newest first."""
        parsed = query.parse(text, lists=LISTS, now=NOW)
        return [hit.number for hit in self.index.search(parsed, queues, self.is_unread, messages=True)]

    def found_in_memory(self, text: str) -> list[int]:
        """Return the numbers of the candidates that match in memory, newest first."""
        parsed = query.parse(text, lists=LISTS, now=NOW)
        return [n for n, candidate in sorted(self.candidates.items(), reverse=True) if matches(parsed, candidate)]
