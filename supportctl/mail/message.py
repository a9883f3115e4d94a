"""Bytes → `model.Mail`: whatever they are, they parse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from supportctl.mail import authentication, automatic, body, charset, parts, quotation
from supportctl.mail.fields import Fields
from supportctl.model import Address, Attachment, Mail


def parse(raw: bytes, *, received: int, trusted: frozenset[str] = frozenset()) -> Mail:
    """What the message `raw` says; never raises. What could not be read stands in `problems`.

    `received` (seconds since the epoch) serves as date where the message has none that makes sense;
    `trusted` are the authserv-ids whose Authentication-Results count (RFC 8601).
    """
    try:
        return _parse(raw, received, trusted)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours must not keep a mail, and those after it, out
        return _unreadable(raw, received, f"{type(error).__name__}: {error}")


def _parse(raw: bytes, received: int, trusted: frozenset[str]) -> Mail:
    problems: list[str] = []
    raw_lines = _with_line_feeds(raw)
    root = parts.read(raw_lines, problems)
    fields = Fields(root)
    content = body.read(root)
    text = content.text
    written, quoted = quotation.split(text)
    verdict = automatic.judge(fields, root, text)
    problems += content.problems
    return Mail(
        headers=fields.decoded,
        mid=fields.mid,
        subject=fields.subject,
        sender=fields.sender,
        to=fields.addresses("to"),
        cc=fields.addresses("cc"),
        recipients=fields.recipients,
        date=fields.date(received, problems),
        references=fields.references,
        text=text,
        written=written,
        quoted=quoted,
        attachments=[attachment for attachment, _ in content.attachments],
        is_signed=content.is_signed,
        is_encrypted=content.is_encrypted,
        size=len(raw),
        digest=hashlib.sha256(raw).hexdigest(),
        automatic=verdict.kind,
        original=verdict.original,
        auth=authentication.passed_domains(fields.undecoded, trusted) if trusted else [],
        problems=_note_missing(problems, raw, fields),
    )


def _unreadable(raw: bytes, received: int, why: str) -> Mail:
    """A mail of which nothing but its bytes is known."""
    nobody = Address("", "")
    return Mail(
        headers=[], mid="", subject="", sender=nobody, to=[], cc=[], recipients=[], date=received, references=[],
        text="", written="", quoted="", attachments=[], is_signed=False, is_encrypted=False, size=len(raw),
        digest=hashlib.sha256(raw).hexdigest(), automatic="", original="", auth=[],
        problems=[f"can't be read ({charset.clean(why)[:200]})"],
    )  # fmt: skip


def saved(raw: bytes) -> Iterator[tuple[Attachment, bytes]]:
    """Each attachment of the message `raw` with its content, in the order of `Mail.attachments`."""
    content = body.read(parts.read(_with_line_feeds(raw), []))
    for attachment, part in content.attachments:
        yield attachment, part.data


def _with_line_feeds(raw: bytes) -> bytes:
    """`raw` itself, unless its first line ends with a bare CR: then every line does."""
    first = raw.find(b"\r")
    if first < 0 or raw.startswith(b"\r\n", first) or raw.find(b"\n", 0, first) >= 0:
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _note_missing(problems: list[str], raw: bytes, fields: Fields) -> list[str]:
    if not raw.strip():
        return ["the message is empty"]
    if not fields.decoded:
        problems.append("no header")
    elif not fields.has("from"):
        problems.append("no From")
    if b"\0" in raw:
        problems.append("NUL bytes")
    return list(dict.fromkeys(problems))
