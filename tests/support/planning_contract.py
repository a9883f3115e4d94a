"""What every store promises of planning: the whole desk, and a free place for all that is planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from supportctl.errors import NotFoundError, UnreadableMessageError
from supportctl.model import DUPLICATES, OUTBOX, UNDONE, ByteRange, Outgoing, RawMessage, Ticket, Waiting
from supportctl.store.changes import Change
from supportctl.store.contract import Planning, Store
from supportctl.store.exchange import Delivery, KnownMessage, LostMessage, Stray
from tests.support.store_scenes import (
    DAY,
    MONTH,
    NOW,
    QUEUE_FOLDERS,
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
    ticket_id,
    waiting_in,
)

MUCH_LATER = NOW + 86400 * 40


class PlanningContract:
    """The part of the contract that is about plans (`contract.Planning`)."""

    def lose(self, store: Store, ticket: Ticket) -> None:
        """Lose the bytes of a ticket's first message."""
        raise NotImplementedError

    # the whole desk

    def test_a_plan_sees_every_queue_and_takes_no_lock(self, store: Store, other: Store) -> None:
        arrive(store, make_ticket(1), make_ticket(2, "disputes"))
        with other.writing():
            assert store.plan(lambda planning: planning.find(ticket_id(2))).queue == "disputes"
            assert store.plan(lambda planning: planning.count_queues()) == {"triage": (1, 0), "disputes": (1, 0)}

    def test_many_tickets_are_found_in_the_order_of_their_names(self, store: Store) -> None:
        arrive(store, make_ticket(1), make_ticket(2, "disputes"))
        names = [ticket_id(2), ticket_id(9), ticket_id(1)]
        found = store.plan(lambda planning: list(planning.find_many(names)))
        assert [name for name, _ in found] == names
        assert [ticket.queue if ticket else None for _, ticket in found] == ["disputes", None, "triage"]

    def test_the_ids_are_the_last_ones_and_the_month_is_that_of_now(self, store: Store) -> None:
        assert store.plan(lambda planning: planning.ids_at(NOW)).month == MONTH
        ids = arrive(store, make_ticket(1, "triage", 7)).ids
        assert (ids.day, ids.counter, ids.message, ids.month) == (DAY, 1, 7, MONTH)
        assert store.plan(lambda planning: planning.ids_at(NOW)) == ids
        assert store.plan(lambda planning: planning.ids_at(MUCH_LATER)) == ids._replace(month="2027-01")
        assert store.plan(lambda planning: planning.ids_at(0)) == ids, "the month never runs backwards"

    def test_a_change_begins_as_none(self, store: Store) -> None:
        arrive(store, make_ticket(1), make_ticket(2))
        close(store, 2)
        for change in store.plan(lambda planning: [change_of(planning, number) for number in (1, 2)]):
            assert change.is_empty
            assert change.before == change.ticket

    # where a ticket goes

    def test_a_ticket_is_filed_where_its_queue_and_state_say(self, store: Store) -> None:
        arrive(store, make_ticket(1, "triage", 1))
        steps: list[dict[str, Any]] = [
            {"queue": "junk"},
            {"state": "closed", "closed": NOW},
            {"queue": "disputes"},
            {"state": "open", "closed": 0},
            {"state": "pending", "due": NOW + 1},
        ]
        for fields in steps:
            rewrite(store, 1, **fields)
            ticket = store.plan(lambda planning: planning.find(ticket_id(1)))
            assert fields.items() <= ticket._asdict().items()
            assert contents(store, 1) == [mail_of(1)]

    def test_a_ticket_that_may_stay_stays(self, store: Store) -> None:
        arrive(store, make_ticket(1))
        close(store, 1)

        def look(planning: Planning) -> Change:
            change = change_of(planning, 1, tags=["late"])
            planning.file(change, MUCH_LATER)
            return change

        change = store.plan(look)
        assert change.source == change.target

    def test_an_archive_takes_any_number_of_tickets(self, store: Store) -> None:
        numbers = range(1, 1003)
        arrive(store, *map(make_ticket, numbers))
        close(store, *numbers[:999])
        close(store, *numbers[999:1001])
        close(store, numbers[1001])
        assert store.plan(lambda planning: planning.count_queues()) == {"triage": (0, 1002)}
        names = [ticket_id(number) for number in (1, 999, 1000, 1001, 1002)]
        assert store.plan(lambda planning: {planning.find(name).state for name in names}) == {"closed"}

    # keys

    def test_a_free_key_is_the_wanted_one_if_it_can_be_had(self, store: Store) -> None:
        with store.writing() as writer:
            commit(writer, [], [Delivery("taken", folder=DUPLICATES, raw=b"one")])

        def look(planning: Planning) -> list[str]:
            wanted = ["free", "free", "taken", "", "a/b", "..", "a:2,S", "a" * 300, "-a", "a\nb"]
            return [planning.free_key(DUPLICATES, key) for key in wanted]

        keys = store.plan(look)
        assert keys[0] == "free"
        assert len(set(keys)) == len(keys), "none is given twice in one plan"
        assert not {"taken", "", "a/b", "..", "a:2,S", "a" * 300, "-a", "a\nb"} & set(keys)
        assert store.plan(lambda planning: planning.free_key(OUTBOX, "taken")) == "taken", "it is taken elsewhere"

    def test_messages_of_one_name_meet_and_all_stay(self, store: Store) -> None:
        for number, queue in ((1, "triage"), (2, "junk"), (3, "disputes")):
            arrive(store, make_ticket(number, queue, messages=[make_message(number, key="same")]))
        rewrite(store, 1, 2, queue="disputes")
        assert [contents(store, number) for number in (1, 2, 3)] == [[mail_of(1)], [mail_of(2)], [mail_of(3)]]
        numbers = (1, 2, 3)
        keys = store.plan(lambda planning: [planning.find(ticket_id(number)).messages[0].key for number in numbers])
        assert len(set(keys)) == 3
        assert keys[2] == "same", "what lies there keeps its name"

    def test_several_messages_of_one_ticket_want_the_same_or_an_unsafe_name(self, store: Store) -> None:
        arrive(store, make_ticket(1, "triage", messages=[make_message(1, key="here")]))
        keys = ["here", "../../out", "a:2,S", "fine", ""]
        messages = [make_message(number, key=key) for number, key in enumerate(keys, 2)]
        with store.writing() as writer:
            change = Change(None, make_ticket(2, "triage", messages=messages))
            committed = commit(writer, [change], deliver(make_ticket(2, messages=messages)))
            added = committed.changes[0]["messages"]["add"]
            assert change.after is not None
            assert [message.key for message in change.after.messages] == [row["key"] for row in added]
            assert change.after.messages[3].key == "fine"
        assert contents(store, 2) == [mail_of(number) for number in range(2, 7)]
        assert contents(store, 1) == [mail_of(1)]

    def test_what_comes_keeps_its_name_before_what_moves_in(self, store: Store) -> None:
        arrive(store, make_ticket(1, "junk", messages=[make_message(1, key="same")]))
        with store.writing() as writer:
            fresh = make_ticket(2, "triage", messages=[make_message(2, key="same")])
            coming = Change(None, fresh)
            commit(writer, [change_of(writer.planning, 1, queue="triage"), coming], deliver(fresh))
            assert coming.ticket.messages[0].key == "same"
        assert (contents(store, 1), contents(store, 2)) == ([mail_of(1)], [mail_of(2)])

    def test_a_key_is_settled_before_anything_is_written(self, store: Store) -> None:
        arrive(store, make_ticket(1, "triage", messages=[make_message(1, key="same")]))
        fresh = make_ticket(2, "triage", messages=[make_message(2, key="same")])

        def look(planning: Planning) -> tuple[Change, list[Delivery]]:
            change = Change(None, fresh)
            planning.file(change, NOW)
            return change, planning.settle([change], deliver(fresh))

        change, (delivery,) = store.plan(look)
        assert change.ticket.messages[0].key == delivery.key != "same"
        assert fresh.messages[0].key == "same", "the ticket that was planned is not changed under its planner"

    # messages that wait

    def test_a_message_that_waits_is_read_until_it_is_taken_away(self, store: Store) -> None:
        key = store.accept([mail_of(1)])
        (message,) = waiting_in(store)
        waits = message.waits
        assert waits is not None
        assert waits.key == key
        assert store.plan(lambda planning: (planning.is_waiting(waits), planning.read_waiting(waits))) == (
            True,
            mail_of(1),
        )
        assert store.plan(lambda planning: planning.measure_waiting(waits)) == (len(mail_of(1)), make_message(1).digest)
        found = store.plan(lambda planning: planning.find_waiting(waits))
        assert isinstance(found, RawMessage)
        assert (found.raw, found.waits, found.flags) == (mail_of(1), waits, None)
        with store.writing() as writer:
            ticket = make_ticket(1, messages=[make_message(1, key=key)])
            commit(writer, [Change(None, ticket)], [Delivery(key, ticket.id, waits=waits)])
        assert store.plan(lambda planning: (planning.is_waiting(waits), planning.read_waiting(waits))) == (False, None)
        assert store.plan(lambda planning: planning.find_waiting(waits)) is None
        place = store.plan(lambda planning: planning.place_of(ticket, ticket.messages[0]))
        assert store.plan(lambda planning: planning.read_waiting(place)) == mail_of(1)
        assert store.plan(lambda planning: planning.measure_waiting(waits)) is None
        assert contents(store, 1) == [mail_of(1)]

    def test_a_large_message_is_copied_from_where_it_lies(self, store: Store, tmp_path: Path) -> None:
        raw = mail_of(1)
        (tmp_path / "box").write_bytes(b"before" + raw + b"after")
        whole = ByteRange(str(tmp_path / "box"), 6, len(raw), make_message(1).digest)
        assert store.plan(lambda planning: planning.read_range(whole)) == raw
        ticket = make_ticket(1, "triage", 1)
        delivery = Delivery(ticket.messages[0].key, ticket.id, whole=whole)
        with store.writing() as writer, pytest.raises(UnreadableMessageError, match="changed"):
            commit(writer, [Change(None, ticket)], [delivery._replace(whole=whole._replace(start=5))])
        assert store.plan(lambda planning: planning.count_queues()) == {}
        with store.writing() as writer:
            commit(writer, [Change(None, ticket)], [delivery])
        assert contents(store, 1) == [raw]
        (tmp_path / "box").unlink()
        with pytest.raises(UnreadableMessageError, match="gone"):
            store.plan(lambda planning: planning.read_range(whole))

    # conversations

    def test_of_two_undone_messages_of_one_key_the_second_has_another_that_is_recorded(self, store: Store) -> None:
        first, second = make_message(1), make_message(2, key=make_message(1).key)
        for number, message in ((1, first), (2, second)):
            ticket = make_ticket(number)._replace(messages=[message])
            arrive(store, ticket)
            with store.writing() as writer:
                undone = commit(writer, [Change(ticket, None, "triage", "triage")])
        key = undone.changes[0]["undone"][second.key]
        keys = (first.key, key)
        found = store.plan(lambda planning: [planning.read_waiting(Waiting(UNDONE, key)) for key in keys])
        assert found == [mail_of(1), mail_of(2)]

    def test_a_key_that_another_ticket_holds_is_not_free_even_if_its_message_is_lost(self, broken_store: Store) -> None:
        store, ticket = broken_store, make_ticket(1, "triage", 1)
        arrive(store, ticket)
        (message,) = ticket.messages
        self.lose(store, ticket)
        taken = store.plan(lambda planning: planning.free_key("triage", message.key))
        own = store.plan(lambda planning: planning.free_key("triage", message.key, ticket.id))
        assert (taken != message.key, own) == (True, message.key)

    def test_conversations_are_known_by_their_message_ids(self, store: Store) -> None:
        arrive(
            store,
            make_ticket(1, messages=[make_message(1, references=["old@example.org", "root@example.org"])]),
            make_ticket(2, "disputes", messages=[make_message(2, references=["root@example.org"])]),
            make_ticket(3, messages=[make_message(3, mid="1@example.org")]),
        )
        mids = [f"{number}@example.org" for number in range(1000)] + ["old@example.org", "root@example.org"]
        known = {"1@example.org": ticket_id(1), "2@example.org": ticket_id(2)}
        assert store.plan(lambda planning: planning.tickets_with_mids(mids)) == known
        assert store.plan(lambda planning: planning.tickets_with_mids([])) == {}
        same = [KnownMessage(1, ticket_id(1), make_message(1).key), KnownMessage(3, ticket_id(3), make_message(3).key)]
        assert store.plan(lambda planning: planning.with_mid("1@example.org", 8)) == same
        assert store.plan(lambda planning: planning.with_mid("1@example.org", 1)) == same[:1]
        assert store.plan(lambda planning: planning.with_mid("9@example.org", 8)) == []
        assert store.plan(lambda planning: list(planning.mentions_of(mids))) == [
            ("old@example.org", ticket_id(1)), ("root@example.org", ticket_id(1)), ("root@example.org", ticket_id(2))
        ]  # fmt: skip

    def test_contents_are_known_by_their_digests(self, broken_store: Store) -> None:
        store = broken_store
        first, second = make_ticket(1, "triage", 1), make_ticket(2, "disputes", 2)
        twin = make_ticket(3, messages=[make_message(3, digest=first.messages[0].digest)])
        arrive(store, first, second, twin)
        digests = [second.messages[0].digest, "unknown", first.messages[0].digest]
        known = {
            message.number: (message.digest, KnownMessage(message.number, ticket.id, message.key))
            for ticket in (first, second, twin)
            for message in ticket.messages
        }
        assert store.plan(lambda planning: list(planning.with_digests(digests))) == [known[1], known[2], known[3]]
        _, it = known[1]
        size = len(mail_of(1))
        assert store.plan(lambda planning: planning.has_file(it, size))
        assert not store.plan(lambda planning: planning.has_file(it, size + 1))
        assert not store.plan(lambda planning: planning.has_file(it._replace(ticket=ticket_id(9)), size))
        close(store, 1)
        assert store.plan(lambda planning: planning.has_file(it, size))
        self.lose(store, first)
        assert not store.plan(lambda planning: planning.has_file(it, size))

    def test_what_the_desk_wrote_is_known(self, store: Store) -> None:
        ann, bob = "ann@example.org", "bob@example.org"
        notice = Outgoing("n", "n@desk.example", "notice", [ann], NOW)
        forward = Outgoing("f", "f@desk.example", "forward", [bob], NOW)
        ticket = make_ticket(1, outgoing=[notice, forward])
        mails = [Delivery(key, ticket.id, OUTBOX, raw=b"out") for key in ("n", "f")]
        with store.writing() as writer:
            commit(writer, [Change(None, ticket)], mails)
        mids = ["f@desk.example", "n@desk.example", "x@desk.example"]
        sent = dict.fromkeys(mids[:2], ticket.id)
        assert store.plan(lambda planning: planning.tickets_that_sent(mids)) == sent
        assert store.plan(lambda planning: planning.noticed_since(ann, NOW))
        assert not store.plan(lambda planning: planning.noticed_since(ann, NOW + 1))
        assert not store.plan(lambda planning: planning.noticed_since(bob, NOW)), "a forward is no notice"
        assert store.plan(lambda planning: planning.is_in_outbox("n"))
        assert store.plan(lambda planning: planning.read_waiting(Waiting(OUTBOX, "n"))) == b"out"
        assert not store.plan(lambda planning: planning.is_in_outbox("x"))
        rewrite(store, 1, outgoing=[forward])
        assert not store.plan(lambda planning: planning.is_in_outbox("n")), "it is taken back"
        assert store.plan(lambda planning: planning.tickets_that_sent(mids)) == {"f@desk.example": ticket.id}

    # the log

    def test_an_operation_is_read_by_its_number(self, store: Store) -> None:
        first = arrive(store, make_ticket(1), make_ticket(2, "disputes"))
        second = rewrite(store, 1, tags=["a"])
        assert store.plan(lambda planning: [planning.operation(1), planning.operation(2)]) == [first, second]
        with pytest.raises(NotFoundError, match="3"):
            store.plan(lambda planning: planning.operation(3))

    def test_operations_of_a_group_are_known(self, store: Store) -> None:
        arrive(store, make_ticket(1))
        arrive(store, make_ticket(2))
        arrive(store, make_ticket(3), group=1)
        assert store.plan(lambda planning: planning.operations_of_group(1)) == [1, 3]
        assert store.plan(lambda planning: planning.operations_of_group(2)) == [2]
        assert store.plan(lambda planning: planning.operations_of_group(3)) == []

    def test_what_was_done_and_taken_back_is_known(self, store: Store) -> None:
        arrive(store, make_ticket(1), make_ticket(2))
        rewrite(store, 1, tags=["a"])
        rewrite(store, 1, tags=[], of_operation={"undoes": [2]})
        assert store.plan(lambda planning: planning.history_of(ticket_id(1))) == [(1, 0), (2, 3), (3, 0)]
        assert store.plan(lambda planning: planning.history_of(ticket_id(2))) == [(1, 0)]
        assert store.plan(lambda planning: planning.history_of(ticket_id(9))) == []
        assert store.plan(lambda planning: [planning.undone_by(op) for op in (1, 2, 3, 9)]) == [0, 3, 0, 0]

    def test_what_was_taken_back_in_part_is_known_ticket_by_ticket(self, store: Store) -> None:
        arrive(store, make_ticket(1), make_ticket(2))
        rewrite(store, 1, tags=["a"], of_operation={"undoes": [1]})
        assert store.plan(lambda planning: planning.history_of(ticket_id(1))) == [(1, 2), (2, 0)]
        assert store.plan(lambda planning: planning.history_of(ticket_id(2))) == [(1, 0)]
        assert store.plan(lambda planning: planning.undone_by(1)) == 2

    def test_what_was_done_again_is_known(self, store: Store) -> None:
        arrive(store, make_ticket(1))
        rewrite(store, 1, tags=["a"])
        for undone in (2, 3):
            rewrite(store, 1, tags=[], of_operation={"undoes": [undone]})
        assert store.plan(lambda planning: [planning.redone_by(op) for op in (1, 2, 3, 4)]) == [[], [4], [], []]
        rewrite(store, 1, tags=[], of_operation={"undoes": [2, 4]})
        assert store.plan(lambda planning: planning.redone_by(2)) == []
        assert store.plan(lambda planning: planning.history_of(ticket_id(1))) == [
            (1, 0), (2, 3), (2, 5), (3, 4), (4, 5), (5, 0)
        ]  # fmt: skip
        rewrite(store, 1, tags=[], of_operation={"undoes": [5]})
        assert store.plan(lambda planning: planning.redone_by(2)) == [6]

    def test_the_last_operation_that_can_be_taken_back_is_known(self, store: Store) -> None:
        def last(account: str) -> int | None:
            return store.plan(lambda planning: planning.last_undoable(account, "robot"))

        arrive(store, make_ticket(1), account="cron", role="robot")
        rewrite(store, 1, tags=["a"], of_operation={"account": "ann"})
        rewrite(store, 1, tags=["b"], of_operation={"account": "ann", "role": "robot"})
        assert (last("ann"), last("cron"), last("ben")) == (2, 1, None)
        rewrite(store, 1, tags=[], of_operation={"account": "ann", "undoes": [2]})
        assert last("ann") == 3, "what takes back is not what is taken back next"
        rewrite(store, 1, tags=["a"], of_operation={"account": "ann", "undoes": [4]})
        assert last("ann") == 5, "what was done again is"

    # messages that are not where they belong

    def test_lost_and_stray_messages_are_found(self, broken_store: Store) -> None:
        store = broken_store
        ticket = make_ticket(1, "triage", 1, 2)
        arrive(store, ticket, make_ticket(2, "junk", 3))
        assert store.plan(lambda planning: planning.ticket_folders()) == ["junk", "triage"]
        assert store.plan(lambda planning: (planning.lost_messages("triage"), strays(planning))) == ([], [])
        path = path_of(store, ticket)
        kept = path.read_bytes()
        self.lose(store, ticket)
        (lost,) = store.plan(lambda planning: planning.lost_messages("triage"))
        assert lost == LostMessage(ticket.id, ticket.messages[0], is_noted=False, instead=None)
        (path.parent / "stray").write_bytes(kept)
        (stray,) = store.plan(strays)
        assert (stray.queue, stray.is_closed, stray.kind) == ("triage", False, "queue")
        assert store.plan(lambda planning: planning.read_waiting(stray.waits)) == kept
        size, digest = ticket.messages[0].size, ticket.messages[0].digest
        assert store.plan(lambda planning: planning.measure_waiting(stray.waits)) == (size, digest)
        close(store, 2)
        closed = make_ticket(2, "junk", 3, state="closed")
        archived = path_of(store, closed)
        (archived.parent / "other").write_bytes(b"other")
        assert [(it.queue, it.is_closed) for it in store.plan(strays)] == [("junk", True), ("triage", False)]

    def test_what_lies_under_the_name_of_a_message_is_no_message_of_it(self, broken_store: Store) -> None:
        store, ticket = broken_store, make_ticket(1, "triage", 1)
        arrive(store, ticket)
        path = path_of(store, ticket)
        path.write_bytes(b"other")
        (lost,) = store.plan(lambda planning: planning.lost_messages("triage"))
        assert lost.instead is not None
        assert (lost.instead.kind, lost.instead.queue) == ("ticket", "triage")
        assert store.plan(strays) == []

    def test_folders_of_others_are_looked_through_for_what_is_lost_alone(self, broken_store: Store) -> None:
        store, ticket = broken_store, make_ticket(1, "triage", 1)
        arrive(store, ticket)
        path = path_of(store, ticket)
        trash = path.parents[2] / ".Trash" / "cur"
        trash.mkdir(parents=True)
        (trash / "another").write_bytes(b"x" * 100_000)
        lost = LostMessage(ticket.id, ticket.messages[0], is_noted=False, instead=None)

        def elsewhere(planning: Planning) -> list[Stray]:
            return planning.strays_elsewhere(QUEUE_FOLDERS, [lost])

        assert store.plan(lambda planning: (strays(planning), elsewhere(planning))) == ([], [])
        path.rename(trash / f"{path.name}:2,S")
        (stray,) = store.plan(elsewhere)
        assert (stray.waits.key, stray.queue, stray.kind) == (path.name, "", "foreign")
        mapped = {**QUEUE_FOLDERS, "Trash": "junk"}
        assert {it.queue for it in store.plan(lambda planning: planning.strays(mapped))} == {"junk"}
        assert store.plan(lambda planning: planning.strays_elsewhere(mapped, [lost])) == []

    def test_a_ticket_that_goes_leaves_nothing_but_its_history(self, store: Store) -> None:
        arrive(store, make_ticket(1, "triage", 1), make_ticket(2))
        remove(store, 1)
        assert store.plan(lambda planning: list(planning.find_many([ticket_id(1)]))) == [(ticket_id(1), None)]
        assert store.plan(lambda planning: planning.tickets_with_mids(["1@example.org"])) == {}
        assert store.plan(lambda planning: planning.count_queues()) == {"triage": (1, 0)}
        assert store.plan(lambda planning: planning.history_of(ticket_id(1))) == [(1, 0), (2, 0)]


def path_of(store: Store, ticket: Ticket) -> Path:
    """The file of a ticket's first message."""
    path = store.plan(lambda planning: planning.path_of(ticket, ticket.messages[0]))
    if path is None:
        pytest.skip("this store has no files")
    return path


def strays(planning: Planning) -> list[Stray]:
    """The messages of no ticket in the folders of the queues."""
    return planning.strays(QUEUE_FOLDERS)
