"""The mail that an automatic one is about: its Message-ID, out of whatever came back of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from supportctl.mail import headers
from supportctl.mail import message_header as mail_fields
from supportctl.mail.message_header import MessageHeader
from supportctl.mail.mime import Part

_IN_TEXT = re.compile(r"^[ \t>|]{0,8}(?:original-)?message-id[ \t]*:\s*<([^<>\s]{1,998})>", re.I | re.M)
_MESSAGES = {"message/rfc822", "message/global", "message/news"}
_HEADERS = {"text/rfc822-headers", "message/global-headers"}
_RECEIPTS = {"message/disposition-notification", "message/global-disposition-notification"}


def find_original(fields: MessageHeader, root: Part, text: str) -> str:
    """The Message-ID of the mail that a bounce returns; "" if it tells none."""
    for part in _walk(root):
        if part.type in _MESSAGES and part.parts:
            found = _read_field(part.parts[0].fields, "message-id")
        elif part.type in _HEADERS:
            found = _read_in_text(part.text)
        else:
            continue
        if found:
            return found
    return _read_in_text(text) or _first(fields.references)


def find_answered(fields: MessageHeader, root: Part) -> str:
    """The Message-ID of the mail that an automatic reply or a read receipt answers; "" if it tells none."""
    for part in _walk(root):
        if part.type in _RECEIPTS:
            found = _read_in_text(part.text)
            if found:
                return found
    return _first(fields.references)


def has_known_format(root: Part) -> bool:
    """Whether flufl.bounce finds a recipient that failed or waits; slow, so ask when other signs point there."""
    from email import message_from_bytes

    from flufl.bounce import all_failures

    logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
    try:
        temporary, permanent = all_failures(message_from_bytes(root.raw))
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


def _read_field(found: headers.RawFields, wanted: str) -> str:
    for name, value in found:
        if name.lower() == wanted:
            return _first(mail_fields.read_ids(headers.decode_value(value)))
    return ""


def _read_in_text(text: str) -> str:
    found = _IN_TEXT.search(text)
    return found[1] if found else ""


def _first(found: list[str]) -> str:
    return found[0] if found else ""
