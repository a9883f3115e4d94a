"""What other programs read in a mail's header: Python's `email` in both its ways, notmuch and mu.

Each returns `Said`, in one form: addresses in lower case, blanks as one blank. A reader that fails says why.
"""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.message import Message
from pathlib import Path
from typing import Any

from supportctl.mail import mime
from supportctl.mail.allowance import Allowance
from supportctl.mail.dates import read_mail_date
from supportctl.mail.line_ends import with_plain_line_ends
from supportctl.mail.message_header import MessageHeader

RECEIVED = 1_795_000_000
_ID = re.compile(r"<([^<>]+)>")
_SURROGATES = re.compile("[\udc80-\udcff]+")


@dataclass(frozen=True)
class Said:
    """What one reader says of a mail; a field that it can't read is a string that begins with `!`."""

    subject: Any = ""
    sender: Any = ()
    to: Any = ()
    cc: Any = ()
    date: Any = None
    mid: Any = ""
    references: Any = ()
    files: Any = ()


@dataclass(frozen=True)
class Here(Said):
    """What this program says; with the doubt about the date, the problems, and the header, unfolded, in lower case."""

    doubt: str = ""
    problems: tuple[str, ...] = ()
    head: bytes = b""


def read_here(raw: bytes) -> Here:
    """The reader of this program."""
    allowance = Allowance()
    root = mime.read_parts(with_plain_line_ends(raw, allowance.problems), allowance)
    header = MessageHeader(root, allowance)
    date = read_mail_date(header.first("date"))
    sender, to, cc = (tuple(one.addr for one in header.addresses(name) if one.addr) for name in ("from", "to", "cc"))
    return Here(
        subject=_tidy(header.subject),
        sender=sender,
        to=to,
        cc=cc,
        date=date.at,
        mid=header.mid,
        references=tuple(sorted(header.references)),
        files=tuple((part.name, part.type) for part in walk(root) if part.name),
        doubt=date.doubt,
        problems=tuple(allowance.problems),
        head="".join(f"{name}: {value}\n" for name, value in root.fields).lower().encode("ascii", "surrogateescape"),
    )


def walk(part: mime.Part) -> Iterator[mime.Part]:
    """A part and all within."""
    yield part
    for inner in part.parts:
        yield from walk(inner)


def read_with_email(raw: bytes) -> Said:
    """Python's `email` with the policy `default`."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)

    def addresses(name: str) -> tuple[str, ...]:
        return tuple(one.addr_spec.lower() for field in mail.get_all(name, []) for one in field.addresses)

    def date() -> int | None:
        moment = mail["date"] and mail["date"].datetime
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) if moment else None

    return _say(mail, lambda name: str(mail[name] or ""), addresses, date)


def read_with_compat32(raw: bytes) -> Said:
    """Python's `email` with the policy `compat32`, and the functions that decode what it leaves."""
    mail = email.message_from_bytes(raw)

    def decode(text: Any) -> str:
        return str(email.header.make_header(email.header.decode_header(text or "")))

    def addresses(name: str) -> tuple[str, ...]:
        fields = [str(field) for field in mail.get_all(name, [])]
        return tuple(addr.lower() for _, addr in email.utils.getaddresses(fields) if addr)

    def date() -> int | None:
        parsed = email.utils.parsedate_tz(str(mail["date"])) if mail["date"] else None
        return int(email.utils.mktime_tz(parsed)) if parsed else None

    return _say(mail, lambda name: decode(mail[name]), addresses, date)


def _say(
    mail: Message[Any, Any],
    text: Callable[[str], str],
    addresses: Callable[[str], tuple[str, ...]],
    date: Callable[[], int | None],
) -> Said:
    def ids() -> tuple[str, ...]:
        fields = [str(field) for name in ("in-reply-to", "references") for field in mail.get_all(name, [])]
        return tuple(sorted({"".join(one.split()) for field in fields for one in _ID.findall(field)}))

    def files() -> tuple[tuple[str, str], ...]:
        named = [(part.get_filename(), part.get_content_type()) for part in mail.walk()]
        return tuple((_decode_name(name), kind) for name, kind in named if name)

    return Said(
        subject=_try(lambda: _tidy(text("subject"))),
        sender=_try(lambda: addresses("from")),
        to=_try(lambda: addresses("to")),
        cc=_try(lambda: addresses("cc")),
        date=_try(date),
        mid=_try(lambda: _tidy(text("message-id")).strip("<>")),
        references=_try(ids),
        files=_try(files),
    )


