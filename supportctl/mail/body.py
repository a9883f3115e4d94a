"""What a message's parts say: its text for a person, its attachments, whether it is signed or encrypted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from supportctl.mail import charset, encoded_words, headers
from supportctl.mail.allowance import Allowance, Kind
from supportctl.mail.content import Attachment
from supportctl.mail.mime import Part, is_opaque
from supportctl.mail.plain_text import is_notice, lines_beyond, says_something, unflow, without_invisible

_ARMOR = re.compile(r"^-----BEGIN PGP (SIGNED )?MESSAGE-----", re.M)
_ARMOR_START = b"-----BEGIN PGP MESSAGE-----"
_CONTROLS = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_HEADERS = {"text/rfc822-headers", "text/rfc822-header", "message/global-headers"}
_DATA_FOR_PEOPLE = {"text/plain", "text/html", "text/enriched", "text", "", *_HEADERS}
_NOT_FOR_PEOPLE = {"text/rtf", "text/richtext-rtf", "text/vcard", "text/x-vcard", "text/directory", "text/css"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_LONGEST_FIELD = 1_000
"""The number of characters of a field of an attached message that are shown."""

_LARGEST_SOURCE = 8_000_000
"""The number of bytes of a text that are read: more than the characters that are allowed take in any charset."""

_READABLE_REPORTS = {
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "message/global-delivery-status",
    "message/global-disposition-notification",
}


@dataclass(slots=True)
class Texts:
    """What parts say: to everybody, to nobody (`hidden`), and in another form of the same (`more`)."""

    shown: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Body:
    """What was found in a message's parts; `attached` are the texts of the messages that it carries."""

    texts: Texts = field(default_factory=Texts)
    attached: Texts = field(default_factory=Texts)
    attachments: list[tuple[Attachment, Part]] = field(default_factory=list)
    is_signed: bool = False
    is_encrypted: bool = False

    @property
    def attached_text(self) -> str:
        """The text of the messages that the message carries, in all its forms."""
        return join_texts([*self.attached.shown, *self.attached.more, *self.attached.hidden])


def join_texts(texts: list[str]) -> str:
    """All texts, one after the other."""
    if len(texts) == 1:
        return texts[0]
    return "\n".join(text if text.endswith("\n") else text + "\n" for text in texts)


def read_body(root: Part, allowance: Allowance) -> Body:
    """The body of the message with these parts, as far as it is allowed; what is wrong with the body is noted."""
    body = Body()
    _Reader(body, allowance).read(root, is_inner=False)
    _note_armor(body)
    if not any(map(says_something, body.texts.shown)) and any(a.type in _TNEF for a, _ in body.attachments):
        allowance.problems.append("the text may be in an attachment that only Outlook reads (TNEF)")
    return body


