"""Hand a message to an SMTP server (RFC 5321), over TLS with a certificate that is verified."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from supportctl.config import Transport
from supportctl.transport.answers import Answer, one_line, refuse_bad_addresses, same_answer

if TYPE_CHECKING:
    from smtplib import SMTP
    from ssl import SSLContext

    from supportctl.transport.credentials import Credentials

HERE = ("localhost", "127.0.0.1", "::1")
"""This machine: mail to it crosses no network, and its certificate names no host."""

ABOUT_US = (530, 534, 535, 538)
"""Refusals of our account and not of the message (RFC 4954, section 6): that can be put right, and the mail waits."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIRST_DOT = re.compile(rb"(?m)^\.")


class UnreachableError(Exception):
    """The server can't be used now, for no message at all."""


class SmtpCourier:
    """Speaks to one server over one connection, which it makes for the first message, and again where it was lost."""

    def __init__(self, transport: Transport, credentials: Credentials | None) -> None:
        self._transport = transport
        self._credentials = credentials
        self._connection: SMTP | None = None
        self._unreachable = ""

    def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> dict[str, Answer]:
        """Hand a message over; the answer for each recipient."""
        answers = refuse_bad_addresses(sender, recipients)
        good = [to for to in recipients if to not in answers]
        if good:
            answers |= self._send(sender, good, raw)
        return answers

    def close(self) -> None:
        """Take leave of the server."""
        if self._connection is not None:
            # Whatever it says to that: what it has accepted, it has.
            with suppress(Exception):
                self._connection.quit()
            self._drop()

    def _send(self, sender: str, recipients: Sequence[str], raw: bytes) -> dict[str, Answer]:
        from smtplib import SMTPException

        try:
            while True:
                is_fresh = not self._is_connected
                connection = self._connect()
                try:
                    return _hand_over(connection, sender, recipients, raw)
                except (SMTPException, OSError):
                    self._drop()
                    # A server may close a connection that has served it. Nobody has the message: another one will do.
                    if is_fresh:
                        raise
        except (SMTPException, OSError, UnreachableError) as error:
            return same_answer(recipients, Answer("deferred", f"{self._name}: {_explain(error)}"))

    @property
    def _name(self) -> str:
        return f"{self._transport.host}:{self._transport.port}"

    @property
    def _is_connected(self) -> bool:
        return self._connection is not None and self._connection.sock is not None

    def _connect(self) -> SMTP:
        from smtplib import SMTPException

        if self._unreachable:
            raise UnreachableError(self._unreachable)  # once is enough: a thousand messages must not wait a minute each
        if self._connection is None or not self._is_connected:
            try:
                self._connection = self._greet()
            except (SMTPException, OSError, UnreachableError) as error:
                self._unreachable = _explain(error)
                raise
        return self._connection

    def _greet(self) -> SMTP:
        connection, to = self._dial(), self._transport
        try:
            connection.ehlo_or_helo_if_needed()
            if to.kind == "smtp" and to.host not in HERE:
                # Not only where it is offered: whoever sits in between would just leave out the offer.
                if not connection.has_extn("starttls"):
                    raise UnreachableError("the server does not offer STARTTLS")
                connection.starttls(context=_verifying())
                connection.ehlo()
            if self._credentials:
                _log_in(connection, self._credentials)
        except BaseException:
            connection.close()
            raise
        return connection

    def _dial(self) -> SMTP:
        from smtplib import SMTP

        to, timeout = self._transport, self._transport.timeout
        if to.kind == "smtp":
            return SMTP(to.host, to.port, _own_name(), timeout=timeout)
        context = _verifying()
        from smtplib import SMTP_SSL  # which is there only if `ssl` is

        return SMTP_SSL(to.host, to.port, _own_name(), timeout=timeout, context=context)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _log_in(connection: SMTP, credentials: Credentials) -> None:
    """Log in, with one attempt: servers lock out who tries the same wrong password by every mechanism."""
    if "PLAIN" not in connection.esmtp_features.get("auth", "").upper().split():
        connection.login(*credentials)
        return
    connection.user, connection.password = credentials
    connection.auth("PLAIN", connection.auth_plain)


def _hand_over(connection: SMTP, sender: str, recipients: Sequence[str], raw: bytes) -> dict[str, Answer]:
    """One mail transaction (RFC 5321, 3.3); raises SMTPException or OSError while nobody has the message."""
    options = [f"size={len(raw)}"] if connection.has_extn("size") else []
    if not raw.isascii() and connection.has_extn("8bitmime"):
        options.append("body=8bitmime")
    code, words = connection.mail(sender, options)
    if code != 250:
        _reset(connection)
        return same_answer(recipients, _read(code, words))
    replies = {to: connection.rcpt(to) for to in recipients}
    answers = {to: _read(code, words) for to, (code, words) in replies.items() if code not in (250, 251)}
    accepted = [to for to in recipients if to not in answers]
    if accepted:
        code, words = connection.docmd("DATA")
        answers |= same_answer(accepted, _deliver(connection, raw) if code == 354 else _read(code, words))
    if not accepted or code != 354:
        _reset(connection)
    return answers


def _reset(connection: SMTP) -> None:
    """End a transaction; a server that has broken off by now has said before what it thinks of the message."""
    from smtplib import SMTPException

    try:
        connection.rset()
    except (SMTPException, OSError):
        connection.close()


def _deliver(connection: SMTP, raw: bytes) -> Answer:
    """Send the content, and its end; raises SMTPException or OSError only before the end is sent."""
    from smtplib import SMTPException

    body = _FIRST_DOT.sub(b"..", _LINE_END.sub(b"\r\n", raw))
    connection.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    try:
        connection.send(b".\r\n")
        code, words = connection.getreply()
    except (SMTPException, OSError) as error:
        connection.close()
        # The server may have the message, and may not (RFC 1047): nobody can tell.
        return Answer("unknown", f"the answer to the whole message was lost: {_explain(error)}")
    return Answer("sent", _spell(code, words)) if 200 <= code < 300 else _read(code, words)


def _read(code: int, words: bytes) -> Answer:
    """A reply that is no acceptance."""
    is_final = 500 <= code < 600 and code not in ABOUT_US
    return Answer("failed" if is_final else "deferred", _spell(code, words))


def _spell(code: int, words: bytes) -> str:
    return one_line(f"{code} {words.decode(errors='replace')}" if code > 0 else "the server broke off")


def _explain(error: Exception) -> str:
    from smtplib import SMTPResponseException

    if isinstance(error, SMTPResponseException):
        words = error.smtp_error
        return _spell(error.smtp_code, words if isinstance(words, bytes) else words.encode())
    if isinstance(error, TimeoutError) or str(error).endswith("timed out"):  # smtplib hides some of them
        return "no answer in time"
    text = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return one_line(f"certificate: {text}" if hasattr(error, "verify_message") else text) or type(error).__name__


def _verifying() -> SSLContext:
    try:
        from ssl import create_default_context
    except ImportError as error:
        raise UnreachableError("this Python was built without TLS") from error
    return create_default_context()


def _own_name() -> str:
    """What this machine calls itself; not its whole name, for which smtplib may ask name servers for a minute."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,250}", name) else "localhost"
