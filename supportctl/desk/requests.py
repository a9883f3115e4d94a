"""What a caller asks of a desk: which one, and what to write; and what came of that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from supportctl.records import Record

if TYPE_CHECKING:
    from supportctl.operations.draft import Refusal
    from supportctl.store.changes import Change
    from supportctl.store.contract import Operation
    from supportctl.store.exchange import Remark


class DeskOptions:
    """Which desk, in which role, and how long to wait for another writer.

    `config`, `maildir` and `role` are empty where the desk finds its own; `wait` is in seconds.
    """

    config: str = ""
    maildir: str = ""
    role: str = ""
    wait: float = 30.0

    def warn(self, text: str) -> None:
        """Tell what the caller should know besides the result; here, nobody listens."""


class WriteRequest(Record):
    """What a write is for: its verb and reason, and the conditions under which it is committed.

    `keep_going` does the rest where some tickets are refused. `is_confirmed` confirms moves that ask, and a change of
    more than `confirm_above` tickets has to be confirmed first. `group` is the first operation of a larger intake,
    `wait` replaces the store's own, in seconds. `names_tickets` is whether the caller has chosen the tickets.
    `is_bookkeeping` records what became of outgoing mail: that takes no right, and undo looks through it.
    """

    verb: str
    reason: str = ""
    is_dry_run: bool = False
    keep_going: bool = False
    is_confirmed: bool = False
    confirm_above: int | None = None
    group: int = 0
    wait: float | None = None
    names_tickets: bool = False
    is_bookkeeping: bool = False


class WriteOutcome(Record):
    """What a write did, or would do in a dry run; `operation` is None where nothing was committed."""

    changes: list[Change]
    operation: Operation | None = None
    refusals: Sequence[Refusal] = ()
    warnings: Sequence[Remark] = ()

    @property
    def remarks(self) -> list[str]:
        """What is to tell besides the changes, a sentence each: warnings, and what was refused."""
        told = [f"{warning.ticket}: {warning.text}" for warning in self.warnings]
        return [*told, *(refusal.error.message for refusal in self.refusals)]
