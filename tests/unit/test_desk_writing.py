"""A write is planned again where a cache turns out to be damaged, and committed once; a plan that fails is nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportctl.desk.requests import WriteOutcome, WriteRequest
from supportctl.errors import DeskError, TemporaryError, UsageError
from supportctl.intake.plan import IngestOptions, Intake
from supportctl.intake.sources import ParsedMessage, parse_all
from supportctl.operations.draft import Draft
from supportctl.operations.outgoing import forward
from supportctl.operations.tagging import Marks, apply_marks
from supportctl.operations.transitions import close
from supportctl.store.store import FolderStore
from tests.support.desks import DeskDir, make_mail
from tests.support.inside import open_desk


@pytest.fixture
def filled(desk: DeskDir) -> DeskDir:
    """A desk with three tickets, one of them closed, and a catalogue in one file."""
    desk.take(*(make_mail(f"Mail {number}", text=f"{number}\n", mid=f"{number}@x.example") for number in range(3)))
    desk.run("tag", "+x", "--owner", "ben", "--type", "Wiki ACL", ".1", ".2")
    desk.run("close", ".2")
    read_catalogue(desk, "PRAGMA wal_checkpoint(TRUNCATE)")
    return desk


def read_catalogue(desk: DeskDir, sql: str) -> list[tuple[str, int]]:
    connection = sqlite3.connect(desk.maildir / "supportctl" / "catalogue.sqlite")
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


def pages_of(desk: DeskDir) -> dict[str, int]:
    """The first page of every table and index of the catalogue."""
    return dict(read_catalogue(desk, "SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0"))


def tear(desk: DeskDir, page: int) -> None:
    """Spoil a page of the catalogue."""
    path = desk.maildir / "supportctl" / "catalogue.sqlite"
    data = path.read_bytes()
    path.write_bytes(data[: 4096 * (page - 1)] + b"\xfe" * 4096 + data[4096 * page :])


class Spoiler:
    """A plan for every kind of change, in the middle of which a page of the catalogue is spoilt, once."""

    def __init__(self, desk: DeskDir, page: int) -> None:
        self.runs = 0
        self._desk = desk
        self._page = page

    def plan(self, draft: Draft) -> None:
        """Tag, send on, close, take in."""
        self.runs += 1
        first, _, third = sorted(self._desk.tickets())
        apply_marks(draft, [first], Marks(add=("new",)))
        if self.runs == 1:
            tear(self._desk, self._page)
        forward(draft, [first], ["else@example.org"])
        close(draft, [third])
        mails = [mail for mail in parse_all(self._desk_inbox(), frozenset()) if isinstance(mail, ParsedMessage)]
        Intake(mails, IngestOptions()).plan(draft)

    def _desk_inbox(self) -> Iterator:  # type: ignore[type-arg]
        return FolderStore(self._desk.maildir).inbox()


def test_what_is_planned_again_is_committed_once(filled: DeskDir, tmp_path: Path) -> None:
    """Some pages are met by the plan, some when its files are staged, some only when it is committed."""
    runs = set()
    for name, page in pages_of(filled).items():
        desk = filled.copy(tmp_path / name)
        desk.deliver(
            make_mail("Re: Mail 0", mid="re@x.example", References="<0@x.example>"), make_mail("New", text="n\n")
        )
        before = desk.log()
        spoiler = Spoiler(desk, page)
        outcome = open_desk(desk).write(WriteRequest("mixed"), spoiler.plan)
        assert outcome.operation is not None
        after = desk.log()
        assert after[:-1] == before, name
        assert outcome.operation.op == len(after) == len(before) + 1
        tickets = list(desk.tickets().values())
        assert [ticket.get("tags") for ticket in tickets].count(["new", "x"]) == 1
        assert [len(ticket["messages"]) for ticket in tickets].count(2) == 1
        assert len(tickets) == 4
        assert len(desk.outbox()) == 1
        assert desk.mails("") == {}
        desk.check()
        runs.add(spoiler.runs)
    assert runs == {2, 3}, "once more than each would be, since a forward asks what its message says"


@pytest.mark.parametrize("error", [UsageError("no"), KeyError("a fault"), KeyboardInterrupt(), OSError(5, "no")])
@pytest.mark.parametrize("is_dry_run", [True, False])
def test_a_plan_that_fails_half_way_leaves_nothing(filled: DeskDir, error: BaseException, is_dry_run: bool) -> None:
    filled.deliver(make_mail("Re: Mail 0", mid="re@x.example", References="<0@x.example>"))
    before = filled.contents()
    spoiler = Spoiler(filled, 1)
    spoiler.runs = 1  # so that it spoils nothing

    def plan(draft: Draft) -> None:
        spoiler.plan(draft)
        assert len(draft.changes) == 2
        raise error

    def write() -> WriteOutcome:
        return open_desk(filled).write(WriteRequest("mixed", is_dry_run=is_dry_run), plan)

    with pytest.raises(TemporaryError if isinstance(error, OSError) else type(error)):
        write()
    assert filled.contents() == before
    assert filled.lines("tag", "+after", sorted(filled.tickets())[0]) != []


def test_a_plan_of_which_a_part_is_refused_leaves_nothing(filled: DeskDir) -> None:
    before = filled.contents()

    def plan(draft: Draft) -> None:
        close(draft, sorted(filled.tickets()))
        draft.refuse("s20261122.99", UsageError("this one not"))

    with pytest.raises(DeskError, match="this one not"):
        open_desk(filled).write(WriteRequest("close"), plan)
    assert filled.contents() == before
    outcome = open_desk(filled).write(WriteRequest("close", keep_going=True), plan)
    assert len(outcome.changes) == 2
    assert [refusal.name for refusal in outcome.refusals] == ["s20261122.99"]
