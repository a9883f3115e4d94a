"""Where in a mail a word stands: a simple reading of our own, to explain why one program finds it and another not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime

ADDRESSED = ("from", "to", "cc", "bcc")
_MARKUP = re.compile(r"<[^>]*>|&[a-z]+;")
_HIDDEN = re.compile(r"(?is)<(style|script)\b.*?</\1>|<!--.*?-->")


def fold(text: str) -> str:
    """Text without regard to case and diacritics; `_` parts words, as it does for all who are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("_", " "))
    return "".join(each for each in plain if not unicodedata.combining(each))


def read_places(raw: bytes) -> dict[str, str]:
    """The text of a mail by where it stands, folded, from what people read to what nobody reads."""
    mail = message_from_bytes(raw)
    places = {"subject": _header(mail, "subject"), "from": _header(mail, "from")}
    places["to, cc"] = " ".join(_header(mail, name) for name in ADDRESSED[1:])
    for place, text in _read_parts(mail, "", is_top=True):
        places[place] = f"{places.get(place, '')}\n{text}"
    places["another header"] = " ".join(_header(mail, name) for name in mail if name.lower() not in _KNOWN)
    places["undecoded"] = raw.decode("latin-1")
    return {place: fold(text) for place, text in places.items()}


_KNOWN = {"subject", *ADDRESSED}


def has_date(raw: bytes) -> bool:
    """Does a mail say in a readable way when it was written?"""
    try:
        return parsedate_to_datetime(str(message_from_bytes(raw)["date"])) is not None
    except ValueError:
        return False


def _header(mail: Message, name: str) -> str:
    return " ".join(_decode(str(value)) for value in mail.get_all(name, []))


def _decode(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):
        return value


def _read_parts(mail: Message, inside: str, *, is_top: bool = False) -> Iterator[tuple[str, str]]:
    if name := mail.get_filename():
        yield "name of an attachment", _decode(str(name))
    if mail.get_content_maintype() == "message" and mail.is_multipart():
        for part in _parts(mail):
            yield "attached mail", " ".join(_decode(str(value)) for value in part.values())
            yield from _read_parts(part, "attached mail")
    elif mail.is_multipart():
        yield inside or "around the parts", f"{mail.preamble or ''}\n{mail.epilogue or ''}"
        for part in _parts(mail):
            yield from _read_parts(part, inside)
    else:
        yield from _read_leaf(mail, inside, is_top)


def _parts(mail: Message) -> list[Message]:
    payload = mail.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _read_leaf(mail: Message, inside: str, is_top: bool) -> Iterator[tuple[str, str]]:
    text = _text(mail)
    kind = mail.get_content_type()
    if kind == "text/html":
        yield inside or "HTML text", _MARKUP.sub(" ", _HIDDEN.sub(" ", text))
        yield inside or "HTML text, with a tag or comment inside the word", _MARKUP.sub("", _HIDDEN.sub("", text))
        yield inside or "HTML markup, style or comment", text
    elif not kind.startswith("text/"):
        yield inside or f"part of type {kind}", text
    elif not is_top and mail.get_content_disposition() == "attachment":
        yield inside or "attached text file", text
    else:
        yield inside or ("text" if kind == "text/plain" else f"part of type {kind}"), text


def _text(mail: Message) -> str:
    try:
        payload = mail.get_payload(decode=True)
    except (LookupError, ValueError):
        payload = None
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(mail.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        return data.decode("latin-1")
