"""Taking back an operation, as far as nobody has built on it since.

The log tells what was changed, old and new; undoing enters the old again as a new operation. A ticket that a
later operation changed is refused, and that operation named.
"""

from __future__ import annotations

from supportctl.config import ROBOT
from supportctl.errors import DeskError, NotFoundError, UsageError
from supportctl.operations.draft import Draft
from supportctl.store import maildir
from supportctl.store.changes import Change, invert, replay
from supportctl.store.documents import pack_ticket, unpack_ticket
from supportctl.store.log import LoggedChange, Operation
from supportctl.store.snapshot import Snapshot


def choose(state: Snapshot, account: str, op: int | None) -> list[Operation]:
    """The operations to take back, newest first: the one that is named, or the account's last; a group as one.

    Raises NotFoundError where there is none, UsageError for one that has been taken back already.
    """
    chosen = op if op is not None else state.catalogue.last_undoable(account, ROBOT)
    if chosen is None:
        raise NotFoundError(f"{account} has nothing to undo", "supportctl log shows what can be undone by its number")
    if taker := state.catalogue.undone_by(chosen):
        raise UsageError(f"operation {chosen} was undone by {taker}", f"supportctl undo {taker} does it again")
    group = state.operation(chosen).group
    return [state.operation(number) for number in reversed(state.catalogue.operations_of_group(group))]


def is_own(operation: Operation, account: str, *, is_owner: bool) -> bool:
    """Whether an operation is an account's own, done by its own right.

    What the robot did for the account that started it, it did by the robot's right; the desk's owner may be robot.
    """
    return operation.account == account and (is_owner or operation.role != ROBOT)


def undo(draft: Draft, operations: list[Operation]) -> None:
    """Take operations back, newest first."""
    own = {operation.op for operation in operations}
    for operation in operations:
        draft.undoes.append(operation.op)
        for entry in operation.changes:
            if error := _conflict(draft, entry, own):
                draft.refuse(entry["ticket"], error)
            else:
                _take_back(draft, entry)
        for aside in operation.asides:
            draft.put_back(aside)


def _conflict(draft: Draft, entry: LoggedChange, own: set[int]) -> DeskError | None:
    """Why a change can't be taken back: the ticket is not as the operation left it."""
    name = entry["ticket"]
    outcomes = _outcomes(draft.state.catalogue.history_of(name))
    last = max(outcomes)
    mine = max(own & outcomes.keys())
    if outcomes[last] == outcomes[mine]:
        return None
    number = outcomes[last] if outcomes[last] > mine else last
    later = draft.state.operation(number)
    done = f"operation {number} ({later.verb} by {later.account}) has changed it since"
    return UsageError(f"{name}: {done}", f"undo that first: supportctl undo {number}, or leave it out: --keep-going")


def _outcomes(history: list[tuple[int, int]]) -> dict[int, int]:
    """For each operation on a ticket, the one that left the ticket so: itself, or one before what it took back."""
    outcomes: dict[int, int] = {}
    before: dict[int, int] = {}
    undone: dict[int, int] = {}
    current = 0
    for op, taker in history:
        undone.setdefault(taker, op)
    for op, _ in history:
        before[op] = current
        current = before[undone[op]] if op in undone else op
        outcomes[op] = current
    return outcomes


def _take_back(draft: Draft, entry: LoggedChange) -> None:
    name = entry["ticket"]
    inverse = invert(entry)
    change = draft.changes.get(name)
    if change is None:
        change = _change_from(draft, entry)
    document = pack_ticket(change.after) if change.after is not None else None
    after = replay(inverse, document)
    change.after = unpack_ticket(after) if after is not None else None
    if change.after is None:
        change.target = maildir.UNDONE
    _warn_of_sent(draft, entry)
    draft.enter(change)


def _change_from(draft: Draft, entry: LoggedChange) -> Change:
    """The change of a ticket as it is now; one that the operation removed waits among the undone."""
    if entry["to"] is None:
        return Change(None, None, maildir.UNDONE, "")
    ticket, folder = draft.state.find(entry["ticket"])
    return Change(ticket, ticket, folder, folder)


def _warn_of_sent(draft: Draft, entry: LoggedChange) -> None:
    """Mail that has left the outbox stays sent; the person who undoes has to know."""
    for mail in entry.get("outgoing", {}).get("add", ()):
        if mail["key"] not in draft.state.places(maildir.OUTBOX):
            draft.warnings.append(f"{entry['ticket']}: the {mail['kind']} to {', '.join(mail['recipients'])} is sent")
