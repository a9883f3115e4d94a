"""What mail clients do to the mails of a desk, done by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.desks import DeskDir, make_mail, make_maildir
from tests.support.tickets import locate


def rewrite(raw: bytes, *, text: bytes | None = None) -> bytes:
    """A mail as mutt writes it where it saves it: other fields at the end of the header, and line ends of its own."""
    header, _, body = raw.partition(b"\n\n")
    body = body if text is None else text
    fields = b"Status: RO\nContent-Length: %d\nLines: %d\n" % (len(body), body.count(b"\n"))
    return header + b"\n" + fields + b"\n" + body + b"\n"


def save_elsewhere(desk: DeskDir, path: Path, folder: str, name: str = "1795.1_1.mutt:2,S", **changed: Any) -> Path:
    """Let a client save a mail in another folder, under a name of its own, and remove the first one."""
    target = desk.maildir / f".{folder}" / "cur" / name
    for part in ("cur", "new", "tmp"):
        (target.parents[1] / part).mkdir(parents=True, exist_ok=True)
    target.write_bytes(rewrite(path.read_bytes(), **changed))
    path.unlink()
    return target


def one_ticket(desk: DeskDir, **fields: str) -> tuple[str, Path]:
    """A ticket with one mail: its id and the file."""
    (row,) = desk.take(make_mail("Q", mid="q@x.test", **fields))
    return row["ticket"], locate(desk, row["ticket"])


def message_of(desk: DeskDir, ticket: str) -> dict[str, Any]:
    (message,) = desk.tickets()[ticket]["messages"]
    assert isinstance(message, dict)
    return message


def make_folder(desk: DeskDir, name: str, **mails: bytes) -> Path:
    """A folder as an IMAP client makes it, with mails by name."""
    return make_maildir(desk.maildir / f".{name}", {f"cur/{key}:2,S": content for key, content in mails.items()})
