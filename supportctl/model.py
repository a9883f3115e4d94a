"""The desk's words as plain typed data: ticket, message, outgoing mail, and what they consist of.

Here belongs what several rooms hand to each other. Not here: the records of one room, and whatever reads, writes or
decides.
"""

from typing import Literal, NamedTuple

from supportctl.records import Record

TicketState = Literal["open", "pending", "closed"]
Automatic = Literal["", "bounce", "reply", "notification", "list"]
"""What a message certainly is; "" for people's mail, and for what is only likely to be automatic."""

Likely = Literal["", "bounce", "reply"]
"""What a message that may be a person's is likely to be."""
DispatchState = Literal["held", "waiting", "sending", "sent", "deferred", "failed", "dropped"]
ON_THE_WAY = ("waiting", "deferred", "sending")
"""The states in which a message is tried, or tried again, without a person's doing."""

INBOX = ""
OUTBOX = "outbox"
DUPLICATES = "duplicates"
UNDONE = "undone"
SENT = "sent"
WITH_TICKET = "ticket/"
"""Where a reply lies once it has left: it is a message of its ticket. No folder has such a name."""
SIDE_FOLDERS = (OUTBOX, DUPLICATES, UNDONE)
"""The desk's own folders, besides those of its queues; mail arrives in the INBOX. See `is_side_folder`."""


LARGEST_READ = 64 << 20
"""The number of bytes of one message that are read into memory; a larger message is read in part, and kept whole."""


class Message(Record):
    """One message of a ticket: its file, found by `key` and recognised by `size` and `digest`.

    `number` counts the desk's messages in the order of intake, and is the message's row in both caches. `people` are
    the addresses that take part through the message. `automatic` and `likely` are the verdict of the day when the
    message came in: a later version may judge otherwise, but what was done by the verdict stays done. `brought_by` is
    the account of the person who brought the message in, "" for what came by the robot, as from a mail server.
    `envelope` is what stood behind `From ` in the line before the message, of a delivery agent or an mbox: the sender
    of the envelope and the time of delivery. `stranger` is whether the writer took no part in the ticket when the
    message joined it. `vouched` are the domains that the message is authenticated for by a copy that is kept aside.
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
    likely: Likely = ""
    brought_by: str = ""
    envelope: str = ""
    stranger: bool = False
    vouched: list[str] = []


class Dispatch(Record):
    """What has become of an outgoing message for one recipient, since `at`.

    `held` until a person frees it; `waiting` and `deferred` until `due`, after so many `tries`; `sending` while a
    process has it, or was `interrupted` once; `sent`, `failed` or `dropped` for good. `reason` has the server's words,
    or the desk's own.
    """

    to: str
    state: DispatchState
    at: int
    due: int = 0
    tries: int = 0
    interrupted: bool = False
    reason: str = ""


class Outgoing(Record):
    """A message that the desk wrote for a ticket, and what has become of it.

    `key`, `mid` and `digest` are those of its file, which lies in the outbox, or later in `folder`. `sender` and
    `recipients` are the envelope; an empty sender is nobody, to whom nothing can be returned. What an earlier version
    wrote has no digest, no sender and no `progress`.
    """

    key: str
    mid: str
    kind: Literal["notice", "forward", "reply"]
    recipients: list[str]
    at: int
    sender: str = ""
    digest: str = ""
    folder: str = ""
    progress: list[Dispatch] = []

    @property
    def place(self) -> str:
        """The folder in which the message lies."""
        return self.folder or OUTBOX

    @property
    def dispatches(self) -> list[Dispatch]:
        """What has become of the message, for each recipient."""
        # Whatever nothing is recorded of is held: the day a transport is set up, it must not leave by itself.
        return self.progress or [Dispatch(to, "held", self.at) for to in self.recipients]

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about the message, by the desk or by a person."""
        return any(dispatch.state not in ("sent", "dropped") for dispatch in self.dispatches)

    @property
    def has_failed(self) -> bool:
        """Whether the message could not be delivered to one of its recipients."""
        return any(dispatch.state == "failed" for dispatch in self.progress)

    @property
    def may_have_left(self) -> bool:
        """Whether a server may have the message, for one of its recipients at least."""
        return any(dispatch.state in ("sent", "sending") or dispatch.interrupted for dispatch in self.progress)

    @property
    def due(self) -> int:
        """When the message is to be tried next (seconds since the epoch); 0 for one that does not leave by itself."""
        return min((max(dispatch.due, 1) for dispatch in self.progress if dispatch.state in ON_THE_WAY), default=0)


