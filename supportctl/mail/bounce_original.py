"""The Message-ID of the message that an automatic one is about, from whatever came back of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from supportctl.mail import headers
from supportctl.mail.message_header import MessageHeader, read_mids
from supportctl.mail.mime import MESSAGES, Part

_IN_TEXT = re.compile(r"^[ \t>|]{0,8}(?:original-)?message-id[ \t]{0,9}:\s{0,99}<([^<>\s]{1,998})>", re.I | re.M)
_HEADERS = {"text/rfc822-headers", "message/global-headers"}
RECEIPTS = {"message/disposition-notification", "message/global-disposition-notification"}
"""The types of parts that say that a message was read (RFC 8098)."""

_READ_OF_TEXT = 1_000_000
"""The number of bytes of a returned header in which its Message-ID is looked for."""

_READ_OF_REPORT = 100_000
"""The number of bytes in which a server has said who did not get the message; flufl.bounce takes 0.1 s for them."""


def find_original(header: MessageHeader, root: Part, text: str) -> str:
    """The Message-ID of the message that a bounce returns; "" where there is none."""
    for part in _walk(root):
        if part.type in MESSAGES and part.parts:
            mid = _read_field(part.parts[0].fields, "message-id")
        elif part.type in _HEADERS:
            mid = _read_in_text(part.text(_READ_OF_TEXT)[0])
        else:
            continue
        if mid:
            return mid
    return _read_in_text(text) or _first(header.references)


def find_answered(header: MessageHeader, root: Part) -> str:
    """The Message-ID of the message that an automatic reply or a read receipt answers; "" where there is none."""
    for part in _walk(root):
        if part.type in RECEIPTS:
            mid = _read_in_text(part.text(_READ_OF_TEXT)[0])
            if mid:
                return mid
    return _first(header.references)


def has_known_format(root: Part) -> bool:
    """Whether flufl.bounce finds a recipient that failed or is delayed. Slow."""
    from email import message_from_bytes

    from flufl.bounce import all_failures

    # It warns of what it can't read, and raises whatever Python's `email` raises on garbage.
    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
    try:
        temporary, permanent = all_failures(message_from_bytes(root.raw[:_READ_OF_REPORT]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False
    return bool(temporary or permanent)


def _walk(root: Part) -> Iterator[Part]:
    """The parts of the message itself; a message within is one part."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        yield part
        if part.type.startswith("multipart/"):
            waiting.extend(reversed(part.parts))


def _read_field(fields: headers.RawFields, name: str) -> str:
    for field_name, value in fields:
        if field_name.lower() == name:
            return _first(read_mids(headers.decode_value(value)))
    return ""


def _read_in_text(text: str) -> str:
    match = _IN_TEXT.search(text)
    return match[1] if match else ""


def _first(mids: list[str]) -> str:
    return mids[0] if mids else ""
