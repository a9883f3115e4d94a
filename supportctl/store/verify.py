"""Check that log, metadata, messages and the catalogue agree.

The log is the truth about tickets, the folders about messages. Every disagreement is a `Finding`; nothing is changed.
"""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import filterfalse
from pathlib import Path
from time import strptime

from supportctl.errors import DataError, UnreadableMessageError
from supportctl.model import INBOX, OUTBOX, Ids, LeftMessage, is_side_folder, note_of_loss
from supportctl.store import log, maildir, tickets
from supportctl.store.changes import replay
from supportctl.store.documents import Document, unpack_outgoing, unpack_ticket
from supportctl.store.exchange import LOG_RESCUE
from supportctl.store.folders import Folders
from supportctl.store.head import Head
from supportctl.store.layout import CAPACITY, Layout, is_archive, suits
from supportctl.store.whereabouts import queue_of_mail

_PATIENCE = 7
"""The number of days ahead of the clock that are waited for: ids of some days in advance harm nobody."""


@dataclass(slots=True, frozen=True)
class Finding:
    """Something that is not as it should be: its kind, where it is, what it is."""

    kind: str
    where: str
    what: str


@dataclass(slots=True)
class History:
    """The tickets as the log has them, by folder and id; `findings` are about the log itself.

    `is_whole` says that the log could be read to its end. `last_change_in` has the last operation that changed a
    folder's tickets, `counters` the last number of each day.
    """

    folders: dict[str, dict[str, Document]] = field(default_factory=dict)
    folder_of: dict[str, str] = field(default_factory=dict)
    head: Head = field(default_factory=Head)
    findings: list[Finding] = field(default_factory=list)
    is_whole: bool = True
    last_change_in: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def enter(self, entry: dict[str, object], op: int) -> None:
        """Replay one change that an operation recorded."""
        self.last_change_in |= {str(folder): op for folder in (entry["from"], entry["to"]) if folder is not None}
        name = str(entry["ticket"])
        old = self.folder_of.pop(name, None)
        document = self.folders[old].pop(name) if old is not None else None
        after = replay(entry, document)
        if after is not None:
            folder = str(entry["to"])
            self.folder_of[name] = folder
            self.folders.setdefault(folder, {})[name] = after


def read_history(layout: Layout) -> History:
    """Replay the whole log, up to the first unreadable line, which becomes a finding."""
    history = History()
    previous = ""
    for position, line in log.read_lines(layout.log):
        where = f"log/{position.log}, byte {position.offset}"
        try:
            operation = log.decode_line(line, where).operation
        except DataError as error:
            what = error.message.removeprefix(f"{where}: ")
            history.findings.append(Finding("log", where, f"{what}; nothing after it can be trusted"))
            history.is_whole = False
            break
        # The rest is replayed all the same: it shows more of what is wrong than the first edited line.
        if not log.follows(line, previous, operation.hash) or not operation.follows(history.head.op):
            history.findings.append(Finding("log", where, f"operation {operation.op} was edited or is out of order"))
        previous = operation.hash
        history.counters[operation.ids.day] = max(operation.ids.counter, history.counters.get(operation.ids.day, 0))
        for entry in operation.changes:
            history.enter(entry, operation.op)
        history.head = Head(position.log, position.end, operation.op, operation.hash, operation.ids)
    return history


def read_sound_history(layout: Layout) -> History:
    """As `read_history`; raises DataError for a log with damage or gaps."""
    history = read_history(layout)
    if history.findings:
        finding = history.findings[0]
        raise DataError(f"{finding.where}: {finding.what}", LOG_RESCUE)
    return history


def count_days_ahead(ids: Ids, now: int) -> int:
    """How many days the last ids given are ahead of a clock (seconds since the epoch), where those are many; else 0."""
    days = (timegm(strptime(ids.day, "%Y%m%d")) - now) // 86400 + 1 if ids.day else 0
    return days if days > _PATIENCE else 0


def inspect(folders: Folders, history: History, queues: Mapping[str, str], now: int) -> Iterator[Finding]:
    """Everything that is not as it should be.

    `queues` has the queue for each folder that has or stands for one, `now` is in seconds since the epoch.
    """
    yield from history.findings
    if not history.is_whole:
        return  # the rest of the desk differs from half a log, and all of that is one finding
    if days := count_days_ahead(folders.head.ids, now):
        yield Finding("clock", "head", f"the last ids are {days} days ahead of the clock; was the clock wrong?")
    # But for the version: a head of an older program is no damage.
    if history.head != folders.head._replace(version=history.head.version):
        yield Finding(
            "head", "head", f"says operation {folders.head.op}, but the log ends with operation {history.head.op}"
        )
    for folder in _list_ticket_folders(folders.root, history):
        yield from _inspect_table(folders.root, folder, history)
    yield from _inspect_filing(history, {*queues.values()})
    yield from _inspect_mail(folders, history, queues)
    yield from _inspect_outbox(folders, history)
    yield from _inspect_inbox(folders)
    yield from _inspect_catalogue(folders, history)


def damaged_folders(root: Path, history: History) -> list[str]:
    """The folders whose metadata differ from the log."""
    return [name for name in _list_ticket_folders(root, history) if any(_inspect_table(root, name, history))]


def _list_ticket_folders(root: Path, history: History) -> list[str]:
    return sorted(filterfalse(is_side_folder, {*maildir.list_folders(root), *history.folders}))


