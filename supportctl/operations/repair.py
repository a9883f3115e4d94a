"""Mending what `check` finds: from the log what the log knows, by operations what happened to mail outside of it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from supportctl.model import Message, Ticket
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import end, enter_queue
from supportctl.store import maildir
from supportctl.store.layout import is_archive, queue_of
from supportctl.store.snapshot import Snapshot
from supportctl.store.verify import note_of_loss

Stray = tuple[str, str]
"""A mail where no ticket has it: folder and key."""


def find_strays(state: Snapshot) -> list[Stray]:
    """The mails that lie in a folder of tickets, but belong to no ticket there."""
    strays = []
    for folder in maildir.list_folders(state.root):
        if folder not in maildir.SIDE_FOLDERS:
            known = {message.key for ticket in state.tickets_in(folder) for message in ticket.messages}
            strays += [(folder, key) for key in sorted(state.places(folder).keys() - known)]
    return strays


def mend_mail(draft: Draft) -> None:
    """Let tickets follow mail that a mail client has moved to another queue; note what is gone for good.

    A mail is known by its content: clients may give it another name when they move it.
    """
    by_digest = _read_digests(draft.state, find_strays(draft.state))
    for ticket_id, folder in _tickets(draft.state):
        ticket, _ = draft.find(ticket_id)
        lost = [message for message in ticket.messages if message.key not in draft.state.places(folder)]
        if lost:
            _mend(draft, ticket, {m.number: by_digest[m.digest] for m in lost if m.digest in by_digest}, lost)


def _mend(draft: Draft, ticket: Ticket, found: dict[int, Stray], lost: list[Message]) -> None:
    """Bring what was found to its ticket, or the ticket to where all of its mail is."""
    places = set(found.values())
    goals = {queue_of(folder) for folder, _ in places}
    gone = [note_of_loss(message.key) for message in lost if message.number not in found]
    ticket.problems = list(dict.fromkeys([*ticket.problems, *gone]))
    ticket.messages = [m._replace(key=found[m.number][1]) if m.number in found else m for m in ticket.messages]
    for folder, key in sorted(places):
        draft.bring(ticket.id, folder, key)
    if len(found) == len(ticket.messages) and len(goals) == 1 and goals <= draft.config.queues.keys():
        _follow(draft, ticket, goals.pop(), is_closed=any(is_archive(folder) for folder, _ in places))
    elif found:
        draft.put(ticket, notes=[f"{len(found)} mails were brought back from {', '.join(sorted(goals))}"])
    else:
        draft.put(ticket)


def _read_digests(state: Snapshot, strays: list[Stray]) -> dict[str, Stray]:
    found = {}
    for folder, key in strays:
        raw = state.read_message(folder, key)
        if raw is not None:
            found[sha256(raw).hexdigest()] = (folder, key)
    return found


def _follow(draft: Draft, ticket: Ticket, queue: str, *, is_closed: bool) -> None:
    enter_queue(ticket, draft.queue(queue), draft.now)
    if is_closed and ticket.state != "closed":
        end(ticket, draft.now)
    draft.put(ticket, why="its mail was moved by a mail client")


def _tickets(state: Snapshot) -> Iterator[tuple[str, str]]:
    for folder in maildir.list_folders(state.root):
        if folder not in maildir.SIDE_FOLDERS:
            yield from ((name, folder) for name in state.documents(folder))
