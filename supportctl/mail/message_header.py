"""The header of a message, asked for what a desk wants to know: who, when, what about, in answer to what."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from supportctl.mail import encoded_words, headers
from supportctl.mail.addresses import read_addresses
from supportctl.mail.allowance import LONGEST_FIELD, Allowance
from supportctl.mail.content import Address
from supportctl.mail.dates import choose_date
from supportctl.mail.mime import Part

# Beyond these, a header is hostile.
_MOST_REFERENCES = 100
_LONGEST_ID = 998  # the longest line of RFC 5322
_RECIPIENTS = [
    "to",
    "cc",
    "bcc",
    "resent-to",
    "resent-cc",
    "resent-bcc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "apparently-to",
]
NOBODY = Address("", "")


class MessageHeader:
    """The header fields of a part, decoded once: `decoded` in order, `texts` by lower-case name.

    In `texts` encoded words are not decoded, since addresses must be split before that.
    """

    def __init__(self, part: Part, allowance: Allowance) -> None:
        self._allowance = allowance
        label = _find_charset(part)
        self.undecoded = [
            field if field[1].isascii() and len(field[1]) <= LONGEST_FIELD else _read_field(*field, label, allowance)
            for field in part.fields
        ]
        self.decoded = [
            (field[0], encoded_words.decode_words(field[1])) if "=?" in field[1] else field for field in self.undecoded
        ]
        self.texts: dict[str, list[str]] = {}
        for name, text in self.undecoded:
            self.texts.setdefault(name.lower(), []).append(text)
        self._addresses: dict[str, list[Address]] = {}

    def first(self, name: str) -> str:
        """The first value of a field, encoded words as they are; "" if there is none."""
        texts = self.texts.get(name)
        return texts[0] if texts else ""

    def has(self, name: str) -> bool:
        """Whether there is such a field, empty or not."""
        return name in self.texts

    def has_any(self, names: Iterable[str]) -> bool:
        """Whether there is a field with one of these names."""
        return not self.texts.keys().isdisjoint(names)

    def addresses(self, name: str) -> list[Address]:
        """All addresses in all fields of a name."""
        if name not in self.texts:
            return []
        if name not in self._addresses:
            found = [
                address
                for text in self.texts[name]
                for address in read_addresses(text, self._allowance.left("addresses"))
            ]
            self._addresses[name] = found[: self._allowance.take("addresses", len(found))]
        return self._addresses[name]

    @cached_property
    def subject(self) -> str:
        """The subject, decoded, in one line."""
        return encoded_words.decode_words(self.first("subject"))

    @property
    def sender(self) -> Address:
        """The writer: From, or else Sender, Reply-To, Return-Path."""
        for name in ("from", "sender", "reply-to", "return-path"):
            addresses = self.addresses(name)
            for address in addresses:
                if address.addr:
                    return address
            if addresses:
                return addresses[0]
        return NOBODY

    @property
    def recipients(self) -> list[str]:
        """Every address that the message was for, in lower case, each once."""
        return list(
            dict.fromkeys(
                address.addr
                for name in _RECIPIENTS
                if name in self.texts
                for address in self.addresses(name)
                if address.addr
            )
        )

    @property
    def mid(self) -> str:
        """The Message-ID without angle brackets; "" if there is none that is usable."""
        text = self.first("message-id")
        mids = read_mids(text)
        if mids:
            return mids[0]
        bare = "".join(text.split()).strip("<>")
        return bare if len(bare) <= _LONGEST_ID else ""

    @property
    def references(self) -> list[str]:
        """The Message-IDs of the ancestors, nearest first: In-Reply-To, then References from the end."""
        near = [mid for text in self.texts.get("in-reply-to", ()) for mid in read_mids(text)]
        far = [mid for text in self.texts.get("references", ()) for mid in read_mids(text)]
        return list(dict.fromkeys(near + far[::-1]))[:_MOST_REFERENCES]

    def date(self, received: int, problems: list[str]) -> int:
        """The time of writing: Date, or else the topmost Received, or else `received`."""
        return choose_date(self.texts.get("date", []), self.texts.get("received", []), received, problems)


def _read_field(name: str, value: str, label: str, allowance: Allowance) -> tuple[str, str]:
    return name, allowance.cut(headers.decode_value(value, label))


def _find_charset(part: Part) -> str:
    """The charset of the first text in a message, which is that of raw bytes in its header, too."""
    while part.parts and "charset" not in part.parameters:
        part = part.parts[0]
    return part.parameters.get("charset", "")


def read_mids(text: str) -> list[str]:
    """The Message-IDs in a field's text, without angle brackets; without any bracket, the words with an `@`."""
    if "<" in text:
        pieces = [piece.rpartition("<")[2] for piece in text.split(">")[:-1] if "<" in piece]
        mids = ["".join(piece.split()) for piece in pieces]
    else:
        mids = [word.strip(">,;") for word in text.split() if "@" in word]
    return [mid for mid in mids if 0 < len(mid) <= _LONGEST_ID]
