"""Mail clients on the desk, as `docs/operations.md` sets them up: they find what is there, and leave the desk whole."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.hosts import PYTHON, wait_until
from tests.support.mail_hosts import DESK, PAGE, MailHost

pytestmark = pytest.mark.slow

_IMAP = """
import imaplib
client = imaplib.IMAP4("127.0.0.1")
client.login("anna", "secret")
folders = [line.decode().rpartition(" ")[2] for line in client.list()[1]]
assert {"triage", "junk", "INBOX"} <= set(folders), folders
assert "supportctl" not in " ".join(folders)
client.create("Sent")
client.append("Sent", None, None, b"Subject: an answer\\r\\n\\r\\nHello\\r\\n")
client.select("triage")
found = client.search(None, "SUBJECT", "mail-one")[1][0].decode()
assert found == "1", found
client.store("1", "+FLAGS", "\\\\Flagged \\\\Seen")
client.create("Junk")
assert client.copy("2", "Junk")[0] == "OK"
client.store("2", "+FLAGS", "\\\\Deleted")
client.expunge()
client.logout()
"""


@pytest.fixture
def with_mails(mail_host: MailHost) -> MailHost:
    """A desk with three tickets; the Message-ID of the second is folded."""
    for name, field in (
        ("one", "Message-ID: <one@example.org>"),
        ("two", "MESSAGE-id:\n <two@example.org>"),
        ("three", "Subject-Too: <no@example.org>\nMessage-Id:   <three@example.org>"),
    ):
        mail = f"From: ann@example.org\nSubject: mail-{name}\n{field}\nTo: <support@example.org>\n\nMessage-ID: <no>\n"
        mail_host.host.run(f"{DESK} ingest -", input=mail.encode())
    return mail_host


class Mutt:
    """mutt on a terminal of its own."""

    def __init__(self, mail_host: MailHost, arguments: str, account: str) -> None:
        home = mail_host.host.tell("pwd", account).strip()
        mail_host.host.write(f"{home}/.muttrc", "set move=no folder=/tmp\nset imap_user=anna imap_pass=secret\n")
        command = mail_host.host.command(f"script -qefc 'mutt {arguments}' {home}/typescript", account)
        self._screen = mail_host.host.path(f"{home}/typescript")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )

    def __enter__(self) -> Mutt:
        wait_until(self._screen.exists, 30)
        self.wait_for(b"mail-one")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def press(self, keys: bytes) -> None:
        """Type keys."""
        assert self._process.stdin is not None
        self._process.stdin.write(keys)
        self._process.stdin.flush()

    def wait_for(self, text: bytes, count: int = 1) -> None:
        """Wait until a text has been written to the screen so often."""
        wait_until(lambda: self._screen.read_bytes().count(text) >= count, 30)

    def move_to_junk(self, count: int) -> None:
        """Press the key for the message that is chosen, for the nth time, and choose the next message."""
        self.press(b"J")
        self.wait_for(b"Press any key to continue", count)
        drawn = self._screen.read_bytes().count(b"Mutt:")
        self.press(b"\n")
        self.wait_for(b"Mutt:", drawn + 1)
        self.press(b"j")


def closed(mail_host: MailHost) -> list[str]:
    """The subjects of the closed tickets."""
    rows = mail_host.host.run(f"{DESK} search is:closed", status=None)
    return sorted(line.split("\t")[5] for line in rows.stdout.decode().splitlines())


def prepare_mutt(mail_host: MailHost) -> None:
    """Write and type what the page says about mutt."""
    for name in ("/usr/local/bin/message-id", "/etc/Muttrc.d/supportctl.rc"):
        PAGE.put(mail_host.host, name)
    PAGE.type(mail_host.host, "mutt")


@pytest.mark.needs("mutt", "dovecot", "openssl", "script")
def test_a_key_of_mutt_moves_the_ticket_over_imap(with_mails: MailHost) -> None:
    """On a guarded desk, by somebody who can't read its files."""
    assert "`mutt -f imaps://imap.example.org/triage`" in PAGE.text
    with_mails.start_dovecot()
    prepare_mutt(with_mails)
    with Mutt(with_mails, "-f imaps://imap.example.org/triage", "anna") as mutt:
        mutt.move_to_junk(1)
        assert closed(with_mails) == ["mail-one"]
        mutt.move_to_junk(2)
        assert closed(with_mails) == ["mail-one", "mail-two"]
        mutt.press(b"\n")
        mutt.wait_for(b"Message-ID: <no>")  # the pager shows the third
        mutt.press(b"J")
        wait_until(lambda: len(closed(with_mails)) == 3, 30)
    assert with_mails.host.tell(f"{DESK} check") == ""


@pytest.mark.needs("mutt", "script")
def test_a_key_of_mutt_moves_the_ticket_of_a_file(with_mails: MailHost) -> None:
    """On an unguarded desk, with the program itself as `supportctl`."""
    assert "`mutt -f /srv/desk/maildir/.triage`" in PAGE.text
    host = with_mails.host
    host.run("ln -sf /opt/supportctl/bin/supportctl /usr/local/bin/supportctl")
    prepare_mutt(with_mails)
    with Mutt(with_mails, "-f /srv/desk/maildir/.triage", "desk") as mutt:
        mutt.move_to_junk(1)
    assert closed(with_mails) == ["mail-one"]
    assert host.tell(f"{DESK} check") == ""


@pytest.mark.needs("dovecot", "openssl")
def test_the_desk_is_served_by_imap(with_mails: MailHost) -> None:
    with_mails.start_dovecot()
    PAGE.put(with_mails.host, "/srv/desk/queues.yaml")
    with_mails.host.write("/tmp/imap.py", _IMAP)
    before = sorted(file.name for file in with_mails.host.path("/srv/desk/maildir/.triage/new").iterdir())
    with_mails.host.run(f"{PYTHON} /tmp/imap.py")
    after = sorted(file.name for file in with_mails.host.path("/srv/desk/maildir/.triage/cur").iterdir())
    assert len(after) == 2
    assert {name.partition(":2,")[0] for name in after} < set(before)
    assert "FS" in {name.partition(":2,")[2] for name in after}
    assert list(with_mails.host.path("/srv/desk/maildir").rglob("dovecot*")) == []
    with_mails.host.run(f"{DESK} check", status=65)
    with_mails.host.run(f"{DESK} check --repair", status=None)
    assert with_mails.host.tell(f"{DESK} check") == ""
    assert closed(with_mails) == ["mail-two"]
    with_mails.host.run(f"{DESK} mv one@example.org junk")


@pytest.mark.needs("notmuch", "mu")
def test_notmuch_and_mu_find_every_message_and_nothing_else(with_mails: MailHost) -> None:
    host = with_mails.host
    before = sorted(path.name for path in host.path("/srv/desk/maildir").iterdir())
    PAGE.put(host, "/srv/desk/.notmuch-config")
    PAGE.type(host, "notmuch and mu")
    as_desk = "runuser -u desk -- "
    assert host.tell(f"{as_desk}notmuch count '*'") == "3\n"
    assert len(host.tell(f"{as_desk}mu find ''").splitlines()) == 3
    assert sorted(path.name for path in host.path("/srv/desk/maildir").iterdir()) == before
    assert host.tell(f"{DESK} check") == ""
    host.run(f"{DESK} mv one@example.org junk")
    for index in ("notmuch new", "mu index"):
        host.run(as_desk + index)
    assert host.tell(f"{as_desk}notmuch search --output=files subject:mail-one").count(".junk.closed.") == 1
    assert host.tell(f"{DESK} check") == ""
