"""What is told of a write: one error for all that was refused, and of the robot's work no more than one may read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from supportctl.errors import ConfirmationNeeded, DeskError
from supportctl.model import Ticket
from supportctl.policy.access import Rights
from supportctl.store.changes import Change

if TYPE_CHECKING:
    from supportctl.desk.requests import WriteOutcome
    from supportctl.operations.draft import Refusal


def hide_unreadable(outcome: WriteOutcome, rights: Rights) -> WriteOutcome:
    """The outcome of a robot's write as an agent may know it: of a ticket that the agent can't read, the id alone."""
    changes, hidden = [], set()
    for change in outcome.changes:
        if any(rights.may("access", ticket.queue) for ticket in (change.before, change.after) if ticket is not None):
            changes.append(change)
        else:
            changes.append(Change(before=Ticket(change.ticket.id, "", "open", "", "", 0, 0)))
            hidden.add(change.ticket.id)
    warnings = [warning for warning in outcome.warnings if warning.ticket not in hidden]
    return outcome._replace(changes=changes, warnings=warnings)


def combine_refusals(refusals: Iterable[Refusal], *, is_all: bool) -> DeskError:
    """One error for all refusals, of the first one's class; `is_all` where every change was refused."""
    errors = [refusal.error for refusal in refusals]
    if is_all and len({error.message for error in errors}) == 1:
        return errors[0]
    messages = list(dict.fromkeys(error.message for error in errors))
    shown = messages[:10]
    more = [f"and {len(messages) - 10} more"] if len(messages) > 10 else []
    hint = errors[0].hint if is_all else "; ".join(filter(None, [errors[0].hint, "use --keep-going to do the rest"]))
    lines = "\n  ".join([*shown, *more])
    message = f"nothing was changed:\n  {lines}"
    if isinstance(errors[0], ConfirmationNeeded):
        return ConfirmationNeeded(
            message, errors[0].option, f"some of these moves are unusual:\n  {lines}\nMove anyway?"
        )
    return type(errors[0])(message, hint)
