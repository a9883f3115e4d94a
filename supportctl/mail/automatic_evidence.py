"""A message, asked one question at a time: what speaks for and against its being automatic."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Literal

from supportctl.mail import automatic_patterns as patterns
from supportctl.mail import automatic_words as words
from supportctl.mail import bounce_original

if TYPE_CHECKING:
    from collections.abc import Iterator

    from supportctl.mail.content import Address
    from supportctl.mail.message_header import MessageHeader
    from supportctl.mail.mime import Part

_READ_SO_FAR = 2_500
"""The number of characters of a body in which a program has said what matters here."""

_OPENING = 600
"""The number of characters in which a program has said what it is, and a person has begun to write."""

_LONGEST_SUBJECT = 500

_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_TYPES = {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}
_FEEDBACK_TYPES = {"message/feedback-report"}


class Evidence:
    """The questions that the signs ask. A question is a pure predicate; what several need is answered once."""

    def __init__(self, header: MessageHeader, root: Part, text: str, written: str) -> None:
        self.header = header
        self.root = root
        self.text = text
        self.written = written
        self.submitted = header.first("auto-submitted").lower().strip()

    def is_notable(self) -> bool:
        """Whether anything at a glance tells the message from those that people write; the cheapest looks first."""
        return (
            not patterns.NOTABLE_FIELDS.isdisjoint(self.header.texts)
            or self.root.type == "multipart/report"
            or self.envelope == "nobody"
            or self._names_server()
            or self._names_autoresponder()
            or not words.TELLING.isdisjoint(self.subject)
            or words.AUTOMATIC_TEXT.is_in(self.written[:_OPENING])
            or (self.has_machine_precedence() and not self.reply_text.isdisjoint(words.TELLING))
            or self.carries_status()
            or self.carries_receipt()
        )

    def _names_server(self) -> bool:
        """Whether a sender has a server's name, or none."""
        texts = self.header.texts
        fields = texts.get("from", []) + texts.get("sender", [])
        if any("=?" in text for text in fields):
            fields = [sender.name + sender.addr for sender in self.senders]
        sender = " ".join(fields).lower()
        if sender.strip() == "<>":
            return True
        for word in patterns.PERHAPS_SERVER:  # noqa: SIM110 - every message is asked this, and `any` takes twice as long
            if word in sender:
                return True
        return False

    def _names_autoresponder(self) -> bool:
        texts = self.header.texts
        for name in patterns.NAMING_FIELDS:
            for value in texts.get(name, ()):
                named = value.lower()
                if "auto" in named or "vacation" in named:
                    return True
        return False

    @cached_property
    def subject(self) -> frozenset[str]:
        """The kinds of words in the subject (`words.SUBJECT`)."""
        return words.SUBJECT.found_in(self.header.subject[:_LONGEST_SUBJECT])

    @cached_property
    def server_text(self) -> frozenset[str]:
        """The kinds of servers' words in the text (`words.SERVER_TEXT`)."""
        return words.SERVER_TEXT.found_in(self.text[:_READ_SO_FAR])

    @cached_property
    def reply_text(self) -> frozenset[str]:
        """The kinds of autoresponders' words in the text, as far as the writer wrote it (`words.REPLY_TEXT`)."""
        return words.REPLY_TEXT.found_in(self.written[:_READ_SO_FAR])

    # The envelope, and who writes

    @cached_property
    def envelope(self) -> Literal["nobody", "somebody", "unknown"]:
        """Whom the envelope's sender names: nobody in all that must not be answered (RFC 5321, 4.5.5).

        Unknown without a Return-Path.
        """
        if not self.header.has("return-path"):
            return "unknown"
        path = self.header.first("return-path").strip().strip("<>").lower()
        return "nobody" if not path or _is_daemons(path) else "somebody"

    @cached_property
    def senders(self) -> list[Address]:
        """The addresses in From and Sender."""
        return [sender for name in ("from", "sender") for sender in self.header.addresses(name)[:3]]

    def is_daemon(self) -> bool:
        """Whether the sender has an address that is a server's everywhere, or a server's name and no address."""
        if any(_is_daemons(sender.addr) for sender in self.senders):
            return True
        name, _, address = self.header.first("from").strip().rpartition("<")
        return address == ">" and (not name.strip() or patterns.OFFICE_NAME.is_in(name))

    def is_office_alone(self) -> bool:
        """Whether the sender is a server or its postmaster, and no daemon."""
        return self.is_office() and not self.is_daemon()

    def is_office(self) -> bool:
        """Whether the sender is a server, or may be the person who looks after one."""
        return any(
            patterns.OFFICE_ADDRESS.is_in(sender.addr) or patterns.OFFICE_NAME.is_in(sender.name)
            for sender in self.senders
        )

    def is_robot(self) -> bool:
        """Whether the sender's address is one that programs often have."""
        return any(patterns.ROBOT_ADDRESS.is_in(sender.addr) for sender in self.senders)

    def is_server(self) -> bool:
        """Whether the sender or the envelope is one that people do not have by default."""
        return self.is_daemon() or self.is_office() or self.envelope == "nobody"

    def may_be_server(self) -> bool:
        """Whether anything about the sender is a server's."""
        return self.is_server() or self.is_robot()

    def is_from_nobody(self) -> bool:
        """Whether the envelope names nobody."""
        return self.envelope == "nobody"

    # Delivery reports

    def is_own_report(self) -> bool:
        """Whether the message itself is a delivery report (RFC 3464), and a server or its words are to be seen."""
        if not (self._is_report("delivery-status") and any(part.type in _STATUS_TYPES for part in self.root.parts)):
            return False
        return self.is_daemon() or self.is_from_nobody() or self.is_submitted() or self.opens_as_server()

    def carries_status(self) -> bool:
        """Whether a delivery status is among the parts, at whatever place a program or a person has put it."""
        return any(part.type in _STATUS_TYPES for part in self._outer_parts())

    def is_named_a_failure(self) -> bool:
        """Whether the comment of Auto-Submitted says so."""
        return patterns.BOUNCE_COMMENT.is_in(self.submitted)

    def has_bounce_field(self) -> bool:
        """Whether there is a field that only those servers write that return mail."""
        return self.header.has_any(patterns.BOUNCE_FIELDS)

    def is_notice_of_service(self) -> bool:
        """Whether Amazon's message service tells of a bounce."""
        return self.header.has(patterns.BOUNCE_NOTICE_FIELD) and patterns.BOUNCE_NOTICE.is_in(self.text)

    def is_daemons_own(self) -> bool:
        """Whether a daemon writes, in the manner of daemons, about a message that did not arrive."""
        if not self.is_daemon() or self.envelope == "somebody":
            return False
        return self.has_bounce_subject() or self.opens_as_server() or self.carries_status()

    def is_embedded_report(self) -> bool:
        """Whether Exchange's field for its own reports stands on a server's message about one that did not arrive."""
        is_marked = self.header.has(patterns.EMBEDDED_REPORT_FIELD)
        return is_marked and (self.is_daemon() or self.is_office()) and self.speaks_of_failure()

    def is_answered_failure(self) -> bool:
        """Whether a server answered by itself, about a message that did not arrive."""
        if not self.is_auto_replied():
            return False
        is_by_server = self.is_daemon() or self.is_office()
        return (is_by_server and self.speaks_of_failure()) or (self.is_from_nobody() and self.has_bounce_subject())

    def speaks_of_failure(self) -> bool:
        """Whether the subject or the text speaks of a message that did not arrive."""
        return self.has_bounce_subject() or self.has_bounce_text()

    def has_bounce_subject(self) -> bool:
        """Whether the subject is one of servers, and not of an answer to a bounce."""
        return "bounce" in self.subject and not self.is_sent_on and "prefix" not in self.subject

    def has_bounce_text(self) -> bool:
        """Whether the text speaks of a message that did not arrive."""
        return "bounce" in self.server_text

    def has_returned_part(self) -> bool:
        """Whether another message, or its header, is among the parts."""
        return any(part.type in _RETURNED_TYPES for part in self._outer_parts())

    def has_returned_text(self) -> bool:
        """Whether the text has another message's header, or announces it."""
        return not self.server_text.isdisjoint({"header", "returned"})

    def opens_as_server(self) -> bool:
        """Whether the text begins as those of servers do."""
        return words.SERVER_OPENING.is_in(self.text[:_OPENING])

    def has_known_format(self) -> bool:
        """Whether flufl.bounce finds a recipient that failed. Slow."""
        return bounce_original.has_known_format(self.root)

    # Automatic replies

    def is_auto_replied(self) -> bool:
        """Whether Auto-Submitted says that a program answered (RFC 3834, section 5)."""
        return self.submitted.startswith(("auto-repl", "auto_repl", "auto-respon"))

    def is_own_receipt(self) -> bool:
        """Whether the message itself is a receipt (RFC 8098)."""
        return self._is_report("disposition-notification") and any(
            part.type in bounce_original.RECEIPTS for part in self.root.parts
        )

    def carries_receipt(self) -> bool:
        """Whether a receipt is among the parts, at whatever place a program or a person has put it."""
        return any(part.type in bounce_original.RECEIPTS for part in self._outer_parts())

    def has_reply_field(self) -> bool:
        """Whether there is a field, or a field's value, that only autoresponders write."""
        texts = self.header.texts
        if any(not patterns.NO.is_in(value) for name in patterns.REPLY_FIELDS for value in texts.get(name, ())):
            return True
        return any(
            pattern.is_in(value) for name, pattern in patterns.REPLY_VALUES.items() for value in texts.get(name, ())
        )

    def is_generated_answer(self) -> bool:
        """Whether a program generated a message with an autoresponder's subject (Exchange, Notes).

        What ticket systems generate may carry a person's words under a subject of absence, but not in this form.
        """
        if not self.is_submitted():
            return False
        is_of_notes = "auto" in self.subject or self.header.has("x-mimetrack")
        return "prefix" in self.subject or (is_of_notes and "reply" in self.subject)

    def is_rule_of_writer(self) -> bool:
        """Whether a rule of the writer's own mailbox made an answer (Exchange); a redirected message names another."""
        loop = self.header.first("x-ms-exchange-inbox-rules-loop").strip().strip("<>").lower()
        if not loop or all(loop != sender.addr for sender in self.senders) or "prefix" not in self.subject:
            return False
        # A person's mail that passed such a rule may send an answer on under its own subject.
        return not (self.has_returned_part() or words.SENT_ON.is_in(self.text[:_OPENING]))

    def has_absence_subject(self) -> bool:
        """Whether the subject speaks of absence, as those of people do, too."""
        return "absence" in self.subject and "reply" not in self.subject

    def suppresses_all(self) -> bool:
        """Whether the message asks for no automatic answer of any kind, as Exchange's own do, and people's may."""
        return self.header.first("x-auto-response-suppress").strip().lower() == "all"

    def suppresses_some(self) -> bool:
        """Whether the message asks for no automatic answer of some kinds."""
        return self.header.has("x-auto-response-suppress") and not self.suppresses_all()

    def has_machine_field(self) -> bool:
        """Whether there is a field of programs that also stands on mail which they only passed on."""
        return self.header.has_any(patterns.MACHINE_FIELDS)

    def has_machine_precedence(self) -> bool:
        """Whether Precedence is that of programs; on a list's mail it is the list's."""
        precedence = self.header.first("precedence").lower().lstrip()
        return precedence.startswith(patterns.MACHINE_PRECEDENCES) and not self.is_from_list()

    def answers(self) -> bool:
        """Whether the message names one that it answers, under a subject of its own."""
        return self.header.has("in-reply-to") and "answered" not in self.subject

    # Other systems, and lists

    def is_submitted(self) -> bool:
        """Whether Auto-Submitted says that a program made the message; what it forwarded may be a person's."""
        return bool(self.submitted) and not self.submitted.startswith(("no", "auto-forwarded"))

    def is_own_feedback(self) -> bool:
        """Whether the message itself is a report of abuse (RFC 5965)."""
        return self._is_report("feedback-report") and any(part.type in _FEEDBACK_TYPES for part in self.root.parts)

    def is_from_list(self) -> bool:
        """Whether a mailing list distributed the message (RFC 2369, 2919)."""
        if self.header.has_any(patterns.LIST_FIELDS):
            return True
        return self.header.first("precedence").strip().lower().startswith("list")

    # What people do

    def is_in_clients_hand(self) -> bool:
        """Whether a program that people write with made the message, and neither answered by itself nor is a daemon."""
        if self.is_own_receipt() or self.is_auto_replied() or (self.is_daemon() and self.is_own_report()):
            return False
        clients = self.header.first("x-mailer") + "\n" + self.header.first("user-agent")
        return len(clients) > 1 and patterns.PEOPLES_CLIENT.is_in(clients)

    def has_peoples_id(self) -> bool:
        """Whether Gmail gave the message an id as it does for those that people, and its absence notices, write."""
        return self._may_be_sent_on() and patterns.PEOPLES_ID.is_in(self.header.first("message-id"))

    @cached_property
    def is_sent_on(self) -> bool:
        """Whether the subject is that of an answer or of what is sent on; programs that answer keep such subjects."""
        return "answered" in self.subject or "forwarded" in self.subject

    def is_sent_on_by_hand(self) -> bool:
        """Whether the subject is that of an answer or of what is sent on, and no program says that it answered."""
        return self.is_sent_on and not self.is_submitted()

    def is_resent(self) -> bool:
        """Whether somebody sent the message on as it is (RFC 5322, 3.6.6)."""
        return self.header.has("resent-from") or self.header.has("resent-sender")

    def begins_as_sent_on(self) -> bool:
        """Whether the text begins with what introduces a message that is sent on, or with a quotation."""
        return self._may_be_sent_on() and words.SENT_ON.is_in(self.text[:_OPENING]) and not self.opens_as_server()

    def names_envelope_sender(self) -> bool:
        """Whether the envelope names somebody else than a server."""
        if self.envelope != "somebody" or not self._may_be_sent_on():
            return False
        return not patterns.OFFICE_ADDRESS.is_in(self.header.first("return-path").strip().strip("<>"))

    def _may_be_sent_on(self) -> bool:
        """Whether no program says that it answered by itself, which none says of what it sends on for a person."""
        return not self.is_auto_replied()

    def asks_to_unsubscribe(self) -> bool:
        """Whether a person had a mail program ask for an end of messages."""
        return self.header.has("x-apple-unsubscribe")

    def _is_report(self, kind: str) -> bool:
        return self.root.type == "multipart/report" and self.root.parameters.get("report-type", "").lower() == kind

    def _outer_parts(self) -> Iterator[Part]:
        """The parts of this message itself, two levels deep, without those of a message within."""
        if not self.root.parts:
            return iter((self.root,))
        inner = (part.parts for part in self.root.parts if part.type.startswith("multipart/"))
        return chain(self.root.parts, chain.from_iterable(inner))


def _is_daemons(address: str) -> bool:
    local = address.partition("@")[0]
    return local in patterns.DAEMONS or local.startswith(patterns.EXCHANGE_DAEMON)
