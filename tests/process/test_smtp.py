"""Mail that leaves by an SMTP server: what the server gets, and what becomes of what it does not take."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.smtp_server import (
    CERTIFICATES,
    PASSWORD,
    USER,
    Server,
    authenticate,
    certificate,
    run_server,
    silent_server,
)
from tests.support.transports import bring_everything_due, outbox, sent_mails, set_outgoing

ANN, BOB, CID = "ann@example.net", "bob@example.net", "cid@example.net"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on this machine, which needs no encryption."""
    yield from run_server()


@pytest.fixture
def sending(desk: DeskDir, server: Server) -> DeskDir:
    """A desk with one ticket, `.1`, whose mail leaves by the server."""
    set_outgoing(desk, f"transport: {server.transport}", "timeout: 3s")
    desk.take(make_mail("Question", mid="q@x.test"))
    return desk


def reasons(desk: DeskDir) -> str:
    return " ".join(row["reason"] for row in desk.rows("outbox"))


def test_a_server_gets_envelope_and_message(sending: DeskDir, server: Server) -> None:
    sending.run("forward", ".1", "--to", ANN, "--to", BOB, "--text", ".\n.dots\n..\nGrüße")
    (taken,) = server.received
    assert (taken.sender, taken.recipients) == ("support@cacert.org", [ANN, BOB])
    assert taken.message["Return-Path"] is taken.message["X-Envelope-To"] is None
    (kept,) = sent_mails(sending)
    assert kept.endswith(taken.content.replace(b"\r\n", b"\n"))
    assert taken.content.replace(b"\r\n", b"").count(b"\n") == 0
    assert "250 taken as 1" in sending.run("log").stdout.decode()


def test_a_notice_has_the_null_sender(sending: DeskDir, server: Server) -> None:
    sending.take(make_mail("No words", ANN, text="", X_Mailer="The Bat! (v2.00.6)"), options=["--classify"])
    sending.run("outbox", "send")
    assert [(taken.sender, taken.recipients) for taken in server.received] == [("", [ANN])]


def test_many_messages_go_over_one_connection(sending: DeskDir, server: Server) -> None:
    set_outgoing(sending, f"transport: {server.transport}", delay="1h")
    for number in range(5):
        sending.run("forward", ".1", "--to", f"r{number}@example.net")
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert (len(server.received), server.connections) == (5, 1)


def test_one_recipient_of_two_is_refused_and_one_of_three_deferred(sending: DeskDir, server: Server) -> None:
    server.refuse = {BOB: "550 no such user here", CID: "451 greylisted"}
    done = sending.run("forward", ".1", "--to", ANN, "--to", BOB, "--to", CID, status=3)
    assert f"to {BOB} not delivered: 550 no such user here" in done.stderr.decode()
    assert server.received[0].recipients == [ANN]
    assert outbox(sending) == [(BOB, "failed"), (CID, "deferred")]
    server.refuse = {}
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert [taken.recipients for taken in server.received] == [[ANN], [CID]]
    assert len({taken.message["Message-ID"] for taken in server.received}) == 1
    assert outbox(sending) == [(BOB, "failed")]


@pytest.mark.parametrize(
    ("command", "reply", "state"),
    [
        ("MAIL", "451 later", "deferred"),
        ("MAIL", "550 not from you", "failed"),
        ("MAIL", "530 authenticate first", "deferred"),
        ("DATA", "452 disk full", "deferred"),
        ("DATA", "554 looks like spam", "failed"),
        ("DATA", "421 going down", "deferred"),
    ],
)
def test_a_whole_message_is_refused(sending: DeskDir, server: Server, command: str, reply: str, state: str) -> None:
    server.refuse = {command: reply}
    sending.run("forward", ".1", "--to", ANN, "--to", BOB, status=3 if state == "failed" else 0)
    assert outbox(sending) == [(ANN, state), (BOB, state)]
    assert reply in reasons(sending)


@pytest.mark.parametrize("way", ["hang", "drop"])
def test_no_answer_to_the_whole_message_is_no_answer(sending: DeskDir, server: Server, way: str) -> None:
    """The server may have it (RFC 1047): it is sent once more, and then a person is asked."""
    server.at_data = way
    set_outgoing(sending, f"transport: {server.transport}", "timeout: 1s")
    sending.run("forward", ".1", "--to", ANN)
    assert outbox(sending) == [(ANN, "deferred")]
    assert "the answer to the whole message was lost" in reasons(sending)
    bring_everything_due(sending)
    sending.run("outbox", "send", status=3)
    assert outbox(sending) == [(ANN, "held")]
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert len(server.received) == 2
    assert len({taken.message["Message-ID"] for taken in server.received}) == 1


def test_a_connection_that_ends_after_the_answer_costs_nothing(sending: DeskDir, server: Server) -> None:
    server.at_data = "drop after 250"
    set_outgoing(sending, f"transport: {server.transport}", delay="1h")
    for to in (ANN, BOB, CID):
        sending.run("forward", ".1", "--to", to)
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert sorted(taken.recipients[0] for taken in server.received) == [ANN, BOB, CID]
    assert outbox(sending) == []


def test_a_server_that_is_silent_is_waited_for_once(sending: DeskDir) -> None:
    with silent_server() as transport:
        set_outgoing(sending, f"transport: {transport}", "timeout: 1s", delay="1h")
        for number in range(5):
            sending.run("forward", ".1", "--to", f"r{number}@example.net")
        bring_everything_due(sending)
        sending.run("outbox", "send", status=75)
    assert {state for _, state in outbox(sending)} == {"deferred"}
    assert "no answer in time" in reasons(sending)


