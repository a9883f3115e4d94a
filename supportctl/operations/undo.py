"""Undo an operation, as far as nobody has built on it since.

The log has every changed value, old and new; undoing enters the old ones again as a new operation. A ticket that a
later operation changed is refused, and that operation named. What is refused can be undone later: whether a change is
undone is asked of each ticket.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supportctl.config import ROBOT
from supportctl.errors import DeniedError, DeskError, NotFoundError, UnreadableMessageError, UsageError
from supportctl.model import UNDONE, Message, Outgoing, Ticket, Waiting
from supportctl.operations.deliveries import Aside
from supportctl.operations.draft import Draft
from supportctl.policy.access import needed_rights
from supportctl.store.changes import Change, queue_before, take_back
from supportctl.values import count_of

if TYPE_CHECKING:
    from supportctl.store.contract import LoggedChange, Operation, Planning


def choose_operations(planning: Planning, account: str, op: int | None) -> list[Operation]:
    """The operations to undo, newest first: the named one, or the account's last; a group as a whole.

    Raises NotFoundError where there is none, UsageError for one of which nothing is left to undo, and for one that
    made up for a loss of the log, unless it is named.
    """
    chosen = op if op is not None else planning.last_undoable(account, ROBOT)
    if chosen is None:
        hint = "choose an operation from supportctl log, and run supportctl undo NUMBER"
        raise NotFoundError(f"{account} has nothing to undo", hint)
    if planning.operation(chosen).bookkeeping:
        problem = f"operation {chosen} only says what became of outgoing mail"
        raise UsageError(problem, "what has left stays sent; supportctl outbox lists what has not")
    group = planning.operation(chosen).group
    operations = [planning.operation(number) for number in reversed(planning.operations_of_group(group))]
    if op is None and any(operation.lost for operation in operations):
        # Whoever types `undo` after a rescue means something else: without its log, all tickets of a desk would go.
        problem = f"your last operation, {chosen}, made up for operations that the log has lost"
        hint = f"choose an operation from supportctl log; supportctl undo {chosen} takes back what the lost ones did"
        raise UsageError(problem, hint)
    taker = planning.undone_by(chosen)
    # An undo may have left tickets as they are, and an undo may be undone.
    if taker and not any(_is_left(planning, operation) for operation in operations):
        hint = f"run supportctl undo {taker} to redo operation {chosen}"
        raise UsageError(f"operation {chosen} was already undone by operation {taker}", hint)
    return operations


def undo(draft: Draft, operations: list[Operation], account: str, *, is_robot: bool) -> None:
    """Undo operations, newest first, as far as they are not undone already.

    An account that undoes its own work needs the rights that the work itself would need today, and no more: so a
    ticket that it moved to a queue that it can't read comes back. What the robot did for the account that started it
    was done by the robot's right, and is the account's own only where that `is_robot`.
    """
    chosen = {operation.op for operation in operations}
    for operation in operations:
        # With those that redid it: else `undo` would choose one of them, which has nothing left to undo.
        draft.undoes += [operation.op, *draft.planning.redone_by(operation.op)]
        is_own = operation.account == account and (is_robot or operation.role != ROBOT)
        for entry in operation.changes:
            _undo_change(draft, operation, entry, chosen, is_own=is_own)
        for aside in operation.asides:
            _put_back(draft, operation, aside, is_own=is_own)
    first = operations[-1]
    draft.question = f"Undo operation {first.op} ({first.verb} of {count_of(len(draft.changes), 'ticket')})?"


def _undo_change(draft: Draft, operation: Operation, entry: LoggedChange, chosen: set[int], *, is_own: bool) -> None:
    name = entry["ticket"]
    history = draft.planning.history_of(name)
    if _is_undone(history, operation.op):
        return
    # The right first: a conflict would reveal what became of a ticket that the agent may not work on.
    denied = None if is_own else _denial(draft, operation, name, entry)
    if error := denied or _conflict(draft, name, history, chosen):
        draft.refuse(name, error)
        return
    before, after = _take_back(draft, entry)
    if is_own:
        needs = needed_rights(before, after) if operation.role != ROBOT else []
        draft.needs.setdefault(name, []).extend(needs)


def _denial(draft: Draft, operation: Operation, name: str, entry: LoggedChange | None = None) -> DeskError | None:
    """The error that keeps the agent from working on a ticket; without the ticket where the log does not tell it."""
    # A ticket that is gone would come back to the queue where it was last.
    last = queue_before(entry) if entry and entry["to"] is None else None
    error = draft.objection_to(name, last)
    if error is None or (entry and draft.may_see(entry)):
        return error
    problem = f"operation {operation.op} was also about tickets that you may not read"
    return DeniedError(problem, f"ask somebody who may read them to run supportctl undo {operation.op}")


def _is_left(planning: Planning, operation: Operation) -> bool:
    """Whether any part of an operation is not undone."""
    return any(_is_aside(planning, aside) for aside in operation.asides) or any(
        not _is_undone(planning.history_of(entry["ticket"]), operation.op) for entry in operation.changes
    )


def _is_undone(history: list[tuple[int, int]], op: int) -> bool:
    """Whether an operation is undone on a ticket, by an operation that is not undone itself."""
    undone: set[int] = set()
    # Newest first: what undoes is later than what it undoes.
    for number, taker in reversed(history):
        if taker and taker not in undone:
            undone.add(number)
    return op in undone


def _conflict(draft: Draft, name: str, history: list[tuple[int, int]], chosen: set[int]) -> DeskError | None:
    """The error for a change that can't be undone, as the ticket is not as the operation left it; else None."""
    outcomes = _outcomes(history)
    last = max(outcomes)
    mine = max(chosen & outcomes.keys())
    # The same result: whatever happened since has been undone.
    if outcomes[last] == outcomes[mine]:
        return None
    # The operation to name is one that still holds; where an undo went back behind ours, it is that undo.
    number = outcomes[last] if outcomes[last] > mine else last
    problem = f"{name}: changed since by operation {number}{_describe(draft, number, name)}"
    return UsageError(problem, f"run supportctl undo {number} first")


