"""Messages that the desk writes for tickets: finished bytes for the outbox, and their rows on the tickets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supportctl.config import Notice
from supportctl.errors import DataError, UsageError
from supportctl.mail.compose import (
    compose_forward,
    compose_inline_forward,
    compose_notice,
    make_message_id,
)
from supportctl.mail.content import Address, MessageContent
from supportctl.mail.reply_draft import sign
from supportctl.model import LARGEST_READ, OUTBOX, WITH_TICKET, Message, Outgoing, Ticket, Waiting
from supportctl.operations.dispatching import enqueue
from supportctl.operations.draft import Draft
from supportctl.operations.transitions import note_left_open, try_to_close
from supportctl.values import is_address


class PostponedError(DataError):
    """One operation is to send on more than fits into memory; the next one can send what is left."""


def forward(draft: Draft, names: list[str], to: Sequence[str], text: str = "") -> None:
    """Send tickets on, to these addresses or to their queue's, and do what the queue says after that."""
    for ticket in draft.find_many(names):
        queue = draft.queue(ticket.queue)
        recipients = list(to) or ([queue.forward_to] if queue.forward_to else [])
        if not recipients:
            error = UsageError(f"{ticket.id}: {queue.title} has no address to forward to", "give one with --to ADDRESS")
            draft.refuse(ticket.id, error)
            continue
        try:
            _send_on(draft, ticket, recipients, text, is_public=queue.public)
        except DataError as error:
            draft.refuse(ticket.id, error)
            continue
        is_to_close = queue.after_forward == "close" and ticket.state != "closed"
        notes = note_left_open(try_to_close(ticket, queue, draft.now)) if is_to_close else []
        for note in notes:
            draft.warn(ticket.id, f"forwarded, but {note}")
        draft.put(ticket, notes=notes)


def write_forward(draft: Draft, ticket: Ticket, to: str) -> list[str]:
    """Send a ticket on because a rule says so; return the notes for the ticket.

    Raises PostponedError where that has to wait for the next operation.
    """
    queue = draft.queue(ticket.queue)
    try:
        _send_on(draft, ticket, [to], "", is_public=queue.public)
    except PostponedError:
        raise
    except DataError as error:
        return [f"not forwarded to {to}: {error.message}"]
    return []


def write_notice(draft: Draft, ticket: Ticket, content: MessageContent, notice: Notice) -> list[str]:
    """Answer a message with a notice, where that is allowed; return why it was not sent, as notes for the ticket."""
    recipient = content.sender.addr
    reason = _reason_not_to_answer(draft, content, notice)
    if not reason:
        # A notice that can't be written is a note on its ticket: it must not keep the rest of the batch in the INBOX.
        try:
            _answer(draft, ticket, content, notice)
        except DataError as error:
            reason = error.message
    return [f"notice {notice.key} not sent to {recipient or 'the sender'}: {reason}"] if reason else []


def _answer(draft: Draft, ticket: Ticket, content: MessageContent, notice: Notice) -> None:
    mid = new_mid(draft, ticket)
    settings = draft.queue(ticket.queue).outgoing
    values = {"ticket": ticket.id, "subject": ticket.subject, "desk": draft.config.desk.name}
    written = compose_notice(
        content,
        text=notice.text.format_map(values),
        sender=Address(settings.name, settings.sender),
        mid=mid,
        date=draft.now,
        subject=notice.subject.format_map(values),
        prefix=f"[{ticket.id}]",
    )
    post_messages(draft, ticket, [(written, Outgoing("", mid, "notice", [content.sender.addr], draft.now))])
    draft.noticed.setdefault(content.sender.addr, []).append(ticket.id)


def _reason_not_to_answer(draft: Draft, content: MessageContent, notice: Notice) -> str:
    from supportctl.policy.answering import reason_not_to_answer  # not at the top: few rules send a notice

    recipient = content.sender.addr
    if reason := reason_not_to_answer(content):
        return reason
    if not is_address(recipient):
        return "the sender's address is not valid"
    if recipient in draft.config.desk.addresses or recipient == draft.config.desk.sender:
        return "the message is from the desk itself"
    # In this plan, then on the desk: one intake may bring a hundred messages of one sender.
    since = notice.once_per.before(draft.now, draft.config.desk.timezone)
    if _is_noticed(draft, recipient, since) or draft.planning.noticed_since(recipient, since):
        return "the sender got a notice recently"
    return ""


def _is_noticed(draft: Draft, recipient: str, since: int) -> bool:
    """Whether a ticket has a notice to an address by this very plan, which may have taken some back."""
    changes = (draft.changes.get(name) for name in draft.noticed.get(recipient, ()))
    written = (outgoing for change in changes if change and change.after for outgoing in change.after.outgoing)
    return any(
        outgoing.kind == "notice" and recipient in outgoing.recipients and outgoing.at > since for outgoing in written
    )


