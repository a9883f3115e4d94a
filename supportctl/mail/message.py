"""Bytes → `content.MessageContent`; any bytes are accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from supportctl.errors import describe_fault
from supportctl.mail.allowance import Allowance
from supportctl.mail.body import join_texts, read_body
from supportctl.mail.content import Address, Attachment, MessageContent
from supportctl.mail.line_ends import with_plain_line_ends
from supportctl.mail.message_header import MessageHeader
from supportctl.mail.mime import Part, read_parts
from supportctl.values import make_encodable

if TYPE_CHECKING:
    from supportctl.mail.verdict import Verdict


def parse_message(raw: bytes, *, received: int, trusted: frozenset[str] = frozenset()) -> MessageContent:
    """What the message `raw` says; never raises. `problems` name what could not be read, or was not (`Allowance`).

    `received` (seconds since the epoch) is the date where the message has none that makes sense; `trusted` are the
    authserv-ids whose Authentication-Results count (RFC 8601).
    """
    return _parse_or_note(raw, received, lambda: _complete(raw, *_read(raw, received), trusted))


def parse_to_show(raw: bytes, *, received: int) -> MessageContent:
    """What the message `raw` says, for a person to look at: `parse_message` without what takes more than reading.

    `written`, `quoted`, `digest`, `automatic`, `likely`, `signs`, `original` and `auth` are empty.
    """
    return _parse_or_note(raw, received, lambda: _read(raw, received)[0])


def _parse_or_note(raw: bytes, received: int, look: Callable[[], MessageContent]) -> MessageContent:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - a fault of ours must not keep this message, and later ones, out
        return _unreadable(raw, received, describe_fault(error))


def _read(raw: bytes, received: int) -> tuple[MessageContent, MessageHeader, Part]:
    allowance = Allowance()
    root = read_parts(with_plain_line_ends(raw, allowance.problems), allowance)
    header = MessageHeader(root, allowance)
    body = read_body(root, allowance)
    content = _NOTHING._replace(
        size=len(raw),
        headers=header.decoded,
        mid=header.mid,
        subject=header.subject,
        sender=header.sender,
        to=header.addresses("to"),
        cc=header.addresses("cc"),
        reply_to=header.addresses("reply-to"),
        recipients=header.recipients,
        date=header.date(_delivered(raw) or received, allowance.problems),
        references=header.references,
        text=join_texts(body.texts.shown),
        more=join_texts(body.texts.more),
        hidden=join_texts(body.texts.hidden),
        attached=body.attached_text,
        attachments=[attachment for attachment, _ in body.attachments],
        is_signed=body.is_signed,
        is_encrypted=body.is_encrypted,
        problems=_note_missing(allowance.problems, raw, header),
    )
    return content, header, root


def _delivered(raw: bytes) -> int | None:
    """The time in the `From ` line before the message, if there is one that says it."""
    if not raw.startswith(b"From "):
        return None
    from supportctl.mail.envelope import split_envelope

    line, _ = split_envelope(raw)
    return line.date if line else None


def _complete(
    raw: bytes, content: MessageContent, header: MessageHeader, root: Part, trusted: frozenset[str]
) -> MessageContent:
    passed_domains, recognise_automatic, split_quotations = _judges()
    written, quoted = split_quotations(content.text)
    if content.more:
        parts = split_quotations(content.more)
        written, quoted = (join_texts([*filter(None, pair)]) for pair in zip((written, quoted), parts, strict=True))
    verdict = recognise_automatic(header, root, content.text, written)
    return content._replace(
        written=written,
        quoted=quoted,
        digest=digest_of(raw),
        automatic=verdict.automatic,
        likely=verdict.likely,
        signs=verdict.signs,
        original=verdict.original,
        auth=passed_domains(header.undecoded, trusted) if trusted else [],
    )


@cache
def _judges() -> tuple[Callable[..., list[str]], Callable[..., Verdict], Callable[[str], tuple[str, str]]]:
    # Not at the top: the patterns of these take longer to compile than a message takes to read. Once, since importing
    # again what is imported takes as long as reading a small header.
    from supportctl.mail.authentication import passed_domains
    from supportctl.mail.automatic import recognise_automatic
    from supportctl.mail.quotation import split_quotations

    return passed_domains, recognise_automatic, split_quotations


def digest_of(raw: bytes) -> str:
    """The digest of a message by its bytes (`model.Message`)."""
    import hashlib

    return hashlib.sha256(raw).hexdigest()


def _unreadable(raw: bytes, received: int, why: str) -> MessageContent:
    """The content of a message of which only the bytes are known."""
    problems = [f"can't be read ({make_encodable(why)})"]
    return _NOTHING._replace(size=len(raw), date=received, digest=digest_of(raw), problems=problems)


_NOTHING = MessageContent(
    headers=[], mid="", subject="", sender=Address("", ""), to=[], cc=[], reply_to=[], recipients=[], date=0,
    references=[], text="", written="", quoted="", attachments=[], is_signed=False, is_encrypted=False,
    size=0, digest="", automatic="", likely="", signs=[], original="", auth=[], problems=[],
)  # fmt: skip
"""The content of a message of which nothing is read."""


def read_attachments(raw: bytes) -> Iterator[tuple[Attachment, Iterator[bytes]]]:
    """Each attachment of the message `raw` with its bytes in pieces, in the order of `MessageContent.attachments`."""
    allowance = Allowance()
    body = read_body(read_parts(with_plain_line_ends(raw, []), allowance), allowance)
    for attachment, part in body.attachments:
        yield attachment, part.pieces


def _note_missing(problems: list[str], raw: bytes, header: MessageHeader) -> list[str]:
    if not raw or raw.isspace():
        return ["the message is empty"]
    if not header.decoded:
        problems.append("no header")
    elif not header.has("from"):
        problems.append("no From")
    if b"\0" in raw:
        problems.append("NUL bytes")
    return list(dict.fromkeys(problems))
