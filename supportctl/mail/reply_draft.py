"""A reply that a person writes: whom it goes to, what it quotes, and the draft as text for an editor and back.

Pure: the desk's addresses, the ticket's tag and the time zone are arguments.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from supportctl.errors import DataError
from supportctl.mail.addresses import read_addresses
from supportctl.mail.content import Address, MessageContent
from supportctl.values import TICKET_ID, clock_at, is_address

MISTAKE = "# "
"""How a line of a draft's header begins that is for the writer alone, such as what is wrong with the draft."""

_ANSWERED = re.compile(
    r"\s{0,9}(?:re|aw|sv|vs|antw|odp|ynt|res|rif|r|bls|atb|vá|ha|回复|回覆|答复|答覆|返信|답장|回信|отв|ответ|απ|σχετ)"
    r"\s{0,9}(?:\[\d{1,9}\]|\(\d{1,9}\))?\s{0,9}[:：]",
    re.I,
)
_TAG = re.compile(rf"\s{{0,9}}\[{TICKET_ID}\]", re.I)
_FIELD = re.compile(r"([A-Za-z]+)[ \t]*:[ \t]*(.*)\Z")
_FIELDS = ("From", "To", "Cc", "Subject")


class ReplyDraft(NamedTuple):
    """A reply before it is sent: who writes to whom, and what."""

    sender: Address
    to: list[Address]
    cc: list[Address]
    subject: str
    text: str


class AttachedFile(NamedTuple):
    """A file that goes with a reply: its name, MIME type and bytes."""

    name: str
    type: str
    content: bytes


class DraftError(DataError):
    """A draft that can't be sent as it stands; the message names the line."""


def draft_reply(
    original: MessageContent,
    *,
    sender: Address,
    own: Collection[str],
    tag: str,
    zone: str,
    signature: str = "",
    to_all: bool = False,
) -> ReplyDraft:
    """The draft of a reply to `original`: its text quoted below an attribution line, the signature below that.

    `own` are the desk's addresses, which never get a reply; `tag` is the ticket's id, for the subject.
    """
    to, cc = choose_recipients(original, own, to_all=to_all)
    return ReplyDraft(sender, to, cc, retitle(original.subject, tag), quote(original, zone) + sign(signature))


def choose_recipients(
    original: MessageContent, own: Collection[str], *, to_all: bool
) -> tuple[list[Address], list[Address]]:
    """Whom a reply goes to, and who gets a copy: Reply-To or else From (RFC 5322, 3.6.3); with `to_all`, all others.

    A Reply-To that names the desk alone asks for nothing. The answer to a message of the desk itself goes to whom the
    message was for.
    """
    to = _others(original.reply_to, own) or _others([original.sender], own) or _others(original.to, own)
    known = {*own, *(address.addr for address in to)}
    return to, _others([*original.to, *original.cc], known) if to_all else []


def retitle(subject: str, tag: str) -> str:
    """The subject of a reply: one `Re:`, one tag, whatever prefixes and tags stand before the words already."""
    words = _TAG.sub("", subject)
    while match := _ANSWERED.match(words):
        words = words[match.end() :]
    return f"Re: [{tag}] {words.strip()}".rstrip()


def quote(original: MessageContent, zone: str) -> str:
    """A message's text with `> ` before each line, below a line that says who wrote it when."""
    when = clock_at(original.date, zone).strftime("%Y-%m-%d %H:%M")
    who = original.sender.name or original.sender.addr or "somebody"
    lines = original.text.strip("\n").split("\n")
    quoted = "".join(f">{'' if line.startswith('>') or not line else ' '}{line}\n" for line in lines)
    return f"On {when}, {' '.join(who.split())} wrote:\n{quoted}"


def sign(signature: str) -> str:
    """A signature as it stands below a text (RFC 3676, 4.3), or ""."""
    return f"\n-- \n{signature.strip(chr(10))}\n" if signature.strip() else ""


