"""A mail client that moves mail out of the INBOX while `ingest` takes it in: nothing stops, and nothing is lost."""

from __future__ import annotations

import email
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.mail_clients import make_folder
from tests.support.tickets import findings

ROUNDS, MAILS = 40, 100

CLIENT = """
import os, sys
maildir, folder = sys.argv[1:]
print("ready", flush=True)
# As soon as an operation is staged, its plan is made and names the mails of the INBOX.
while not os.listdir(f"{maildir}/supportctl/stage"):
    pass
for name in sorted(os.listdir(f"{maildir}/new"), reverse=True):
    try:
        os.rename(f"{maildir}/new/{name}", f"{maildir}/{folder}/cur/{name}:2,S")
    except FileNotFoundError:
        pass
"""


@contextmanager
def client(desk: DeskDir, folder: str) -> Iterator[None]:
    """A client that moves all mail to a folder as soon as an operation is on its way."""
    racing = subprocess.Popen([sys.executable, "-c", CLIENT, desk.maildir, folder], stdout=subprocess.PIPE)
    assert racing.stdout is not None
    assert racing.stdout.readline() == b"ready\n"
    try:
        yield
    finally:
        racing.kill()
        racing.communicate()


@pytest.mark.parametrize("folder", [".disputes", ".Trash"])
def test_a_client_moves_mail_out_of_the_inbox_during_an_ingest(desk: DeskDir, folder: str) -> None:
    make_folder(desk, "Trash")
    delivered, lost = 0, 0
    for _ in range(ROUNDS):
        for mail in range(delivered, delivered + MAILS):
            (desk.maildir / "new" / f"{mail}.host").write_bytes(make_mail(f"Mail {mail}", mid=f"{mail}@x.test"))
        delivered += MAILS
        with client(desk, folder):
            desk.run("ingest")
        assert len(desk.lines("ls")) == len(desk.tickets())
        desk.run("tag", "+seen", next(iter(desk.tickets())))
        lost += sum(found["kind"] == "lost" for found in findings(desk))
        if lost:
            break
    assert lost, "the client was never faster"
    desk.run("ingest")
    desk.run("check", "--repair")
    assert findings(desk) == []
    mids = [message["mid"] for ticket in desk.tickets().values() for message in ticket["messages"]]
    assert len(mids) == len(set(mids)), "each mail is in one ticket"
    there = {email.message_from_bytes(raw)["Message-ID"].strip("<>") for raw in desk.mails("Trash").values()}
    assert {*mids, *there} == {f"{mail}@x.test" for mail in range(delivered)}
    assert [ticket["problems"] for ticket in desk.tickets().values() if "problems" in ticket] == []