def _send_on(draft: Draft, ticket: Ticket, to: Sequence[str], text: str, *, is_public: bool) -> None:
    """Send every message of a ticket on; raises DataError, and then sends none of them."""
    for message in ticket.messages:
        if message.size > LARGEST_READ:
            raise DataError(f"{ticket.id}: message {message.key} is too large to send on: {message.size >> 20} MiB")
    weight = sum(message.size for message in ticket.messages)
    if draft.deliveries.posted_weight and draft.deliveries.posted_weight + weight > LARGEST_READ:
        at_once = f"more than {LARGEST_READ >> 20} MiB are to be sent on at once"
        raise PostponedError(f"{ticket.id}: {at_once}", "forward fewer tickets at a time")
    originals = draft.ask("forward", ticket, ticket.messages, _keep_all if is_public else _keep_header)
    # All of them before any is entered: a conversation that goes out in part would be read as the whole.
    composed = []
    settings = draft.queue(ticket.queue).outgoing
    sender = Address(settings.name, settings.sender)
    text = f"{text.rstrip()}\n{sign(settings.signature)}" if text.strip() else text
    for message, original in zip(ticket.messages, originals, strict=True):
        mid = new_mid(draft, ticket)
        if is_public:
            written = compose_inline_forward(
                original, to=to, sender=sender, envelope_sender=settings.sender, mid=mid, date=draft.now, text=text
            )
        else:
            written = compose_forward(
                original, _read(draft, ticket, message), to=to, sender=sender, envelope_sender=settings.sender,
                mid=mid, date=draft.now, text=text, prefix=f"[{ticket.id}]",
            )  # fmt: skip
        composed.append((written, Outgoing("", mid, "forward", list(to), draft.now, settings.sender)))
    post_messages(draft, ticket, composed)


def _keep_all(content: MessageContent) -> MessageContent:
    return content


def _keep_header(content: MessageContent) -> MessageContent:
    """What a message says in its header: the bytes are attached as they are."""
    return content._replace(text="", written="", quoted="", attachments=[])


def _read(draft: Draft, ticket: Ticket, message: Message) -> bytes:
    """A message's bytes to send on, even while it is being taken in; raises DataError where they are gone."""
    raw = draft.read_message(ticket, message)
    if raw is None:
        raise DataError(f"{ticket.id}: message {message.key} is missing", "run supportctl check")
    if not raw.startswith(b"From "):
        return raw
    # The envelope's line, as some delivery agent laid it into the Maildir: no server lets a mail with that line pass.
    from supportctl.mail.envelope import split_envelope

    return raw[split_envelope(raw)[1] :]


def post_messages(draft: Draft, ticket: Ticket, composed: Iterable[tuple[bytes, Outgoing]]) -> None:
    """Put finished messages for a ticket into the outbox."""
    from hashlib import sha256  # not at the top: most verbs write no mail

    transport, delay = draft.queue(ticket.queue).outgoing.transport, draft.config.desk.delay
    posted = []
    for raw, outgoing in composed:
        key = draft.planning.free_key(OUTBOX)
        # Whoever wrote a reply has seen it, where it will lie with its ticket.
        draft.deliveries.post(raw, ticket.id, key, "S" if outgoing.kind == "reply" else None)
        posted.append(enqueue(outgoing._replace(key=key, digest=sha256(raw).hexdigest()), transport, delay))
    ticket.outgoing = [*ticket.outgoing, *posted]


def replace_row(draft: Draft, ticket: Ticket, before: Outgoing, after: Outgoing) -> None:
    """Enter what has become of a message; a reply that has left becomes a message of its ticket."""
    ticket.outgoing = [after if row.key == before.key else row for row in ticket.outgoing]
    if after.folder == WITH_TICKET != before.folder:
        measured = draft.planning.measure_waiting(Waiting(OUTBOX, after.key))
        if measured is None:
            draft.warn(ticket.id, f"message {after.key} is missing from {OUTBOX}")
            return
        number = draft.numbers.next_message_number()
        message = Message(number, after.key, after.mid, *measured, after.at, after.sender, after.recipients)
        ticket.messages = [*ticket.messages, message]
        draft.deliveries.bring(Waiting(OUTBOX, after.key), ticket.id)


def new_mid(draft: Draft, ticket: Ticket) -> str:
    """A new Message-ID with the ticket's id in it."""
    import secrets  # not at the top: most verbs write no mail

    return make_message_id(f"{ticket.id}.{secrets.token_hex(6)}", draft.config.desk.domain)
