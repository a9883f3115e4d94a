"""An SMTP server on loopback that accepts, refuses, hangs or breaks off, as a test tells it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATES = Path(__file__).parent / "certificates"
"""`good.pem` is by `authority.pem`, for localhost, 127.0.0.1 and 127.0.0.2; `other-name.pem` is for another host."""
USER, PASSWORD = "desk", "correct horse"


class Received(NamedTuple):
    """A message as the server got it."""

    sender: str
    recipients: list[str]
    content: bytes
    is_encrypted: bool

    @property
    def message(self) -> Message:
        """The mail as the standard library reads it."""
        return message_from_bytes(self.content, policy=compat32)


class Server:
    """A server, and what it has received.

    `refuse` maps a recipient to a reply, or "DATA" and "MAIL" to one for those commands. `at_data` is what happens
    instead of an answer to the whole message: `hang`, or `drop` the connection; `drop after 250` when it is given.
    """

    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.received: list[Received] = []
        self.refuse: dict[str, str] = {}
        self.at_data = ""
        self.connections = 0

    @property
    def transport(self) -> str:
        """The server as queues.yaml names it, without encryption."""
        return f"smtp://{self.host}:{self.port}"

    # the hooks of aiosmtpd

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet."""
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        """Take the sender."""
        envelope.mail_from = address
        return self.refuse.get("MAIL", "250 fine")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Take a recipient."""
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the message."""
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        assert server.transport is not None
        is_encrypted = server.transport.get_extra_info("ssl_object") is not None
        content = envelope.original_content or b""
        taken = Received((envelope.mail_from or "").removeprefix("<>"), list(envelope.rcpt_tos), content, is_encrypted)
        self.received.append(taken)
        if self.at_data == "hang":
            await asyncio.sleep(3600)
        elif self.at_data == "drop":
            server.transport.close()
        elif self.at_data == "drop after 250":
            asyncio.get_running_loop().call_soon(server.transport.close)
        return f"250 taken as {len(self.received)}"


def run_server(**settings: Any) -> Iterator[Server]:
    """A server that runs until the test ends; `settings` are those of aiosmtpd's Controller."""
    server = Server()
    server.host = settings.pop("hostname", server.host)
    with socket.create_server((server.host, 0)) as free:
        server.port = free.getsockname()[1]
    controller = Controller(server, server.host, server.port, **settings)
    controller.start()
    yield server
    controller.stop()


@contextmanager
def silent_server() -> Iterator[str]:
    """A server that takes connections and never says a word; its transport."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"


def certificate(name: str) -> ssl.SSLContext:
    """What a server with one of the certificates needs."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / name)
    return context


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    """Let in who knows the password."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)  # which lets aiosmtpd answer


Authenticator = Callable[[SMTP, Session, Envelope, str, object], AuthResult]
