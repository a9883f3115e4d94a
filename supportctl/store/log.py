"""The operation log: what happened, in order, each line hashed with the one before.

A line is one JSON object, `{"op":17, …, "hash":"…"}`; its hash is the SHA-256 of the previous line's hash and of the
line without its own hash. `head` says how far the log is applied. After that point there can be an operation that was
committed but not finished, or a torn line that was never committed.

The chain of hashes shows damage and careless edits, and does not stop the owner of the files, who can compute hashes
as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from supportctl.errors import DataError
from supportctl.model import Ids
from supportctl.records import Record
from supportctl.store import durable
from supportctl.store.head import (
    FORMAT_VERSION,
    Head,
    is_applied,
    list_logs,
    log_order,
    newer_format_error,
    pack_ids,
    read_head,
)

LoggedChange = dict[str, Any]
"""A recorded change of one ticket (see `changes.record`)."""

_HASH_FIELD = len(b',"hash":"') + 64 + len(b'"}\n')


Rename = tuple[str, str]
"""Source and target of one rename, as paths below the desk's root."""


class Operation(Record):
    """One operation: who did what, when and why.

    `at` is in seconds since the epoch. `changes` are the recorded changes of tickets, `asides` the messages kept
    aside, `ids` the last ids given, `undoes` the operations that this one undoes. `bookkeeping` says that it only
    records what became of outgoing messages, and that undo looks through it. `lost` are the first and the last
    number of operations before this one that the log has no more (`rescue`), if there are any. `skipped` is what the
    operation before this one could not do (`skipping`): sentences (`what`), each with its ticket, or "".
    """

    op: int
    group: int
    at: int
    account: str
    role: str
    verb: str
    why: str
    changes: list[LoggedChange]
    asides: list[dict[str, Any]]
    ids: Ids
    undoes: list[int] = []
    lost: list[int] = []
    skipped: list[dict[str, str]] = []
    bookkeeping: bool = False
    hash: str = ""

    def follows(self, op: int) -> bool:
        """Whether this is the operation after the one with a number."""
        first, last = self.lost or (op + 1, op)
        return (first, self.op) == (op + 1, last + 1)


class LinePosition(Record):
    """The position of an operation's line: log file, and the offsets of its first byte and of the next line."""

    log: str
    offset: int
    end: int


class LogLine(Record):
    """An operation as this store logs it, with the renames that apply it, in order."""

    operation: Operation
    renames: list[Rename]


def encode_line(operation: Operation, renames: list[Rename], previous: str) -> tuple[bytes, str]:
    """An operation's line and its hash, chained to the hash of the line before."""
    values = operation._asdict() | {"ids": pack_ids(operation.ids)}
    del values["hash"]
    for name in ("lost", "skipped", "bookkeeping"):
        if not values[name]:
            del values[name]
    values["renames"] = [tuple(map(_encode_path, pair)) for pair in renames]
    values["format"] = FORMAT_VERSION
    body = orjson.dumps(values)
    digest = _chain(previous, body)
    return b'%s,"hash":"%s"}\n' % (body[:-1], digest.encode()), digest


def decode_line(line: bytes, where: str) -> LogLine:
    """An operation from its line; `where` names the line in errors.

    Raises DataError for any other line, ConfigError for a line of a newer program.
    """
    try:
        values = orjson.loads(line)
        if values.pop("format", 1) > FORMAT_VERSION:
            raise newer_format_error(where)
        values["ids"] = Ids(**values["ids"])
        renames = [(_decode_path(source), _decode_path(target)) for source, target in values.pop("renames")]
        return LogLine(_require_shape(Operation(**values)), renames)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise DataError(f"{where}: not a line of the operation log: {error}", "run supportctl check") from error


def follows(line: bytes, previous: str, digest: str) -> bool:
    """Whether a line's hash is right, given the hash of the line before."""
    return _chain(previous, line[:-_HASH_FIELD] + b"}") == digest


def append_operation(
    folder: Path, operation: Operation, renames: list[Rename], previous: str
) -> tuple[Operation, LinePosition]:
    """Append an operation's line, durably: the commit point; return the operation with its hash, and where it is.

    `previous` is the hash of the line before.
    """
    name = name_for(folder, operation.ids.month)
    line, digest = encode_line(operation, renames, previous)
    end = durable.append(folder / name, line)
    return operation._replace(hash=digest), LinePosition(name, end - len(line), end)


