"""The states of outgoing mail: how one follows from another, and what an undo can take back."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.config import Transport
from supportctl.model import UNDONE, Dispatch, DispatchState, Outgoing
from supportctl.operations.dispatching import (
    LAST_TRY,
    PAUSES,
    begin,
    enqueue,
    free,
    hold_changed,
    is_to_send,
    recall,
    recipients_now,
    settle,
    take_out,
)
from supportctl.transport.answers import Answer

NOW, MONTH = 1_795_341_600, "2026-11"
ANN, BOB = "ann@example.net", "bob@example.net"
STATES: tuple[DispatchState, ...] = get_args(DispatchState)
FINAL = ("sent", "dropped")


def message(*states: DispatchState, **fields: object) -> Outgoing:
    """A message with recipients in these states."""
    progress = [Dispatch(f"{n}@example.net", state, NOW - 1) for n, state in enumerate(states)]
    row = Outgoing("k", "m@desk", "forward", [dispatch.to for dispatch in progress], NOW - 1, progress=progress)
    return row._replace(**fields)


def states(row: Outgoing | None) -> list[str]:
    assert row is not None
    return [dispatch.state for dispatch in row.dispatches]


DISPATCHES = st.builds(
    Dispatch,
    to=st.just(""), state=st.sampled_from(STATES), at=st.just(NOW), due=st.sampled_from([0, NOW - 1, NOW + 1]),
    tries=st.integers(0, LAST_TRY + 1), interrupted=st.booleans(), reason=st.just(""),
)  # fmt: skip
MESSAGES = st.lists(DISPATCHES, min_size=1, max_size=3).map(
    lambda found: Outgoing(
        "k", "m@desk", "forward", [f"{n}@x" for n in range(len(found))], NOW,
        progress=[dispatch._replace(to=f"{n}@x") for n, dispatch in enumerate(found)],
    )
)  # fmt: skip
ANSWERS = st.sampled_from(["sent", "deferred", "failed", "unknown"])


def test_a_message_begins_as_the_transport_says() -> None:
    written = message()._replace(recipients=[ANN, BOB])
    assert states(enqueue(written, Transport(), 30)) == ["held", "held"]
    assert enqueue(written, Transport(), 30).progress == [], "as an earlier version writes it"
    waiting = enqueue(written, Transport("sendmail", "/bin/true"), 30)
    assert (states(waiting), waiting.due) == (["waiting", "waiting"], written.at + 30)


@pytest.mark.parametrize("state", STATES)
def test_what_is_sent_and_when(state: DispatchState) -> None:
    row = message(state)
    later = message(state, progress=[Dispatch(ANN, state, NOW, due=NOW + 1)])
    leaves = state in ("waiting", "deferred", "sending")
    assert is_to_send(row, NOW) is leaves
    assert not is_to_send(later, NOW)
    assert is_to_send(later, NOW, at_once=True) is leaves
    assert recipients_now(begin(row, NOW)) == (row.recipients if leaves else [])


def test_a_message_that_was_being_sent_was_interrupted() -> None:
    once = begin(begin(message("waiting"), NOW), NOW)
    assert (states(once), once.progress[0].interrupted, once.progress[0].tries) == (["sending"], True, 2)
    assert states(begin(once, NOW)) == ["held"]


def test_an_answer_that_was_lost_counts_as_an_interruption() -> None:
    lost = {"0@example.net": Answer("unknown", "timed out")}
    once = settle(begin(message("waiting"), NOW), lost, NOW, MONTH)
    assert (states(once), once.may_have_left) == (["deferred"], True)
    assert states(settle(begin(once, NOW, at_once=True), lost, NOW, MONTH)) == ["held"]


def test_pauses_grow_until_the_last_try() -> None:
    row, moment, pauses = message("waiting"), NOW, []
    while not row.has_failed:
        row = settle(begin(row, moment), {"0@example.net": Answer("deferred", "451")}, moment, MONTH)
        pauses += [row.due - moment] if row.due else []
        moment = row.due
    assert pauses == [*PAUSES, *[PAUSES[-1]] * (LAST_TRY - 1 - len(PAUSES))]
    assert 4 <= sum(pauses) / 86400 <= 5.5
    assert row.progress[0].reason == f"given up after {LAST_TRY} tries: 451"
    again = free(row, moment)
    assert (states(again), again.progress[0].tries) == (["waiting"], 0)


def test_each_recipient_has_an_answer_of_its_own() -> None:
    row = begin(message("waiting", "waiting", "waiting", "dropped"), NOW)
    answers = {
        "0@example.net": Answer("sent"),
        "1@example.net": Answer("failed", "550"),
        "3@example.net": Answer("sent"),
    }
    after = settle(row, answers, NOW, MONTH)
    assert states(after) == ["sent", "failed", "sending", "sent"], "what has left has left, dropped or not"
    assert after.folder == ""


def test_the_folder_follows_when_nothing_is_left_to_do() -> None:
    sent = settle(begin(message("waiting"), NOW), {"0@example.net": Answer("sent")}, NOW, MONTH)
    assert sent.folder == "sent.2026-11"
    assert take_out(message("waiting", "held"), NOW, MONTH, "why").folder == UNDONE
    assert take_out(message("sent", "failed"), NOW, MONTH, "why").folder == "sent.2026-11"
    assert take_out(message("sending"), NOW, MONTH, "why").folder == "sent.2026-11", "it may have left"
    assert states(hold_changed(message("waiting", "sent"), NOW)) == ["held", "sent"]


def test_undo_takes_back_a_message_that_has_not_left() -> None:
    assert recall(message("deferred", "failed"), None, NOW, MONTH) is None
    before = message("held")
    assert recall(message("waiting"), before, NOW, MONTH) == before


def test_undo_leaves_what_has_left_and_what_may_have() -> None:
    assert states(recall(message("sent", "waiting"), None, NOW, MONTH)) == ["sent", "dropped"]
    doubtful = recall(message("sending"), None, NOW, MONTH)
    assert (states(doubtful), doubtful.may_have_left if doubtful else None) == (["dropped"], True)
    assert states(recall(message("sent", "dropped"), message("waiting", "waiting"), NOW, MONTH)) == ["sent", "waiting"]
    kept = recall(message("sent", folder="sent.2026-10"), None, NOW, MONTH)
    assert kept is not None
    assert kept.folder == "sent.2026-10", "it is not moved once more"


@given(MESSAGES, st.lists(ANSWERS, min_size=3, max_size=3))
def test_what_is_sent_stays_sent(row: Outgoing, answers: list[str]) -> None:
    told = {to: Answer(state) for to, state in zip(row.recipients, answers, strict=False)}  # type: ignore[arg-type]
    left = {dispatch.to for dispatch in row.progress if dispatch.state == "sent"}
    for after in (
        begin(row, NOW), settle(row, told, NOW, MONTH), free(row, NOW), take_out(row, NOW, MONTH, ""),
        hold_changed(row, NOW), recall(row, None, NOW, MONTH), recall(row, message("held"), NOW, MONTH),
    ):  # fmt: skip
        assert left <= {each.to for each in after.progress if each.state == "sent"} if after else not left
        if after and after != row:
            assert after.is_open or after.folder, "it lies somewhere"


@given(MESSAGES)
def test_what_may_have_left_keeps_its_row(row: Outgoing) -> None:
    after = recall(row, None, NOW, MONTH)
    assert (after is not None) == row.may_have_left
    assert after is None or (after.may_have_left and not after.is_open)


@given(MESSAGES)
def test_no_message_is_tried_for_ever(row: Outgoing) -> None:
    for _ in range(LAST_TRY + 2):
        row = begin(row, NOW, at_once=True)
        row = settle(row, {to: Answer("deferred") for to in recipients_now(row)}, NOW, MONTH)
    assert not is_to_send(row, NOW, at_once=True)
