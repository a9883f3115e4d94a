"""A conversation is one ticket, or some that are linked, in whatever order its messages come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.desks import DeskDir, make_mail

_cases = count()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskDir]:
    """One desk for all conversations."""
    made = DeskDir(tmp_path_factory.mktemp("orders") / "desk")
    yield made
    made.check()


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    """Messages as (writer, ancestors, nearest last); the first one has none, and some name only their parent."""
    messages: list[tuple[int, list[int]]] = [(0, [])]
    chains = [[0]]
    for number in range(1, draw(st.integers(2, 8))):
        parent = draw(st.integers(0, number - 1))
        chains.append([*chains[parent], number])
        named = chains[parent] if draw(st.booleans()) else [parent]
        messages.append((draw(st.integers(0, 3)), named))
    return messages


def write(case: str, number: int, writer: int, ancestors: list[int], *, is_list: bool) -> bytes:
    """One message of a conversation."""
    fields = {"References": " ".join(f"<{each}@{case}.test>" for each in ancestors)} if ancestors else {}
    if is_list:
        fields |= {"List-Id": f"<talk.{case}.test>", "Cc": f"talk@{case}.test"}
    return make_mail(f"{case} {number}", f"p{writer}@{case}.test", f"{number}\n", f"{number}@{case}.test", **fields)


def components(desk: DeskDir, case: str) -> list[set[str]]:
    """The Message-IDs of a conversation, by tickets and what links these."""
    tickets = {
        name: ticket
        for name, ticket in desk.tickets().items()
        if ticket["messages"][0]["mid"].endswith(f"@{case}.test")
    }
    groups = [{name, *ticket.get("links", [])} for name, ticket in tickets.items()]
    for _ in groups:
        for group in groups:
            for other in groups:
                if group & other:
                    group |= other
    mids = {name: {message["mid"] for message in ticket["messages"]} for name, ticket in tickets.items()}
    found = [set[str]().union(*(mids[name] for name in group)) for group in groups]
    return [group for number, group in enumerate(found) if group not in found[:number]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=conversations(), data=st.data(), is_list=st.booleans())
def test_a_conversation_is_together_in_any_order(
    desk: DeskDir, messages: list[tuple[int, list[int]]], data: st.DataObject, is_list: bool
) -> None:
    case = f"c{next(_cases)}"
    order = data.draw(st.permutations(range(len(messages))))
    cut = data.draw(st.integers(0, len(order)))
    mails = [write(case, number, *messages[number], is_list=is_list) for number in order]
    for part in (mails[:cut], mails[cut:]):
        assert all(row["outcome"] != "duplicate" for row in desk.take(*part))
    assert components(desk, case) == [{f"{number}@{case}.test" for number in range(len(messages))}]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=conversations(), data=st.data())
def test_a_conversation_that_comes_at_once_is_one_ticket(
    desk: DeskDir, messages: list[tuple[int, list[int]]], data: st.DataObject
) -> None:
    case = f"c{next(_cases)}"
    order = data.draw(st.permutations(range(len(messages))))
    rows = desk.take(*(write(case, number, *messages[number], is_list=False) for number in order))
    assert len({row["ticket"] for row in rows}) == 1
