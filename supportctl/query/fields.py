"""The fields of the language, and the values that each takes."""

from __future__ import annotations

from typing import get_args

from supportctl.model import Automatic, Likely

#: Fields of text, searched by word or by pattern, with the columns of the index that each one covers.
COLUMNS = {
    "": ("subject", "sender", "receivers", "copies", "others", "written", "quoted", "names", "attached", "hidden"),
    "from": ("sender",),
    "to": ("receivers",),
    "cc": ("copies",),
    "recipient": ("receivers", "copies", "others"),
    "subject": ("subject",),
    "body": ("written", "quoted"),
    "unquoted": ("written",),
    "attachment": ("names",),
    "attached": ("attached",),
}
#: The columns of which one has words if a message is not empty: hidden or attached, words may be a person's too.
TEXTS = ("written", "hidden", "attached")
#: The field of what the desk notes on a ticket, which is no part of a message: searched by word or by pattern, too.
NOTE = "note"
ADDRESS_FIELDS = ("from", "to", "cc", "recipient")
#: Fields of names, compared as a whole.
NAME_FIELDS = ("id", "mid", "in", "tag", "type", "owner")
#: The kinds of automatic messages, certain and likely.
VERDICTS = {"automatic": tuple(filter(None, get_args(Automatic))), "likely": tuple(filter(None, get_args(Likely)))}
STATES = ("open", "closed", "pending", "unread", "undelivered")
#: What `has:` and `no:` can ask for.
THINGS = ("attachment", "signature", "encryption", "text", "type", "owner", "tag")
DATES = ("date", "after", "before", "older")

NAMES = (
    *(name for name in COLUMNS if name),
    *("header", "auth", "amount", *VERDICTS, NOTE, "size", "is", "has", "no"),
    *NAME_FIELDS,
    *DATES,
)

#: The names of fields in mu, notmuch and other programs.
_ELSEWHERE = {
    "from": "f sender author",
    "to": "t",
    "cc": "c",
    "recipient": "bcc contact",
    "subject": "s title",
    "body": "b text message",
    "attachment": "j file filename",
    "header:list-id": "v list",
    "in": "m folder maildir path queue",
    "is": "g flag state status",
    "id": "thread ticket",
    "mid": "i msgid message-id",
    "tag": "x label keyword",
    "size": "z larger smaller",
    "note": "n comment remark",
    "date": "d received sent",
    "after": "newer since",
    "before": "until",
}


def find_nearest_field(name: str) -> str:
    """The field that a person may have meant by this name (in lower case), or nothing."""
    known = (field for field, others in _ELSEWHERE.items() if name in others.split())
    return next(known, "") or find_nearest(name, NAMES)


def find_nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that a person may have meant by this one, or nothing."""
    from difflib import get_close_matches  # only once something is wrong

    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), "")
