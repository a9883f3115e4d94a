"""`docs/operations.md` is followed to the letter by a sysadmin and by the people of the desk."""

from __future__ import annotations

import re

import pytest

from tests.support.hosts import PROGRAM
from tests.support.mail_hosts import DESK, PAGE, MailHost

pytestmark = pytest.mark.slow
INSTALLING = "make install PREFIX=/opt/supportctl"
"""What the machine of the test has instead; `tests/process/test_install.py` does it for real."""

LETTER = b"""\
From: kim@example.org
Subject: The scan
Message-ID: <scan@example.org>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: application/pdf; name=scan.pdf
Content-Transfer-Encoding: base64

AAECAwD/
--b--
"""


def test_a_guarded_desk(mail_host: MailHost) -> None:
    """The fixture has typed what root types; a person of the desk goes on."""
    host = mail_host.host
    host.path("/home/anna/letter.eml").write_bytes(LETTER)
    PAGE.type(host, "A guarded desk", account="anna")
    assert host.path("/home/anna/scan.pdf").read_bytes() == b"\0\1\2\3\0\xff"
    assert "read,move in" in host.tell("supportctl queues", "anna")
    host.run("echo .1 | xargs supportctl tag +urgent", "anna")
    assert "\tanna\t" in host.tell(f"{DESK} log")
    host.run("supportctl queues", "ben", status=1)  # ben is not in the group yet
    for refused in ("show .1 --save x", "ingest letter.eml", "--maildir . ls"):
        host.run(f"supportctl {refused}", "anna", status=77)
    assert host.tell(f"{DESK} check") == ""


def test_a_desk_that_a_group_shares(mail_host: MailHost) -> None:
    host = mail_host.host
    host.run("rm /usr/local/bin/supportctl /etc/supportctl/queues.yaml && groupdel support")
    for typed in PAGE.typed:
        if typed.heading == "Setting up" and typed.command != INSTALLING:
            host.run(typed.command, typed.account, status=typed.status)
    shared = "supportctl --config /srv/shared/queues.yaml"
    for number, account in enumerate(["anna", "ben", "anna"]):
        host.run(f"printf 'Subject: mail-{number}\\n\\nHi' | {shared} ingest -", account)
        for other in ("ben", "anna"):
            host.run(f"{shared} tag +{other}{number} .{number + 1}", other)
    assert host.tell(f"{shared} check", "ben") == ""
    host.run("ls /srv/shared", "desk", status=2)


def test_cron(mail_host: MailHost) -> None:
    """With the environment that cron gives; nothing is printed."""
    host = mail_host.host
    table = dict(PAGE.files)["crontab of desk"]
    commands = [line.split(None, 5)[5] for line in table.splitlines() if re.match(r"[*\d]", line)]
    assert len(commands) == 4
    host.path("/srv/desk/maildir/new/1.a").write_bytes(LETTER)
    host.run("chown desk: /srv/desk/maildir/new/1.a")
    for command in commands:
        cron = (
            f"runuser -u desk -- env -i SHELL=/bin/sh PATH=/usr/bin:/bin HOME=/srv/desk LOGNAME=desk sh -c '{command}'"
        )
        done = host.run(cron)
        assert (done.stdout, done.stderr) == (b"", b"")
    assert "The scan" in host.tell(f"{DESK} ls")
    host.write("/tmp/table", table)
    if host.run("command -v crontab", status=None).returncode == 0:
        host.run("crontab -u desk /tmp/table")


def test_the_program_is_installed_as_the_page_says() -> None:
    assert INSTALLING in [typed.command for typed in PAGE.typed]
    assert PROGRAM == "/opt/supportctl/bin/supportctl"