def write_draft(draft: ReplyDraft, mistakes: Sequence[str] = ()) -> str:
    """A draft as text for an editor: header lines, an empty line, the text; above all, what is wrong with it."""
    header = (_format(draft.sender), _format_all(draft.to), _format_all(draft.cc), draft.subject)
    fields = [f"{name}: {value}".rstrip() for name, value in zip(_FIELDS, header, strict=True)]
    return "\n".join([*(MISTAKE + mistake for mistake in mistakes), *fields, "", draft.text])


def read_draft(text: str) -> ReplyDraft:
    """A draft out of the text that an editor leaves; raises DraftError."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    fields: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            return _make_draft(fields, "\n".join(lines[number:]))
        if line.startswith(("#", " ", "\t")):
            _continue(fields, line, number)
            continue
        match = _FIELD.match(line)
        name = match[1].capitalize() if match else ""
        if not match or name not in _FIELDS:
            raise DraftError(f"line {number} is no {', '.join(_FIELDS[:-1])} or Subject: {line[:60]!r}", _EMPTY_LINE)
        if name in fields:
            raise DraftError(f"line {number}: a second {name}", "put all addresses into one line, with commas")
        fields[name] = match[2].strip()
    raise DraftError("the draft has no text", _EMPTY_LINE)


_EMPTY_LINE = "the text begins after the first empty line"


def is_unchanged(text: str, draft: ReplyDraft) -> bool:
    """Whether what an editor leaves says no more than the draft that it was given, or nothing at all."""
    return not text.strip() or text.strip() == write_draft(draft).strip() or not _own_words(text, draft)


def _own_words(text: str, draft: ReplyDraft) -> str:
    """What stands below the header and is not of the draft."""
    given = set(draft.text.split("\n"))
    _, _, body = text.replace("\r\n", "\n").partition("\n\n")
    return "".join(line for line in body.split("\n") if line not in given).strip()


def _continue(fields: dict[str, str], line: str, number: int) -> None:
    """Read a folded line of the header; a line that begins with # is left out."""
    if line.startswith("#"):
        return
    if not fields:
        raise DraftError(f"line {number} begins with a blank, and no field stands above it", _EMPTY_LINE)
    name = next(reversed(fields))
    fields[name] = f"{fields[name]} {line.strip()}"


def _make_draft(fields: dict[str, str], text: str) -> ReplyDraft:
    people = {name: _read_valid(name, fields.get(name, "")) for name in _FIELDS[:-1]}
    if len(people["From"]) != 1:
        raise DraftError("From needs one address")
    if not people["To"]:
        raise DraftError("To needs an address")
    if not fields.get("Subject"):
        raise DraftError("the Subject is empty")
    return ReplyDraft(people["From"][0], people["To"], people["Cc"], fields["Subject"], text)


def _read_valid(name: str, value: str) -> list[Address]:
    addresses = _read(value)
    for address in addresses:
        if not is_address(address.addr):
            wrong = address.addr or address.name
            raise DraftError(f"{name}: not a valid address: {wrong[:100]!r}", "an address looks like ann@example.org")
    return addresses


def _read(value: str) -> list[Address]:
    return read_addresses(value) if value.strip() else []


def _others(addresses: Iterable[Address], known: Collection[str]) -> list[Address]:
    """The addresses that can be written to and are not known, each once."""
    found = {address.addr: address for address in addresses if address.addr not in known and is_address(address.addr)}
    return list(found.values())


def _format_all(addresses: Iterable[Address]) -> str:
    return ", ".join(map(_format, addresses))


def _format(address: Address) -> str:
    """An address as a person types it: names as they read, in quotes where they need them."""
    name = " ".join(address.name.split())
    if not name:
        return address.addr
    if re.fullmatch(r"[^\x00-\x1f\"<>@,;:()\\\[\].]+", name):
        return f"{name} <{address.addr}>"
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return f'"{escaped}" <{address.addr}>'
