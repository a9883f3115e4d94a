"""Outgoing messages as finished RFC 5322 bytes; pure: clock, ids and addresses are arguments.

Line ends are LF, as in Maildirs; the transport makes CRLF of them. The envelope comes first, as `Return-Path:
<sender>` and `X-Envelope-To: recipients`, which the transport removes. The standard library folds and encodes; only an
original that is sent on is inserted by hand, since the library would rewrite it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from supportctl.errors import DataError
from supportctl.mail import headers
from supportctl.mail.content import Address, MessageContent
from supportctl.mail.reply_draft import AttachedFile, ReplyDraft
from supportctl.values import is_address

if TYPE_CHECKING:
    from email.header import Header
    from email.message import EmailMessage, MIMEPart
    from email.policy import Policy

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_TEXT_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ID = re.compile(r"[!-;=?-~]{1,500}@[!-;=?-~]{1,400}\Z")
_ENVELOPE_FIELD = re.compile(rb"(?:Return-Path|X-Envelope-To):", re.I)
_ANSWER = re.compile(r"\s{0,9}re\s{0,9}:", re.I)
_FORWARD = re.compile(r"\s{0,9}(?:fwd?|wg)\s{0,9}:", re.I)
_LONGEST_SUBJECT = 400
_LONGEST_NAME = 100
_MOST_REFERENCES = 20
_LONGEST_LINE = 76  # with an encoded word in it (RFC 2047, section 2)
_WIDEST = 72  # of a line in a text that is flowed (RFC 3676, 4.2)
_LONGEST_RAW_LINE = 998  # RFC 5322, section 2.1.1


def make_message_id(unique: str, domain: str) -> str:
    """A Message-ID without angle brackets, from a part that must be unique and a domain; raises DataError."""
    mid = re.sub(r"[^A-Za-z0-9.+_-]", "-", unique) + "@" + domain.lower()
    if not _ID.match(mid):
        raise DataError(f"not a valid domain for a Message-ID: {domain!r}")
    return mid


def compose_notice(
    original: MessageContent,
    *,
    text: str,
    sender: Address,
    mid: str,
    date: int,
    subject: str = "",
    prefix: str = "",
) -> bytes:
    """An automatic answer to the sender of `original` (RFC 3834); its envelope sender is empty, so nothing answers it.

    `prefix` comes before the subject (a ticket's tag); `date` is in seconds since the epoch. Raises DataError for an
    address that can't be written to.
    """
    title = _title(subject or _retitle(original.subject, _ANSWER, "Re: "), prefix)
    message = _begin("", sender, [original.sender.addr], title, mid, date)
    if _ID.match(original.mid):
        message["In-Reply-To"] = f"<{original.mid}>"
        _refer(message, original)
    message["Auto-Submitted"] = "auto-replied"
    message["Precedence"] = "bulk"
    message["X-Auto-Response-Suppress"] = "All"
    _set_text(message, text)
    return message.as_bytes()


def compose_forward(
    original: MessageContent,
    raw: bytes,
    *,
    to: Sequence[str],
    sender: Address,
    envelope_sender: str,
    mid: str,
    date: int,
    text: str = "",
    prefix: str = "",
) -> bytes:
    """`original` sent on, its bytes `raw` attached and unchanged, below a `text`.

    The bytes are a message/rfc822 where they may travel as one; else, as that allows no base64 (RFC 2046, 5.2.1), a
    file `message.eml`. Raises DataError for an address that can't be written to.
    """
    title = _title(_retitle(original.subject, _FORWARD, "Fwd: "), prefix)
    message = _begin(envelope_sender, sender, to, title, mid, date)
    _refer(message, original)
    boundary = _boundary(raw, mid)
    message["Content-Type"] = f'multipart/mixed; boundary="{boundary}"'
    if may_travel(raw) and not raw.isascii():
        message["Content-Transfer-Encoding"] = "8bit"
    # Joined by hand: as_bytes would rewrite the original, and break its signatures.
    begin, end = f"--{boundary}\n".encode(), f"\n--{boundary}--\n".encode()
    return _head(message) + begin + _text_part(text) + b"\n" + begin + _file_part(raw) + end


def compose_reply(
    original: MessageContent,
    draft: ReplyDraft,
    *,
    envelope_sender: str,
    mid: str,
    date: int,
    files: Sequence[AttachedFile] = (),
) -> bytes:
    """A person's answer to `original`, with files attached.

    Raises DataError for an address that can't be written to.
    """
    everybody = [address.addr for address in (*draft.to, *draft.cc)]
    message = _begin(envelope_sender, draft.sender, everybody, draft.subject, mid, date)
    message.replace_header("To", _list_addresses("To", draft.to))
    if draft.cc:
        message["Cc"] = _list_addresses("Cc", draft.cc)
    if _ID.match(original.mid):
        message["In-Reply-To"] = f"<{original.mid}>"
    _refer(message, original)
    _set_flowed(message, draft.text)
    for file in files:
        _attach(message, file)
    return message.as_bytes()


def compose_inline_forward(
    original: MessageContent,
    *,
    to: Sequence[str],
    sender: Address,
    envelope_sender: str,
    mid: str,
    date: int,
    text: str = "",
) -> bytes:
    """`original` sent on to the public: its text below From, Date and Subject, and nothing else of it."""
    title = _retitle(original.subject, _FORWARD, "Fwd: ")
    message = _begin(envelope_sender, sender, to, title, mid, date)
    _refer(message, original)
    _set_text(message, _inline_text(original, text))
    return message.as_bytes()


def without_envelope(raw: bytes) -> bytes:
    """A finished message as it leaves: without the two fields at its top that show the envelope."""
    start = 0
    while _ENVELOPE_FIELD.match(raw, start):
        start = _end_of_field(raw, start)
    return raw[start:]


def _end_of_field(raw: bytes, start: int) -> int:
    """The offset behind a header field that may be folded."""
    end = raw.find(b"\n", start) + 1
    while end and raw[end : end + 1] in (b" ", b"\t"):
        end = raw.find(b"\n", end) + 1
    return end or len(raw)


def _inline_text(original: MessageContent, text: str) -> str:
    name, addr = _one_line(original.sender.name), _one_line(original.sender.addr)
    above = [
        *([text.rstrip("\n"), ""] if text.strip() else []),
        "---------- Forwarded message ----------",
        f"From: {name} <{addr}>" if name else f"From: {addr}",
        f"Date: {_format_date(original.date)}",
        f"Subject: {_one_line(original.subject)}",
        "",
    ]
    left = len(original.attachments)
    noun = "attachment" if left == 1 else "attachments"
    below = ["", f"[{left} {noun} not forwarded]"] if left else []
    return "\n".join([*above, original.text.rstrip("\n"), *below]) + "\n"


def _title(subject: str, prefix: str) -> str:
    prefix = prefix.strip()
    return f"{prefix} {subject}" if prefix and prefix not in subject else subject


def _retitle(subject: str, known: re.Pattern[str], prefix: str) -> str:
    return subject if known.match(subject) else prefix + subject


def _begin(envelope_sender: str, sender: Address, to: Sequence[str], subject: str, mid: str, date: int) -> EmailMessage:
    """A message without a body: the envelope, and who writes what to whom."""
    from email.message import EmailMessage

    if not to:
        raise DataError("no recipient")
    if not _ID.match(mid):
        raise DataError(f"not a valid Message-ID: {mid[:100]!r}")
    recipients = ", ".join(map(_check, to))
    message = EmailMessage(policy=_policy())
    message["Return-Path"] = f"<{_check(envelope_sender)}>" if envelope_sender else "<>"
    message["X-Envelope-To"] = recipients
    message["From"] = _format_address(sender)
    message["To"] = recipients
    message["Subject"] = _encode("Subject", _one_line(subject[:_LONGEST_SUBJECT]))
    message["Date"] = _format_date(date)
    message["Message-ID"] = f"<{mid}>"
    message["MIME-Version"] = "1.0"
    return message


def _refer(message: EmailMessage, original: MessageContent) -> None:
    """Set References (RFC 5322, 3.6.4): the oldest first, the original last."""
    ids = [*reversed(original.references[: _MOST_REFERENCES - 1]), original.mid]
    if usable := [f"<{mid}>" for mid in dict.fromkeys(ids) if _ID.match(mid)]:
        message["References"] = " ".join(usable)


def _policy() -> Policy:
    from email.policy import compat32

    # Not EmailPolicy: up to Python 3.13.0 at least, it encodes a Message-ID that is longer than a line, and it
    # takes the quotation marks from a long name, so that another address is read there, or fails on it.
    return compat32.clone(max_line_length=_LONGEST_LINE, cte_type="7bit")


def _check(addr: str) -> str:
    if not is_address(addr):
        raise DataError(f"not a valid address: {_one_line(addr)[:100]!r}")
    return addr


def _format_address(address: Address) -> str | Header:
    from email.utils import formataddr

    addr, name = _check(address.addr), _one_line(address.name[:_LONGEST_NAME])
    if _is_plain(name):
        return formataddr((name, addr))
    value = _encode("From", name)
    value.append(f"<{addr}>", "us-ascii")
    return value


def _list_addresses(field: str, addresses: Sequence[Address]) -> Header:
    """A list of addresses as the value of a field; each can be read, whatever its name says."""
    from email.header import Header
    from email.utils import formataddr

    value = Header(header_name=field)
    for number, address in enumerate(addresses, 1):
        comma = "," if number < len(addresses) else ""
        addr, name = _check(address.addr), _one_line(address.name[:_LONGEST_NAME])
        if _is_plain(name):
            value.append(formataddr((name, addr)) + comma, "us-ascii")
        else:
            value.append(name, "utf-8")
            value.append(f"<{addr}>{comma}", "us-ascii")
    return value


def _format_date(date: int) -> str:
    from email.utils import formatdate

    return formatdate(date)


def _encode(field: str, text: str) -> Header:
    """`text` as the value of a field, encoded where necessary (RFC 2047)."""
    from email.header import Header

    return Header(text, "us-ascii" if _is_plain(text) else "utf-8", header_name=field)


def _is_plain(text: str) -> bool:
    """Whether `text` needs no encoding to be read as it is."""
    return text.isascii() and "=?" not in text


def _one_line(text: str) -> str:
    """`text` without line ends and other control characters, so that it can't begin a field of its own."""
    return _CONTROLS.sub(" ", text).strip()


def _set_text(part: MIMEPart, text: str) -> None:
    """Make a text the body of a message or a part, in a form that every server passes on."""
    from email.contentmanager import raw_data_manager

    text = _TEXT_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    part.set_content(text.encode("utf-8", "replace").decode(), content_manager=raw_data_manager)


def _set_flowed(message: EmailMessage, text: str) -> None:
    """Make a text the body, its long lines broken where a reader joins them again (RFC 3676)."""
    lines = (line for whole in text.rstrip("\n").split("\n") for line in flow(whole))
    _set_text(message, "".join(f"{line}\n" for line in lines))
    message.set_param("format", "flowed")


def flow(line: str) -> list[str]:
    """A line of a text as lines of format=flowed (RFC 3676, 4.1 to 4.4); quoted ones stay as they are.

    A line that ends in a blank goes on in the next one, so no other line does; a line that begins with a blank, `>` or
    `From ` gets another blank before it, which readers take away.
    """
    if line == "-- " or line.startswith(">"):
        return [line]
    left, lines = _stuff(line.rstrip(" ")), []
    while len(left) > _WIDEST and (end := _break_at(left)):
        lines.append(left[:end])
        left = _stuff(left[end:])
    return [*lines, left]


def _stuff(line: str) -> str:
    return f" {line}" if line.startswith((" ", ">", "From ")) else line


def _break_at(line: str) -> int:
    """The offset behind the blank where a line is broken; 0 for a line without any."""
    blank = line.rfind(" ", 1, _WIDEST)
    return (blank if blank > 0 else line.find(" ", _WIDEST)) + 1


def _attach(message: EmailMessage, file: AttachedFile) -> None:
    from email.contentmanager import raw_data_manager

    main, _, sub = file.type.partition("/")
    if main in ("message", "multipart") or not sub:  # which allow no base64 (RFC 2045, 6.4)
        main, sub = "application", "octet-stream"
    message.add_attachment(
        file.content, main, sub, filename=_one_line(file.name), cte="base64", content_manager=raw_data_manager
    )


def _text_part(text: str) -> bytes:
    from email.message import MIMEPart

    part = MIMEPart(policy=_policy())
    _set_text(part, text)
    return part.as_bytes()


def _file_part(raw: bytes) -> bytes:
    from email.contentmanager import raw_data_manager
    from email.message import MIMEPart

    part = MIMEPart(policy=_policy())
    if not may_travel(raw):
        part.set_content(raw, "application", "octet-stream", filename="message.eml", content_manager=raw_data_manager)
        return part.as_bytes()
    part["Content-Type"] = "message/rfc822"
    part["Content-Transfer-Encoding"] = "7bit" if raw.isascii() else "8bit"
    part["Content-Disposition"] = 'attachment; filename="message.eml"'
    return _head(part) + raw


def _head(part: MIMEPart) -> bytes:
    """The fields of a message or a part, and the empty line after them."""
    part.set_payload("")
    return part.as_bytes()


def may_travel(raw: bytes) -> bool:
    """Whether every server passes these bytes on as they are, as message/rfc822 (RFC 2045, 2.7 and 2.8)."""
    if b"\0" in raw or b"\r" in raw or _has_long_line(raw):
        return False
    return headers.find_end(raw, 0, len(raw)) > 0 and not raw.startswith((b" ", b"\t"))


def _has_long_line(raw: bytes) -> bool:
    start = 0
    while len(raw) - start > _LONGEST_RAW_LINE:
        line_end = raw.rfind(b"\n", start, start + _LONGEST_RAW_LINE + 1)
        if line_end < 0:
            return True
        start = line_end + 1
    return False


def _boundary(raw: bytes, mid: str) -> str:
    """A boundary that is not in `raw`, always the same for the same message."""
    # From the content, not from chance: the same plan composes the same bytes.
    digest = hashlib.sha256(raw + mid.encode()).hexdigest()
    while digest[:40].encode() in raw:
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return "=_" + digest[:40]
