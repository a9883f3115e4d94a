"""Mending what `check` finds: from the log what the log knows, by operations what happened to mail outside of it."""

from __future__ import annotations

from collections.abc import Iterator

from supportctl.config import Config
from supportctl.model import Mail
from supportctl.operations.draft import Draft
from supportctl.operations.intake import Intake, Manner
from supportctl.operations.moving import end, enter_queue
from supportctl.operations.sources import Arrival, Source
from supportctl.store import maildir
from supportctl.store.inspection import note_of_loss
from supportctl.store.layout import is_archive, queue_of
from supportctl.store.state import State

Stray = tuple[str, str]
"""A mail where no ticket has it: folder and key."""


def find_strays(state: State) -> dict[str, Stray]:
    """The mails that lie in a folder of tickets, but belong to no ticket there, by key."""
    strays = {}
    for folder in maildir.list_folders(state.root):
        if folder not in maildir.SIDE_FOLDERS:
            known = {message.key for ticket in state.tickets_in(folder) for message in ticket.messages}
            strays.update({key: (folder, key) for key in state.places(folder).keys() - known})
    return strays


def mend_mail(draft: Draft) -> None:
    """Let tickets follow mail that a mail client has moved to another queue; note what is gone for good."""
    strays = find_strays(draft.state)
    for ticket_id, folder in _tickets(draft.state):
        ticket, _ = draft.find(ticket_id)
        places = draft.state.places(folder)
        lost = [message.key for message in ticket.messages if message.key not in places]
        found = {key: strays[key][0] for key in lost if key in strays}
        for key, where in found.items():
            draft.bring(ticket.id, where, key)
        goals = {queue_of(where) for where in found.values()}
        if len(found) == len(ticket.messages) and len(goals) == 1 and goals <= draft.config.queues.keys():
            _follow(draft, ticket_id, goals.pop(), is_closed=is_archive(next(iter(found.values()))))
        elif found:
            draft.put(ticket, notes=[f"{len(found)} mails were brought back from {', '.join(sorted(goals))}"])
        ticket, _ = draft.find(ticket_id)
        gone = [note_of_loss(key) for key in lost if key not in found]
        if set(gone) - set(ticket.problems):
            ticket.problems = list(dict.fromkeys([*ticket.problems, *gone]))
            draft.put(ticket)


def _follow(draft: Draft, ticket_id: str, queue: str, *, is_closed: bool) -> None:
    ticket, _ = draft.find(ticket_id)
    enter_queue(ticket, draft.queue(queue), draft.now)
    if is_closed and ticket.state != "closed":
        end(ticket, draft.now)
    draft.put(ticket, why="its mail was moved by a mail client")


def _tickets(state: State) -> Iterator[tuple[str, str]]:
    for folder in maildir.list_folders(state.root):
        if folder not in maildir.SIDE_FOLDERS:
            yield from ((name, folder) for name in state.documents(folder))


def adopt_strays(state: State, config: Config) -> Iterator[tuple[str, Intake]]:
    """For each queue, the mails that somebody put into its folder by hand, to be taken in there."""
    from supportctl.mail.message import parse

    trusted = frozenset(config.desk.trusted_authserv)
    by_queue: dict[str, list[Arrival]] = {}
    for folder, key in find_strays(state).values():
        raw = state.read_message(folder, key)
        if raw is not None and queue_of(folder) in config.queues:
            place = state.places(folder)[key]
            path = maildir.relative_path(folder) + place
            part, _, name = place.partition("/")
            source = Source(path, raw, 0, key, part, maildir.flags_of(name), folder)
            mail: Mail = parse(raw, received=0, trusted=trusted)
            by_queue.setdefault(queue_of(folder), []).append(Arrival(source, mail))
    for queue, arrivals in by_queue.items():
        yield queue, Intake(arrivals, Manner(queue=queue))
