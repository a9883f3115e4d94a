"""What the log records of a change brings the change back, and takes it back."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.errors import DataError
from supportctl.model import Dispatch, DispatchState, Message, Outgoing, Ticket
from supportctl.store.changes import Change, invert, record, replay
from supportctl.store.documents import document_number, pack_ticket, unpack_ticket

NAMES = st.text('abcé\x00\ud7ff😀"\\', max_size=4)
TIMES = st.integers(0, 2**40)
LISTS = st.lists(NAMES, max_size=3)
KINDS = st.sampled_from(["notice", "forward"])


def make_message(number: int, key: str = "", **fields: Any) -> Message:
    return Message(
        number, key or f"{number}.key", f"{number}@example.org", 10, "d" * 64, 100, "ann@example.org", **fields
    )


MESSAGES = st.builds(
    Message,
    number=st.integers(1, 9), key=NAMES, mid=NAMES, size=TIMES, digest=NAMES, date=TIMES, sender=NAMES,
    people=LISTS, references=LISTS, automatic=st.sampled_from(["", "bounce", "reply", "notification", "list"]),
    likely=st.sampled_from(["", "bounce", "reply"]),
)  # fmt: skip
STATES = st.sampled_from(get_args(DispatchState))
DISPATCHES = st.builds(
    Dispatch, to=NAMES, state=STATES, at=TIMES, due=TIMES, tries=TIMES, interrupted=st.booleans(), reason=NAMES
)
OUTGOING = st.builds(
    Outgoing,
    key=NAMES, mid=NAMES, kind=KINDS, recipients=LISTS, at=TIMES, sender=NAMES, digest=NAMES, folder=NAMES,
    progress=st.lists(DISPATCHES, max_size=2),
)  # fmt: skip


def with_own_keys(rows: list[Outgoing]) -> list[Outgoing]:
    """Each mail with its own key."""
    return list({row.key: row for row in rows}.values())


def with_own_numbers(rows: list[Message]) -> list[Message]:
    """Each message with its own number and key, in the order of the numbers."""
    own = {row.number: row for row in rows}
    return sorted({row.key: row for row in own.values()}.values(), key=lambda row: row.number)


TICKETS = st.builds(
    Ticket,
    id=st.just("s20261122.1"), queue=NAMES, state=st.sampled_from(["open", "pending", "closed"]), subject=NAMES,
    requester=NAMES, created=TIMES, changed=TIMES, due=TIMES, closed=TIMES, owner=NAMES, tags=LISTS, issue_type=NAMES,
    touched=st.booleans(), return_to=NAMES, rules=LISTS, links=LISTS, problems=LISTS,
    messages=st.lists(MESSAGES, max_size=4).map(with_own_numbers),
    outgoing=st.lists(OUTGOING, max_size=4).map(with_own_keys),
)  # fmt: skip


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A change as the verbs make them: mails that were sent stay in their order, the last may be taken back."""
    before = draw(st.none() | TICKETS)
    after = draw(TICKETS if before is None else st.none() | TICKETS)
    if before is not None and after is not None:
        sent = {mail.key for mail in before.outgoing}
        kept = before.outgoing[: draw(st.integers(0, 4))]
        kept = [draw(st.just(mail) | OUTGOING)._replace(key=mail.key) for mail in kept]
        after.outgoing = [*kept, *(mail for mail in after.outgoing if mail.key not in sent)]
    return Change(before, after, draw(NAMES), draw(NAMES), draw(NAMES), draw(LISTS))


