"""Outgoing mail as finished RFC 5322 bytes; pure: clock, ids and addresses are arguments.

Line ends are LF, as mail is stored in Maildirs; whoever sends it makes CRLF of them. The envelope
stands at the top: `Return-Path: <sender>` and `X-Envelope-To: recipients`; the sender takes both off.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Sequence

from supportctl.errors import DataError
from supportctl.mail import headers
from supportctl.model import Address, Mail

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TEXT_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?\Z")
_ID = re.compile(r"[!-;=?-~]{1,500}@[!-;=?-~]{1,400}\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
_LONG_LINE = re.compile(rb"[^\n]{999}")
_ANSWER = re.compile(r"\s*re\s*:", re.I)
_FORWARD = re.compile(r"\s*(?:fwd?|wg)\s*:", re.I)
_LONGEST_SUBJECT = 400
_MOST_REFERENCES = 20


def message_id(unique: str, domain: str) -> str:
    """A Message-ID without angle brackets from a part that must be unique and a domain."""
    mid = re.sub(r"[^A-Za-z0-9.+_-]", "-", unique) + "@" + domain.lower()
    if not _ID.match(mid):
        raise DataError(f"no Message-ID can be made with the domain {domain!r}")
    return mid


def can_receive(addr: str) -> bool:
    """Whether `addr` is an address that any server takes (ASCII, no quoted local part)."""
    return bool(_ADDRESS.match(addr)) and ".." not in addr


def notice(
    original: Mail,
    *,
    text: str,
    sender: Address,
    mid: str,
    date: int,
    to: str = "",
    subject: str = "",
    prefix: str = "",
) -> bytes:
    """An automatic answer to `original` (RFC 3834): with an empty envelope sender, so nothing answers it.

    It goes to `to`, or to the sender of `original`. `prefix` stands before the subject (a ticket's tag);
    `date` is in seconds since the epoch. Raises DataError where an address can't be written to.
    """
    recipient = to or original.sender.addr
    lines = _envelope("", [recipient])
    lines += _addressing(sender, [recipient], subject or _retitle(original.subject, _ANSWER, "Re: "), prefix, mid, date)
    lines += _threading(original)
    lines += ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Auto-Response-Suppress: All"]
    return _assemble(lines, *_text_part(text))


def forward(
    original: Mail,
    raw: bytes,
    *,
    to: Sequence[str],
    sender: Address,
    envelope_sender: str,
    mid: str,
    date: int,
    text: str = "",
    subject: str = "",
    prefix: str = "",
) -> bytes:
    """`original` sent on, its bytes `raw` attached and unchanged, below a `text`.

    They are a message/rfc822 where they may travel as one; else, since that allows no base64 (RFC 2046,
    5.2.1), a file `message.eml`. Raises DataError where an address can't be written to.
    """
    lines = _envelope(envelope_sender, to)
    lines += _addressing(sender, to, subject or _retitle(original.subject, _FORWARD, "Fwd: "), prefix, mid, date)
    lines += _references(original)
    boundary = _boundary(raw, mid)
    text_lines, text_body = _text_part(text)
    file_lines, file_body = _file_part(raw)
    pieces = [f"--{boundary}", *text_lines, "", ""]
    between = [f"--{boundary}", *file_lines, "", ""]
    body = "\n".join(pieces).encode() + text_body + b"\n" + "\n".join(between).encode() + file_body
    outer = [f'Content-Type: multipart/mixed; boundary="{boundary}"']
    if not raw.isascii() and "Content-Transfer-Encoding: 8bit" in file_lines:
        outer.append("Content-Transfer-Encoding: 8bit")
    return _assemble(lines, outer, body + f"\n--{boundary}--\n".encode())


def forward_inline(
    original: Mail,
    *,
    to: Sequence[str],
    sender: Address,
    envelope_sender: str,
    mid: str,
    date: int,
    text: str = "",
    subject: str = "",
    prefix: str = "",
) -> bytes:
    """`original` sent on to the public: its text with From, Date and Subject above it, and nothing else of it."""
    lines = _envelope(envelope_sender, to)
    lines += _addressing(sender, to, subject or _retitle(original.subject, _FORWARD, "Fwd: "), prefix, mid, date)
    lines += _references(original)
    return _assemble(lines, *_text_part(_inline_text(original, text)))


def _inline_text(original: Mail, text: str) -> str:
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
    below = ["", f"[{left} attachment{'s' * (left > 1)} not forwarded]"] if left else []
    return "\n".join([*above, original.text.rstrip("\n"), *below]) + "\n"


def _envelope(sender: str, recipients: Sequence[str]) -> list[str]:
    if not recipients:
        raise DataError("a mail without a recipient")
    if sender:
        _check(sender)
    return [f"Return-Path: <{sender}>", *_fold("X-Envelope-To", [_check(one) for one in recipients])]


def _addressing(sender: Address, to: Sequence[str], subject: str, prefix: str, mid: str, date: int) -> list[str]:
    title = f"{prefix.strip()} {subject}" if prefix.strip() and prefix.strip() not in subject else subject
    if not _ID.match(mid):
        raise DataError(f"no Message-ID: {mid[:100]!r}")
    return [
        _field("From", _format_address(sender)),
        *_fold("To", [_check(one) for one in to]),
        "Subject: " + _encode(title[:_LONGEST_SUBJECT], len("Subject: ")),
        f"Date: {_format_date(date)}",
        f"Message-ID: <{mid}>",
        "MIME-Version: 1.0",
    ]


def _threading(original: Mail) -> list[str]:
    if not _ID.match(original.mid):
        return []
    return [f"In-Reply-To: <{original.mid}>", *_references(original)]


def _references(original: Mail) -> list[str]:
    """References as RFC 5322, 3.6.4 has them: the oldest first, the original last."""
    ids = [*reversed(original.references[: _MOST_REFERENCES - 1]), original.mid]
    usable = [f"<{mid}>" for mid in dict.fromkeys(ids) if _ID.match(mid)]
    return ["References: " + "\n ".join(usable)] if usable else []


def _retitle(subject: str, known: re.Pattern[str], prefix: str) -> str:
    return subject if known.match(subject) else prefix + subject


def _check(addr: str) -> str:
    if not can_receive(addr):
        raise DataError(f"no address that mail can be sent to: {_one_line(addr)[:100]!r}")
    return addr


def _fold(name: str, values: list[str]) -> list[str]:
    return [f"{name}: " + ",\n ".join(values)]


def _field(name: str, value: str) -> str:
    return f"{name}: {value}"


def _format_address(address: Address) -> str:
    addr, name = _check(address.addr), _one_line(address.name)
    if not name:
        return addr
    if not name.isascii():
        return f"{_encode(name[:100], 6)}\n <{addr}>"
    if not _PLAIN_NAME.match(name) or "=?" in name:
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{addr}>"


def _format_date(date: int) -> str:
    from email.utils import formatdate

    return formatdate(date)


def _one_line(text: str) -> str:
    """`text` without line ends and other control characters: it can't begin a field of its own."""
    return _CONTROLS.sub(" ", text).strip()


def _encode(text: str, first: int) -> str:
    """`text` as an unstructured value, encoded where it must be (RFC 2047), folded."""
    from email.header import Header

    text = _one_line(text)
    if text.isascii() and "=?" not in text:
        return Header(text, "us-ascii", maxlinelen=78, header_name=" " * (first - 2)).encode(splitchars=" ")
    return Header(text, "utf-8", maxlinelen=76, header_name=" " * (first - 2)).encode()


def _text_part(text: str) -> tuple[list[str], bytes]:
    """The fields and the body of a text part that passes any server."""
    text = _TEXT_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    data = text.encode("utf-8", "replace")
    if data and not data.endswith(b"\n"):
        data += b"\n"
    if data.isascii() and not _LONG_LINE.search(data):
        return ["Content-Type: text/plain; charset=us-ascii", "Content-Transfer-Encoding: 7bit"], data
    encoded = binascii.b2a_qp(data, istext=True)
    return ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"], encoded


def _file_part(raw: bytes) -> tuple[list[str], bytes]:
    if may_travel(raw):
        encoding = "7bit" if raw.isascii() else "8bit"
        kind = ["Content-Type: message/rfc822", f"Content-Transfer-Encoding: {encoding}"]
        return [*kind, 'Content-Disposition: attachment; filename="message.eml"'], raw
    kind = ['Content-Type: application/octet-stream; name="message.eml"', "Content-Transfer-Encoding: base64"]
    lines = [binascii.b2a_base64(raw[at : at + 57]) for at in range(0, len(raw), 57)]
    return [*kind, 'Content-Disposition: attachment; filename="message.eml"'], b"".join(lines).rstrip(b"\n")


def may_travel(raw: bytes) -> bool:
    """Whether a server passes these bytes on as they are, as message/rfc822 (RFC 2045, 2.7 and 2.8)."""
    if b"\0" in raw or b"\r" in raw or _LONG_LINE.search(raw):
        return False
    return headers.find_end(raw, 0, len(raw)) > 0 and not raw.startswith((b" ", b"\t"))


def _boundary(raw: bytes, mid: str) -> str:
    """A boundary that does not come in `raw`, the same for the same mail."""
    digest = hashlib.sha256(raw + mid.encode()).hexdigest()
    while digest[:40].encode() in raw:
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return "=_" + digest[:40]


def _assemble(lines: list[str], content: list[str], body: bytes) -> bytes:
    return "\n".join([*lines, *content, "", ""]).encode("ascii") + body
