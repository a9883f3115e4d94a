"""Whether a message is automatic, and what speaks for it and against it, as plain data."""

from __future__ import annotations

from typing import Literal, NamedTuple

from supportctl.model import Automatic, Likely

Weight = Literal["proves", "suggests", "objects"]


class Sign(NamedTuple):
    """One thing in a message that speaks for or against a kind of automatic message, in words for a person.

    A sign that `proves` makes the kind certain, one that `suggests` makes it likely; a sign that `objects` leaves
    nothing more than likely. `kind` is the kind that it speaks for or against; an objection to all kinds has none.
    """

    weight: Weight
    kind: Automatic
    text: str


class Verdict(NamedTuple):
    """What a message is judged to be: certainly `automatic`, or only `likely` so; "" and "" for people's mail.

    `original` is the Message-ID that the message is about, where it is a bounce or an automatic reply, or likely one.
    """

    automatic: Automatic
    likely: Likely
    original: str
    signs: list[Sign]


KINDS = {
    "bounce": "a bounce",
    "reply": "an automatic reply",
    "notification": "a notification of another system",
    "list": "from a mailing list",
}
"""The kinds of automatic messages, as they are told to people."""

_AS_OBJECTS = KINDS | {"list": "a mailing list"}


def name_verdict(automatic: str, likely: str) -> str:
    """A verdict in words, such as "a bounce" or "perhaps an automatic reply"; "" for people's mail."""
    certain = [KINDS.get(automatic, automatic)] if automatic else []
    return ", ".join([*certain, *([f"perhaps {KINDS.get(likely, likely)}"] if likely else [])])


def describe_sign(sign: Sign) -> str:
    """A sign in words: what it does to a verdict, then the sign itself."""
    kind = f" {_AS_OBJECTS.get(sign.kind, sign.kind)}" if sign.kind else ""
    return f"{'against' if sign.weight == 'objects' else sign.weight}{kind}: {sign.text}"
