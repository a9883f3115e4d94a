"""A machine with a desk on it, set up as `docs/operations.md` says, with the mail servers that the page names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.desks import ROOT
from tests.support.hosts import PROGRAM, PYTHON, Host, wait_until
from tests.support.pages import Page

PAGE = Page((ROOT / "docs" / "operations.md").read_text())
DESK = f"runuser -u desk -- {PROGRAM} --config /srv/desk/queues.yaml"
FORMS = {
    "missing": "",
    "no interpreter": "#!/opt/supportctl/nowhere/python\n",
    "no module": "#!{python}\nimport no_such_module\n",
    "usage": "#!/bin/sh\nexit 2\n",
    "killed": "#!/bin/sh\nkill -9 $$\n",
}
"""What the program may be for a moment while it is upgraded."""

_SEND = """
import smtplib, sys
with smtplib.SMTP("127.0.0.1", 25) as server:
    for name in sys.argv[1:]:
        text = f"From: ann@example.org\\nSubject: {name}\\nMessage-ID: <{name}@example.org>\\n\\nHello {name}\\n"
        server.sendmail("ann@example.org", ["support@example.org"], text)
"""
_MAIN = """\
inet_interfaces=loopback-only inet_protocols=ipv4 mydestination=example.org,desk.example.org,localhost
myhostname=desk.example.org maillog_file=/var/log/mail.log alias_maps=hash:/etc/aliases alias_database=hash:/etc/aliases
minimal_backoff_time=1s maximal_backoff_time=2s queue_run_delay=1s smtpd_recipient_restrictions=permit_mynetworks,reject
"""
_TRUST = """\
cat /etc/dovecot/private/dovecot.pem >> /etc/ssl/certs/ca-certificates.crt
cd /etc/ssl/certs
ln -s ../../dovecot/private/dovecot.pem $(openssl x509 -hash -noout -in /etc/dovecot/private/dovecot.pem).0
"""


@dataclass(slots=True)
class MailHost:
    """The desk of the machine and its servers."""

    host: Host

    def set_up_desk(self, size: str = "64m") -> None:
        """Make the guarded desk of the page, on a disk of its own."""
        host = self.host
        for name in ("anna", "ben"):
            host.run(f"useradd --create-home --shell /bin/bash {name}")
        host.write("/usr/local/bin/editor", "#!/bin/sh\n", 0o755)  # anna and ben are listed already
        for name in ("/etc/sudoers.d/supportctl", "/usr/local/bin/supportctl", "/usr/local/bin/deliver-to-desk"):
            PAGE.put(host, name)
        disk = f"mount -t tmpfs -o size={size},mode=700,uid=$(id -u desk),gid=$(id -g desk) none /srv/desk"
        PAGE.type(host, "A guarded desk", account="root", then={"chmod 700 /srv/desk": lambda: host.run(disk)})
        PAGE.type(host, "Incoming mail", only="chmod")

    def start_postfix(self) -> None:
        """Start Postfix as Debian brings it, on the loopback interface, in more haste than by default."""
        self.host.run("mkdir /var/spool/postfix && chown postfix: /var/lib/postfix")
        for name in ("main.cf.debian main.cf", "master.cf.dist master.cf"):
            source, target = name.split()
            self.host.run(f"cp /usr/share/postfix/{source} /etc/postfix/{target}")
        self.host.write("/etc/aliases", "postmaster: root\n")
        PAGE.put(self.host, "/etc/aliases")
        self.host.run(f"postconf -e {' '.join(_MAIN.split())} && postconf -F '*/*/chroot=n'")
        PAGE.type(self.host, "Postfix", only="newaliases")
        self.host.run("postfix check && postfix start")

    def start_dovecot(self) -> None:
        """Start Dovecot as Debian brings it, with a certificate of its own and the mailbox that is fetched from."""
        host = self.host
        host.run(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=imap.example.org"
            " -addext subjectAltName=DNS:imap.example.org -keyout /etc/dovecot/private/dovecot.key"
            " -out /etc/dovecot/private/dovecot.pem"
        )
        host.run(_TRUST)
        host.write("/etc/hosts", "127.0.0.1 localhost imap.example.org\n127.0.0.1 desk.example.org desk\n")
        for name in ("/etc/dovecot/local.conf", "/etc/dovecot/desk.users"):
            PAGE.put(host, name)
        PAGE.type(host, "Dovecot", then={}, only="install")
        host.run("dovecot")
        for command in ("sed", "chown", "chmod", "doveadm"):
            PAGE.type(host, "Dovecot", only=command)

    def send(self, names: Iterable[str]) -> None:
        """Send a message of each name to the desk, and wait until each was tried."""
        tried = self._count_tried()
        names = list(names)
        self.host.write("/tmp/send.py", _SEND)
        self.host.run(f"{PYTHON} /tmp/send.py {' '.join(names)}")
        wait_until(lambda: self._count_tried() >= tried + len(names), 120)

    def _count_tried(self) -> int:
        return len(set(re.findall(r"(\w+): to=.* status=", self.mail_log)))

    def wait_for_postfix(self) -> None:
        """Have Postfix try again what it has deferred, until nothing is left."""
        wait_until(lambda: "is empty" in self.host.tell("postqueue -p"), 300, lambda: self.host.run("postqueue -f"))

    @property
    def mail_log(self) -> str:
        """What Postfix has logged."""
        return self.host.path("/var/log/mail.log").read_text()

    # What the desk suffers

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Someone else writes."""
        self.host.run("setsid flock /srv/desk/maildir/supportctl sleep 1000 & echo $! > /tmp/locked")
        wait_until(lambda: self.host.run("flock -n /srv/desk/maildir/supportctl true", status=None).returncode)
        yield
        self.host.run("kill -- -$(cat /tmp/locked)")
        wait_until(lambda: self.host.run("flock -n /srv/desk/maildir/supportctl true", status=None).returncode == 0)

    @contextmanager
    def misconfigured(self) -> Iterator[None]:
        """`queues.yaml` can't be read."""
        self.host.run("cp -p /srv/desk/queues.yaml /srv/desk/good && echo 'desk: [' >> /srv/desk/queues.yaml")
        yield
        self.host.run("mv /srv/desk/good /srv/desk/queues.yaml")

    @contextmanager
    def full(self) -> Iterator[None]:
        """No block of the desk's disk is free."""
        self.host.run("dd if=/dev/zero of=/srv/desk/ballast bs=4k", status=1)
        yield
        self.host.run("rm /srv/desk/ballast")

    @contextmanager
    def upgraded(self, form: str) -> Iterator[None]:
        """The program is not whole."""
        self.host.run(f"mv {PROGRAM} {PROGRAM}.whole")
        if text := FORMS[form].format(python=PYTHON):
            self.host.write(PROGRAM, text, 0o755)
        yield
        self.host.run(f"mv {PROGRAM}.whole {PROGRAM}")

    # What came of it

    def count_arrived(self, names: Sequence[str]) -> int:
        """The number of messages, asserting that each is on the desk, once as a ticket, and the desk consistent."""
        self.host.run(f"{DESK} ingest")
        found = Counter(self.host.tell(f"{DESK} search --format plain --limit 10000 'subject:mail'").splitlines())
        subjects = Counter(line.split("\t")[5] for line in found)
        wrong = {name: subjects[name] for name in names if subjects[name] != 1}
        assert wrong == {}, "\n".join(map(self._tell_of, wrong))
        assert self.host.tell(f"{DESK} check") == ""
        assert [file.name for file in self.host.path("/var/mail").iterdir() if file.stat().st_size] == []
        return len(names)

    def _tell_of(self, name: str) -> str:
        """What Postfix did with a message, and where it lies."""
        lines = self.mail_log.splitlines()
        queued = next(line for line in lines if f"<{name}@" in line).split(": ")[1]
        places = self.host.run(f"grep -rl '<{name}@' /srv/desk /var/mail", status=None).stdout.decode()
        return "\n".join([line for line in lines if queued in line] + [places])

    def assert_none_bounced(self) -> None:
        """Postfix has returned nothing."""
        assert "status=bounced" not in self.mail_log
        assert "sender non-delivery notification" not in self.mail_log
