"""The signs by which a message is judged, in one table: each proves, suggests or objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from supportctl.mail.automatic_evidence import Evidence
from supportctl.mail.verdict import Sign
from supportctl.model import Automatic

LIKELY = 5
"""The number of points that makes a kind likely."""


class Clue(NamedTuple):
    """A sign, the points that it gives or takes, and the question whether a message has it."""

    sign: Sign
    points: int
    is_seen: Callable[[Evidence], bool]


def _proves(kind: Automatic, text: str, is_seen: Callable[[Evidence], bool]) -> Clue:
    return Clue(Sign("proves", kind, text), LIKELY, is_seen)


def _suggests(kind: Automatic, points: int, text: str, is_seen: Callable[[Evidence], bool]) -> Clue:
    return Clue(Sign("suggests", kind, text), points, is_seen)


def _objects(kind: Automatic, points: int, text: str, is_seen: Callable[[Evidence], bool]) -> Clue:
    return Clue(Sign("objects", kind, text), -points, is_seen)


def _in_subject(kind: str) -> Callable[[Evidence], bool]:
    return lambda evidence: kind in evidence.subject


def _in_text(kind: str) -> Callable[[Evidence], bool]:
    return lambda evidence: kind in evidence.reply_text


# fmt: off
CLUES = (
    # What people's programs do not write.
    _proves("bounce", "it is itself a delivery report of a server (RFC 3464)", Evidence.is_own_report),
    _proves("bounce", "Auto-Submitted calls it a failure, a warning or a notice", Evidence.is_named_a_failure),
    _proves("bounce", "a field that only servers write that return mail", Evidence.has_bounce_field),
    _proves("bounce", "Amazon's message service tells of a bounce", Evidence.is_notice_of_service),
    _proves("bounce", "a mail daemon writes of mail that did not arrive", Evidence.is_daemons_own),
    _proves("bounce", "Exchange's field for its reports, of mail that did not arrive", Evidence.is_embedded_report),
    _proves("bounce", "a server answers by itself, of mail that did not arrive", Evidence.is_answered_failure),
    _proves("reply", "Auto-Submitted: auto-replied (RFC 3834)", Evidence.is_auto_replied),
    _proves("reply", "it is itself a receipt (RFC 8098)", Evidence.is_own_receipt),
    _proves("reply", "a field that only autoresponders write", Evidence.has_reply_field),
    _proves("reply", "Auto-Submitted, and a subject of autoresponders", Evidence.is_generated_answer),
    _proves("reply", "a rule of the writer's mailbox, and a subject of autoresponders", Evidence.is_rule_of_writer),
    _proves("notification", "Auto-Submitted says that a program made it (RFC 3834, 5436)", Evidence.is_submitted),
    _proves("notification", "it is itself a report of abuse (RFC 5965)", Evidence.is_own_feedback),
    # What people's mail has as well.
    _suggests("bounce", 5, "a delivery status among its parts", Evidence.carries_status),
    _suggests("bounce", 5, "the sender is a mail daemon", Evidence.is_daemon),
    _suggests("bounce", 3, "the envelope sender is empty", Evidence.is_from_nobody),
    _suggests("bounce", 2, "the sender is a server or its postmaster", Evidence.is_office_alone),
    _suggests("bounce", 1, "the sender's address is one of programs or role accounts", Evidence.is_robot),
    _suggests("bounce", 2, "the subject is one of mail servers", Evidence.has_bounce_subject),
    _suggests("bounce", 1, "the text speaks of mail that did not arrive", Evidence.has_bounce_text),
    _suggests("bounce", 2, "the text begins as mail servers begin theirs", Evidence.opens_as_server),
    _suggests("bounce", 2, "it brings another message along, or its header", Evidence.has_returned_part),
    _suggests("bounce", 1, "its text has another message's header, or announces it", Evidence.has_returned_text),
    _suggests("reply", 5, "a receipt among its parts", Evidence.carries_receipt),
    _suggests("reply", 5, "the subject begins as autoresponders begin theirs", _in_subject("prefix")),
    _suggests("reply", 3, "the subject has words of autoresponders", _in_subject("reply")),
    _suggests("reply", 2, "the subject speaks of absence", Evidence.has_absence_subject),
    _suggests("reply", 2, "the subject acknowledges a message", _in_subject("received")),
    _suggests("reply", 3, "the subject is one of receipts", _in_subject("receipt")),
    _suggests("reply", 3, "the subject asks the writer to confirm a message", _in_subject("challenge")),
    _suggests("reply", 3, "the text calls itself automatic", _in_text("automatic")),
    _suggests("reply", 2, "the text says that somebody is away", _in_text("absence")),
    _suggests("reply", 2, "the text acknowledges a message", _in_text("received")),
    _suggests("reply", 2, "the text says that a message was read", _in_text("receipt")),
    _suggests("reply", 2, "the text asks the writer to confirm something", _in_text("challenge")),
    _suggests("reply", 1, "Auto-Submitted says that a program made it", Evidence.is_submitted),
    _suggests("reply", 3, "the envelope sender is empty", Evidence.is_from_nobody),
    _suggests("reply", 2, "X-Auto-Response-Suppress: All", Evidence.suppresses_all),
    _suggests("reply", 1, "X-Auto-Response-Suppress of some kinds", Evidence.suppresses_some),
    _suggests("reply", 1, "a field that programs write, or put on people's mail", Evidence.has_machine_field),
    _suggests("reply", 2, "the Precedence of programs", Evidence.has_machine_precedence),
    _suggests("reply", 1, "it answers under a subject of its own", Evidence.answers),
    # What people do: it caps a proof, of bounces or of all kinds; the points count against what is suggested.
    _objects("", 4, "a program that people write with made it", Evidence.is_in_clients_hand),
    _objects("", 1, "the subject is one of answers, or of what is sent on", Evidence.is_sent_on_by_hand),
    _objects("", 0, "somebody sent it on as it was (Resent-From)", Evidence.is_resent),
    _objects("", 3, "a person had a mail program ask for an end of messages", Evidence.asks_to_unsubscribe),
    _objects("bounce", 3, "the Message-ID is one that Gmail gives to people's mail", Evidence.has_peoples_id),
    _objects("bounce", 0, "the envelope sender is no server", Evidence.names_envelope_sender),
    _objects("bounce", 1, "the text begins with what introduces a message that is sent on", Evidence.begins_as_sent_on),
)
# fmt: on

PROOFS: dict[Automatic, list[Clue]] = {}
for clue in CLUES:
    if clue.sign.weight == "proves":
        PROOFS.setdefault(clue.sign.kind, []).append(clue)
OBJECTIONS = [clue for clue in CLUES if clue.sign.weight == "objects"]
SUGGESTIONS = [clue for clue in CLUES if clue.sign.weight == "suggests"]

KNOWN_FORMAT = _suggests("bounce", 2, "flufl.bounce finds a recipient that failed", Evidence.has_known_format)
"""A sign that takes a hundred times as long as the rest, for where these leave something open."""
