"""Whether a message is one that the desk has already, although its bytes differ.

Two are the same message if they have one Message-ID, one sender, and say the same: subject, recipients, and every part.
What a second way to the desk adds counts for nothing: fields that say how the message came (Received, Delivered-To,
Return-Path, Authentication-Results …) and what programs note in the header (Status, X-Spam-…), another transfer
encoding, other line ends. A mailing list, whose copy has List-* fields, may add a tag to the subject and a short
footer, change the recipients, and write in its own name if the sender stands in Reply-To. All else is another message,
even under a known Message-ID: whoever knows or guesses one must not be able to make somebody's message vanish.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from supportctl.mail.allowance import Allowance
from supportctl.mail.message_header import MessageHeader
from supportctl.mail.mime import Part, read_parts

_LONGEST_FOOTER = 1_500
"""The number of characters of a footer, white space aside; that of Google Groups, in HTML, has 800."""

_MOST_TEXT = 4_000_000
"""The number of bytes of one text that are compared; of a longer one nothing but the bytes is."""

_LONGEST_PLACES = 1_000
"""The number of characters of a List-* field in which addresses and hosts are looked for."""

_TAG = re.compile(r"\[[^\[\]]{1,80}\] ?")
_MOST_TAGS = 3
_RULE = re.compile(r"[-_=*#~]{2}")
_LONG_RULE = re.compile(r"[-_=*#~]{5}")
_ESCAPED_FROM = re.compile(r"^>{1,99}(?=From )", re.M)
_CLOSING = re.compile(r"(?:</(?:body|html)> ?){1,4}\Z", re.I)
_PLACE = re.compile(r"[\w.+@-]++")


class Leaf(NamedTuple):
    """A part without parts: its type and name, and what it says; other data than text are known by a digest."""

    type: str
    name: str
    content: str


class Statement(NamedTuple):
    """What makes a message the one that it is. `places` are the addresses and hosts in its List-* fields."""

    mid: str
    sender: str
    subject: str
    people: frozenset[str]
    answers_to: frozenset[str]
    leaves: list[Leaf]
    is_from_list: bool
    places: list[str]


def are_same(copy: bytes, kept: bytes) -> bool:
    """Whether two messages are the same, by their bytes; what can't be read to its end is the same as nothing."""
    one, other = read_statement(copy), read_statement(kept)
    return one is not None and other is not None and is_same(one, other)


def is_same(copy: Statement, kept: Statement) -> bool:
    """Whether a copy that has just come is the message that is kept."""
    if not copy.mid or copy.mid != kept.mid or not (copy.sender == kept.sender or _is_renamed(copy, kept.sender)):
        return False
    if copy.answers_to != kept.answers_to and not copy.is_from_list:
        return False  # the answer to what is kept would go to others than this sender wants
    if (copy.subject, copy.people, copy.leaves) == (kept.subject, kept.people, kept.leaves):
        return True
    return _adds_only_list(copy, kept) or _adds_only_list(kept, copy)


def _is_renamed(distributed: Statement, sender: str) -> bool:
    """Whether a list writes in its own name what somebody has sent to it, because of DMARC."""
    is_by_list = distributed.is_from_list and distributed.sender in distributed.places
    return is_by_list and sender in distributed.answers_to


def _adds_only_list(distributed: Statement, original: Statement) -> bool:
    """Whether the first of two is the other as a mailing list has distributed it."""
    if not distributed.is_from_list or not _is_tagged(distributed.subject, original.subject):
        return False
    extra = distributed.leaves[len(original.leaves) :]
    return (
        len(distributed.leaves) >= len(original.leaves)
        and len(extra) <= 1
        and all(leaf.type in ("text/plain", "text/html") and _is_footer(leaf.content, distributed) for leaf in extra)
        and all(
            _is_continued(*leaves, distributed)
            for leaves in zip(distributed.leaves[: len(original.leaves)], original.leaves, strict=True)
        )
    )


def _is_tagged(subject: str, original: str) -> bool:
    """Whether a subject is another one, but for a tag in square brackets."""
    if subject == original:
        return True
    tags = list(_TAG.finditer(subject))[:_MOST_TAGS]
    return any((subject[: tag.start()] + subject[tag.end() :]).strip() == original for tag in tags)


