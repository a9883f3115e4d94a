"""Tell delivery failures, automatic replies and list mail from what people write to the desk."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from supportctl.mail import automatic_patterns, bounce_original
from supportctl.mail.content import Address
from supportctl.mail.message_header import MessageHeader
from supportctl.mail.mime import Part
from supportctl.mail.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ_SO_FAR = 6000  # characters of a body in which a server has said everything
_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_TYPES = {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}


def recognise_automatic(header: MessageHeader, root: Part, text: str) -> Verdict:
    """The verdict on a message by its header, parts and text: bounce before reply before list."""
    evidence = _Evidence(header, root, text)
    if evidence.is_bounce():
        return Verdict("bounce", "", bounce_original.find_original(header, root, text), [])
    if evidence.is_reply():
        return Verdict("reply", "", bounce_original.find_answered(header, root), [])
    return Verdict("list" if evidence.is_from_list() else "", "", "", [])


class _Evidence:
    """A message with the questions that decide the verdict; cheap ones come first, answers are kept."""

    def __init__(self, header: MessageHeader, root: Part, text: str) -> None:
        self.header = header
        self.root = root
        self.text = text
        self.subject = header.subject[:500]
        self.report = root.parameters.get("report-type", "").lower() if root.type == "multipart/report" else ""
        self.submitted = header.first("auto-submitted").lower().strip()
        self.is_null_sender = self._has_null_sender()

    # bounces

    def is_bounce(self) -> bool:
        """Whether this is a delivery failure, delay or status report (RFC 3464, or one of the many without an RFC)."""
        if self._is_status_report() or automatic_patterns.BOUNCE_COMMENT.search(self.submitted):
            return True
        if self.header.has_any(automatic_patterns.BOUNCE_FIELDS):
            return True
        if self.header.has(automatic_patterns.BOUNCE_NOTICE_FIELD) and automatic_patterns.BOUNCE_NOTICE.search(
            self.text
        ):
            return True
        return self._points_to_bounce() and self._is_informal_bounce()

    def _is_status_report(self) -> bool:
        if self.report in _RECEIPT_REPORTS:
            return False
        if self.report == "delivery-status":
            return True
        return any(part.type in _STATUS_TYPES for part in self._outer_parts())

    def _points_to_bounce(self) -> bool:
        if self.is_null_sender or self.is_daemon:
            return True
        return (self.is_office or (self.is_robot and self.has_bounce_subject)) and not self._is_in_persons_hand()

    def _is_informal_bounce(self) -> bool:
        """Whether several signs together mean a bounce; flufl.bounce, which is slow, comes last."""
        if self.has_bounce_subject and (self.is_daemon or self.is_null_sender):
            return True
        if self._is_answer() and not self.is_daemon:
            return False
        if not automatic_patterns.BOUNCE_TEXT.search(self.text[:_READ_SO_FAR]):
            return (self.is_null_sender or self.has_bounce_subject) and bounce_original.has_known_format(self.root)
        if (self.is_office or self.is_daemon) and (self.is_null_sender or self.has_bounce_subject):
            return True
        if self._returns_mail():
            return True
        return (self.is_null_sender or self.has_bounce_subject) and bounce_original.has_known_format(self.root)

    def _is_in_persons_hand(self) -> bool:
        """Whether a person sent this on, or wrote it with a mail client: the postmaster, about a bounce, say."""
        if automatic_patterns.FORWARDED.match(self.subject):
            return True
        clients = self.header.first("x-mailer") + self.header.first("user-agent")
        return bool(automatic_patterns.PEOPLES_CLIENT.search(clients))

    def _is_answer(self) -> bool:
        return self.submitted.startswith("auto-replied") or self._looks_like_reply()

    @cached_property
    def has_bounce_subject(self) -> bool:
        """Whether the subject is one of servers, and not of an answer to a bounce."""
        if not automatic_patterns.BOUNCE_SUBJECT.search(self.subject):
            return False
        return not (
            automatic_patterns.ANSWERED.match(self.subject) or automatic_patterns.REPLY_PREFIX.match(self.subject)
        )

    @cached_property
    def is_daemon(self) -> bool:
        """Whether the sender calls itself a server, or has no name."""
        if self.header.first("from").strip() == "<>":
            return True
        return any(
            automatic_patterns.DAEMON_ADDRESS.match(sender.addr) or automatic_patterns.DAEMON_NAME.search(sender.name)
            for sender in self.senders
        )

    @cached_property
    def is_office(self) -> bool:
        """Whether the sender is a server or its postmaster."""
        return any(
            automatic_patterns.OFFICE_ADDRESS.match(sender.addr) or automatic_patterns.OFFICE_NAME.search(sender.name)
            for sender in self.senders
        )

    @cached_property
    def is_robot(self) -> bool:
        """Whether the sender is a program of some kind."""
        return any(automatic_patterns.ROBOT_ADDRESS.match(sender.addr) for sender in self.senders)

    @cached_property
    def senders(self) -> list[Address]:
        """The addresses in From and Sender."""
        return [sender for name in ("from", "sender") for sender in self.header.addresses(name)[:3]]

    def _has_null_sender(self) -> bool:
        """Whether the envelope sender is empty, as of everything that must not be answered (RFC 5321, 4.5.5)."""
        if not self.header.has("return-path"):
            return False
        path = self.header.first("return-path").strip().strip("<>").lower()
        return not path or path.startswith("mailer-daemon")

    def _returns_mail(self) -> bool:
        """Whether the message that this one is about came back with it."""
        if any(part.type in _RETURNED_TYPES for part in self._outer_parts()):
            return True
        if automatic_patterns.RETURNED_HEADER.search(self.text):
            return True
        is_expected = self.is_null_sender or self.is_daemon or self.has_bounce_subject
        return is_expected and bool(automatic_patterns.RETURNED_WORDS.search(self.text))

    # replies

    def is_reply(self) -> bool:
        """Whether no person wrote this answer: vacation notice, read receipt, challenge (RFC 3834, 8098)."""
        if self.report in _RECEIPT_REPORTS or self.submitted.startswith("auto-replied"):
            return True
        if any(part.type in bounce_original.RECEIPTS for part in self._outer_parts()):
            return True
        return self._has_reply_field() or self._looks_like_reply()

    def _has_reply_field(self) -> bool:
        texts = self.header.texts
        return any(
            automatic_patterns.REPLY_FIELDS[name].match(value)
            for name in texts.keys() & automatic_patterns.REPLY_FIELDS.keys()
            for value in texts[name]
        )

    def _looks_like_reply(self) -> bool:
        """Whether the subject is one of autoresponders, with a second sign besides."""
        if automatic_patterns.RECEIPT_SUBJECT.match(self.subject):
            return bool(automatic_patterns.RECEIPT_TEXT.search(self.text[:_READ_SO_FAR]))
        if not self.is_machine_made:
            return False
        return bool(
            automatic_patterns.REPLY_SUBJECT.search(self.subject)
            or automatic_patterns.CHALLENGE_SUBJECT.search(self.subject)
        )

    @cached_property
    def is_machine_made(self) -> bool:
        """Whether the header says that no person wrote the message by hand."""
        if self.is_null_sender or (self.submitted and not self.submitted.startswith("no")):
            return True
        if self.is_from_list():  # the rest may be the list manager's
            return False
        if automatic_patterns.MACHINE_PRECEDENCE.match(self.header.first("precedence")):
            return True
        return self.header.has_any(automatic_patterns.MACHINE_FIELDS)

    # lists

    def is_from_list(self) -> bool:
        """Whether a mailing list distributed the message (RFC 2369, 2919)."""
        if self.header.has_any(automatic_patterns.LIST_FIELDS):
            return True
        return bool(automatic_patterns.LIST_PRECEDENCE.match(self.header.first("precedence")))

    def _outer_parts(self) -> Iterator[Part]:
        """The parts of this message itself, without those of a message within."""
        if self.root.type.startswith("multipart/"):
            for part in self.root.parts:
                yield part
                if part.type.startswith("multipart/"):
                    yield from part.parts
        else:
            yield self.root


_RECEIPT_REPORTS = {"disposition-notification"}
