"""Mails, tickets and an index of them, for the tests of the query language."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from supportctl import query
from supportctl.index.search import SearchIndex
from supportctl.mail.content import Address, MessageContent
from supportctl.model import Dispatch, DispatchState, Note, Outgoing, Ticket
from supportctl.query.evaluate import Target, matches
from supportctl.store.catalogue import Catalogue
from supportctl.store.exchange import Scope

NOW = 1795392000  # 2026-11-23
LISTS = {"arbitrators": ["Arb@Example.org", "judge@example.net"], "nobody": []}
FATES: tuple[tuple[DispatchState, ...], ...] = ((), ("sent",), ("failed", "sent"))
QUEUES = ("triage", "support-engineers", "junk", "disputes")

BLANK_MAIL = MessageContent(
    headers=[],
    mid="",
    subject="",
    sender=Address("", ""),
    to=[],
    cc=[],
    reply_to=[],
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
    likely="",
    signs=[],
    original="",
    auth=[],
    problems=[],
)


def mail(**fields: object) -> MessageContent:
    """Return a mail with these fields; its text is all written unless told otherwise."""
    if "text" in fields:
        fields = {"written": fields["text"], **fields}
    return BLANK_MAIL._replace(**fields)  # type: ignore[arg-type]  # checked where the tests read it


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
        outgoing=[outgoing(number, state) for state in FATES[number // 4 % 3]],
        notes=[[], [Note("1", NOW, "ann", "He called, Müller.")], [], [Note("2", NOW, "ben", "again called")]][
            number % 4
        ],
    )
    return varied._replace(**fields)


def outgoing(number: int, state: DispatchState) -> Outgoing:
    """Return a message that was written for a ticket, with what has become of it."""
    to = "ann@example.org"
    return Outgoing(f"{number}.{state}", "m@x", "forward", [to], NOW, progress=[Dispatch(to, state, NOW)])


class Desk:
    """Candidates by number, and an index of them."""

    def __init__(self, folder: Path, candidates: Iterable[Target]) -> None:
        self.candidates = dict(enumerate(candidates, 1))
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self._fill_catalogue()
        self.index = SearchIndex(folder / "text.sqlite", self.catalogue)
        self.large_index = SearchIndex(folder / "text.sqlite", self.catalogue, many=0)
        rows = [(number, candidate.content) for number, candidate in self.candidates.items()]
        self.index.add(rows, (1, "hash"))

    def _fill_catalogue(self) -> None:
        self.catalogue.position()  # makes the file
        with sqlite3.connect(self.catalogue.path) as connection:
            for number, candidate in self.candidates.items():
                it = candidate.ticket
                tags = f" {' '.join(it.tags)} " if it.tags else ""
                row = (it.id, f".{it.queue}", it.queue, it.state, it.owner, it.issue_type, tags, "", "", 0, 0, 0, 0)
                connection.execute(f"INSERT OR IGNORE INTO ticket VALUES ({', '.join('?' * 13)})", row)
                rows = [(tag, it.id) for tag in it.tags]
                connection.executemany("INSERT OR IGNORE INTO tag VALUES (lower(?), ?)", rows)
                sent = [
                    (one.key, one.mid, it.id, one.kind, "", one.at, one.is_open, one.has_failed, one.due)
                    for one in it.outgoing
                ]
                connection.executemany(f"INSERT OR IGNORE INTO outgoing VALUES ({', '.join('?' * 9)})", sent)
                noted = [(it.id, note.key, note.text) for note in it.notes]
                connection.executemany("INSERT OR IGNORE INTO note VALUES (?, ?, ?)", noted)
                mail = candidate.content
                row_of_message = (number, it.id, str(number), mail.mid[:100], mail.digest, mail.date, "")
                connection.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)", row_of_message)

    def is_unread(self, _folder: str, key: str) -> bool:
        """Is the message of this key unread?"""
        return self.candidates[int(key)].unread

    def found_in_sql(self, text: str, queues: Sequence[str] = QUEUES) -> list[int]:
        """Return the numbers that the index finds, mails of the latest date first."""
        return self._found(self.index, text, queues)

    def found_the_long_way(self, text: str) -> list[int]:
        """Return the same, found as among very many mails."""
        return self._found(self.large_index, text, QUEUES)

    def _found(self, index: SearchIndex, text: str, queues: Sequence[str]) -> list[int]:
        parsed = query.parse_query(text, lists=LISTS, now=NOW, zone="UTC")
        return [hit.number for hit in index.search(parsed, Scope(queues, self.is_unread, Path), messages=True)]

    def found_in_memory(self, text: str) -> list[int]:
        """Return the numbers of the candidates that match in memory, mails of the latest date first."""
        parsed = query.parse_query(text, lists=LISTS, now=NOW, zone="UTC")
        found = [n for n, candidate in self.candidates.items() if matches(parsed, candidate)]
        return sorted(found, key=lambda n: (self.order_of(n), n), reverse=True)

    def order_of(self, number: int) -> int:
        """Return what a candidate is sorted by: its date, as far as the index can tell dates apart."""
        return min(max(self.candidates[number].content.date, 0), (1 << 33) - 1)
