"""Every writing verb on a small desk, as the crash tests stop it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.crash import Job, Run, Runner
from tests.support.desks import make_mail

NOVEMBER, DECEMBER = 1794300000, 1796200000
DAY = "s20261110"

BOUNCE = make_mail(
    "Undelivered", "MAILER-DAEMON@example.net", "It failed.\n", Content_Type="text/plain", Return_Path="<>"
)
ARCHIVE = "mbox"

FIRST_MAILS = (
    make_mail("A printer is on fire", mid="m1@example.org"),
    make_mail("Re: A printer is on fire", text="It still is.\n", In_Reply_To="<m1@example.org>", mid="m2@example.org"),
    make_mail("Question", text="Which paper?\n", mid="m3@example.org"),
    make_mail("Hello", text="x" * 3000, mid="m4@example.org"),
    make_mail("Pills", "Bob <bob@example.org>", mid="m5@example.org"),
    make_mail("To all", "Cid <cid@example.org>", mid="m6@example.org"),
    make_mail("Later", "Dan <dan@example.org>", mid="m7@example.org"),
    make_mail("Nothing", "Eve <eve@example.org>", text="", mid="m8@example.org"),
)
NEXT_MAILS = (
    make_mail("Another question", "Fay <fay@example.org>", "More paper?\n", mid="n1@example.org"),
    make_mail(
        "Re: Pills", "Bob <bob@example.org>", "Real ones.\n", In_Reply_To="<m5@example.org>", mid="n2@example.org"
    ),
    make_mail("Nothing again", "Gus <gus@example.org>", text="", mid="n3@example.org"),
    FIRST_MAILS[3],
    BOUNCE,
)
ONE_MAIL = make_mail("By the server", "Hal <hal@example.org>", mid="o1@example.org")
BOX_MAILS = tuple(make_mail(f"Old {number}", mid=f"box{number}@example.org") for number in range(18))


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command, what was done before it, and at how many calls at least it can be stopped."""

    name: str
    arguments: tuple[str, ...]
    least: int
    before: tuple[tuple[str, ...], ...] = ()
    has_inbox: bool = False
    input: bytes = b""
    break_it: Callable[[Runner, Path], None] | None = None

    def mails(self) -> list[bytes]:
        """All mails that are on the desk, or are on their way into it, once each."""
        found = [*FIRST_MAILS, *(NEXT_MAILS if self.has_inbox else ())]
        found += [self.input] if self.input else []
        return found + (list(BOX_MAILS) if ARCHIVE in self.arguments else [])


def _lose_metadata(_: Runner, maildir: Path) -> None:
    for name in (".triage/tickets.json", ".engineers/tickets.json", "supportctl/catalogue.sqlite"):
        (maildir / name).unlink()
    for mail in (maildir / ".triage" / "new").iterdir():  # a mail client has moved a whole ticket
        mail.rename(maildir / ".public" / "new" / mail.name)


def _lose_operations(_: Runner, maildir: Path) -> None:
    log = sorted((maildir / "supportctl" / "log").iterdir())[-1]
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))


def _come_from_the_future(runner: Runner, maildir: Path) -> None:
    run(runner, maildir, "ingest", "-", input=ONE_MAIL, now=DECEMBER + 10**8)