def _inspect_table(root: Path, folder: str, history: History) -> Iterator[Finding]:
    """How the metadata of a folder differ from the log."""
    where = f".{folder}/{tickets.FILE}"
    try:
        table = tickets.read_table(maildir.folder_path(root, folder) / tickets.FILE)
        actual = table.by_ticket()
    except (DataError, KeyError, TypeError, OSError):
        yield Finding("metadata", where, "was edited or damaged")
        return
    expected = history.folders.get(folder, {})
    for name in sorted(actual.keys() | expected.keys()):
        if actual.get(name) != expected.get(name):
            yield Finding("metadata", where, f"{name} {_describe_difference(name, actual, expected)}")
    last = history.last_change_in.get(folder, 0)
    if table.op not in (None, last):
        yield Finding("metadata", where, f"is of operation {table.op}, not of operation {last}")


def _describe_difference(name: str, actual: dict[str, Document], expected: dict[str, Document]) -> str:
    if name not in actual:
        return "is missing"
    return "differs" if name in expected else "should not be here"


def _inspect_filing(history: History, queues: set[str]) -> Iterator[Finding]:
    for folder, documents in sorted(history.folders.items()):
        for name, document in documents.items():
            ticket = unpack_ticket(document)
            if not suits(folder, ticket):
                yield Finding("place", name, f"is {ticket.state} in {ticket.queue}, but its files are in .{folder}")
            if ticket.queue not in queues:
                yield Finding("queue", name, f"is in {ticket.queue}, which is not in queues.yaml")
        if is_archive(folder) and len(documents) > CAPACITY:
            yield Finding("place", f".{folder}", f"holds {len(documents)} tickets, more than {CAPACITY}")


def _inspect_mail(folders: Folders, history: History, queues: Mapping[str, str]) -> Iterator[Finding]:
    lost: list[tuple[str, str, str]] = []
    for folder in sorted({*maildir.list_folders(folders.root), *history.folders}):
        if queue_of_mail(folders.root, folder, queues, history.folders) is None:
            continue  # the desk's own, for other mail, or somebody else's
        places = folders.places(folder)
        known: set[str] = set()
        for name, document in history.folders.get(folder, {}).items():
            for message in document["messages"]:
                key = message["key"]
                if key in known:
                    yield Finding("mail", name, f"{key} belongs to two tickets")
                elif key in places:
                    yield from _inspect_message(folders, folder, name, document, message)
                elif note_of_loss(key) not in document.get("problems", ()):  # else it is accepted by `check --repair`
                    lost.append((name, folder, key))
                known.add(key)
        for key in sorted(places.keys() - known):
            yield Finding("stray", f".{folder}/{places[key]}", _describe_stray(folder, queues))
    yield from _locate_lost(folders, lost)


def _inspect_message(
    folders: Folders, folder: str, name: str, document: Document, message: Document
) -> Iterator[Finding]:
    key = message["key"]
    try:
        found = folders.measure(folder, key)
    except UnreadableMessageError as error:
        yield Finding("mail", name, error.message)
        return
    if found is None:
        yield Finding("lost", name, f"message {key} is not in .{folder}")
    elif found != (message["size"], message["digest"]):
        yield Finding("mail", name, f"message {key} has changed: {found[0]} bytes, was {message['size']}")
    elif note_of_loss(key) in document.get("problems", ()):
        yield Finding("mail", name, f"message {key} is back, and still noted as gone")


def _describe_stray(folder: str, queues: Mapping[str, str]) -> str:
    stands_for = queues.get(folder, folder)
    return "belongs to no ticket here" if stands_for == folder else f"was moved to {stands_for} by a mail client"


def _locate_lost(folders: Folders, lost: list[tuple[str, str, str]]) -> Iterator[Finding]:
    """A finding for each lost message, with all other places where a message of that name lies."""
    names = [INBOX, *maildir.list_folders(folders.root)] if lost else []
    for name, folder, key in lost:
        # By name alone, and in no other folder than these is anything read: they may be somebody else's.
        places = [f".{other}" if other else "the INBOX" for other in names if key in folders.places(other)]
        where = f"; a mail of that name is in {', '.join(places)}" if places else ""
        yield Finding("lost", name, f"message {key} is not in .{folder}{where}")


def _inspect_inbox(folders: Folders) -> Iterator[Finding]:
    """What no intake can take in, and so would wait for ever."""
    for message in maildir.read_messages(folders.root, is_inbox=True):
        if isinstance(message, LeftMessage):
            yield Finding("mail", "INBOX", f"can't take in {message.name}: {message.reason}")


def _inspect_outbox(folders: Folders, history: History) -> Iterator[Finding]:
    written = {
        row["key"]: (document["id"], unpack_outgoing(row))
        for documents in history.folders.values()
        for document in documents.values()
        for row in document.get("outgoing", ())
    }
    places = folders.places(OUTBOX)
    for key in sorted(places.keys() - written):
        yield Finding("stray", f".{OUTBOX}/{key}", "belongs to no ticket")
    for key, (name, row) in written.items():
        # What an earlier version wrote (it has no digest) may have been sent by another program.
        if row.place == OUTBOX and row.digest and key not in places:
            yield Finding("lost", name, f"outgoing message {key} is not in .{OUTBOX}, and has not left")


def _inspect_catalogue(folders: Folders, history: History) -> Iterator[Finding]:
    if folders.catalogue.all_tickets() != history.folder_of:
        yield Finding("catalogue", "catalogue.sqlite", "disagrees with the log")
    counts = {folder: len(documents) for folder, documents in history.folders.items() if documents}
    if folders.catalogue.count_by_folder() != counts:
        yield Finding("catalogue", "catalogue.sqlite", "has wrong counts of tickets by folder")
