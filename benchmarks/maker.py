"""Many mails made out of few: each round over the collection is another desk's mail, by a fixed seed.

In every round each Message-ID gets a new name wherever it stands, so that threads stay threads; half of the words and
of the addresses change places with others of the same length and about the same frequency, so that sizes, encodings and
the shape of the vocabulary stay; and the dates lie in the round's part of five years, in the order of the originals.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

SEED = 20261122
BEGIN = datetime(2021, 1, 1, tzinfo=UTC).timestamp()
FIVE_YEARS = 1826 * 86_400
BAND = 8
"""So many words of neighbouring frequency may change places with each other."""

Replace = Callable[[bytes], bytes]

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_DATE = re.compile(rb"(?im)^date:[ \t]*([^\r\n]*)")
_ID_FIELDS = re.compile(
    rb"(?im)^(?:message-id|in-reply-to|references|(?:resent|original|x-original)-message-id):"
    rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*"
)
_ID = re.compile(rb"<[^<>\s]+>")
_BARE_ID = re.compile(rb"(?<=[:\s])\S+")
_HAS_ID = re.compile(rb"(?im)^message-id:[ \t]*\S")
_ADDRESS_FIELDS = re.compile(
    rb"(?im)^(?:from|to|cc|reply-to|sender|return-path|delivered-to|x-original-to):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*"
)
_ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# What must stay as it is (base64, uuencode, boundaries, fields of parts) matches first, as a whole line.
_WORD = re.compile(
    rb"(?m)^[A-Za-z0-9+/=]{50,}\r?$|^M[ -`]{60}\r?$|^--.*$|^[A-Za-z-]+:.*$|^From .*$"
    rb"|^[ \t].*(?:boundary|charset|name)\*?\d?\*?=.*$"
    rb"|(?<![\w<=/&@.:%-])([A-Za-z]{4,14})(?![\w=/@.:%-])"
)
_SUBJECT = re.compile(rb"(?im)^(subject:)([^\r\n]*)")


@dataclass(frozen=True)
class Vocabulary:
    """What may change places: words and addresses, in groups of like with like."""

    words: list[list[bytes]]
    addresses: list[list[bytes]]


def make(mails: Sequence[bytes], count: int, seed: int = SEED) -> Iterator[bytes]:
    """`count` mails made out of these; the same for the same mails and seed, on any machine."""
    ordered = sorted(mails, key=_date_of)
    vocabulary = read_vocabulary(ordered)
    rounds = -(-count // len(ordered))
    for number in range(count):
        turn, place = divmod(number, len(ordered))
        if place == 0:
            change = _Round(vocabulary, f"{seed}.{turn}")
        yield change(ordered[place], BEGIN + (turn + place / len(ordered)) * FIVE_YEARS / rounds, place)


def read_vocabulary(mails: Sequence[bytes]) -> Vocabulary:
    """The words and addresses of mails, grouped: like length, and for words neighbouring frequency too."""
    words: Counter[bytes] = Counter()
    addresses: Counter[bytes] = Counter()
    for mail in mails:
        words.update(found for found in (match.group(1) for match in _WORD.finditer(_body(mail))) if found)
        for field in _ADDRESS_FIELDS.finditer(mail):
            addresses.update(_ADDRESS.findall(field.group()))
    return Vocabulary(_group(words), _group(addresses))


def _group(counts: Counter[bytes]) -> list[list[bytes]]:
    ranked = sorted(counts, key=lambda word: (len(word), word[:1].isupper(), -counts[word], word))
    bands: list[list[bytes]] = []
    for word in ranked:
        last = bands[-1] if bands else []
        if not last or len(last) == BAND or len(last[0]) != len(word) or last[0][:1].isupper() != word[:1].isupper():
            bands.append([word])
        else:
            last.append(word)
    return bands


class _Round:
    """One round over the collection: what becomes what."""

    def __init__(self, vocabulary: Vocabulary, seed: str) -> None:
        chance = random.Random(seed)
        self._seed = seed.encode()
        self._words = _permute(vocabulary.words, chance)
        self._addresses = _permute(vocabulary.addresses, chance)

    def __call__(self, mail: bytes, date: float, place: int) -> bytes:
        mail = _ID_FIELDS.sub(self._rename_all, mail)
        mail = _ADDRESS_FIELDS.sub(lambda field: _ADDRESS.sub(self._exchange_address, field.group()), mail)
        end = len(mail) - len(_body(mail))
        head = _SUBJECT.sub(self._exchange_subject, mail[:end])
        return _complete(_set_date(head, date), date, f"{self._seed.decode()}.{place}") + self._exchange(mail[end:])

    def _exchange(self, text: bytes) -> bytes:
        return _WORD.sub(self._exchange_word, text)

    def _exchange_word(self, match: re.Match[bytes]) -> bytes:
        return self._words.get(match.group(1), match.group()) if match.group(1) else match.group()

    def _exchange_subject(self, match: re.Match[bytes]) -> bytes:
        text = match.group(2)
        return match.group(1) + (text if b"=?" in text else self._exchange(text))

    def _exchange_address(self, match: re.Match[bytes]) -> bytes:
        return self._addresses.get(match.group(), match.group())

    def _rename_all(self, field: re.Match[bytes]) -> bytes:
        identifier = _ID if b"<" in field.group() else _BARE_ID
        return identifier.sub(self._rename, field.group())

    def _rename(self, match: re.Match[bytes]) -> bytes:
        name = hashlib.blake2b(match.group(), digest_size=9, key=self._seed).hexdigest()
        return b"<%s@made.example>" % name.encode()


def _permute(groups: list[list[bytes]], chance: random.Random) -> dict[bytes, bytes]:
    """Half of each group's members, each with another one in its place."""
    exchanged: dict[bytes, bytes] = {}
    for group in groups:
        chosen = chance.sample(group, len(group) // 2)
        exchanged.update(zip(chosen, chosen[1:] + chosen[:1], strict=True))
    return exchanged


def _body(mail: bytes) -> bytes:
    end = _HEAD_END.search(mail)
    return mail[end.end() :] if end else b""


def _date_of(mail: bytes) -> tuple[float, bytes]:
    """When a mail says that it was written (0 where it does not), and what orders those of one time."""
    found = _DATE.search(mail)
    identity = hashlib.sha256(mail).digest()
    try:
        date = parsedate_to_datetime(found.group(1).decode("ascii")) if found else None
    except ValueError:
        date = None
    return (date.replace(tzinfo=date.tzinfo or UTC).timestamp() if date else 0.0), identity


def _set_date(head: bytes, date: float) -> bytes:
    return _DATE.sub(b"Date: " + _written(date), head, count=1)


def _complete(head: bytes, date: float, identity: str) -> bytes:
    """A head with what a mail needs to be told from its like in other rounds."""
    missing = b"" if _HAS_ID.search(head) else b"Message-ID: <%s@made.example>\n" % identity.encode()
    if not _DATE.search(head):
        missing += b"Date: " + _written(date) + b"\n"
    first = head.find(b"\n") + 1 if head.startswith((b"From ", b">From ")) else 0
    return head[:first] + missing + head[first:]


def _written(date: float) -> bytes:
    return format_datetime(datetime.fromtimestamp(int(date), UTC)).encode()