SCENARIOS = (
    Scenario("ingest the INBOX", ("ingest",), 38, has_inbox=True),
    Scenario("ingest --classify", ("ingest", "--classify"), 62, has_inbox=True),
    Scenario("ingest a file", ("ingest", ARCHIVE), 92),
    Scenario("ingest -", ("ingest", "-"), 30, input=ONE_MAIL),
    Scenario("classify", ("classify",), 47, before=(("ingest",),), has_inbox=True),
    Scenario("mv", ("mv", f"{DAY}.1", f"{DAY}.3", "triage", "--confirm"), 32),
    Scenario("mv to a queue that closes", ("mv", f"{DAY}.1", f"{DAY}.2", "junk"), 51),
    Scenario("close", ("close", f"{DAY}.1"), 43),
    Scenario("reopen", ("reopen", f"{DAY}.4"), 29),
    Scenario("pend", ("pend", f"{DAY}.2", "--until", "30d"), 29),
    Scenario("wake what is due", ("wake",), 29),
    Scenario("tag", ("tag", "+urgent", "-paper", f"{DAY}.2"), 20),
    Scenario("forward", ("forward", f"{DAY}.5"), 46),
    Scenario("forward to an address", ("forward", f"{DAY}.1", "--to", "x@example.net"), 31),
    Scenario("undo mv", ("undo",), 38, before=(("mv", f"{DAY}.1", f"{DAY}.2", "junk"),)),
    Scenario("undo ingest", ("undo", "5"), 45, before=(("ingest", "--classify"),), has_inbox=True),
    Scenario("undo forward", ("undo",), 30, before=(("forward", f"{DAY}.5"),)),
)
REPAIRS = (
    Scenario("check --repair", ("check", "--repair"), 30, break_it=_lose_metadata),
    Scenario("check --repair of a short log", ("check", "--repair"), 30, break_it=_lose_operations),
    Scenario("check --repair of the future", ("check", "--repair"), 30, break_it=_come_from_the_future),
)


def run(runner: Runner, maildir: Path, *arguments: str, input: bytes = b"", now: int = DECEMBER) -> Run:
    """Run a command to its end, undisturbed; it must succeed."""
    return runner.run(Job(maildir, list(arguments), input, now=now, is_counted=False)).ended()


def make_desk(runner: Runner, folder: Path) -> Path:
    """A desk with tickets in every state: returns its Maildir."""
    folder.mkdir(parents=True, exist_ok=True)
    maildir = folder / "maildir"
    run(runner, maildir, "init", str(folder), now=NOVEMBER)
    deliver(maildir, FIRST_MAILS)
    run(runner, maildir, "ingest", "--classify", now=NOVEMBER)
    run(runner, maildir, "mv", f"{DAY}.4", "junk", now=NOVEMBER)
    run(runner, maildir, "mv", f"{DAY}.5", "public", now=NOVEMBER)
    run(runner, maildir, "pend", f"{DAY}.6", "--until", "1d", now=NOVEMBER)
    read = next((maildir / ".engineers" / "new").iterdir())
    read.rename(maildir / ".engineers" / "cur" / f"{read.name}:2,RS")
    box = b"".join(b"From x@example.org Mon Nov 23 00:00:00 2026\n" + mail + b"\n" for mail in BOX_MAILS)
    (folder / ARCHIVE).write_bytes(box)
    return maildir


def set_up(runner: Runner, desk: Path, folder: Path, scenario: Scenario) -> Path:
    """A copy of a desk, just before a scenario's command."""
    maildir = copy_desk(desk, folder)
    if scenario.has_inbox:
        deliver(maildir, NEXT_MAILS)
    for arguments in scenario.before:
        run(runner, maildir, *arguments)
    if scenario.break_it:
        scenario.break_it(runner, maildir)
    return maildir


def deliver(maildir: Path, mails: tuple[bytes, ...]) -> None:
    """Put mails into the INBOX, the last one as already read."""
    for number, mail in enumerate(mails):
        (maildir / "new" / f"{1794290000 + number}.M{number}P1.test").write_bytes(mail)
    last = next(iter(sorted((maildir / "new").iterdir())[::-1]))
    last.rename(maildir / "cur" / f"{last.name}:2,S")


def copy_desk(desk: Path, folder: Path) -> Path:
    """A fresh copy of a desk's Maildir, and what lies beside it, in a folder that is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    for place, _, names in os.walk(desk.parent):
        target = folder / Path(place).relative_to(desk.parent)
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            (target / name).write_bytes(Path(place, name).read_bytes())
    return folder / desk.name
