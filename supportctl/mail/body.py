"""What a message's parts say: its text for a person, its attachments, whether it is signed or encrypted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from supportctl.mail import charset, encoded_words, headers
from supportctl.mail.allowance import Allowance, Kind
from supportctl.mail.content import Attachment
from supportctl.mail.mime import Part

_ARMOR = re.compile(r"^-----BEGIN PGP (SIGNED )?MESSAGE-----", re.M)
_ARMOR_START = b"-----BEGIN PGP MESSAGE-----"
_CONTROLS = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2, RFC 5652 section 5.1
_DATA_FOR_PEOPLE = {"text/plain", "text/html", "text/enriched", "text/rfc822-headers", "text", ""}
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
    "message/global-headers",
}


@dataclass(slots=True)
class Body:
    """What was found in a message's parts."""

    texts: list[str] = field(default_factory=list)
    attachments: list[tuple[Attachment, Part]] = field(default_factory=list)
    is_signed: bool = False
    is_encrypted: bool = False

    @property
    def text(self) -> str:
        """All texts, one after the other."""
        if len(self.texts) == 1:
            return self.texts[0]
        return "\n".join(text if text.endswith("\n") else text + "\n" for text in self.texts)


def read_body(root: Part, allowance: Allowance) -> Body:
    """The body of the message with these parts, as far as it is allowed; what is wrong with the body is noted."""
    body = Body()
    _Reader(body, allowance).read(root, is_inner=False)
    _note_armor(body)
    return body


class _Reader:
    """Walks the parts; the depth of the tree is bounded by `allowance.DEEPEST`."""

    def __init__(self, body: Body, allowance: Allowance) -> None:
        self.body = body
        self.allowance = allowance

    def read(self, part: Part, is_inner: bool) -> None:
        """Read a part; within an attached message (`is_inner`) only texts count."""
        if not is_inner:
            self._note_protection(part)
        if part.type.startswith("multipart/"):
            self._read_multipart(part, is_inner)
        elif part.parts:
            self._read_message(part, is_inner)
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
        # Every alternative is walked, as an attachment may be in any of them; only the texts of one are kept.
        chosen = self.body.texts
        is_said = False
        for inner in sorted(part.parts, key=lambda inner: inner.type != "text/plain"):
            self.body.texts = []
            if not (is_said and _is_text(inner)):
                self.read(inner, is_inner)
            if not is_said and any(text.strip() for text in self.body.texts):
                chosen.extend(self.body.texts)
                is_said = True
        self.body.texts = chosen

    def _read_message(self, part: Part, is_inner: bool) -> None:
        message = part.parts[0]
        subject = _header(message, "subject")
        if not is_inner:
            name = part.name or f"{subject[:80] or 'message'}.eml"
            self.body.attachments.append((Attachment(name, part.type, part.end - part.start), part))
        lines = [f"{name}: {value}" for name in ("Subject", "From", "Date", "To") if (value := _header(message, name))]
        self._add("\n".join(lines) + "\n")
        self.read(message, is_inner=True)

    def _read_text(self, part: Part, is_inner: bool) -> None:
        if part.disposition == "attachment":
            if not is_inner:
                self._attach(part)
            return
        if part.name and self.body.texts and not is_inner:
            self._attach(part)
        label = part.parameters.get("charset", "")
        if not is_inner and label and not charset.is_known(label):
            self.allowance.problems.append(f"unknown charset {label[:40]!r}")
        self._add(read_text(part, self.allowance))

    def _add(self, text: str) -> None:
        if text.strip() or not self.body.texts:
            self.body.texts.append(text)

    def _attach(self, part: Part) -> None:
        self.body.attachments.append((Attachment(part.name, part.type, part.size), part))

    def _note_protection(self, part: Part) -> None:
        if part.type == "multipart/signed":
            self.body.is_signed = True
        elif part.type in {"multipart/encrypted", "application/pgp-encrypted"}:
            self.body.is_encrypted = True
        elif part.type in _SMIME or part.name.lower() == "smime.p7m":
            if _is_signed_data(part):
                self.body.is_signed = True
            else:
                self.body.is_encrypted = True
        elif not part.parts and not _is_text(part):
            self.body.is_encrypted |= part.head.lstrip().startswith(_ARMOR_START)


def read_text(part: Part, allowance: Allowance) -> str:
    """The text of one text part, HTML as text, as far as it is allowed."""
    if part.type != "text/html":
        return _read_plain(part, allowance)
    from supportctl.mail import html

    source, is_cut = part.text(_LARGEST_SOURCE)
    source = _take("html", html.without_long_tags(source), is_cut, allowance)
    return _take("text", html.extract_text(source), False, allowance)


def _read_plain(part: Part, allowance: Allowance) -> str:
    return _take("text", *part.text(_LARGEST_SOURCE), allowance)


def _take(kind: Kind, text: str, is_cut: bool, allowance: Allowance) -> str:
    if is_cut:
        allowance.note(kind)
    return text[: allowance.take(kind, len(text))]


def _is_text(part: Part) -> bool:
    if part.type in _DATA_FOR_PEOPLE or part.type in _READABLE_REPORTS:
        return True
    return part.type.startswith("text/") and not part.name and part.disposition != "attachment"


def _is_signed_data(part: Part) -> bool:
    kind = part.parameters.get("smime-type", "").lower()
    return kind == "signed-data" or (not kind and _SIGNED_DATA in part.head[:64])


def _header(part: Part, name: str) -> str:
    for field_name, value in part.fields:
        if field_name.lower() == name.lower():
            return encoded_words.decode_words(headers.decode_value(value)[:_LONGEST_FIELD])
    return ""


def _note_armor(body: Body) -> None:
    """Note inline PGP armor; quoted armor, with `>` before it, does not count."""
    for text in body.texts:
        if "-----BEGIN PGP" in text:
            for match in _ARMOR.finditer(text):
                if match[1]:
                    body.is_signed = True
                else:
                    body.is_encrypted = True
