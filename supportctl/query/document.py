"""The texts of a message that queries look into: in the index, and in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from supportctl.query.fold import BARRIER
from supportctl.values import make_encodable

if TYPE_CHECKING:
    from supportctl.mail.content import Address, MessageContent

#: A test of a text.
Test = Callable[[str], bool]
#: Ends each line of a header block; replaced in values.
RECORD_SEPARATOR = "\x1e"
_JOINT = f" {BARRIER} "


def format_address(address: Address) -> str:
    """An address as mail writes it: `Name <local@domain>`."""
    return f"{address.name} <{address.addr}>" if address.name else address.addr


def read_column(content: MessageContent, name: str) -> str:
    """The text of one column of the index, in an encodable form."""
    return make_encodable(_COLUMNS[name](content))


def _addresses(addresses: Sequence[Address]) -> str:
    return ", ".join(map(format_address, addresses))


def _others(content: MessageContent) -> list[str]:
    known = {address.addr for address in (*content.to, *content.cc)}
    return [addr for addr in content.recipients if addr not in known]


_COLUMNS: dict[str, Callable[[MessageContent], str]] = {
    "subject": lambda content: content.subject,
    "sender": lambda content: format_address(content.sender),
    "receivers": lambda content: _addresses(content.to),
    "copies": lambda content: _addresses(content.cc),
    "others": lambda content: ", ".join(_others(content)),
    "written": lambda content: content.written,
    "quoted": lambda content: content.quoted,
    "attached": lambda content: content.attached,
    "hidden": lambda content: content.hidden,
    "names": lambda content: "\n".join(attachment.name for attachment in content.attachments),
}


def list_addresses(content: MessageContent, name: str) -> list[str]:
    """The bare addresses of an address column."""
    if name == "sender":
        return [content.sender.addr]
    if name == "others":
        return _others(content)
    return [address.addr for address in (content.to if name == "receivers" else content.cc)]


def join_columns(texts: Sequence[str]) -> str:
    """Folded columns as one text in which no phrase reaches from one column into the next."""
    return texts[0] if len(texts) == 1 else _JOINT.join(texts)


def list_texts(columns: Sequence[str]) -> str:
    """The texts of several columns for a pattern: one below the other, without empty ones."""
    return "\n".join([text for text in columns if text])


class Page(NamedTuple):
    """A whole message as one text, and the offsets of the body, of what follows it, and of the attached messages."""

    text: str
    body: int
    rest: int
    attached: int


def make_page(columns: Sequence[str], body: str, hidden: str = "", attached: str = "") -> Page:
    """The page of a message: the HEADING columns, the body, what nobody sees, and the attached messages."""
    top = list_texts(columns) + "\n"
    rest = len(top) + len(body)
    below = f"\n{hidden}" if hidden else ""
    attached_at = rest + len(below) + 1 if attached else rest + len(below)
    return Page(f"{top}{body}{below}\n{attached}" if attached else top + body + below, len(top), rest, attached_at)


def page_of(content: MessageContent, columns: Sequence[str]) -> Page:
    """The page of a message with these HEADING columns, in an encodable form."""
    return make_page(columns, body_of(content), read_column(content, "hidden"), read_column(content, "attached"))


def body_of(content: MessageContent) -> str:
    """The text of a message in all its forms, in an encodable form."""
    return make_encodable(f"{content.text}\n{content.more}" if content.more else content.text)


def identity_of(content: MessageContent) -> str:
    """What a message is known by where a mail client has rewritten it (`identify`)."""
    page = page_of(content, [read_column(content, name) for name in HEADING]).text
    return identity_in(make_encodable(content.mid), content.date, page, make_header_block(content))


def identity_in(mid: str, date: int, page: str, block: str) -> str:
    """The same, from what the index has of a message."""
    from supportctl.mail.sameness import identify

    return identify(mid, date, page, find_header_values(block, "authentication-results"))


#: The columns above the body in a page.
HEADING = ("subject", "sender", "receivers", "copies", "others", "names")


def make_header_block(content: MessageContent) -> str:
    """All headers as records `name: value`, names in lower case."""
    lines = [f"{name.lower()}: {value}" for name, value in content.headers]
    # Values rarely have the separator in them, so one count is cheaper than replacing it in each.
    block = RECORD_SEPARATOR.join(lines)
    if block.count(RECORD_SEPARATOR) != max(0, len(lines) - 1):
        block = RECORD_SEPARATOR.join([line.replace(RECORD_SEPARATOR, " ") for line in lines])
    return make_encodable(block)


def find_header_values(block: str, name: str) -> list[str]:
    """The values of every header of a name (lower case) in a block."""
    start = f"{name}: "
    if start not in block:
        return []
    return [line[len(start) :] for line in block.split(RECORD_SEPARATOR) if line.startswith(start)]
