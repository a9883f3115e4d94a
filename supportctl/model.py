"""The desk's words as plain typed data; nothing here reads, writes or decides."""

from typing import Literal, NamedTuple

from supportctl.records import Record

TicketState = Literal["open", "pending", "closed"]
Automatic = Literal["", "bounce", "reply", "list"]

INBOX = ""
OUTBOX = "outbox"
DUPLICATES = "duplicates"
UNDONE = "undone"
SIDE_FOLDERS = (OUTBOX, DUPLICATES, UNDONE)
"""The desk's own folders, beside those of its queues; mail arrives in the INBOX."""


class Address(NamedTuple):
    """A display name and an address; the address is lower case, either may be empty."""

    name: str
    addr: str


class Attachment(NamedTuple):
    """A part that a person would save: its file name (as sent, untrusted), type, and size in bytes."""

    name: str
    type: str
    size: int


class MessageContent(NamedTuple):
    """What a message says, read from its bytes; every text is decoded, none of it is trusted.

    `date` is in seconds since the epoch. `text` is the body as a person reads it; `written` is the
    part of it that the writer wrote, `quoted` the quotations and the signature. `references` are
    Message-IDs without angle brackets, nearest ancestor first. `original` is the Message-ID of the
    mail that a bounce or an automatic reply is about. `auth` are the domains that a trusted
    Authentication-Results header lets pass. `problems` say what could not be read.
    """

    headers: list[tuple[str, str]]
    mid: str
    subject: str
    sender: Address
    to: list[Address]
    cc: list[Address]
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
    original: str
    auth: list[str]
    problems: list[str]


class Message(Record):
    """One mail file of a ticket: where to find it again (key) and how to know it again (size, digest).

    `number` is the desk-wide number of the message, in the order of intake; it is the row of the
    message in both caches. `people` are the addresses that take part through it.
    """

    number: int
    key: str
    mid: str
    size: int
    digest: str
    date: int
    sender: str
    people: list[str] = []
    references: list[str] = []
    automatic: Automatic = ""


class Outgoing(Record):
    """A mail that the desk wrote for a ticket: its key in the outbox, its Message-ID, what and for whom."""

    key: str
    mid: str
    kind: Literal["notice", "forward"]
    recipients: list[str]
    at: int


class Ticket(Record, frozen=False):
    """One conversation. Times are seconds since the epoch; `due` is 0 where there is none.

    `rules` are the names of the rules that have acted on it, `return_to` is the queue that a waiting
    ticket goes back to, `closed` is the month folder's time for a closed one.
    """

    id: str
    queue: str
    state: TicketState
    subject: str
    requester: str
    created: int
    changed: int
    due: int = 0
    closed: int = 0
    owner: str = ""
    tags: list[str] = []
    issue_type: str = ""
    touched: bool = False
    return_to: str = ""
    rules: list[str] = []
    links: list[str] = []
    problems: list[str] = []
    messages: list[Message] = []
    outgoing: list[Outgoing] = []


class Ids(Record):
    """The last ids given: day and counter of tickets, number of messages, month of the closed folders."""

    day: str = ""
    counter: int = 0
    message: int = 0
    month: str = ""


class Waiting(NamedTuple):
    """Where a message lies on the desk before it belongs to a ticket: folder and key, in the words of the store."""

    folder: str
    key: str


class RawMessage(Record, frozen=False):
    """One message on its way in: its bytes, and where it comes from.

    `name` is for people. `waits` is set where it lies on the desk already and will be moved; else it is copied.
    `flags` are those of a Maildir, None for a message that nobody has seen. `received` is the time of its file, in
    seconds since the epoch.
    """

    name: str
    raw: bytes
    received: int
    waits: Waiting | None = None
    flags: str | None = None


def note_of_loss(key: str) -> str:
    """What stands in a ticket's problems once it is accepted that a message of it is gone."""
    return f"the mail {key} is gone"