def logged(entry: dict[str, Any]) -> dict[str, Any]:
    """A record once it has been in the log."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(entry))
    return found


@given(TICKETS)
def test_a_ticket_comes_back_from_its_document(ticket: Ticket) -> None:
    assert unpack_ticket(logged(pack_ticket(ticket))) == ticket


@given(changes())
def test_the_log_alone_makes_the_change_again(change: Change) -> None:
    document = pack_ticket(change.before) if change.before else None
    unchanged = deepcopy(document)
    after = replay(logged(record(change)), document)
    assert after == (pack_ticket(change.after) if change.after else None)
    assert document == unchanged


@given(changes())
def test_a_change_turned_round_takes_it_back(change: Change) -> None:
    entry = logged(record(change))
    after = pack_ticket(change.after) if change.after else None
    taken_back = replay(invert(entry), after)
    assert taken_back == (pack_ticket(change.before) if change.before else None)
    assert (invert(entry)["from"], invert(entry)["to"]) == (entry["to"], entry["from"])


@given(changes())
def test_what_is_turned_round_twice_is_the_change(change: Change) -> None:
    before, after = (pack_ticket(ticket) if ticket else None for ticket in (change.before, change.after))
    assert replay(invert(invert(record(change))), before) == after


TICKET = Ticket("s20261122.1", "triage", "open", "Hello", "ann@example.org", 1, 2, messages=[make_message(1)])


def test_a_follow_up_costs_the_log_no_more_than_itself() -> None:
    long = TICKET._replace(messages=[make_message(number) for number in range(1, 1000)])
    longer = long._replace(messages=[*long.messages, make_message(1000)])
    short = TICKET._replace(messages=[*TICKET.messages, make_message(1000)])
    sizes = [len(orjson.dumps(record(Change(a, b, "triage", "triage")))) for a, b in ((long, longer), (TICKET, short))]
    assert sizes[0] == sizes[1]
    assert [row["number"] for row in record(Change(long, longer, "triage", "triage"))["messages"]["add"]] == [1000]


def test_what_an_outbox_holds_keeps_its_order() -> None:
    """Keys do not sort by time: their parts are numbers without leading zeros."""
    mails = [
        Outgoing(f"1796200000.M{part}P1Q{part}.host", f"{part}@x", "forward", ["x@example.net"], 1)
        for part in (9, 10, 100000)
    ]
    after = TICKET._replace(outgoing=mails)
    assert replay(record(Change(TICKET, after, "triage", "triage")), pack_ticket(TICKET)) == pack_ticket(after)


@pytest.mark.parametrize(
    ("before", "after", "source", "target", "expected"),
    [
        (TICKET, TICKET, "triage", "triage", True),
        (TICKET, TICKET, "triage", "junk", False),
        (TICKET, TICKET._replace(tags=["x"]), "triage", "triage", False),
        (None, TICKET, "triage", "triage", False),
        (TICKET, None, "triage", "undone", False),
    ],
)
def test_what_makes_no_difference_is_known(
    before: Ticket | None, after: Ticket | None, source: str, target: str, expected: bool
) -> None:
    assert Change(before, after, source, target).is_empty == expected
    assert not Change(before, after, source, target, notes=["said"]).is_empty


# Documents


def test_a_document_leaves_out_what_says_nothing() -> None:
    assert pack_ticket(TICKET).keys() == {
        *("id", "queue", "state", "subject", "requester", "created", "changed", "messages"),
    }
    assert pack_ticket(TICKET)["messages"][0].keys() == {"number", "key", "mid", "size", "digest", "date", "sender"}


def test_a_ticket_that_is_read_shares_nothing_with_its_document() -> None:
    document = pack_ticket(TICKET._replace(tags=["a"]))
    unpack_ticket(document).tags.append("b")
    assert document["tags"] == ["a"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"id": "s1.1"},
        {**pack_ticket(TICKET), "colour": "red"},
        {**pack_ticket(TICKET), "messages": [{"key": "x"}]},
        [],
        None,
    ],
)
def test_a_document_that_is_no_ticket_is_data_error(document: Any) -> None:
    with pytest.raises(DataError):
        unpack_ticket(document)


@pytest.mark.parametrize(
    ("name", "number"),
    [("s20261122.17", 20261122000017), ("20261122.1", 20261122000001), ("help-desk20261122.999999", 20261122999999)],
)
def test_ids_become_numbers_for_tinydb(name: str, number: int) -> None:
    assert document_number(name) == number


@pytest.mark.parametrize(
    "name", ["", "s", "s20261122", "s20261122.", "s2026112.1", "s20261122.x", ".1", "s20261122.1.1"]
)
def test_what_is_no_id_has_no_number(name: str) -> None:
    with pytest.raises(DataError):
        document_number(name)