def _decode_name(name: str) -> str:
    return str(email.header.make_header(email.header.decode_header(name)))


def _try(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception as error:  # noqa: BLE001 - of another reader, whatever it is
        return f"!{type(error).__name__}"


def _tidy(text: str) -> str:
    return " ".join(_SURROGATES.sub("\ufffd", text).split())


def read_with_notmuch(files: Sequence[Path], folder: Path) -> Mapping[Path, Said]:
    """notmuch, for all mails with a Message-ID that only one of them has."""
    names = _collect(files, folder / "mail" / "cur")
    config = folder / "config"
    config.write_text(
        f"[database]\npath={folder / 'mail'}\n[user]\nname=x\nprimary_email=x@example.org\n[new]\ntags=\n"
    )
    environment = {"NOTMUCH_CONFIG": str(config), "PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    subprocess.run(["notmuch", "new", "--quiet"], env=environment, check=True, capture_output=True)
    command = ["notmuch", "show", "--format=json", "--body=false", "--entire-thread=false", "*"]
    shown = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
    said = {}
    for mail in _messages(json.loads(shown)):
        if len(mail["filename"]) == 1:
            head = mail["headers"]
            said[names[Path(mail["filename"][0]).name]] = Said(
                subject=_tidy(head.get("Subject", "")),
                sender=_addresses(head.get("From", "")),
                to=_addresses(head.get("To", "")),
                cc=_addresses(head.get("Cc", "")),
                date=mail["timestamp"],
                mid=mail["id"],
            )
    return said


def _messages(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
        elif one:
            waiting.extend(one)


def read_with_mu(files: Sequence[Path], folder: Path) -> Mapping[Path, Said]:
    """mu, for all mails that it finds again."""
    names = _collect(files, folder / "mail" / "cur")
    environment = {"MUHOME": str(folder / "mu"), "PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    for command in (["init", f"--maildir={folder / 'mail'}"], ["index", "--quiet"]):
        subprocess.run(["mu", *command], env=environment, check=True, capture_output=True)
    found = subprocess.run(["mu", "find", "--format=json", ""], env=environment, check=True, capture_output=True).stdout
    said = {}
    for mail in json.loads(found.decode("utf-8", "replace"), strict=False):
        said[names[Path(mail[":path"]).name]] = Said(
            subject=_tidy(mail.get(":subject", "")),
            sender=_emails(mail, ":from"),
            to=_emails(mail, ":to"),
            cc=_emails(mail, ":cc"),
            date=_moment(mail.get(":date")),
            mid=mail.get(":message-id", ""),
        )
    return said


def _emails(mail: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(one[":email"].lower() for one in mail.get(name, []))


def _moment(words: list[int] | None) -> int | None:
    """The time that Emacs writes as its upper bits and its lower sixteen."""
    return (words[0] << 16) + words[1] if words else None


def _collect(files: Sequence[Path], folder: Path) -> dict[str, Path]:
    """Links to all mails in one folder of a Maildir, by the names that they have there."""
    for part in ("new", "tmp", "cur"):
        (folder.parent / part).mkdir(parents=True, exist_ok=True)
    names = {}
    for number, file in enumerate(files):
        name = f"{1_700_000_000 + number}.M{number}.other:2,S"
        shutil.copyfile(file, folder / name)
        names[name] = file
    return names


def _addresses(text: str) -> tuple[str, ...]:
    """The addresses in a list that a program has read and written again."""
    return tuple(addr.lower() for _, addr in email.utils.getaddresses([text]) if addr)
