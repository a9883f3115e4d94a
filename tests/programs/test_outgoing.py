"""Mail leaves by a real mail server, and its answer and its bounce come back to the ticket."""

from __future__ import annotations

import email
import json
from email.message import Message
from email.policy import compat32

import pytest

from tests.support.hosts import PYTHON, wait_until
from tests.support.mail_hosts import DESK, PAGE, MailHost

pytestmark = pytest.mark.slow
POSTFIX = ("postfix", "postmap", "newaliases")
_ANSWER = """
import smtplib, sys
text = f"From: ben@example.org\\nSubject: Re: this\\nIn-Reply-To: {sys.argv[1]}\\n\\nThanks.\\n"
smtplib.SMTP("127.0.0.1", 25).sendmail("ben@example.org", ["support@example.org"], text)
"""


def set_transport(mail_host: MailHost, transport: str) -> None:
    """Let mail leave in this way."""
    mail_host.host.run(f"sed -i 's|^  transport: .*|  transport: {transport}|' /srv/desk/queues.yaml")


def mailbox(mail_host: MailHost, account: str) -> list[Message]:
    """The mails that Postfix has delivered to an account."""
    path = mail_host.host.path(f"/var/mail/{account}")
    pieces = path.read_bytes().split(b"\nFrom ") if path.exists() and path.stat().st_size else []
    return [email.message_from_bytes(piece.partition(b"\n")[2], policy=compat32) for piece in pieces]


@pytest.mark.needs(*POSTFIX)
@pytest.mark.parametrize("transport", ["sendmail", "smtp://localhost"])
def test_a_whole_round(mail_host: MailHost, transport: str) -> None:
    host = mail_host.host
    mail_host.start_postfix()
    PAGE.put(host, "/srv/desk/.forward", 0)
    set_transport(mail_host, transport)
    mail_host.send(["question"])
    wait_until(lambda: "question" in host.tell(f"{DESK} ls"))
    host.run(f"{DESK} forward .1 --to ben@example.org")
    wait_until(lambda: mailbox(mail_host, "ben"))
    (got,) = mailbox(mail_host, "ben")
    assert (got["Return-Path"], got["X-Envelope-To"]) == ("<support@cacert.org>", None)
    assert json.loads(host.tell(f"{DESK} outbox --format json"))["messages"] == []
    host.write("/tmp/answer.py", _ANSWER)
    host.run(f"{PYTHON} /tmp/answer.py '{got['Message-ID']}'")
    wait_until(lambda: "Thanks." in host.tell(f"{DESK} show .1"))
    assert len(host.tell(f"{DESK} ls --format ids").split()) == 1, "one ticket"
    assert host.tell(f"{DESK} check") == ""


@pytest.mark.needs(*POSTFIX)
def test_a_recipient_that_postfix_does_not_know(mail_host: MailHost) -> None:
    """Told at once over SMTP; by `sendmail` it is accepted, and the report comes back to the ticket."""
    host = mail_host.host
    mail_host.start_postfix()
    PAGE.put(host, "/srv/desk/.forward", 0)
    host.run("sed -i 's|support@cacert.org|support@example.org|' /srv/desk/queues.yaml")
    host.run("postconf -e 'smtpd_recipient_restrictions=reject_unlisted_recipient,permit_mynetworks,reject'")
    host.run("postfix reload")
    mail_host.send(["question"])
    wait_until(lambda: "question" in host.tell(f"{DESK} ls"))
    set_transport(mail_host, "smtp://localhost")
    assert "550 5.1.1" in host.run(f"{DESK} forward .1 --to nobody-here@example.org", status=3).stderr.decode()
    assert host.tell(f"{DESK} search --format ids is:undelivered").split()
    set_transport(mail_host, "sendmail")
    host.run(f"{DESK} forward .1 --to nobody-either@example.org")
    wait_until(lambda: len(json.loads(host.tell(f"{DESK} show .1 --format json"))["ticket"]["messages"]) == 2)
    shown = json.loads(host.tell(f"{DESK} show .1 --format json"))["ticket"]["messages"]
    assert [message["automatic"] for message in shown] == ["", "bounce"]
