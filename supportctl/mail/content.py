"""What a message says, once it is read: its sender, recipients, text and attachments, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from supportctl.model import Automatic, Likely

if TYPE_CHECKING:
    from supportctl.mail.verdict import Sign


class Address(NamedTuple):
    """A display name and an address in lower case; either may be empty."""

    name: str
    addr: str


class Attachment(NamedTuple):
    """A part that a person would save: its file name (as sent, untrusted), type, and size in bytes."""

    name: str
    type: str
    size: int


class MessageContent(NamedTuple):
    """What a message says, read from its bytes; every text is decoded, none of it is trusted.

    `date` is in seconds since the epoch. `text` is the body for a person to read, `written` the part of it that the
    writer wrote, `quoted` the quotations and the signature. Not in `text` are: `more`, the lines that only another form
    of the text has (HTML beside plain text), `hidden`, what HTML shows to nobody, and `attached`, the text of the
    messages that the message carries. `written` and `quoted` are of `more` as well. `references` are Message-IDs
    without angle brackets, nearest ancestor first. `automatic` is what the message certainly is, `likely` what it may
    be although a person may have written it, `signs` are what speaks for and against either, `original` is the
    Message-ID that the bounce or automatic reply is about. `auth` are the domains that pass according to a trusted
    Authentication-Results header. `problems` name what could not be read.
    """

    headers: list[tuple[str, str]]
    mid: str
    subject: str
    sender: Address
    to: list[Address]
    cc: list[Address]
    reply_to: list[Address]
    recipients: list[str]
    date: int
    references: list[str]
    text: str
    written: str
    quoted: str
    attachments: list[Attachment]
    is_signed: bool
    is_encrypted: bool
    size: int
    digest: str
    automatic: Automatic
    likely: Likely
    signs: list[Sign]
    original: str
    auth: list[str]
    problems: list[str]
    more: str = ""
    hidden: str = ""
    attached: str = ""


def of_beginning(content: MessageContent, size: int, digest: str) -> MessageContent:
    """What a message says of which only the beginning was read; size and digest are those of the whole."""
    problem = f"only the first {content.size >> 20} MiB of {size >> 20} were read"
    return content._replace(size=size, digest=digest, problems=[*content.problems, problem])


def of_compressed(content: MessageContent, size: int, digest: str, compression: str) -> MessageContent:
    """What a message says whose file is compressed; size and digest are those of the file."""
    problem = f"its file is compressed ({compression}): other programs may not read it"
    return content._replace(size=size, digest=digest, problems=[*content.problems, problem])
