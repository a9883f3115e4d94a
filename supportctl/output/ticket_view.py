"""A ticket with its messages as text for a person; nothing in it can steer a terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from supportctl.config import Config
from supportctl.mail.content import MessageContent
from supportctl.model import Message, Ticket, is_by_stranger
from supportctl.operations.listing import describe_ticket
from supportctl.operations.viewing import MessageView, TicketView
from supportctl.output import formats
from supportctl.output.columns import TICKET
from supportctl.output.terminal import clean, has_colour, line_width
from supportctl.records import Row

_OTHER_TEXTS = {
    "more": "only in the HTML part:",
    "hidden": "hidden text, which mail programs do not show:",
    "attached": "attached messages:",
}
"""The texts of a message beside its own, by their fields, and what stands above each."""

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def write_view(shown: TicketView, config: Config, *, why: bool = False) -> None:
    """Write a ticket and its messages to standard output; with `why`, what speaks for and against each verdict."""
    for line in _heading(shown, config):
        formats.write_text(line + "\n")
    waiting = _remarks(shown, config.desk.timezone)
    for view in shown.messages:
        while waiting and waiting[0][0] <= view.message.date:
            formats.write_text(waiting.popleft()[1])
        formats.write_text("\n" + _rule(view, len(shown.ticket.messages)) + "\n")
        for line in _lines(view, config.desk.timezone, why):
            formats.write_text(line + "\n")
    for _, remark in waiting:
        formats.write_text(remark)


def describe_view(shown: TicketView, *, why: bool = False) -> Row:
    """A view for JSON; with `why`, with the signs for and against each verdict."""
    is_unread = any(view.is_unread for view in shown.messages)
    row = describe_ticket(shown.ticket, is_unread=is_unread)
    times = {column.name for column in TICKET if column.kind == "time"}
    fields = {
        name: formats.iso_time(value) or None if name in times and isinstance(value, int) else value
        for name, value in row.items()
    }
    extra = {name: getattr(shown.ticket, name) for name in ("rules", "problems", "touched")}
    outgoing = list(_describe_outgoing(shown.ticket))
    notes = [{"at": formats.iso_time(note.at), "by": note.by, "text": note.text} for note in shown.notes]
    reasons = [{**reason._asdict(), "at": formats.iso_time(reason.at)} for reason in shown.reasons]
    messages = list(_describe_messages(shown, why))
    return {**fields, **extra, "notes": notes, "reasons": reasons, "messages": messages, "outgoing": outgoing}


def _describe_messages(shown: TicketView, why: bool) -> Iterator[Row]:
    for view in shown.messages:
        row = _describe_record(view)
        if view.content is not None:
            row |= _describe_content(view.content)
            if why:
                row["signs"] = [sign._asdict() for sign in view.content.signs]
        elif view.problem:
            row["problems"] = [view.problem]
        yield row


def _describe_record(view: MessageView) -> Row:
    """What the ticket knows of a message; the last fields only where there is something to say."""
    message = view.message
    row: Row = {
        "number": view.position,
        "message_id": message.mid,
        "date": formats.iso_time(message.date),
        "automatic": message.automatic,
        "likely": message.likely,
        "path": view.path,
    }
    rare: Row = {name: getattr(message, name) for name in ("brought_by", "envelope", "vouched")}
    rare["stranger"] = is_by_stranger(message)
    return row | {name: value for name, value in rare.items() if value}


def _describe_content(content: MessageContent) -> Row:
    return {
        "from": {"name": content.sender.name, "address": content.sender.addr},
        "to": [address.addr for address in content.to],
        "cc": [address.addr for address in content.cc],
        "subject": content.subject,
        **{name: getattr(content, name) for name in ("text", *_OTHER_TEXTS)},
        "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in content.attachments],
        "signed": content.is_signed,
        "encrypted": content.is_encrypted,
        "problems": content.problems,
    }


def _heading(shown: TicketView, config: Config) -> Iterator[str]:
    ticket = shown.ticket
    queue, zone = config.queues.get(ticket.queue), config.desk.timezone
    yield _bold(f"{ticket.id}  {clean(ticket.subject)}")
    state = ticket.state + (f" until {formats.local_moment(ticket.due, zone)[:10]}" if ticket.due else "")
    yield f"{queue.title if queue else ticket.queue}, {state}; opened {formats.local_moment(ticket.created, zone)}"
    facts = {
        "type": ticket.issue_type,
        "tags": ", ".join(ticket.tags),
        "owner": ticket.owner,
        "rules": ", ".join(ticket.rules),
        "linked to": ", ".join(ticket.links),
        "problems": "; ".join(ticket.problems),
    }
    yield from (f"{name}: {clean(value)}" for name, value in facts.items() if value)
    yield from _written(ticket, config)


def _written(ticket: Ticket, config: Config) -> Iterator[str]:
    for outgoing in ticket.outgoing:
        from supportctl.output.outgoing_view import describe_written  # not at the top: few tickets have any

        yield f"written: {clean(describe_written(config, ticket.queue, outgoing))}"


def _describe_outgoing(ticket: Ticket) -> Iterator[Row]:
    for outgoing in ticket.outgoing:
        from supportctl.output.outgoing_view import describe_outgoing

        yield describe_outgoing(ticket.id, outgoing)


def _remarks(shown: TicketView, zone: str) -> deque[tuple[int, str]]:
    """The notes on a ticket and the reasons for what was done to it, as text, each with its time, oldest first."""
    notes = [
        (note.at, f"\n{_bold(f'── note by {clean(note.by)}, {formats.local_moment(note.at, zone)}')}\n"
         f"{clean(note.text, keep_newlines=True)}\n") for note in shown.notes
    ]  # fmt: skip
    reasons = [
        (
            each.at,
            f"\n── {each.verb} by {clean(each.account)}, {formats.local_moment(each.at, zone)}: {clean(each.text)}\n",
        )
        for each in shown.reasons
    ]
    return deque(sorted([*notes, *reasons], key=lambda remark: remark[0]))


def _rule(view: MessageView, count: int) -> str:
    text = f"── {view.position} of {count}{', new' if view.is_unread else ''} "
    return _bold(text + "─" * max(3, min(line_width() or 72, 72) - len(text)))


def _lines(view: MessageView, zone: str, why: bool) -> Iterator[str]:
    content = view.content
    if content is None:
        yield f"({clean(view.problem or 'the message is missing')}; supportctl check says more)"
        return
    yield f"From: {_people([content.sender])}"
    for name, people in (("To", content.to), ("Cc", content.cc)):
        if people:
            yield f"{name}: {_people(people)}"
    yield f"Date: {formats.local_moment(content.date, zone)}"
    yield f"Subject: {clean(content.subject)}"
    if notes := _notes(view.message, content):
        yield f"({notes})"
    if why:
        yield from _reasons(view.message, content)
    yield ""
    yield clean(content.text, keep_newlines=True).rstrip("\n")
    for name, title in _OTHER_TEXTS.items():
        if text := getattr(content, name):
            yield f"\n[{title}]"
            yield clean(text, keep_newlines=True).rstrip("\n")
    for number, attachment in enumerate(content.attachments, 1):
        size = formats.short_size(attachment.size)
        yield f"[attachment {number}: {clean(attachment.name) or 'unnamed'}, {clean(attachment.type)}, {size}]"


def _notes(message: Message, content: MessageContent) -> str:
    brought = f"brought by {message.brought_by}" if message.brought_by else ""
    marks = [
        _verdict(message) if message.automatic or message.likely else "",
        brought,
        "by somebody new" if is_by_stranger(message) else "",
        f"a copy is authenticated for {', '.join(message.vouched)}" if message.vouched else "",
        "encrypted" if content.is_encrypted else "",
        "signed" if content.is_signed else "",
    ]
    return clean(", ".join(filter(None, [*marks, *content.problems])))


def _verdict(message: Message) -> str:
    from supportctl.mail.verdict import name_verdict  # not at the top: most messages are people's

    return name_verdict(message.automatic, message.likely)


def _reasons(message: Message, content: MessageContent) -> Iterator[str]:
    """What speaks for and against the verdict, and the verdict of today where that is another one."""
    from supportctl.mail.verdict import describe_sign, name_verdict

    yield from (f"  {clean(describe_sign(sign))}" for sign in content.signs)
    if not content.signs:
        yield "  nothing speaks for a bounce or an automatic reply"
    if (content.automatic, content.likely) != (message.automatic, message.likely):
        today = name_verdict(content.automatic, content.likely) or "a person's message"
        yield f"  today's verdict is another one: {today}"


def _people(people: object) -> str:
    names = []
    for address in people if isinstance(people, list) else []:
        names.append(f"{address.name} <{address.addr}>" if address.name else address.addr)
    return clean(", ".join(names)) or "(nobody)"


def _bold(text: str) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if has_colour() else text
