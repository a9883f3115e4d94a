"""What every store promises of outgoing mail: what is to be sent, who may send it, where it goes."""

from __future__ import annotations

from supportctl.model import OUTBOX, UNDONE, Dispatch, Outgoing, Waiting
from supportctl.store.changes import Change
from supportctl.store.contract import Store
from supportctl.store.exchange import Delivery
from tests.support.store_scenes import NOW, arrive, commit, make_ticket, rewrite, see, ticket_id


class OutboxContract:
    """The part of the contract that is about outgoing mail."""

    def test_what_is_to_be_sent_is_known(self, store: Store) -> None:
        to = "ann@example.org"
        held = Outgoing("h", "h@desk.example", "forward", [to], NOW)
        later = Outgoing("l", "l@desk.example", "forward", [to], NOW - 2, progress=[Dispatch(to, "waiting", 1, NOW)])
        sent = Outgoing("s", "s@desk.example", "forward", [to], NOW - 3, progress=[Dispatch(to, "sent", 1)])
        failed = Outgoing("f", "f@desk.example", "forward", [to], NOW - 1, progress=[Dispatch(to, "failed", 1)])
        tickets = [make_ticket(n, outgoing=[row]) for n, row in enumerate((held, later, sent, failed), 1)]
        arrive(store, *tickets)
        names = [ticket.id for ticket in tickets]
        assert store.plan(lambda planning: planning.tickets_with_outgoing()) == [names[1], names[3], names[0]]
        assert store.plan(lambda planning: planning.tickets_with_outgoing(NOW)) == [names[1]]
        assert store.plan(lambda planning: planning.tickets_with_outgoing(NOW - 1)) == []
        rewrite(store, 1, queue="disputes")
        assert see(store, lambda snapshot: snapshot.tickets_with_outgoing()) == [names[1], names[3]]
        rewrite(store, 2, outgoing=[later._replace(progress=[Dispatch(to, "sent", 1)])])
        assert store.plan(lambda planning: planning.tickets_with_outgoing(NOW)) == []
        assert store.plan(lambda planning: planning.find(names[1])).outgoing[0].progress[0].state == "sent"

    def test_what_has_left_moves_to_the_folder_of_its_month(self, store: Store) -> None:
        row = Outgoing("o", "o@desk.example", "forward", ["x@example.net"], NOW)
        ticket = make_ticket(1, outgoing=[row])
        with store.writing() as writer:
            commit(writer, [Change(None, ticket)], [Delivery("o", ticket.id, OUTBOX, raw=b"out")])
        rewrite(store, 1, outgoing=[row._replace(folder="sent.2026-11")])
        assert store.plan(lambda planning: planning.read_waiting(Waiting("sent.2026-11", "o"))) == b"out"
        assert not see(store, lambda snapshot: snapshot.is_in_outbox("o"))
        rewrite(store, 1, outgoing=[])
        assert store.plan(lambda planning: planning.read_waiting(Waiting("sent.2026-11", "o"))) == b"out", "it has left"
        rewrite(store, 1, outgoing=[row._replace(folder="sent.2026-11")])
        rewrite(store, 1, outgoing=[row._replace(folder=UNDONE)])
        assert store.plan(lambda planning: planning.read_waiting(Waiting(UNDONE, "o"))) == b"out"

    def test_undo_looks_through_bookkeeping(self, store: Store) -> None:
        arrive(store, make_ticket(1, "triage", 1))
        rewrite(store, 1, tags=["x"])
        rewrite(store, 1, outgoing=[Outgoing("o", "o@x", "forward", [], NOW)], of_operation={"bookkeeping": True})
        assert store.plan(lambda planning: planning.history_of(ticket_id(1))) == [(1, 0), (2, 0)]
        assert store.plan(lambda planning: planning.last_undoable("ann", "robot")) == 2
        assert store.plan(lambda planning: planning.operation(3)).bookkeeping
        assert [operation.op for operation in see(store, lambda snap: list(snap.operations()))] == [3, 2, 1]

    def test_one_process_at_a_time_has_a_message(self, store: Store, other: Store) -> None:
        row = Outgoing("o", "o@desk.example", "forward", ["x@example.net"], NOW)
        ticket = make_ticket(1, outgoing=[row])
        assert store.claim("o") is None, "it is not there"
        with store.writing() as writer:
            commit(writer, [Change(None, ticket)], [Delivery("o", ticket.id, OUTBOX, raw=b"out")])
        claim = store.claim("o")
        assert claim is not None
        assert claim.read() == claim.read() == b"out"
        assert other.claim("o") is None
        rewrite(store, 1, outgoing=[row._replace(folder="sent.2026-11")])
        assert claim.read() == b"out", "wherever it is by now"
        rewrite(store, 1, outgoing=[row])
        assert other.claim("o") is None
        claim.release()
        again = other.claim("o")
        assert again is not None
        again.release()
