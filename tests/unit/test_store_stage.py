"""Getting an operation ready: names that are taken, mails that are gone, folders that are not there yet."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path

import pytest

from supportctl.model import OUTBOX, Ids, Message, Outgoing, Ticket, Waiting
from supportctl.store.changes import Change
from supportctl.store.exchange import Delivery, Remark
from supportctl.store.log import Operation
from supportctl.store.planning import FolderPlanning
from supportctl.store.store import FolderStore
from supportctl.store.transaction import FolderWriter
from tests.support.desks import DeskDir, make_mail
from tests.support.pictures import take_picture

ARCHIVE = "junk.closed.2026-11"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    made = FolderStore(tmp_path / "maildir", 0)
    made.create(["triage", "junk", "engineers"])
    return made


@contextmanager
def writing(store: FolderStore) -> Iterator[FolderWriter]:
    with store.writing() as writer:
        yield writer


def commit(writer: FolderWriter, *changes: Change, deliveries: tuple[Delivery, ...] = ()) -> Operation:
    """Commit changes that somebody has planned."""
    ids = Ids("20261122", 9, 9, "2026-11")
    operation = Operation(0, 0, 100, "anna", "triage", "mv", "", [], [], ids)
    settled = writer.planning.settle(changes, deliveries)
    return writer.commit(operation, list(changes), settled)


def make_ticket(number: int, queue: str, *keys: str) -> Ticket:
    """An open ticket with messages of these keys."""
    messages = [Message(10 * number + place, key, f"{key}@x", 1, "", 0, "") for place, key in enumerate(keys)]
    return Ticket(f"s20261122.{number}", queue, "open", "", "", 0, 0, messages=messages)


def arrive(store: FolderStore, ticket: Ticket) -> None:
    """Let a ticket with all its messages come in; a message holds the number of its ticket and its key."""
    texts = [(message.key, f"{ticket.id[-1]}{message.key}".encode()) for message in ticket.messages]
    mails = tuple(Delivery(key, ticket.id, raw=text) for key, text in texts)
    with writing(store) as writer:
        commit(writer, Change(None, ticket, ticket.queue, ticket.queue), deliveries=mails)


def move(store: FolderStore, *names: str, target: str, deliveries: tuple[Delivery, ...] = ()) -> list[Remark]:
    """Move tickets; returns what is missing."""
    with writing(store) as writer:
        changes = []
        for name in names:
            change = writer.planning.change_of(writer.planning.find(name))
            change.after = copy(change.ticket)
            change.after.queue, change.target = target.partition(".")[0], target
            changes.append(change)
        commit(writer, *changes, deliveries=deliveries)
        return writer.remarks


def contents(store: FolderStore, name: str) -> list[str]:
    """What a ticket's messages hold, found by their keys."""

    def look(planning: FolderPlanning) -> list[str]:
        ticket = planning.find(name)
        return [(planning.read_message(ticket, message) or b"").decode() for message in ticket.messages]

    return store.plan(look)


def test_tickets_move_with_their_mail(store: FolderStore) -> None:
    arrive(store, make_ticket(1, "triage", "a", "b"))
    assert move(store, "s20261122.1", target="engineers") == []
    assert contents(store, "s20261122.1") == ["1a", "1b"]
    assert list(take_picture(store.root).tickets) == ["s20261122.1"]
    assert list(store._layout.stage.iterdir()) == []


def test_mails_of_one_name_meet_and_both_stay(store: FolderStore) -> None:
    arrive(store, make_ticket(1, "triage", "a"))
    arrive(store, make_ticket(2, "junk", "a"))
    arrive(store, make_ticket(3, "engineers", "a"))
    move(store, "s20261122.1", "s20261122.2", target="engineers")
    assert [contents(store, f"s20261122.{number}") for number in (1, 2, 3)] == [["1a"], ["2a"], ["3a"]]
    assert len(take_picture(store.root).mails) == 3


def test_a_mail_comes_in_under_the_name_of_one_that_moves_in(store: FolderStore) -> None:
    arrive(store, make_ticket(1, "junk", "a"))
    fresh = make_ticket(2, "triage", "a")
    with writing(store) as writer:
        moved = writer.planning.change_of(writer.planning.find("s20261122.1"))
        moved.after = copy(moved.ticket)
        moved.after.queue, moved.target = "triage", "triage"
        mail = Delivery("a", fresh.id, raw=b"2a")
        commit(writer, moved, Change(None, fresh, "triage", "triage"), deliveries=(mail,))
    assert contents(store, "s20261122.1") == ["1a"]
    assert contents(store, "s20261122.2") == ["2a"]
    assert len(take_picture(store.root).mails) == 2


def test_flags_and_places_are_kept(store: FolderStore) -> None:
    arrive(store, make_ticket(1, "triage", "a", "b"))
    root = store.root
    (root / ".triage/new/b").rename(root / ".triage/cur/b:2,FRS")
    move(store, "s20261122.1", target="junk")
    assert [(part, flags) for _, part, flags, _ in take_picture(root).mails] == [("cur", "FRS"), ("new", "")]


