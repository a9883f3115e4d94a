"""Mail is fetched from a mailbox somewhere else, as `docs/operations.md` says: it stays there until the desk has it."""

from __future__ import annotations

import pytest

from tests.support.mail_hosts import DESK, FORMS, PAGE, MailHost

pytestmark = pytest.mark.slow
EACH = 40
"""So many messages in each of five states of the desk: 200 in each way."""


def open_mailbox(mail_host: MailHost, *files: str) -> None:
    """A mailbox `support` at imap.example.org, and what the account `desk` needs to fetch from it."""
    host = mail_host.host
    host.write("/etc/dovecot/desk.users", "support:{PLAIN}secret::::::userdb_mail=maildir:/srv/mailbox\n")
    host.run("install -d -o desk -g desk -m 700 /srv/mailbox /srv/mailbox/new /srv/mailbox/cur /srv/mailbox/tmp")
    mail_host.start_dovecot()
    for file in files:
        PAGE.put(host, file)


def put_into_mailbox(mail_host: MailHost, *names: str) -> None:
    """Put a message of each name into the mailbox."""
    new = mail_host.host.path("/srv/mailbox/new")
    for name in names:
        (new / name).write_text(f"From: ann@example.org\nSubject: {name}\nMessage-ID: <{name}@example.org>\n\nHi\n")
    mail_host.host.run("chown desk: /srv/mailbox/new/*")


def count_in_mailbox(mail_host: MailHost) -> int:
    """How many messages are in the mailbox."""
    return sum(1 for part in ("new", "cur") for _ in mail_host.host.path(f"/srv/mailbox/{part}").iterdir())


@pytest.mark.needs("dovecot", "openssl", "fetchmail", "getmail")
@pytest.mark.parametrize("program", ["fetchmail", "getmail"])
def test_what_the_desk_does_not_take_stays_in_the_mailbox(mail_host: MailHost, program: str) -> None:
    open_mailbox(mail_host, "/srv/desk/.fetchmailrc", "/srv/desk/.getmail/getmailrc")
    for command in ("chown", "chmod"):
        PAGE.type(mail_host.host, "A mailbox somewhere else", only=command)
    (fetch,) = (typed.command for typed in PAGE.typed if program in typed.command and "runuser" in typed.command)
    names = [f"mail-well-{number}" for number in range(EACH)]
    put_into_mailbox(mail_host, *names)
    mail_host.host.run(fetch)
    assert count_in_mailbox(mail_host) == 0
    for suffer in (mail_host.locked, mail_host.misconfigured, mail_host.full):
        added = [f"mail-{suffer.__name__}-{number}" for number in range(EACH)]
        put_into_mailbox(mail_host, *added)
        with suffer():
            mail_host.host.run(fetch, status=None)
            assert count_in_mailbox(mail_host) == (0 if suffer == mail_host.locked else EACH)
        mail_host.host.run(fetch, status=None)
        names += added
    for form in FORMS:
        added = [f"mail-{form.replace(' ', '-')}-{number}" for number in range(EACH // len(FORMS))]
        put_into_mailbox(mail_host, *added)
        with mail_host.upgraded(form):
            mail_host.host.run(fetch, status=None)
            assert count_in_mailbox(mail_host) == len(added)
        mail_host.host.run(fetch)
        names += added
    assert count_in_mailbox(mail_host) == 0
    assert mail_host.count_arrived(names) == 5 * EACH


@pytest.mark.needs("dovecot", "openssl", "mbsync")
def test_mbsync_brings_mail_and_renames_none(mail_host: MailHost) -> None:
    open_mailbox(mail_host, "/srv/desk/.mbsyncrc")
    host = mail_host.host
    host.run(f"{DESK} ingest -", input=b"Subject: mail-before\nMessage-ID: <before@example.org>\n\nHi\n")
    (before,) = host.path("/srv/desk/maildir/.triage/new").iterdir()
    host.path("/srv/desk/maildir/new/1.waits").write_text("Subject: mail-waits\n\n")
    host.run("chown desk: /srv/desk/maildir/new/1.waits")
    names = [f"mail-{number}" for number in range(2 * EACH)]
    for some in (names[:EACH], names[EACH:]):
        put_into_mailbox(mail_host, *some)
        PAGE.type(host, "mbsync")
        assert len(list(host.path("/srv/desk/maildir/new").iterdir())) == EACH + (some[0] == names[0])
        assert before.exists()
        assert host.path("/srv/desk/maildir/new/1.waits").exists() == (some[0] == names[0])
        host.run(f"{DESK} ingest")
    assert mail_host.count_arrived([*names, "mail-before", "mail-waits"]) == 2 * EACH + 2
    assert count_in_mailbox(mail_host) == 2 * EACH
