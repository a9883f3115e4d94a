"""Answer the people who write: a person's reply to a message of a ticket, and what becomes of the ticket with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from supportctl.config import Config
from supportctl.config.templates import Template
from supportctl.errors import DataError, DeskError, UsageError
from supportctl.mail.compose import compose_reply
from supportctl.mail.content import Address, MessageContent
from supportctl.mail.reply_draft import AttachedFile, ReplyDraft, draft_reply, sign
from supportctl.model import Message, Outgoing, Ticket
from supportctl.operations.draft import Draft
from supportctl.operations.outgoing import new_mid, post_messages
from supportctl.operations.transitions import put_on_hold, try_to_close
from supportctl.records import Record


class Reply(Record):
    """A reply as a person asks for it.

    `draft` is one from an editor. Without it, `text`, or the `template` filled for each ticket, goes to whom the
    message asks for, to everybody (`to_all`), or `to` these addresses. With the reply, tickets get an issue type,
    close, or wait until `due` (0: they don't).
    """

    text: str = ""
    template: Template | None = None
    draft: ReplyDraft | None = None
    to_all: bool = False
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    issue_type: str = ""
    closes: bool = False
    due: int = 0


class Answered(NamedTuple):
    """The number of the message of a ticket that a reply answers, and the finished reply."""

    number: int
    raw: bytes


def reply(draft: Draft, names: list[str], request: Reply) -> dict[str, Answered]:
    """Answer the last message of each ticket; return what is answered, by ticket."""
    answered = {}
    for ticket in draft.find_many(names):
        try:
            message = choose_message(ticket, draft.config)
            (content,) = draft.ask("reply", ticket, [message], _keep)
            raw = _post(draft, ticket, content, request)
            _move_on(draft, ticket, request)
        except DeskError as error:
            if not isinstance(error, DataError | UsageError):
                raise
            draft.refuse(ticket.id, error)
            continue
        answered[ticket.id] = Answered(message.number, raw)
        draft.put(ticket)
    return answered


def choose_message(ticket: Ticket, config: Config) -> Message:
    """The message that a reply answers: a person's last one, or without any the last one of all but our own.

    Raises UsageError where there is none.
    """
    theirs = [message for message in ticket.messages if message.sender not in config.desk.addresses]
    if not theirs:
        raise UsageError(f"{ticket.id} has no message to answer")
    return next((message for message in reversed(theirs) if not message.automatic), theirs[-1])


def begin_draft(
    config: Config, ticket: Ticket, content: MessageContent, *, to_all: bool = False, is_quoted: bool = True
) -> ReplyDraft:
    """The draft of a reply for a ticket, as its queue writes: with the message quoted, or with a signature alone."""
    settings = (config.queues.get(ticket.queue) or config.desk).outgoing
    begun = draft_reply(
        content,
        sender=Address(settings.name, settings.sender),
        own=config.desk.addresses,
        tag=ticket.id,
        zone=config.desk.timezone,
        signature=settings.signature,
        to_all=to_all,
    )
    return begun if is_quoted else begun._replace(text=sign(settings.signature))


def _post(draft: Draft, ticket: Ticket, content: MessageContent, request: Reply) -> bytes:
    written = request.draft or _fill(draft, ticket, content, request)
    if not written.to:
        raise UsageError(f"{ticket.id}: nobody to answer", "give an address with --to")
    if written.sender.addr not in draft.config.desk.addresses:
        raise UsageError(f"{ticket.id}: {written.sender.addr} is none of the desk's addresses", "see addresses, desk")
    mid = new_mid(draft, ticket)
    raw = compose_reply(
        content, written, envelope_sender=written.sender.addr, mid=mid, date=draft.now, files=request.files
    )
    recipients = list(dict.fromkeys(address.addr for address in (*written.to, *written.cc)))
    post_messages(draft, ticket, [(raw, Outgoing("", mid, "reply", recipients, draft.now, written.sender.addr))])
    return raw


def _fill(draft: Draft, ticket: Ticket, content: MessageContent, request: Reply) -> ReplyDraft:
    begun = begin_draft(draft.config, ticket, content, to_all=request.to_all, is_quoted=False)
    values = {
        "ticket": ticket.id,
        "subject": ticket.subject,
        "name": content.sender.name or content.sender.addr,
        "requester": ticket.requester,
        "desk": draft.config.desk.name,
    }
    own = request.template.fill(values) if request.template else request.text
    text = own.rstrip() + "\n" + begun.text
    cc = [*begun.cc, *_addresses(request.cc)]
    return begun._replace(text=text, to=_addresses(request.to) or begun.to, cc=cc)


def _move_on(draft: Draft, ticket: Ticket, request: Reply) -> None:
    """Do with a ticket what is asked for besides the reply; raises UsageError where that can't be."""
    ticket.issue_type = request.issue_type or ticket.issue_type
    if request.closes and ticket.state != "closed":
        if reason := try_to_close(ticket, draft.queue(ticket.queue), draft.now):
            raise UsageError(f"{ticket.id} {reason}", f"give one with --type, of {', '.join(draft.config.issue_types)}")
    elif request.due:
        if ticket.state == "closed":
            raise UsageError(f"{ticket.id} is closed", f"run supportctl reopen {ticket.id} first")
        put_on_hold(ticket, draft.config.waiting, request.due)


def _addresses(names: Sequence[str]) -> list[Address]:
    return [Address("", name) for name in names]


def _keep(content: MessageContent) -> MessageContent:
    return content._replace(attachments=[])