class _Reader:
    """Walks the parts; the depth of the tree is bounded by `allowance.DEEPEST`."""

    def __init__(self, body: Body, allowance: Allowance) -> None:
        self.body = body
        self.texts = body.texts
        self.known = ""  # what another form of the text has said already
        self.allowance = allowance

    def read(self, part: Part, is_inner: bool) -> None:
        """Read a part; within an attached message (`is_inner`) only texts count."""
        if not is_inner:
            self._note_protection(part)
        if part.type.startswith("multipart/"):
            self._read_multipart(part, is_inner)
        elif part.parts:
            self._read_embedded(part, is_inner)
        elif _is_text(part):
            self._read_text(part, is_inner)
        elif not is_inner and part.type not in _CONTROLS and part.type != "application/pgp-encrypted":
            self._attach(part)

    def _read_multipart(self, part: Part, is_inner: bool) -> None:
        if part.is_cut:
            self._add(_read_plain(part, self.allowance))
        elif part.type == "multipart/alternative":
            self._read_alternatives(part, is_inner)
        else:
            for inner in part.parts:
                self.read(inner, is_inner)

    def _read_alternatives(self, part: Part, is_inner: bool) -> None:
        """Take the plain alternative if it says anything, else the first that does; attachments of all count."""
        # Every alternative is walked, as an attachment may be in any of them, and one may say more than the other.
        around, known_around = self.texts, self.known
        found: list[Texts] = []
        for inner in sorted(part.parts, key=lambda inner: inner.type != "text/plain"):
            if not found or inner.type == "text/html" or not _is_text(inner):
                self.texts = Texts()
                self.known = join_texts(found[0].shown) if found and not is_notice(found[0].shown[0]) else ""
                self.read(inner, is_inner)
                if any(map(says_something, self.texts.shown)):
                    found.append(self.texts)
                else:
                    around.hidden.extend(self.texts.hidden)
        self.texts, self.known = around, known_around
        # A text that only says that there is another one gives way to it.
        found.sort(key=lambda texts: all(map(is_notice, texts.shown)))
        for texts in found[:1]:
            around.shown.extend(texts.shown)
            around.hidden.extend(texts.hidden)
            around.more.extend(texts.more)
        for texts in found[1:]:
            known = join_texts(found[0].shown)
            around.more.extend(filter(None, [lines_beyond(join_texts(texts.shown), known)]))
            around.hidden.extend(filter(None, [lines_beyond(join_texts(texts.hidden), known)]))

    def _read_embedded(self, part: Part, is_inner: bool) -> None:
        """Read what a part carries: a message, or what an opaque signature encloses."""
        if is_opaque(part):
            if not is_inner:
                self._attach(part)
            self.read(part.parts[0], is_inner)
            return
        message = part.parts[0]
        subject = _header(message, "subject")
        if not is_inner:
            name = part.name or f"{subject[:80] or 'message'}.eml"
            self.body.attachments.append((Attachment(name, part.type, part.size), part))
        around, self.texts = self.texts, self.body.attached
        lines = [f"{name}: {value}" for name in ("Subject", "From", "Date", "To") if (value := _header(message, name))]
        self.texts.shown.append("\n".join(lines) + "\n")
        self.read(message, is_inner=True)
        self.texts = around

    def _read_text(self, part: Part, is_inner: bool) -> None:
        if part.disposition == "attachment":
            if not is_inner:
                self._attach(part)
            return
        if part.name and self.texts.shown and not is_inner:
            self._attach(part)
        label = part.parameters.get("charset", "")
        if not is_inner and label and not charset.is_known(label):
            self.allowance.problems.append(f"unknown charset {label[:40]!r}")
        if part.type in _HEADERS:
            self.body.attached.shown.append(_read_plain(part, self.allowance))
        elif part.type == "text/html":
            self._read_html(part)
        elif part.type == "text/plain" and not is_inner:
            self._read_plain_with_files(part)
        else:
            self._add(_read_plain(part, self.allowance))

    def _read_plain_with_files(self, part: Part) -> None:
        """Read a plain text; the files that programs before MIME put in it are attachments."""
        if not part.encoding and part.raw.find(b"\n=ybegin ", part.start - 1, part.end) >= 0:
            from supportctl.mail.text_files import take_yencoded

            data, files = take_yencoded(part.data)
            text = _read_plain(replace(part, raw=data, start=0, end=len(data)), self.allowance)
        else:
            text, files = _read_plain(part, self.allowance), []
            if "begin " in text:
                from supportctl.mail.text_files import take_uuencoded

                text, files = take_uuencoded(text)
        self._add(text)
        for name, lines, encoding in files:
            kind = "application/octet-stream"
            self._attach(Part(lines, 0, len(lines), [], kind, encoding=encoding, name=name))

    def _read_html(self, part: Part) -> None:
        from supportctl.mail import html

        source, is_cut = part.text(_LARGEST_SOURCE)
        source = _take("html", html.without_long_tags(source), is_cut, self.allowance)
        read = html.read_html(source, self.known)
        if self.known and not read.text and not read.hidden:
            return
        self._add(without_invisible(_take("text", read.text, False, self.allowance)))
        if says_something(hidden := without_invisible(read.hidden)):
            self.texts.hidden.append(_take("text", hidden, False, self.allowance))

    def _add(self, text: str) -> None:
        if text.strip() or not self.texts.shown:
            self.texts.shown.append(text)

    def _attach(self, part: Part) -> None:
        self.body.attachments.append((Attachment(part.name, part.type, part.size), part))

    def _note_protection(self, part: Part) -> None:
        if part.type == "multipart/signed":
            self.body.is_signed = True
        elif part.type in {"multipart/encrypted", "application/pgp-encrypted"}:
            self.body.is_encrypted = True
        elif is_opaque(part):
            if _is_signed_data(part):
                self.body.is_signed = True
            elif not part.parts:
                self.body.is_encrypted = True
        elif not part.parts and not _is_text(part):
            self.body.is_encrypted |= part.head.lstrip().startswith(_ARMOR_START)


def _read_plain(part: Part, allowance: Allowance) -> str:
    """The text of a part that is no HTML, as far as it is allowed."""
    text = without_invisible(_take("text", *part.text(_LARGEST_SOURCE), allowance))
    if part.type == "text/plain":
        if part.parameters.get("format", "").lower() == "flowed" and (" \n" in text or "\n " in text):
            return unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    elif part.type in _FORMATS:
        from supportctl.mail import text_formats

        return without_invisible(getattr(text_formats, _FORMATS[part.type])(text))
    return text


_FORMATS = {"text/enriched": "read_enriched", "text/richtext": "read_enriched", "text/calendar": "read_calendar"}
"""The formats that are read as plain text, with the functions of `text_formats` that do it."""


def _take(kind: Kind, text: str, is_cut: bool, allowance: Allowance) -> str:
    if is_cut:
        allowance.note(kind)
    return text[: allowance.take(kind, len(text))]


def _is_text(part: Part) -> bool:
    if part.type in _DATA_FOR_PEOPLE or part.type in _READABLE_REPORTS:
        return True
    return (
        part.type.startswith("text/")
        and part.type not in _NOT_FOR_PEOPLE
        and (not part.name or part.type == "text/calendar")
        and part.disposition != "attachment"
    )


def _is_signed_data(part: Part) -> bool:
    from supportctl.mail.cms import SIGNED_DATA

    kind = part.parameters.get("smime-type", "").lower()
    return kind == "signed-data" or (not kind and SIGNED_DATA in part.head[:64])


def _header(part: Part, name: str) -> str:
    for field_name, value in part.fields:
        if field_name.lower() == name.lower():
            return encoded_words.decode_words(headers.decode_value(value)[:_LONGEST_FIELD])
    return ""


def _note_armor(body: Body) -> None:
    """Note inline PGP armor; quoted armor, with `>` before it, does not count."""
    for text in (*body.texts.shown, *body.attached.shown):
        if "-----BEGIN PGP" in text:
            for match in _ARMOR.finditer(text):
                if match[1]:
                    body.is_signed = True
                else:
                    body.is_encrypted = True
