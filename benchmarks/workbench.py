"""What is measured on: mails, desks and peers' indexes, each made when the first measurement needs it."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks import collection, maker
from benchmarks.desk import Desk, Program
from benchmarks.peers import Mu, Notmuch, find_missing

BULK = 5_000
LARGE = 100_000
BULK_MAILS = 8_000
"""Enough mails for 5,000 tickets: one in three joins a ticket."""
LISTED = 200

_ID = re.compile(rb"(?im)^message-id:[ \t]*(<[^>\r\n]+>)")


@dataclass(frozen=True)
class Indexed:
    """The same mails three times: as a desk, in notmuch, in mu; a peer that is not here has no index."""

    desk: Desk
    notmuch: Notmuch
    mu: Mu


class Workbench:
    """The folder of one run. What is made of the collection alone stays in it; our desks are made anew by each run."""

    def __init__(self, program: Program, mails: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.runs = 1
        self._mails = mails
        shutil.rmtree(folder / "desks", ignore_errors=True)

    @property
    def output(self) -> Path:
        """Where measured commands write."""
        return self.folder / "output"

    @cached_property
    def files(self) -> list[Path]:
        """The mails of the collection."""
        return collection.unpack(self._mails, self.folder / "collection")

    @cached_property
    def maildir(self) -> Path:
        """The collection as one Maildir."""
        return self._make_once("maildir-collection", self.files)

    @cached_property
    def bulk_maildir(self) -> Path:
        """Made mails, enough for 5,000 tickets."""
        return self._make_once("maildir-bulk", self.files, BULK_MAILS)

    def made(self, count: int) -> Path:
        """A Maildir with `count` mails that are spread over five years."""
        return self._make_once(f"maildir-{count}", self.files, count)

    def desk(self, name: str) -> Desk:
        """The desk of that name, be it there or not."""
        return Desk(self.program, self.folder / "desks" / name)

    def new_desk(self, name: str) -> Desk:
        """A new empty desk."""
        desk = self.desk(name)
        desk.make()
        return desk

    @cached_property
    def small(self) -> Indexed:
        """The collection: taken in and classified; one queue has 200 open tickets."""
        tell("building: a desk of the collection, and the indexes of notmuch and mu")
        desk = self.new_desk("collection")
        desk.deliver(self.maildir)
        desk.run("ingest", "--classify")
        desk.move(desk.list_tickets("triage")[:LISTED], "disputes")
        return self._index(desk, self.maildir)

    @cached_property
    def large_desk(self) -> Desk:
        """100,000 made mails, taken in as an archive: closed, by the months of their dates."""
        tell(f"building: a desk of {LARGE} mails")
        desk = self.new_desk("large")
        desk.run("ingest", "--closed", str(self.made(LARGE)))
        return desk

    @cached_property
    def large(self) -> Indexed:
        """The desk of 100,000 mails, and the peers' indexes of the same mails."""
        desk = self.large_desk
        tell(f"building: the indexes of notmuch and mu over {LARGE} mails (kept in {self.folder})")
        return self._index(desk, self.made(LARGE))

    @cached_property
    def bulk(self) -> tuple[Desk, list[str]]:
        """A desk with 5,000 open tickets in one queue, and their ids."""
        tell(f"building: a desk of {BULK} open tickets")
        desk = self.new_desk("bulk")
        desk.deliver(self.bulk_maildir)
        desk.run("ingest")
        tickets = desk.list_tickets("triage")
        if len(tickets) < BULK:
            raise AssertionError(f"{len(tickets)} tickets of {BULK_MAILS} mails: too few")
        desk.run("close", "-", input="\n".join(tickets[BULK:]).encode())
        return desk, tickets[:BULK]

    @cached_property
    def bulk_notmuch(self) -> Notmuch:
        """notmuch on 5,000 messages of those that the bulk desk's tickets are made of."""
        chosen = first_distinct(sorted((self.bulk_maildir / "new").iterdir()), BULK)
        return self._notmuch(self._make_once("maildir-messages", chosen))

    def _index(self, desk: Desk, maildir: Path) -> Indexed:
        mu = Mu(maildir, self.folder / "mu" / maildir.name)
        if not find_missing(["mu"]):
            mu.build()
        return Indexed(desk, self._notmuch(maildir), mu)

    def _notmuch(self, maildir: Path) -> Notmuch:
        notmuch = Notmuch(maildir, self.folder / "notmuch" / maildir.name)
        if not find_missing(["notmuch"]):
            notmuch.build()
        return notmuch

    def _make_once(self, name: str, mails: list[Path], count: int = 0) -> Path:
        """A Maildir of mails, or of `count` mails made out of them; made anew when the mails or their maker change."""
        folder, stamp = self.folder / name, self.folder / f"{name}.made"
        source = f"{collection.digest(mails)} {count} {maker.SEED} {hash_of(Path(maker.__file__))}"
        if stamp.exists() and stamp.read_text() == source:
            return folder
        stamp.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        for tool in ("notmuch", "mu"):
            shutil.rmtree(self.folder / tool / name, ignore_errors=True)
        if count:
            tell(f"making {count} mails")
            write_made(folder, mails, count)
        else:
            collection.fill_maildir(folder, mails)
        stamp.write_text(source)
        return folder


def hash_of(file: Path) -> str:
    """A short digest of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def write_made(folder: Path, mails: Iterable[Path], count: int) -> None:
    """A Maildir of made mails."""
    new = collection.make_maildir(folder) / "new"
    for number, mail in enumerate(maker.make([file.read_bytes() for file in mails], count)):
        (new / f"{1_000_000_000 + number}.M{number}.bench").write_bytes(mail)


def first_distinct(files: Iterable[Path], count: int) -> list[Path]:
    """The first `count` files whose Message-IDs differ."""
    return [file for _, file in zip(range(count), _distinct(files), strict=False)]


def _distinct(files: Iterable[Path]) -> Iterator[Path]:
    seen: set[bytes] = set()
    for file in files:
        found = _ID.search(file.read_bytes())
        if found and found.group(1) not in seen:
            seen.add(found.group(1))
            yield file


def tell(text: str) -> None:
    """Say on standard error what goes on."""
    sys.stderr.write(f"{text}\n")
