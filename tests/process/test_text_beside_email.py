"""The text of real mail as this program reads it, beside Python's `email`: each difference has a reason.

The reasons are classes, each with a test of its own; a difference of no class fails. With `-s` the numbers are printed.
"""

from __future__ import annotations

import email
import email.policy
import re
import warnings
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from supportctl.mail.content import MessageContent
from supportctl.mail.message import parse_message
from supportctl.mail.plain_text import is_notice
from tests.conftest import RealMails

_UNSEEN = re.compile("[\\s>\u00ad\u200b-\u200d\u2060\ufeff]+")
_FOREIGN = re.compile(r"[^\x01-\x7f]+")


class Texts(NamedTuple):
    """The text of a mail: what this program reads, what it says of the mail, and what the other reader reads."""

    here: str
    read: MessageContent
    there: str
    kind: str


def squeezed(text: str) -> str:
    """A text without blanks and signs of quotation, which `format=flowed` moves, and without what nobody sees."""
    return _UNSEEN.sub("", text)


def ascii_of(text: str) -> str:
    return _FOREIGN.sub("", text)


# Of each class: what it is, and how it is known. The first that fits counts.
CLASSES: list[tuple[str, Callable[[Texts], bool]]] = [
    ("the same", lambda it: squeezed(it.here) == squeezed(it.there)),
    ("the other reader fails, or finds no text", lambda it: it.kind in {"", "none"}),
    ("HTML, which the other reader leaves as it is", lambda it: it.kind == "text/html"),
    ("more parts are text here", lambda it: squeezed(it.there) in squeezed(it.here)),
    ("another charset is read here", lambda it: ascii_of(squeezed(it.there)) == ascii_of(squeezed(it.here))),
    ("both of these", lambda it: ascii_of(squeezed(it.there)) in ascii_of(squeezed(it.here))),
    ("broken characters there", lambda it: bool(re.search("[\ufffd\udc80-\udcff\x80-\x9f]", it.there))),
    ("a notice gives way to HTML", lambda it: is_notice(it.there)),
    ("the header goes on behind what is no field", lambda it: any("header" in one for one in it.read.problems)),
    ("more than is read of one mail", lambda it: any("more than" in one for one in it.read.problems)),
    ("a file in the text is an attachment", lambda it: bool(re.search(r"^(begin \d|=ybegin )", it.there, re.M))),
]


def read_both(raw: bytes) -> Texts:
    read = parse_message(raw, received=0)
    try:
        body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain", "html"))
        there = str(body.get_content()) if body else ""
        kind = body.get_content_type() if body else "none"
    except Exception:  # noqa: BLE001 - whatever it is, the other reader fails
        there, kind = "", ""
    return Texts(read.text, read, there, kind)


def test_each_difference_from_email_has_a_reason(real_mails: RealMails) -> None:
    found: Counter[str] = Counter()
    unexplained = []
    warnings.simplefilter("ignore")
    for file in real_mails.files:
        texts = read_both(file.read_bytes())
        name = next((name for name, fits in CLASSES if fits(texts)), "")
        found[name] += 1
        if not name:
            unexplained.append(file.name)
    print(*(f"{count:5} {name}" for name, count in found.most_common()), sep="\n")
    assert unexplained == []
    assert found["the same"] > 3500
