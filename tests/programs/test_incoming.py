"""Mail comes in by each way of `docs/operations.md`: whatever the desk suffers, none is lost, none is bounced."""

from __future__ import annotations

import pytest

from tests.support.mail_hosts import DESK, FORMS, PAGE, MailHost

pytestmark = pytest.mark.slow
POSTFIX = ("postfix", "postmap", "newaliases")
EACH = 40
"""So many messages in each of five states of the desk: 200 in each way."""


def deliver_whatever_it_suffers(mail_host: MailHost) -> int:
    """Send messages in each state of the desk; return how many are there in the end, once, as all must be."""
    names = [f"mail-well-{number}" for number in range(EACH)]
    mail_host.send(names)
    for suffer in (mail_host.locked, mail_host.misconfigured, mail_host.full):
        with suffer():
            names += [f"mail-{suffer.__name__}-{number}" for number in range(EACH)]
            mail_host.send(names[-EACH:])
    for form in FORMS:
        with mail_host.upgraded(form):
            few = EACH // len(FORMS)
            names += [f"mail-{form.replace(' ', '-')}-{number}" for number in range(few)]
            mail_host.send(names[-few:])
    mail_host.wait_for_postfix()
    mail_host.assert_none_bounced()
    return mail_host.count_arrived(names)


@pytest.mark.needs(*POSTFIX)
@pytest.mark.parametrize("number", [0, 1], ids=["script", "Maildir"])
def test_postfix_by_forward(mail_host: MailHost, number: int) -> None:
    mail_host.start_postfix()
    PAGE.put(mail_host.host, "/srv/desk/.forward", number)
    assert deliver_whatever_it_suffers(mail_host) == 5 * EACH


@pytest.mark.needs(*POSTFIX)
def test_postfix_by_transport(mail_host: MailHost) -> None:
    mail_host.start_postfix()
    for name in ("/etc/postfix/master.cf", "/etc/postfix/main.cf", "/etc/postfix/transport"):
        PAGE.put(mail_host.host, name)
    for command in ("postmap", "postfix reload"):
        PAGE.type(mail_host.host, "Postfix", only=command)
    assert deliver_whatever_it_suffers(mail_host) == 5 * EACH
    assert "relay=supportctl" in mail_host.mail_log


@pytest.mark.parametrize(
    ("file", "command"),
    [
        pytest.param("/srv/desk/.mailfilter", "/usr/bin/maildrop", marks=pytest.mark.needs(*POSTFIX, "maildrop")),
        pytest.param("/srv/desk/.procmailrc", "/usr/bin/procmail -t", marks=pytest.mark.needs(*POSTFIX, "procmail")),
    ],
    ids=["maildrop", "procmail"],
)
def test_postfix_by_another_agent(mail_host: MailHost, file: str, command: str) -> None:
    assert f"`mailbox_command = {command}`" in PAGE.text or f"`{command}`" in PAGE.text
    mail_host.start_postfix()
    PAGE.put(mail_host.host, file)
    mail_host.host.run(f"chown desk: {file} && chmod 600 {file} && postconf -e 'mailbox_command = {command}'")
    mail_host.host.run("postfix reload")
    assert deliver_whatever_it_suffers(mail_host) == 5 * EACH


@pytest.mark.needs(*POSTFIX, "dovecot")
def test_postfix_by_dovecot(mail_host: MailHost) -> None:
    """Its delivery agent, and the settings that serve the desk by IMAP."""
    command = "/usr/lib/dovecot/dovecot-lda"
    assert f"`mailbox_command = {command}`" in PAGE.text
    mail_host.start_postfix()
    mail_host.start_dovecot()
    mail_host.host.run(f"postconf -e 'mailbox_command = {command}' && postfix reload")
    assert deliver_whatever_it_suffers(mail_host) == 5 * EACH


@pytest.mark.needs(*POSTFIX)
def test_the_page_says_how_to_try_it(mail_host: MailHost) -> None:
    PAGE.type(mail_host.host, "Incoming mail", only="printf")
    assert "Anybody there?" in mail_host.host.tell(f"{DESK} ls")
