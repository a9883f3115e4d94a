"""The texts of a mail that queries look into: what the index stores, and what is read in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from supportctl.query.fold import BARRIER, make_storable

if TYPE_CHECKING:
    from supportctl.model import Address, MessageContent

#: A question about a text.
Test = Callable[[str], bool]
#: Ends each line of a header block; taken out of values.
RECORD = "\x1e"
_JOINT = f" {BARRIER} "


def written_address(address: Address) -> str:
    """Return an address as it stands in a mail: `Name <local@domain>`."""
    return f"{address.name} <{address.addr}>" if address.name else address.addr


def column(mail: MessageContent, name: str) -> str:
    """Return the text of one column of the index, in an encodable form."""
    return make_storable(_COLUMNS[name](mail))


def _addresses(addresses: Sequence[Address]) -> str:
    return ", ".join(map(written_address, addresses))


def _others(mail: MessageContent) -> list[str]:
    known = {address.addr for address in (*mail.to, *mail.cc)}
    return [addr for addr in mail.recipients if addr not in known]


_COLUMNS: dict[str, Callable[[MessageContent], str]] = {
    "subject": lambda mail: mail.subject,
    "sender": lambda mail: written_address(mail.sender),
    "receivers": lambda mail: _addresses(mail.to),
    "copies": lambda mail: _addresses(mail.cc),
    "others": lambda mail: ", ".join(_others(mail)),
    "written": lambda mail: mail.written,
    "quoted": lambda mail: mail.quoted,
    "names": lambda mail: "\n".join(attachment.name for attachment in mail.attachments),
}


def addresses(mail: MessageContent, name: str) -> list[str]:
    """Return the bare addresses of an address column."""
    if name == "sender":
        return [mail.sender.addr]
    if name == "others":
        return _others(mail)
    return [address.addr for address in (mail.to if name == "receivers" else mail.cc)]


def join_columns(texts: Sequence[str]) -> str:
    """Join folded columns so that no phrase reaches from one into the next."""
    return texts[0] if len(texts) == 1 else _JOINT.join(texts)


def list_texts(columns: Sequence[str]) -> str:
    """Return the texts of several columns for a pattern: one below the other, empty ones left out."""
    return "\n".join([text for text in columns if text])


def page(columns: Sequence[str], body: str) -> tuple[str, int]:
    """Return a whole mail as one text, the HEADING columns first, and where the body begins in it."""
    top = list_texts(columns) + "\n"
    return top + body, len(top)


#: The columns that stand above the body in a page.
HEADING = ("subject", "sender", "receivers", "copies", "others", "names")


def header_block(mail: MessageContent) -> str:
    """Return all headers as records `name: value`, names in lower case."""
    lines = [f"{name.lower()}: {value}" for name, value in mail.headers]
    block = RECORD.join(lines)
    if block.count(RECORD) != max(0, len(lines) - 1):
        block = RECORD.join([line.replace(RECORD, " ") for line in lines])
    return make_storable(block)


def header_values(block: str, name: str) -> list[str]:
    """Return the values of each header of a name (lower case) in a block."""
    start = f"{name}: "
    if start not in block:
        return []
    return [line[len(start) :] for line in block.split(RECORD) if line.startswith(start)]