def read_lines(folder: Path, log: str = "", offset: int = 0) -> Iterator[tuple[LinePosition, bytes]]:
    """The complete lines from an offset on (by default from the beginning), through all later files."""
    for name in list_logs(folder, log):
        position = offset if name == log else 0
        with (folder / name).open("rb") as stream:
            stream.seek(position)
            for line in stream:
                if not line.endswith(b"\n"):
                    break  # torn, and so never committed
                yield LinePosition(name, position, position + len(line)), line
                position += len(line)


def read_log(folder: Path, log: str = "", offset: int = 0) -> Iterator[tuple[LinePosition, LogLine]]:
    """The operations with their renames from a position on (by default from the beginning)."""
    for position, line in read_lines(folder, log, offset):
        yield position, decode_line(line, f"{position.log}, byte {position.offset}")


def read_chained(folder: Path, head: Head) -> Iterator[tuple[LinePosition, LogLine]]:
    """The operations after a head; raises DataError where one does not follow the one before."""
    op, digest = head.op, head.hash
    for position, line in read_lines(folder, head.log, head.end):
        where = f"{position.log}, byte {position.offset}"
        found = decode_line(line, where)
        operation = found.operation
        if not (operation.follows(op) and follows(line, digest, operation.hash)):
            raise DataError(f"{where}: operation {operation.op} was edited or is out of order", "run supportctl check")
        yield position, found
        op, digest = operation.op, operation.hash


def require_known_format(head_file: Path, folder: Path) -> None:
    """Raise ConfigError where the head, or a line of the log that is not applied yet, is from a newer program."""
    head = read_head(head_file) or Head()
    if not is_applied(head, folder):
        for _ in read_log(folder, head.log, head.end):
            pass


def read_operation(folder: Path, log: str, offset: int) -> Operation:
    """The operation whose line begins at an offset."""
    with (folder / log).open("rb") as stream:
        stream.seek(offset)
        return decode_line(stream.readline(), f"{log}, byte {offset}").operation


def name_for(folder: Path, month: str) -> str:
    """The name of the file that an operation of a month is appended to."""
    return max([f"{month}.jsonl", *list_logs(folder)], key=log_order)


def cut_torn_lines(folder: Path, log: str = "") -> None:
    """Cut off last lines that have no end, and so were never committed, in a log file and all later ones."""
    # Not of the very last file alone: a write that failed while the clock was ahead leaves an empty file of that month.
    for name in list_logs(folder, log):
        path = folder / name
        size = path.stat().st_size
        whole = _end_of_last_line(path, size)
        if whole != size:
            durable.cut(path, whole)


def _require_shape(operation: Operation) -> Operation:
    """The operation; raises TypeError or ValueError where a value is of a type that no operation has."""
    ids = operation.ids
    at = (operation.op, operation.group, operation.at, ids.counter, ids.message, ids.floor)
    text = (operation.account, operation.role, operation.verb, operation.why, ids.day, ids.month, ids.until)
    folders = [folder for entry in operation.changes for folder in (entry["from"], entry["to"]) if folder is not None]
    names = [entry["ticket"] for entry in (*operation.changes, *operation.asides)]
    if not (
        all(type(value) is int for value in (*at, *operation.undoes, *operation.lost))
        and all(type(value) is str for value in (*text, *folders, *names, operation.hash))
        and all(len(pair) == 2 for entry in operation.changes for pair in entry["set"].values())
    ):
        raise TypeError("a value is of another type")
    return operation


def _end_of_last_line(path: Path, size: int) -> int:
    with path.open("rb") as stream:
        end = size
        # From the end, in pieces: a month's log may be large, its last line too.
        while end > 0:
            start = max(0, end - 65536)
            stream.seek(start)
            line_end = stream.read(end - start).rfind(b"\n")
            if line_end >= 0:
                return start + line_end + 1
            end = start
    return 0


def _encode_path(path: str) -> str:
    """A path as JSON text; a path that is not UTF-8 becomes NUL, which no path has, and its bytes in hexadecimal."""
    raw = os.fsencode(path)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "\0" + raw.hex()


def _decode_path(text: str) -> str:
    return os.fsdecode(bytes.fromhex(text[1:]) if text.startswith("\0") else text.encode())


def _chain(previous: str, body: bytes) -> str:
    import hashlib  # not at the top: most commands only read

    return hashlib.sha256(previous.encode() + body).hexdigest()
