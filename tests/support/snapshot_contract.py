"""What every store promises of a snapshot: one consistent view, and no more of it than its agent may read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supportctl.errors import DataError, DeskError, NotFoundError, UnreadableQueueError
from supportctl.index.search import SearchIndex
from supportctl.index.update import parse_missing, read_missing
from supportctl.model import Ticket
from supportctl.query import parse_query
from supportctl.store.contract import Snapshot, Store
from supportctl.store.log import Operation
from tests.support.store_scenes import (
    DAY,
    MINE,
    NOW,
    QUEUES,
    arrive,
    close,
    mail_of,
    make_message,
    make_ticket,
    rewrite,
    see,
    ticket_id,
)

OURS = make_ticket(1, "triage", 1)
THEIRS = make_ticket(2, "disputes", 2)
NAMES_THEIRS: dict[str, Callable[[Snapshot], object]] = {
    "find": lambda snapshot: snapshot.find(THEIRS.id),
    "tickets_in": lambda snapshot: list(snapshot.tickets_in("disputes")),
    "is_unread": lambda snapshot: snapshot.is_unread(THEIRS),
    "is_message_unread": lambda snapshot: snapshot.is_message_unread(THEIRS, THEIRS.messages[0]),
    "read_message": lambda snapshot: snapshot.read_message(THEIRS, THEIRS.messages[0]),
    "read_pieces": lambda snapshot: snapshot.read_pieces(THEIRS, THEIRS.messages[0]),
    "path_of": lambda snapshot: snapshot.path_of(THEIRS, THEIRS.messages[0]),
    "ticket_with_mid": lambda snapshot: snapshot.ticket_with_mid("2@example.org"),
    "reasons_on": lambda snapshot: snapshot.reasons_on(THEIRS.id),
    "operations_on": lambda snapshot: list(snapshot.operations_on(THEIRS.id)),
}
"""Every way to name what lies in a queue that is closed to the agent."""


class SnapshotContract:
    """The part of the contract that is about reading (`contract.Snapshot`)."""

    def spoil(self, store: Store, queue: str) -> None:
        """Make the metadata of the open tickets of a queue unreadable."""
        raise NotImplementedError

    def lose(self, store: Store, ticket: Ticket) -> None:
        """Lose the bytes of a ticket's first message."""
        raise NotImplementedError

    # one ticket

    def test_a_ticket_is_found_as_it_was_committed(self, store: Store) -> None:
        arrive(store, OURS, make_ticket(3, "junk", 3, tags=["a", "b"], owner="ben", due=NOW + 1, links=[OURS.id]))
        assert see(store, lambda snapshot: snapshot.find(OURS.id)) == OURS
        found = see(store, lambda snapshot: snapshot.find(ticket_id(3)))
        assert (found.tags, found.owner, found.due, found.links) == (["a", "b"], "ben", NOW + 1, [OURS.id])
        close(store, 1)
        assert see(store, lambda snapshot: snapshot.find(OURS.id)).state == "closed"

    def test_a_ticket_that_does_not_exist_is_not_found(self, store: Store) -> None:
        arrive(store, OURS)
        with pytest.raises(NotFoundError, match=ticket_id(9)):
            see(store, lambda snapshot: snapshot.find(ticket_id(9)))
        with pytest.raises(NotFoundError, match=ticket_id(9)):
            see(store, lambda snapshot: list(snapshot.operations_on(ticket_id(9))))
        assert see(store, lambda snapshot: snapshot.ticket_with_mid("9@example.org")) is None

    @pytest.mark.parametrize("look", NAMES_THEIRS.values(), ids=NAMES_THEIRS)
    @pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
    def test_what_is_named_in_a_closed_queue_is_refused(
        self, store: Store, look: Callable[[Snapshot], object], is_closed: bool
    ) -> None:
        arrive(store, OURS, THEIRS)
        if is_closed:
            close(store, 2)
        for readable in (MINE, ()):
            with pytest.raises(UnreadableQueueError) as refused:
                see(store, look, readable)
            assert refused.value.queue == "disputes"
        see(store, look, QUEUES)

    @pytest.mark.parametrize("look", NAMES_THEIRS.values(), ids=NAMES_THEIRS)
    def test_it_is_refused_before_a_ticket_is_read(
        self, broken_store: Store, look: Callable[[Snapshot], object]
    ) -> None:
        arrive(broken_store, OURS, THEIRS)
        self.spoil(broken_store, "disputes")
        with pytest.raises(DataError):
            see(broken_store, lambda snapshot: snapshot.find(THEIRS.id), QUEUES)
        with pytest.raises(UnreadableQueueError):
            see(broken_store, look)

    # lists and counts

    def test_the_tickets_of_a_queue_come_in_the_order_of_their_ids(self, store: Store) -> None:
        numbers = (10, 2, 1, 3)
        arrive(store, *(make_ticket(number) for number in numbers), make_ticket(4, "junk"))
        close(store, 3)
        rewrite(store, 2, state="pending", due=NOW + 1)
        found = see(store, lambda snapshot: list(snapshot.tickets_in("triage")))
        assert [(ticket.id, ticket.state) for ticket in found] == [
            (ticket_id(1), "open"), (ticket_id(2), "pending"), (ticket_id(10), "open")
        ]  # fmt: skip
        assert see(store, lambda snapshot: list(snapshot.tickets_in("disputes")), QUEUES) == []

    def test_queues_are_counted_without_those_that_are_closed_to_the_agent(self, store: Store) -> None:
        arrive(
            store, *(make_ticket(number) for number in (1, 2, 3)), make_ticket(4, "junk"), make_ticket(5, "disputes")
        )
        close(store, 2, 4)
        rewrite(store, 3, state="pending", due=NOW + 1)
        mine = {"triage": (2, 1), "junk": (0, 1)}
        assert see(store, lambda snapshot: snapshot.count_queues()) == mine
        assert see(store, lambda snapshot: snapshot.count_queues(), QUEUES) == {**mine, "disputes": (1, 0)}
        assert see(store, lambda snapshot: snapshot.count_queues(), ()) == {}

    def test_tickets_are_counted_without_those_of_closed_queues(self, store: Store) -> None:
        arrive(
            store,
            make_ticket(1, issue_type="Other", owner="ben"),
            make_ticket(2, issue_type="Other", owner="ben"),
            make_ticket(3, created=NOW - 86400 * 31),
            make_ticket(4, "disputes", owner="dora"),
        )
        close(store, 3)
        by = ("queue", "type", "state", "month", "owner")
        first, second = ("triage", "Other", "open", "2026-11", "ben", 2), ("triage", "", "closed", "2026-10", "", 1)
        third = ("disputes", "", "open", "2026-11", "dora", 1)
        assert see(store, lambda snapshot: list(snapshot.count_tickets(by, 0))) == [first, second]
        assert see(store, lambda snapshot: set(snapshot.count_tickets(by, 0)), QUEUES) == {first, second, third}
        assert see(store, lambda snapshot: list(snapshot.count_tickets(["owner"], NOW))) == [("ben", 2)]
        assert see(store, lambda snapshot: list(snapshot.count_tickets(by, 0)), ()) == []

    def test_the_last_day_of_an_id_is_known(self, store: Store) -> None:
        assert see(store, lambda snapshot: snapshot.last_day()) == ""
        arrive(store, OURS)
        assert see(store, lambda snapshot: snapshot.last_day()) == DAY

    # messages

    def test_messages_are_read_and_known_by_their_ids(self, store: Store) -> None:
        arrive(store, make_ticket(1, "triage", 1, 2), make_ticket(3, "junk", 3))
        rewrite(store, 3, messages=[make_message(3, mid="1@example.org")])

        def look(snapshot: Snapshot) -> list[bytes | None]:
            ticket = snapshot.find(OURS.id)
            return [snapshot.read_message(ticket, message) for message in ticket.messages]

        def look_piecemeal(snapshot: Snapshot) -> list[bytes]:
            ticket = snapshot.find(OURS.id)
            return [b"".join(snapshot.read_pieces(ticket, message) or ()) for message in ticket.messages]

        assert see(store, look) == see(store, look_piecemeal) == [mail_of(1), mail_of(2)]
        assert see(store, lambda snapshot: snapshot.ticket_with_mid("2@example.org")) == OURS.id
        assert see(store, lambda snapshot: snapshot.ticket_with_mid("1@example.org")) == OURS.id, "it is older"

    def test_a_message_that_is_gone_has_no_bytes(self, broken_store: Store) -> None:
        arrive(broken_store, OURS)
        self.lose(broken_store, OURS)
        assert see(broken_store, lambda snapshot: snapshot.read_message(OURS, OURS.messages[0])) is None
        assert see(broken_store, lambda snapshot: snapshot.read_pieces(OURS, OURS.messages[0])) is None
        assert see(broken_store, lambda snapshot: snapshot.path_of(OURS, OURS.messages[0])) is None

    def test_a_ticket_is_unread_while_one_of_its_messages_is(self, store: Store) -> None:
        ticket = make_ticket(1, "triage", 1, 2)
        first, second = ticket.messages
        arrive(store, ticket)

        def look(snapshot: Snapshot) -> tuple[bool, ...]:
            return (
                snapshot.is_unread(ticket),
                snapshot.is_message_unread(ticket, first),
                snapshot.is_message_unread(ticket, second),
            )

        assert see(store, look) == (True, True, True)
        store.mark(ticket, [first], "S")
        assert see(store, look) == (True, False, True)
        store.mark(ticket, [first, second], "S")
        assert see(store, look) == (False, False, False)
        close(store, 1)
        assert see(store, lambda snapshot: snapshot.is_unread(snapshot.find(ticket.id))) is False

    # the log

    def test_operations_come_newest_first_with_what_the_agent_may_see_of_them(self, store: Store) -> None:
        aside = {"from": "", "to": "duplicates", "digest": "d"}
        asides = [{**aside, "ticket": OURS.id, "key": "a"}, {**aside, "ticket": THEIRS.id, "key": "b"}]
        first = arrive(store, OURS, THEIRS, account="dora", asides=asides)
        rewrite(store, 2, of_operation={"account": "dora", "why": "secret"}, tags=["secret"])
        third = rewrite(store, 2, of_operation={"account": "ann", "asides": asides}, tags=[])
        moved = rewrite(store, 1, of_operation={"account": "dora"}, queue="disputes")

        def look(snapshot: Snapshot) -> list[Operation]:
            return list(snapshot.operations())

        mine = first._replace(changes=first.changes[:1], asides=asides[:1])
        assert see(store, look) == [moved, third._replace(changes=[], asides=[]), mine._replace(asides=[])]
        assert [operation.op for operation in see(store, look, account="ben")] == [4, 1], "another one's is not shown"
        assert [operation.op for operation in see(store, look, QUEUES)] == [4, 3, 2, 1]
        assert see(store, look, QUEUES)[-1] == first
        rewrite(store, 1, of_operation={"account": "dora"}, queue="triage")
        assert see(store, look)[-1] == mine, "it shows what was kept aside for a ticket that the agent may read"

    def test_an_undo_that_changes_nothing_is_shown_to_who_sees_what_it_undoes(self, store: Store) -> None:
        arrive(store, OURS, THEIRS)
        rewrite(store, 2, of_operation={"account": "dora"}, tags=["secret"])
        rewrite(store, 1, of_operation={"account": "dora"}, tags=["plain"])
        for undone in (2, 3, 4, 5):
            rewrite(store, of_operation={"account": "dora", "undoes": [undone], "why": "secret"})

        def look(snapshot: Snapshot) -> list[int]:
            return [operation.op for operation in snapshot.operations()]

        assert see(store, look) == [7, 5, 3, 1]
        assert see(store, look, [], account="dora") == [7, 6, 5, 4, 3, 2]
        assert see(store, look, [], account="ben") == []

    def test_an_operation_on_nothing_but_messages_kept_aside_is_shown_to_who_may_read_their_ticket(
        self, store: Store
    ) -> None:
        arrive(store, OURS, THEIRS)
        aside = {"from": "", "to": "duplicates", "digest": "d", "key": "a"}
        with_ours = rewrite(store, of_operation={"account": "dora", "asides": [{**aside, "ticket": OURS.id}]})
        rewrite(store, of_operation={"account": "dora", "asides": [{**aside, "ticket": THEIRS.id}]})
        found = see(store, lambda snapshot: list(snapshot.operations()))
        assert [operation.op for operation in found] == [2, 1]
        assert found[0] == with_ours
        assert [it.op for it in see(store, lambda snapshot: list(snapshot.operations()), QUEUES)] == [3, 2, 1]

    def test_the_operations_on_a_ticket_are_shown_with_that_ticket_alone(self, store: Store) -> None:
        aside = {"from": "", "to": "duplicates", "digest": "d", "key": "a", "ticket": THEIRS.id}
        arrive(store, OURS, THEIRS, asides=[aside])
        rewrite(store, 2, tags=["secret"])
        close(store, 1)
        found = see(store, lambda snapshot: list(snapshot.operations_on(OURS.id)))
        assert [operation.op for operation in found] == [3, 1]
        assert [entry["ticket"] for operation in found for entry in operation.changes] == [OURS.id, OURS.id]
        assert [operation.asides for operation in found] == [[], []]

    def test_the_reasons_for_what_was_done_to_a_ticket_are_shown_until_it_is_undone(self, store: Store) -> None:
        arrive(store, OURS, THEIRS)
        rewrite(store, 1, 2, tags=["a"], of_operation={"why": "both", "verb": "tag"})
        rewrite(store, 2, tags=["b"], of_operation={"why": "theirs"})
        rewrite(store, 1, tags=["b"])
        rewrite(store, 1, tags=["c"], of_operation={"why": "undone"})
        rewrite(store, 1, tags=["b"], of_operation={"undoes": [5]})
        (reason,) = see(store, lambda snapshot: snapshot.reasons_on(OURS.id))
        assert (reason.account, reason.verb, reason.text) == ("ann", "tag", "both")

    # a search

    def test_a_search_sees_the_queues_of_its_agent_alone(self, store: Store) -> None:
        arrive(store, OURS, THEIRS, make_ticket(3, "junk", 3))
        store.mark(OURS, OURS.messages, "S")
        index = self.bring_up(store)

        def find(text: str) -> Callable[[Snapshot], list[str]]:
            return lambda snapshot: [
                hit.ticket for hit in index.search(parse_query(text, now=NOW), snapshot.scope(), sort="oldest")
            ]

        assert see(store, find("common")) == [OURS.id, ticket_id(3)]
        assert see(store, find("common"), QUEUES) == [OURS.id, THEIRS.id, ticket_id(3)]
        assert see(store, find("common"), ()) == []
        assert see(store, find("common is:unread")) == [ticket_id(3)]
        assert store.plan(find("common")) == [OURS.id, THEIRS.id, ticket_id(3)], "a plan sees all"
        close(store, 1)
        assert see(store, find("word1")) == [OURS.id]
        index.close()

    def bring_up(self, store: Store) -> SearchIndex:
        """The full text with all messages of the store."""
        index = SearchIndex(*store.index_files)
        missing = store.feed(lambda feed: read_missing(feed, index, {}))
        assert missing.position is not None
        index.add(parse_missing(missing, {}, frozenset()), missing.position)
        return index

    def test_a_search_gives_the_files_of_messages(self, store: Store) -> None:
        arrive(store, OURS)
        index = self.bring_up(store)

        def look(snapshot: Snapshot) -> Path | None:
            (hit,) = index.search(parse_query("common", now=NOW), snapshot.scope())
            return hit.path

        assert see(store, look) == see(store, lambda snapshot: snapshot.path_of(OURS, OURS.messages[0]))
        index.close()

    # consistency

    def test_a_look_is_repeated_when_a_writer_commits_in_between(self, store: Store, other: Store) -> None:
        arrive(store, OURS)
        seen: list[list[str]] = []

        def look(snapshot: Snapshot) -> tuple[list[str], dict[str, tuple[int, int]]]:
            tags = snapshot.find(OURS.id).tags
            if not seen:
                rewrite(other, 1, tags=["new"], queue="junk")
            counts = snapshot.count_queues()
            seen.append(tags)
            return tags, counts

        assert see(store, look) == (["new"], {"junk": (1, 0)})
        assert seen[-1] == ["new"]

    def test_an_error_of_a_look_that_a_writer_came_into_is_none(self, store: Store, other: Store) -> None:
        arrive(store, OURS)
        rewrite(store, 1, tags=["first"])
        looks = []

        def look(snapshot: Snapshot) -> str:
            looks.append(1)
            if len(looks) == 1:
                close(other, 1)
                raise DataError("half of it has been read")
            return snapshot.find(OURS.id).state

        assert see(store, look) == "closed"

    def test_an_error_of_a_look_is_raised(self, store: Store) -> None:
        arrive(store, OURS)

        def look(snapshot: Snapshot) -> None:
            raise DeskError("this is wrong")

        with pytest.raises(DeskError, match="this is wrong"):
            see(store, look)

    # files, where the store has them

    def test_a_message_is_known_by_its_file(self, store: Store) -> None:
        arrive(store, OURS, THEIRS)
        path = see(store, lambda snapshot: snapshot.path_of(OURS, OURS.messages[0]))
        if path is None:
            pytest.skip("this store has no files")
        assert path.read_bytes() == mail_of(1)
        assert see(store, ticket_at(path)) == OURS.id
        assert not see(store, is_aside(path))
        assert see(store, ticket_at(path.with_name("stranger"))) is None
        metadata, _ = store.index_files
        assert see(store, is_aside(metadata))
        assert see(store, ticket_at(metadata)) is None
        for elsewhere in (Path("/nowhere/new/x"), path.parents[4] / "x" / "new" / "x"):
            assert see(store, ticket_at(elsewhere)) is None
            assert not see(store, is_aside(elsewhere))

    def test_a_file_in_a_closed_queue_is_refused_before_a_ticket_is_read(self, broken_store: Store) -> None:
        arrive(broken_store, OURS, THEIRS)
        path = see(broken_store, lambda snapshot: snapshot.path_of(THEIRS, THEIRS.messages[0]), QUEUES)
        if path is None:
            pytest.skip("this store has no files")
        self.spoil(broken_store, "disputes")
        for name in (path, path.with_name("stranger")):
            with pytest.raises(UnreadableQueueError):
                see(broken_store, ticket_at(name))


def ticket_at(path: Path) -> Callable[[Snapshot], str | None]:
    """Ask for the ticket whose message lies at a path."""
    return lambda snapshot: snapshot.ticket_at(str(path))


def is_aside(path: Path) -> Callable[[Snapshot], bool]:
    """Ask whether a path lies on the desk and holds no message of a ticket."""
    return lambda snapshot: snapshot.is_aside(str(path))
