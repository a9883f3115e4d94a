"""Whom the desk must not answer by itself, and why (RFC 3834, section 2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from supportctl.mail.verdict import name_verdict

if TYPE_CHECKING:
    from supportctl.mail.content import MessageContent

_ANY = re.compile("")
_UNANSWERABLE = {
    "return-path": (re.compile(r"<\s?>|\Z"), "the message was sent without an address for answers"),
    "auto-submitted": (re.compile(r"(?!no\s{0,9}(?:[;(]|\Z))", re.I), "the message was sent by a program"),
    "precedence": (re.compile(r"bulk|junk|list|auto", re.I), "the message is bulk mail"),
    "x-auto-response-suppress": (
        re.compile(r".{0,200}\b(?:all|autoreply|oof)\b", re.I),
        "the message is not to be answered by programs",
    ),
    "x-loop": (_ANY, "the message was passed on by a program"),
    "x-autoreply": (re.compile(r"(?!no\b)", re.I), "the message was sent by a program"),
    "x-autorespond": (_ANY, "the message was sent by a program"),
    "x-spam-flag": (re.compile(r"yes", re.I), "the message was found to be junk"),
    "mailing-list": (_ANY, "the message is from a mailing list"),
    "x-mailing-list": (_ANY, "the message is from a mailing list"),
    "x-beenthere": (_ANY, "the message is from a mailing list"),
}
"""By header field: the values with which a message must not be answered, and the reason."""

_NOBODY = re.compile(
    r"(?:[^@]{0,99}[-_.+=])?(?:no[-_.]?repl(?:y|ies)|(?:do[-_.]?)?not[-_.]?reply|mailer[-_.]?daemon|nobody|bounces?)"
    r"(?:[-_.+=][^@]{0,99})?@"
    r"|(?:owner-[^@]{0,99}|[^@]{0,99}-(?:request|owner)|postmaster|mailer|listserv|majordomo)@",
    re.I,
)
"""The addresses of programs, and those that say that nobody reads their mail."""


def reason_not_to_answer(content: MessageContent) -> str:
    """Why a program must not answer a message, as the end of a sentence; "" where it may."""
    if kind := name_verdict(content.automatic, content.likely):
        return f"the message is {kind}"
    for field, value in content.headers:
        if reason := _reason_in(field.lower(), value):
            return f"{reason} ({field}: {value[:100].strip()})"
    return "the sender's address is one that nobody reads" if _NOBODY.match(content.sender.addr) else ""


def _reason_in(field: str, value: str) -> str:
    if field.startswith("list-"):
        return "the message is from a mailing list"
    if field in ("return-path", "sender") and _NOBODY.match(value.rpartition("<")[2].strip()):
        return "the message was sent by a program"
    values, reason = _UNANSWERABLE.get(field, (None, ""))
    return reason if values and values.match(value.strip()) else ""