def test_a_mail_that_is_gone_is_told_and_the_rest_moves(store: FolderStore) -> None:
    arrive(store, make_ticket(1, "triage", "a", "b"))
    (store.root / ".triage/new/a").unlink()
    missing = move(store, "s20261122.1", target="engineers")
    assert missing == [Remark("s20261122.1", "message a is missing from triage")]
    assert (store.root / ".engineers/new/b").read_bytes() == b"1b"


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o2770])
def test_a_new_folder_is_one_that_every_maildir_program_knows(store: FolderStore, mode: int) -> None:
    store.root.chmod(mode)
    arrive(store, make_ticket(1, "triage", "a"))
    move(store, "s20261122.1", target=ARCHIVE)
    folder = store.root / f".{ARCHIVE}"
    assert {path.name for path in folder.iterdir()} == {"cur", "new", "tmp", "maildirfolder", "tickets.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "cur", folder / "tmp")} == {mode}
    assert stat.S_IMODE((folder / "tickets.json").stat().st_mode) == mode & 0o666
    assert contents(store, "s20261122.1") == ["1a"]


def test_what_was_staged_for_an_operation_that_fails_is_gone(store: FolderStore) -> None:
    arrive(store, make_ticket(1, "triage", "a"))
    before = store._layout.head.read_bytes()
    bad = Delivery("b", folder="triage", waits=Waiting("", "b"))
    (store.root / ".triage/tickets.json").rename(store.root / "moved")
    (store.root / ".triage/tickets.json").write_bytes(b"{")
    with pytest.raises(Exception, match="damaged"):
        move(store, "s20261122.1", target="engineers", deliveries=(bad,))
    assert store._layout.head.read_bytes() == before
    assert list(store._layout.stage.iterdir()) == []
    assert contents_of(store._layout.log) == 1


def contents_of(log: Path) -> int:
    """How many lines a log has."""
    return sum(path.read_bytes().count(b"\n") for path in log.iterdir())


def test_mails_that_the_desk_wrote_are_taken_out_of_the_outbox_and_put_back(store: FolderStore) -> None:
    plain = make_ticket(1, "triage", "a")
    arrive(store, plain)
    sent = make_ticket(1, "triage", "a")
    sent.outgoing = [Outgoing("o", "o@x", "forward", ["x@example.net"], 1)]
    root = store.root
    mail = Delivery("o", sent.id, OUTBOX, raw=b"out")
    places = []
    for before, after, deliveries in ((plain, sent, (mail,)), (sent, plain, ()), (plain, sent, ())):
        with writing(store) as writer:
            commit(writer, Change(before, after, "triage", "triage"), deliveries=deliveries)
        places.append([str(path.relative_to(root)) for path in root.glob(".*/new/o")])
    assert places == [[".outbox/new/o"], [".undone/new/o"], [".outbox/new/o"]]


# Through the whole program


def in_folder(desk: DeskDir, folder: str) -> list[bytes]:
    return sorted(path.read_bytes() for part in ("new", "cur") for path in (desk.maildir / folder / part).iterdir())


def test_what_is_undone_again_and_again_is_all_kept(desk: DeskDir) -> None:
    """An INBOX where a name comes again and again, as after a move between machines."""
    mails = [make_mail(f"Mail {number}", mid=f"m{number}@example.org") for number in range(3)]
    for turn, mail in enumerate(mails):
        (desk.maildir / "new" / "1763800000.M1P1.test").write_bytes(mail)
        desk.run("ingest")
        desk.run("undo", str(2 * turn + 1))
    assert in_folder(desk, ".undone") == sorted(mails)


def test_a_duplicate_that_is_undone_meets_a_mail_of_its_name(desk: DeskDir) -> None:
    mail, other = make_mail("Twice", mid="twice@example.org"), make_mail("Other", mid="other@example.org")
    for number, content in enumerate((other, mail, mail)):
        (desk.maildir / "new" / ("1763800000.M1P1.test" if number != 1 else "1763800001.M2P2.test")).write_bytes(
            content
        )
        desk.run("ingest")
    desk.run("undo", "1")
    desk.run("undo", "3")
    assert in_folder(desk, ".undone") == sorted([other, mail])
    assert in_folder(desk, ".duplicates") == []
    assert in_folder(desk, ".triage") == [mail]


@pytest.mark.parametrize(
    ("name", "carried"),
    [("k:2,FSab", "k:2,FS"), ("k:2,ab", "k:2,"), ("k:2,TSRPFDX", "k:2,DFPRSTX"), ("k:2,SSS", "k:2,S"), ("k", "k")],
)
def test_keywords_stay_in_the_folder_that_says_what_they_mean(store: FolderStore, name: str, carried: str) -> None:
    arrive(store, make_ticket(1, "triage", "k"))
    box = store.root / ".triage"
    (box / "new" / "k").rename(box / "cur" / name)
    move(store, "s20261122.1", target="junk")
    assert [path.name for path in (store.root / ".junk" / "cur").iterdir()] == [carried]
    move(store, "s20261122.1", target="triage")
    assert [path.name for path in (box / "cur").iterdir()] == [carried]


def test_a_new_key_in_the_same_folder_keeps_the_keywords(store: FolderStore) -> None:
    arrive(store, make_ticket(1, "triage", "k"))
    box = store.root / ".triage"
    (box / "new" / "k").rename(box / "cur" / "k:2,Sab")
    with writing(store) as writer:
        change = writer.planning.change_of(writer.planning.find("s20261122.1"))
        change.after = copy(change.ticket)
        change.after.messages = [message._replace(key="other") for message in change.ticket.messages]
        commit(writer, change)
    assert [path.name for path in (box / "cur").iterdir()] == ["other:2,Sab"]
