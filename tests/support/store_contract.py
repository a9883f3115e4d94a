"""What every store promises (`supportctl/store/contract.py`), as tests that a store inherits.

A store's own test class says how to open it (`open_store`), and how to damage it (`spoil`, `lose`). Everything else
goes through the contract, so that the same tests hold a store of another kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supportctl.errors import DeniedError, NotFoundError, TemporaryError
from supportctl.model import DUPLICATES, OUTBOX, Waiting
from supportctl.store.changes import Change
from supportctl.store.contract import MessageFeed, Planning, Snapshot, Store
from supportctl.store.exchange import Delivery
from supportctl.store.log import Operation
from tests.support.outbox_contract import OutboxContract
from tests.support.planning_contract import PlanningContract
from tests.support.snapshot_contract import SnapshotContract
from tests.support.store_scenes import (
    NOW,
    QUEUE_FOLDERS,
    QUEUES,
    an_operation,
    arrive,
    change_of,
    close,
    commit,
    contents,
    deliver,
    mail_of,
    make_message,
    make_ticket,
    remove,
    rewrite,
    see,
    ticket_id,
    waiting_in,
)

Seen = tuple[dict[str, tuple[int, int]], list[Operation], list[str | None], list[bytes]]


class StoreContract(SnapshotContract, PlanningContract, OutboxContract):
    """The whole contract; the two classes above it are about reading and planning, this one about writing.

    A store that has nothing which follows from its log `can_verify` nothing either.
    """

    can_verify = True

    def open_store(self, folder: Path) -> Store:
        """A handle on the store that lies in a folder, or will, as another process would have it."""
        raise NotImplementedError

    @pytest.fixture
    def broken_store(self, tmp_path: Path) -> Store:
        """An empty store, which may be damaged."""
        made = self.open_store(tmp_path / "desk")
        made.create(list(QUEUES))
        return made

    @pytest.fixture
    def store(self, broken_store: Store) -> Iterator[Store]:
        """An empty store; all in it must agree when the test ends."""
        yield broken_store
        if self.can_verify:
            assert broken_store.verify(QUEUE_FOLDERS) == []

    @pytest.fixture
    def other(self, tmp_path: Path) -> Store:
        """The same store for another process."""
        return self.open_store(tmp_path / "desk")

    # making one

    def test_a_store_is_made_once(self, store: Store, other: Store, tmp_path: Path) -> None:
        arrive(store, make_ticket(1, "triage", 1))
        before = everything(store)
        other.create([*QUEUES, "returns"])
        assert everything(other) == before
        rewrite(other, 1, queue="returns")
        assert contents(store, 1) == [mail_of(1)]
        rewrite(other, 1, queue="triage")
        with pytest.raises(NotFoundError):
            see(self.open_store(tmp_path / "nothing"), lambda snapshot: snapshot.count_queues())
        with pytest.raises(NotFoundError):
            self.open_store(tmp_path / "nothing").accept([b"mail"])

    # mail that arrives

    def test_what_is_accepted_waits_in_the_inbox_byte_for_byte(self, store: Store, other: Store) -> None:
        mails = [mail_of(1), b"", b"\xff\x00no mail at all\r\n", mail_of(1)]
        with other.writing():
            keys = [store.accept([mail]) for mail in mails]
        assert len(set(keys)) == len(keys)
        waiting = waiting_in(store)
        assert [message.raw for message in waiting] == mails, "oldest first"
        assert [message.waits.key if message.waits else "" for message in waiting] == keys
        assert [message.flags for message in waiting] == [None] * len(mails), "nobody has seen them"
        assert all(message.name for message in waiting)

    @pytest.mark.parametrize("envelope", ["ann@x.test Sun Nov 22 10:00:00 2026", '"a b/ä:2,S"@x  Sun\t%41~', "x" * 999])
    def test_the_envelope_of_what_is_accepted_waits_with_it(self, store: Store, envelope: str) -> None:
        key = store.accept([mail_of(1)], envelope)
        (message,) = waiting_in(store)
        assert (message.raw, message.envelope) == (mail_of(1), envelope if len(envelope) < 100 else "")
        assert message.waits is not None
        assert message.waits.key == key

    def test_what_is_held_is_there_until_it_is_let_go(self, store: Store, other: Store) -> None:
        mail = mail_of(1)
        with other.writing(), store.hold([mail[:5], mail[5:]], "mine") as message:
            assert (message.name, message.raw, message.whole.size, message.waits) == ("mine", mail, len(mail), None)
            assert waiting_in(store) == [], "it does not arrive"
            assert Path(message.whole.path).read_bytes() == mail
        assert not Path(message.whole.path).exists()
        with pytest.raises(RuntimeError), store.hold([mail], "mine") as message:
            raise RuntimeError
        assert not Path(message.whole.path).exists()

    def test_a_message_is_moved_written_or_kept_aside(self, store: Store) -> None:
        first, second = store.accept([mail_of(1)]), store.accept([mail_of(1)])
        ticket = make_ticket(1, messages=[make_message(1, key=first), make_message(2)])
        with store.writing() as writer:
            inbox = [message.waits for message in waiting_in(store)]
            coming = [
                Delivery(first, ticket.id, waits=inbox[0]),
                Delivery(ticket.messages[1].key, ticket.id, raw=mail_of(2), flags="S"),
                Delivery(second, "", DUPLICATES, inbox[1]),
            ]
            commit(writer, [Change(None, ticket)], coming)
            assert writer.remarks == []
        assert list(store.inbox()) == []
        assert contents(store, 1) == [mail_of(1), mail_of(2)]
        assert store.plan(lambda planning: planning.read_waiting(Waiting(DUPLICATES, second))) == mail_of(1)
        unread = see(store, lambda s: [s.is_message_unread(s.find(ticket.id), m) for m in ticket.messages])
        assert unread == [True, False]

    def test_a_message_that_is_gone_is_told_and_the_rest_is_done(self, broken_store: Store) -> None:
        store = broken_store
        arrive(store, make_ticket(1, "triage", 1, 2))
        self.lose(store, make_ticket(1, "triage", 1, 2))
        with store.writing() as writer:
            gone = Delivery("gone", make_ticket(2).id, waits=Waiting("", "gone"))
            coming = Change(None, make_ticket(2, messages=[make_message(3, key="gone")]))
            commit(writer, [change_of(writer.planning, 1, queue="junk"), coming], [gone])
            assert sorted(remark.ticket for remark in writer.remarks) == [ticket_id(1), ticket_id(2)]
        assert contents(store, 1) == [None, mail_of(2)]
        assert contents(store, 2) == [None]

    # operations

    def test_an_operation_is_numbered_grouped_and_logged_as_it_is_returned(self, store: Store) -> None:
        first = arrive(store, make_ticket(1), verb="ingest", account="cron", role="robot", why="mail")
        second = rewrite(store, 1, tags=["a"], of_operation={"group": 1, "undoes": [7], "at": NOW + 1})
        third = close(store, 1)
        assert [(it.op, it.group) for it in (first, second, third)] == [(1, 1), (2, 1), (3, 3)]
        assert (first.verb, first.account, first.role, first.why, first.at) == ("ingest", "cron", "robot", "mail", NOW)
        assert second.undoes == [7]
        assert [entry["ticket"] for entry in second.changes] == [ticket_id(1)]
        assert second.changes[0]["set"] == {"tags": [None, ["a"]]}
        assert see(store, lambda snapshot: list(snapshot.operations())) == [third, second, first]

    def test_each_operation_is_chained_to_the_one_before(self, tmp_path: Path) -> None:
        hashes = []
        for number, tags in enumerate((["a"], ["a"], ["b"])):
            store = self.open_store(tmp_path / str(number))
            store.create(list(QUEUES))
            hashes.append((arrive(store, make_ticket(1, tags=tags)).hash, rewrite(store, 1, tags=[]).hash))
        assert all(len(digest) == 64 for pair in hashes for digest in pair)
        assert hashes[0] == hashes[1]
        assert hashes[0][0] != hashes[2][0]
        assert hashes[0][1] != hashes[2][1], "the same change after another one"

    def test_several_operations_are_committed_under_one_lock(self, store: Store) -> None:
        with store.writing() as writer:
            commit(writer, [Change(None, make_ticket(1, "triage", 1))], deliver(make_ticket(1, "triage", 1)))
            assert writer.planning.find(ticket_id(1)).queue == "triage"
            commit(writer, [change_of(writer.planning, 1, queue="junk")])
            assert writer.planning.find(ticket_id(1)).queue == "junk"
        assert contents(store, 1) == [mail_of(1)]

    @pytest.mark.parametrize("fields", [{"why": "\udcff"}, {"verb": None, "account": "\udcff"}])
    def test_an_operation_that_cannot_be_logged_changes_nothing(self, store: Store, fields: dict[str, Any]) -> None:
        arrive(store, make_ticket(1, "triage", 1))
        before = everything(store)
        with pytest.raises((TypeError, ValueError)):
            rewrite(store, 1, queue="junk", of_operation=fields)
        assert everything(store) == before
        assert rewrite(store, 1, queue="junk").op == 2

    def test_a_ticket_that_cannot_be_written_changes_nothing(self, store: Store, other: Store) -> None:
        key = store.accept([mail_of(2)])
        arrive(store, make_ticket(1, "triage", 1))
        before = everything(store)
        with store.writing() as writer, pytest.raises((TypeError, ValueError)):
            change = change_of(writer.planning, 1, queue="junk", subject="\udcff")
            mail = Delivery(key, "", DUPLICATES, Waiting("", key))
            commit(writer, [change], [mail, Delivery("o", ticket_id(1), OUTBOX, raw=b"out")])
        assert everything(store) == everything(other) == before
        assert not store.plan(lambda planning: planning.is_in_outbox("o"))
        assert rewrite(other, 1, queue="junk").op == 2

    def test_a_writer_that_commits_nothing_changes_nothing(self, store: Store) -> None:
        arrive(store, make_ticket(1, "triage", 1))
        before = everything(store)
        with pytest.raises(DeniedError), store.writing() as writer:
            change = change_of(writer.planning, 1, queue="junk")
            writer.planning.file(change, NOW)
            writer.planning.settle([change], [])
            raise DeniedError("no")
        assert everything(store) == before

    # one at a time

    def test_there_is_one_writer_at_a_time(self, store: Store, other: Store) -> None:
        with store.writing(), pytest.raises(TemporaryError), other.writing(0):
            pass
        with other.writing(0) as writer:
            commit(writer, [Change(None, make_ticket(1))])

    def test_a_writer_sees_what_the_one_before_has_done(self, store: Store, other: Store) -> None:
        arrive(store, make_ticket(1))
        rewrite(other, 1, queue="junk")
        with store.writing() as writer:
            assert writer.planning.find(ticket_id(1)).queue == "junk"
        arrive(store, make_ticket(2))
        assert see(other, lambda snapshot: snapshot.count_queues()) == {"junk": (1, 0), "triage": (1, 0)}

    # the full text

    def test_all_messages_come_in_the_order_of_intake(self, store: Store) -> None:
        arrive(store, make_ticket(2, "disputes", 3), make_ticket(1, "triage", 1, 2))
        close(store, 1)

        def look(contents: MessageFeed, after: int = 0) -> list[tuple[int, str, int, tuple[bytes, int] | None]]:
            return [(it.number, it.digest, it.date, it.read()) for it in contents.messages_after(after)]

        messages = {number: make_message(number) for number in (1, 2, 3)}
        expected = [(number, it.digest, it.date, (mail_of(number), it.size)) for number, it in messages.items()]
        assert store.feed(look) == expected
        assert store.feed(lambda contents: look(contents, 2)) == expected[2:]
        assert store.feed(lambda contents: contents.last_number()) == 3
        digests = store.feed(lambda contents: [contents.digest_of(number) for number in (2, 3, 9)])
        assert digests == [messages[2].digest, messages[3].digest, None]
        remove(store, 2)
        assert [number for number, *_ in store.feed(look)] == [1, 2]
        assert store.feed(lambda contents: (contents.last_number(), contents.digest_of(3))) == (3, None)

    def test_a_message_whose_bytes_are_gone_comes_without_them(self, broken_store: Store) -> None:
        ticket = make_ticket(1, "triage", 1, 2)
        arrive(broken_store, ticket)
        self.lose(broken_store, ticket)
        assert broken_store.feed(lambda contents: [it.read() for it in contents.messages_after(0)]) == [
            None, (mail_of(2), len(mail_of(2)))
        ]  # fmt: skip

    # what only files can do

    def test_damage_is_found_and_what_follows_from_the_log_is_repaired(self, broken_store: Store) -> None:
        if not self.can_verify:
            pytest.skip("this store verifies nothing")
        store = broken_store
        arrive(store, make_ticket(1, "triage", 1), make_ticket(2, "disputes", 2))
        close(store, 1)
        before = everything(store)
        assert store.verify(QUEUE_FOLDERS) == []
        assert [finding.kind for finding in store.verify({"triage": "triage"})] == ["queue"]
        self.spoil(store, "disputes")
        assert store.verify(QUEUE_FOLDERS) != []
        assert len(store.repair(an_operation())) == 1
        assert store.verify(QUEUE_FOLDERS) == []
        assert everything(store) == before
        assert store.repair(an_operation()) == []
        self.lose(store, make_ticket(2, "disputes", 2))
        assert [(finding.kind, finding.where) for finding in store.verify(QUEUE_FOLDERS)] == [("lost", ticket_id(2))]


def everything(store: Store) -> Seen:
    """All that a store tells of itself."""

    def look(planning: Planning) -> tuple[dict[str, tuple[int, int]], list[Operation], list[str | None]]:
        known = [planning.ticket_with_mid(f"{number}@example.org") for number in range(5)]
        return planning.count_queues(), list(planning.operations()), [*known, *_tickets(planning)]

    return *store.plan(look), [message.raw for message in waiting_in(store)]


def _tickets(snapshot: Snapshot) -> list[str | None]:
    return [repr(ticket) for queue in QUEUES for ticket in snapshot.tickets_in(queue)]