def _describe(draft: Draft, number: int, ticket_id: str) -> str:
    """Verb and account of an operation on a ticket, if the log shows the agent that change; else nothing."""
    operation = draft.planning.operation(number)
    changes = [entry for entry in operation.changes if entry["ticket"] == ticket_id]
    return f" ({operation.verb} by {operation.account})" if any(map(draft.may_see, changes)) else ""


def _outcomes(history: list[tuple[int, int]]) -> dict[int, int]:
    """For each operation on a ticket, the one whose result the ticket had after it."""
    outcomes: dict[int, int] = {}
    before: dict[int, int] = {}
    undone: dict[int, int] = {}
    current = 0
    for op, taker in history:
        undone.setdefault(taker, op)
    for op in dict(history):
        before[op] = current
        current = before[undone[op]] if op in undone else op
        outcomes[op] = current
    return outcomes


def _take_back(draft: Draft, entry: LoggedChange) -> tuple[Ticket | None, Ticket | None]:
    """Undo one change; return the ticket as it was before that change, and as the change left it."""
    name = entry["ticket"]
    change = draft.changes.get(name) or (Change() if entry["to"] is None else draft.change_of(name))
    left = change.after
    known = {message.number for message in left.messages} if left else set()
    restored = change.after = _with_facts_as_they_are(draft, take_back(entry, left), left)
    for message in restored.messages if restored else ():
        if message.number not in known:  # its intake was undone, which moved it to .undone
            _bring_back(draft, name, message, entry.get("undone", {}).get(message.key, message.key))
    _warn_of_sent(draft, entry, left)
    draft.enter(change)
    return restored, left


def _with_facts_as_they_are(draft: Draft, restored: Ticket | None, left: Ticket | None) -> Ticket | None:
    """A ticket with what no undo can take back: what other programs have rewritten, and what has left the desk."""
    if restored is not None and left is not None:
        files = {message.number: {"size": message.size, "digest": message.digest} for message in left.messages}
        restored.messages = [message._replace(**files.get(message.number, {})) for message in restored.messages]
        if left.outgoing:
            _keep_what_has_left(draft, restored, left)
    return restored


def _keep_what_has_left(draft: Draft, restored: Ticket, left: Ticket) -> None:
    """Let a ticket keep the rows of messages that have left, or may have."""
    from supportctl.operations.dispatching import recall_all  # not at the top: few tickets have any
    from supportctl.operations.outgoing import replace_row

    month = draft.planning.ids_at(draft.now).month
    restored.outgoing = recall_all(left.outgoing, restored.outgoing, draft.now, month)
    before = {row.key: row for row in left.outgoing}
    for row in restored.outgoing:
        replace_row(draft, restored, before.get(row.key, row), row)


def _bring_back(draft: Draft, name: str, message: Message, key: str) -> None:
    try:
        measured = draft.planning.measure_waiting(Waiting(UNDONE, key))
    except UnreadableMessageError as error:
        draft.warn(name, error.message)
        return
    # By its bytes as well: an undo of before says nothing of a second message of that name, and people may tidy up.
    if measured == (message.size, message.digest):
        draft.deliveries.bring(Waiting(UNDONE, key), name, message.key)
    else:
        draft.warn(name, f"message {message.key} is missing from {UNDONE}")


def _put_back(draft: Draft, operation: Operation, aside: Aside, *, is_own: bool) -> None:
    """Undo keeping a message aside, unless a person has removed that message since."""
    name = aside["ticket"]
    # What a person has removed from the folder meanwhile can't be moved, and is no reason to refuse the rest.
    if not _is_aside(draft.planning, aside) or any(refusal.name == name for refusal in draft.refusals):
        return
    if not is_own and (error := _denial(draft, operation, name)):
        draft.refuse(name, error)
        return
    target = aside["from"] or UNDONE
    draft.deliveries.put_back(aside, target, draft.planning.free_key(target, aside["key"]))


def _is_aside(planning: Planning, aside: Aside) -> bool:
    """Whether a message still lies where an operation has put it."""
    return planning.is_waiting(Waiting(aside["to"], aside["key"]))


def _warn_of_sent(draft: Draft, entry: LoggedChange, left: Ticket | None) -> None:
    """Warn of messages of this operation that have left, or may have: they stay sent."""
    written = {row["key"] for row in entry.get("outgoing", {}).get("add", ())}
    for outgoing in left.outgoing if left else ():
        if outgoing.key in written:
            for words in _describe_left(draft, outgoing):
                draft.warn(entry["ticket"], words)


def _describe_left(draft: Draft, outgoing: Outgoing) -> Iterator[str]:
    sent = [dispatch.to for dispatch in outgoing.progress if dispatch.state == "sent"]
    doubtful = [to for to in outgoing.recipients if to not in sent] if outgoing.may_have_left else []
    if sent:
        yield f"the {outgoing.kind} to {', '.join(sent)} was already sent"
    if any(dispatch.state == "sending" or dispatch.interrupted for dispatch in outgoing.progress):
        yield f"the {outgoing.kind} to {', '.join(doubtful)} is being sent, or was: it may have arrived"
    if outgoing.is_open and not draft.planning.is_in_outbox(outgoing.key):
        yield f"the {outgoing.kind} to {', '.join(outgoing.recipients)} is not in the outbox any more"