def _is_continued(leaf: Leaf, original: Leaf, distributed: Statement) -> bool:
    """Whether a part says what another one does, but for a footer."""
    if leaf == original:
        return True
    if leaf[:2] != original[:2] or leaf.type not in ("text/plain", "text/html"):
        return False
    start = _CLOSING.sub("", original.content) if leaf.type == "text/html" else original.content
    return leaf.content.startswith(start) and _is_footer(leaf.content[len(start) :], distributed)


def _is_footer(text: str, distributed: Statement) -> bool:
    """Whether a text that a list's copy ends with is the list's: it names the list, or stands below a rule."""
    text = text.strip()
    if len(text) > _LONGEST_FOOTER:
        return False
    if not text or _LONG_RULE.match(text):
        return True
    low = text.lower()
    if any(place in low for place in distributed.places):
        return True
    # A short rule stands above a person's signature as well.
    names = {re.split(r"[@.]", place)[0] for place in distributed.places}
    return bool(_RULE.match(text)) and any(len(name) > 2 and name in low for name in names)


def read_statement(raw: bytes) -> Statement | None:
    """What makes a message the one that it is; None for a message of which not all is read."""
    allowance = Allowance()
    root = read_parts(raw, allowance)
    header = MessageHeader(root, allowance)
    leaves = [_read_leaf(part) for part in _leaves(root)]
    if allowance.is_exceeded or any(leaf is None for leaf in leaves):
        return None
    sender = header.sender.addr
    lists = [value for name, value in header.undecoded if name.lower().startswith("list-")]
    return Statement(
        mid=header.mid,
        sender=sender,
        subject=" ".join(header.subject.split()),
        people=frozenset(address.addr for name in ("to", "cc") for address in header.addresses(name)),
        answers_to=frozenset(address.addr for address in header.addresses("reply-to")) - {sender},
        leaves=[leaf for leaf in leaves if leaf is not None],
        is_from_list=bool(lists),
        places=list(dict.fromkeys(_find_places(lists))),
    )


def _find_places(fields: Iterable[str]) -> Iterator[str]:
    for value in fields:
        for place in _PLACE.findall(value.lower()[:_LONGEST_PLACES]):
            if "." in place.strip("."):
                yield place
                name, _, domain = place.partition(".")
                if "@" not in place and "." in domain:
                    yield f"{name}@{domain}"  # the list `talk.lists.example.org` is written to so (RFC 2919)


def _leaves(root: Part) -> Iterator[Part]:
    """The parts without parts, in order; a message within is one."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.type.startswith("multipart/") and part.parts:
            waiting.extend(reversed(part.parts))
        else:
            yield part


def _read_leaf(part: Part) -> Leaf | None:
    if part.type.startswith("text/"):
        text, is_cut = part.text(_MOST_TEXT)
        # `>From ` is what an mbox makes of a line that begins with `From `.
        return None if is_cut else Leaf(part.type, part.name, " ".join(_ESCAPED_FROM.sub("", text).split()))
    digest = hashlib.sha256()
    if part.encoding in ("base64", "quoted-printable"):
        for piece in part.pieces:
            digest.update(piece)
    else:  # line ends are those of the file, and the last ones those of the delimiter
        digest.update(part.data.replace(b"\r\n", b"\n").rstrip(b"\n"))
    return Leaf(part.type, part.name, digest.hexdigest())


def identify(mid: str, date: int, page: str, results: Iterable[str]) -> str:
    """What a message and its rewritten file have in common, where the index is all that is left of the message.

    This is the same definition, as far as the index goes: `page` is all that a person reads, as one text
    (`query.document.make_page`). But `results`, the values of Authentication-Results, count as well: the ticket takes
    the file over, and a message must not get them because somebody can write to its folder. Without a Message-ID the
    date stands for it, in seconds since the epoch.
    """
    parts = [mid or str(date), " ".join(page.split()), *(" ".join(result.split()) for result in results)]
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()