class Note(Record):
    """A text about a ticket that never leaves the desk: its key within the ticket, when and by whom, and what."""

    key: str
    at: int
    by: str
    text: str


class Ticket(Record, frozen=False):
    """One conversation. Times are seconds since the epoch; `due` is 0 where there is none.

    `rules` are the names of the rules that have acted on the ticket, `return_to` is the queue that a pending ticket
    goes back to, `closed` is the time that decides a closed ticket's month folder.
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
    notes: list[Note] = []


class Ids(Record):
    """The last ids given: day and counter of tickets, number of messages, month of the closed folders.

    Once the clock was ahead, ids of days that are still to come may have been given: none up to the day `until` has a
    counter above `floor`.
    """

    day: str = ""
    counter: int = 0
    message: int = 0
    month: str = ""
    floor: int = 0
    until: str = ""


class Waiting(NamedTuple):
    """Where a message lies on the desk, with a ticket or without: folder and key, in the words of the store."""

    folder: str
    key: str


class ByteRange(NamedTuple):
    """A message within a file: `size` bytes from `start` on, recognised by their digest ("": not known).

    In an mbox whose quoting is undone (mboxrd) the message takes `quoted` bytes of the file; elsewhere that is 0. Of a
    file with a `compression` it is what is unpacked that is counted.
    """

    path: str
    start: int
    size: int
    digest: str = ""
    quoted: int = 0
    compression: str = ""


class RawMessage(Record, frozen=False):
    """One message on its way in: its bytes and its origin.

    `name` is what people call the origin, `raw` are its bytes, up to LARGEST_READ, `whole` is where all of them lie. A
    message that lies on the desk already is moved from where it `waits`; any other is copied. `flags` are those of a
    Maildir, None for a message that nobody has seen. `received` is the time of the file, in seconds since the epoch,
    `delivered` that of the envelope, None where it has none; `brought_by` and `envelope` are as in `Message`. `twin` is
    the digest of the same message with the envelope's line, where that was taken off, or without it, where it stays.
    """

    name: str
    raw: bytes
    whole: ByteRange
    received: int
    waits: Waiting | None = None
    flags: str | None = None
    brought_by: str = ""
    envelope: str = ""
    delivered: int | None = None
    twin: str = ""

    @property
    def is_held(self) -> bool:
        """Whether `raw` is all of the message."""
        return len(self.raw) == self.whole.size


class LeftMessage(NamedTuple):
    """A message that could not be taken in and stays where it is: its name, and why."""

    name: str
    reason: str


class SourceRemark(NamedTuple):
    """Something to tell about a source of mail, which stops nothing: its name, and a clause."""

    name: str
    text: str


Incoming = RawMessage | LeftMessage | SourceRemark
"""What a source of mail yields."""


def sent_folder(month: str) -> str:
    """The folder of the messages that have left in a month, such as `2026-11`."""
    return f"{SENT}.{month}"


def is_side_folder(name: str) -> bool:
    """Whether a folder is the desk's own and not for mail of queues."""
    return name in SIDE_FOLDERS or name.startswith(f"{SENT}.")


def is_left_to_rules(ticket: Ticket) -> bool:
    """Whether the rules may still act on a ticket: it is open, and no person has touched it."""
    return ticket.state == "open" and not ticket.touched


def list_participants(ticket: Ticket) -> set[str]:
    """The addresses that take part: the requester, who writes or is written to there, and whom an agent has written to.

    Whoever only knew a Message-ID, and those whom he has written to, do not until one of these includes them.
    """
    people = {ticket.requester}
    for message in ticket.messages:
        if not message.stranger:
            people.update(message.people)
    for outgoing in ticket.outgoing:
        if outgoing.kind != "notice":  # nobody has decided that its recipient should take part
            people.update(outgoing.recipients)
    return people


def list_strangers(ticket: Ticket) -> list[str]:
    """The people who have written into a ticket and take no part in it so far, in the order of their messages."""
    # The field first: `ls` asks this of every message.
    writers = [message.sender for message in ticket.messages if message.stranger and is_by_stranger(message)]
    if not writers:
        return []
    participants = list_participants(ticket)
    return list(dict.fromkeys(writer for writer in writers if writer not in participants))


def is_by_stranger(message: Message) -> bool:
    """Whether a message was by somebody new to its ticket when it came; a program is nobody."""
    return message.stranger and message.automatic not in ("bounce", "reply", "notification")


def note_of_loss(key: str) -> str:
    """The problem noted on a ticket once the loss of one of its messages is accepted."""
    return f"the mail {key} is gone"