def test_a_server_that_is_not_there(sending: DeskDir) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    set_outgoing(sending, f"transport: smtp://127.0.0.1:{port}")
    sending.run("forward", ".1", "--to", ANN)
    assert f"127.0.0.1:{port}: Connection refused" in reasons(sending)


def test_a_host_that_has_no_address(sending: DeskDir) -> None:
    set_outgoing(sending, "transport: smtp://no-such-host.invalid")
    sending.run("forward", ".1", "--to", ANN)
    assert outbox(sending) == [(ANN, "deferred")]


# encryption


def trust_authority(desk: DeskDir) -> None:
    desk.variables["SSL_CERT_FILE"] = str(CERTIFICATES / "authority.pem")


@pytest.mark.parametrize("name", ["good.pem", "other-name.pem", "self-signed.pem"])
@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_certificate_is_verified(desk: DeskDir, name: str, scheme: str) -> None:
    """127.0.0.2 is not this machine by name: STARTTLS is asked for."""
    desk.take(make_mail("Question"))
    trust_authority(desk)
    context = certificate(name)
    settings = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
    for server in run_server(hostname="127.0.0.2", **settings):
        set_outgoing(desk, f"transport: {scheme}://127.0.0.2:{server.port}")
        desk.run("forward", ".1", "--to", ANN)
        if name == "good.pem":
            assert [taken.is_encrypted for taken in server.received] == [True]
            assert outbox(desk) == []
        else:
            assert server.received == []
            assert "certificate: " in reasons(desk)
            assert outbox(desk) == [(ANN, "deferred")]


def test_a_server_elsewhere_that_offers_no_encryption_gets_nothing(desk: DeskDir) -> None:
    desk.take(make_mail("Question"))
    for server in run_server(hostname="127.0.0.2"):
        set_outgoing(desk, f"transport: smtp://127.0.0.2:{server.port}")
        desk.run("forward", ".1", "--to", ANN)
        assert server.received == []
        assert "the server does not offer STARTTLS" in reasons(desk)


# credentials


@pytest.fixture
def closed_server() -> Iterator[Server]:
    """A server that wants a password, and says so over TLS only."""
    settings = {"tls_context": certificate("good.pem"), "authenticator": authenticate, "auth_required": True}
    yield from run_server(hostname="127.0.0.2", **settings)


@pytest.fixture
def locked_out(desk: DeskDir, closed_server: Server) -> DeskDir:
    """A desk that has no password for that server."""
    trust_authority(desk)
    set_outgoing(desk, f"transport: {closed_server.transport}")
    desk.take(make_mail("Question"))
    return desk


def write_credentials(desk: DeskDir, password: str = PASSWORD, mode: int = 0o600, host: str = "127.0.0.2") -> Path:
    file = desk.folder / "smtp.netrc"
    file.write_text(f'machine {host} login {USER} password "{password}"\n')
    file.chmod(mode)
    return file


def test_credentials_come_from_a_file(locked_out: DeskDir, closed_server: Server) -> None:
    locked_out.run("forward", ".1", "--to", ANN)
    assert "530 " in reasons(locked_out), "without any, the message waits"
    write_credentials(locked_out)
    set_outgoing(locked_out, f"transport: {closed_server.transport}", "credentials: smtp.netrc")
    locked_out.run("outbox", "send", ".1")
    assert len(closed_server.received) == 1
    assert outbox(locked_out) == []


def test_credentials_come_from_the_environment(locked_out: DeskDir, closed_server: Server) -> None:
    locked_out.variables |= {"SUPPORTCTL_SMTP_USER": USER, "SUPPORTCTL_SMTP_PASSWORD": PASSWORD}
    locked_out.run("forward", ".1", "--to", ANN)
    assert len(closed_server.received) == 1


def test_a_wrong_password_lets_the_message_wait_and_stands_nowhere(locked_out: DeskDir, closed_server: Server) -> None:
    write_credentials(locked_out, "wrong-secret")
    set_outgoing(locked_out, f"transport: {closed_server.transport}", "credentials: smtp.netrc")
    done = locked_out.run("forward", ".1", "--to", ANN)
    assert outbox(locked_out) == [(ANN, "deferred")]
    assert "535 " in reasons(locked_out)
    said = done.stdout + done.stderr + b"".join(locked_out.log())
    assert b"wrong-secret" not in said


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda desk: write_credentials(desk, mode=0o640), "can be read by others"),
        (lambda desk: write_credentials(desk, mode=0o604), "can be read by others"),
        (lambda desk: write_credentials(desk, host="else.example"), "has no entry for 127.0.0.2"),
        (lambda desk: write_credentials(desk).write_text("machine 127.0.0.2 pass word"), "line 1: "),
        (lambda desk: write_credentials(desk).unlink(), "No such file"),
    ],
)
def test_credentials_that_cannot_be_used_let_the_message_wait(
    locked_out: DeskDir, closed_server: Server, spoil: object, told: str
) -> None:
    spoil(locked_out)  # type: ignore[operator]
    set_outgoing(locked_out, f"transport: {closed_server.transport}", "credentials: smtp.netrc")
    locked_out.run("forward", ".1", "--to", ANN)
    assert outbox(locked_out) == [(ANN, "waiting")], "nothing was tried"
    done = locked_out.run("outbox", "send", status=78)
    assert told in done.stderr.decode()
    assert PASSWORD not in done.stderr.decode()
    assert closed_server.received == []
