"""Every role, every queue, every verb, held against the desk's own page; what is denied changes nothing."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desks import CACERT, DeskDir, make_mail
from tests.support.teletypes import run_on_terminal

ME = pwd.getpwuid(os.getuid()).pw_name

# The desk's page, by hand. "w" sees the queue and works on it, "m" moves tickets to it, "?" rather not: asked back.
RIGHTS = """\
                        triage  support-engineer  arbitrator  organisation-assurer  robot
disputes                m       m                 wm          -                     w
organisation-assurance  m       m                 -           wm                    w
secure-test             ?       wm                -           -                     wm
support-engineers       m       wm                m           m                     wm
deleted-accounts        -       wm                -           -                     wm
new-point-calculation   -       wm                -           -                     wm
pending-for-action      -       wm                -           -                     w
requested-passphrase    -       wm                -           -                     wm
triage                  wm      wm                m           m                     wm
junk                    wm      wm                -           -                     w
paypal                  wm      wm                -           -                     wm
returns                 wm      wm                -           -                     wm
the-bat                 w       wm                -           -                     wm
verification-abuse      w       wm                -           -                     wm
cacert-support          wm      wm                -           -                     wm
"""
ROLES, *_LINES = [line.split() for line in RIGHTS.splitlines()]
TABLE = {line[0]: dict(zip(ROLES, line[1:], strict=True)) for line in _LINES}
QUEUES = list(TABLE)
WAITING = "pending-for-action"

# Where a role finds the tickets that it tries to move elsewhere.
HOME = {
    "triage": "triage",
    "support-engineer": "support-engineers",
    "arbitrator": "disputes",
    "organisation-assurer": "organisation-assurance",
    "robot": "returns",
}

# What is done to a ticket; pend moves it to the waiting queue.
WORK = {
    "tag": ["tag", "+seen"],
    "type": ["tag", "--type", "General Questions"],
    "forward": ["forward", "--to", "someone@example.org"],
    "reply": ["reply", "--text", "Hello."],
    "reopen": ["reopen"],
    "mv": ["mv"],
    "pend": ["pend", "--until", "90d"],
    "close": ["close", "--type", "Wiki ACL"],
}
GOAL = {"mv": ["triage"]}


def works_on(role: str, queue: str) -> bool:
    return "w" in TABLE[queue][role]


def moves_to(role: str, queue: str) -> bool:
    return "m" in TABLE[queue][role]


def denied_to(role: str) -> list[str]:
    return [queue for queue in QUEUES if not works_on(role, queue)]


class Office:
    """A desk with an open and a closed ticket in every queue, and more in the homes of the roles."""

    def __init__(self, desk: DeskDir) -> None:
        self.desk = desk
        self.open: dict[str, str] = {}
        self.closed: dict[str, str] = {}
        self.spare: dict[str, list[str]] = {}

    def fill(self) -> None:
        """Let every queue have its tickets, whose subjects nobody else has."""
        names = [f"{kind}-{queue}" for queue in QUEUES for kind in ("open", "closed")]
        names += [f"spare{number}-{queue}" for queue in HOME.values() for number in range(len(QUEUES))]
        mails = (make_mail(f"secret {name}", text=f"word {name}", mid=f"{name}@example.org") for name in names)
        self.desk.deliver(*mails)
        self.desk.run("ingest")
        found = {row["subject"].removeprefix("secret "): row["id"] for row in self.desk.rows("ls")}
        for queue in QUEUES:
            self.open[queue], self.closed[queue] = found[f"open-{queue}"], found[f"closed-{queue}"]
            self.spare[queue] = [ticket for name, ticket in found.items() if name.endswith(queue) and "spare" in name]
            self._place(queue, [self.open[queue], self.closed[queue], *self.spare[queue]])
        self.desk.run("reopen", *found.values())
        self.desk.run("close", "--type", "Wiki ACL", *self.closed.values())

    def copy(self, folder: Path) -> Office:
        """The same in another folder."""
        twin = Office(self.desk.copy(folder))
        twin.open, twin.closed, twin.spare = dict(self.open), dict(self.closed), dict(self.spare)
        return twin

    def _place(self, queue: str, tickets: list[str]) -> None:
        if queue == WAITING:
            self.desk.run("pend", "--until", "1y", *tickets)
        elif queue != "triage":
            self.desk.run("mv", *tickets, queue)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(DeskDir(tmp_path_factory.mktemp("rights") / "desk"))
    office.fill()
    office.desk.check()
    return office


@pytest.fixture
def office(filled: Office, tmp_path: Path) -> Iterator[Office]:
    """A desk of one's own; it must be consistent when the test ends."""
    copied = filled.copy(tmp_path / "desk")
    yield copied
    copied.desk.check()


Picture = dict[str, tuple[int, int, bytes]]


def picture(desk: DeskDir) -> Picture:
    """The whole tree but for the caches: mode, time of change and content of every file and folder."""
    return {
        str(path.relative_to(desk.maildir)): _portrait(path)
        for path in desk.maildir.rglob("*")
        if path != desk.maildir / "supportctl" and not path.name.startswith(("text.sqlite", "catalogue.sqlite"))
    }


def _portrait(path: Path) -> tuple[int, int, bytes]:
    status = path.lstat()
    return status.st_mode, status.st_mtime_ns, path.read_bytes() if path.is_file() else b""


def refuse(desk: DeskDir, *arguments: str, role: str = "", status: int = 77, before: Picture | None = None) -> str:
    """Run what must be refused: it changes nothing, says why, and writes nothing to standard output."""
    before = before or picture(desk)
    done = desk.run(*arguments, role=role, status=status)
    assert picture(desk) == before, f"{arguments} as {role} changed the desk"
    assert done.stdout == b""
    assert b"secret" not in done.stderr
    return done.stderr.decode()


def test_the_table_is_complete() -> None:
    assert len(QUEUES) == 15
    assert sum(works_on(role, queue) for role in ROLES for queue in QUEUES) == 7 + 13 + 1 + 1 + 15
    assert sum(moves_to(role, queue) for role in ROLES for queue in QUEUES) == 8 + 15 + 3 + 3 + 11


# Working on a ticket


@pytest.mark.parametrize("role", ROLES)
def test_work_that_is_denied(filled: Office, role: str) -> None:
    before = picture(filled.desk)
    for verb in WORK:
        tickets = filled.closed if verb == "reopen" else filled.open
        denied = [tickets[queue] for queue in QUEUES if not may_work(role, verb, queue)]
        for some in filter(None, (denied[:9], denied[9:])):  # a message names ten at most
            said = refuse(filled.desk, *WORK[verb], *some, *GOAL.get(verb, []), role=role, before=before)
            assert set(re.findall(r"s\d{8}\.\d+", said)) == set(some), said


@pytest.mark.parametrize("role", ROLES)
def test_work_that_is_allowed(filled: Office, tmp_path: Path, role: str) -> None:
    for verb in WORK:
        office = filled.copy(tmp_path / verb)
        tickets = office.closed if verb == "reopen" else office.open
        allowed = [tickets[queue] for queue in QUEUES if may_work(role, verb, queue)]
        told = office.desk.lines(*WORK[verb], *allowed, *GOAL.get(verb, []), role=role) if allowed else []
        assert told == [ticket for ticket in allowed if (verb, ticket) != ("mv", office.open["triage"])]


def may_work(role: str, verb: str, queue: str) -> bool:
    """Whether the table lets a role do this to a ticket of a queue; what waits already is not moved by `pend`."""
    goal = {"mv": "triage", "pend": WAITING}.get(verb, queue)
    return works_on(role, queue) and (goal == queue or moves_to(role, goal))


@pytest.mark.parametrize("role", ROLES)
def test_one_denied_ticket_is_refused_by_itself_too(filled: Office, role: str) -> None:
    office = filled
    for queue in denied_to(role)[:2]:
        for words in (
            ["tag", "+seen", office.open[queue]],
            ["mv", office.open[queue], queue],  # it is there: nothing to do, nothing to know
            ["close", office.closed[queue]],  # it is closed
            ["wake", office.open[queue]],  # it does not wait
            ["tag", "+seen", "--dry-run", office.open[queue]],
        ):
            said = refuse(office.desk, *words, role=role)
            assert "may read and work on tickets in" in said, "the right is told, and not the state of the ticket"


# Moving tickets in


@pytest.mark.parametrize("role", ROLES)
def test_move_to_a_queue(office: Office, role: str) -> None:
    home = HOME[role]
    for queue, ticket in zip(QUEUES, office.spare[home], strict=True):
        if queue == WAITING:
            said = refuse(office.desk, "mv", ticket, queue, role=role, status=2)  # whoever asks: it needs a date
            assert "due date" in said
        elif moves_to(role, queue):
            told = office.desk.lines("mv", ticket, queue, role=role)
            assert told == ([ticket] if queue != home else []), queue
        elif queue != home:
            refuse(office.desk, "mv", ticket, queue, role=role)
            refuse(office.desk, "mv", "--dry-run", ticket, queue, role=role)


def test_triage_is_asked_back_before_secure_test(office: Office) -> None:
    ticket, other, third = office.spare["triage"][:3]
    said = refuse(office.desk, "mv", ticket, "secure-test", role="triage")
    lines = office.desk.config.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "ask: [triage]" in text)
    why = f"TRIAGE normally doesn't move tickets to Secure-Test (queues.yaml, line {line})"
    assert f"confirmation needed: {ticket}: {why}. Move anyway?\nhint: confirm with --confirm\n" in said
    both = refuse(office.desk, "mv", ticket, other, "secure-test", role="triage")
    assert f"  {ticket}: {why}\n  {other}: {why}\nMove anyway?\n" in both
    refuse(office.desk, "mv", ticket, "secure-test", "--yes", role="triage")
    assert office.desk.lines("mv", ticket, "secure-test", "--confirm", role="triage") == [ticket]
    for answer in (b"n\n", b"\n", b"\x04"):
        before = picture(office.desk)
        status, heard = at_the_desk(office.desk, "mv", other, "secure-test", role="triage", typed=answer)
        assert status == (77 if answer != b"\x04" else -2), heard
        assert f"{other}: {why}. Move anyway? [y/N]".encode() in heard
        assert picture(office.desk) == before
    status, heard = at_the_desk(office.desk, "mv", other, "secure-test", role="triage", typed=b"y\n")
    assert (status, b"now in secure-test" in heard) == (0, True), heard
    # Agreeing does not help where there is no right at all.
    refuse(office.desk, "mv", third, "the-bat", "--confirm", role="triage")


def at_the_desk(desk: DeskDir, *arguments: str, role: str, typed: bytes = b"") -> tuple[int, bytes]:
    command = [*desk.command, "--role", role, *arguments]
    return run_on_terminal(command, environment=desk.environment, folder=desk.folder, typed=typed)


def test_keep_going_does_what_is_allowed(office: Office) -> None:
    mine, others = office.open["junk"], office.open["disputes"]
    refuse(office.desk, "mv", mine, others, "returns", role="triage")
    done = office.desk.run("mv", mine, others, "returns", "--keep-going", role="triage", status=3)
    assert done.stdout.decode().split() == [mine]
    assert others in done.stderr.decode()
    assert [row["queue"] for row in office.desk.rows("ls", "disputes") if row["id"] == others] == ["disputes"]
    # What asks back is not done either, unless it is agreed to.
    spare = office.spare["triage"][0]
    refused = office.desk.run("mv", spare, "secure-test", "--keep-going", role="triage", status=3)
    assert refused.stdout == b""


# Reading


@pytest.mark.parametrize("role", ROLES)
def test_reading_what_is_denied(filled: Office, role: str) -> None:
    desk = filled.desk
    before = picture(desk)
    for queue in denied_to(role):
        refuse(desk, "ls", queue, role=role, before=before)
        refuse(desk, "show", filled.open[queue], role=role, before=before)
        refuse(desk, "log", filled.closed[queue], role=role, before=before)
    for queue in denied_to(role)[:1]:
        ticket = filled.closed[queue]
        refuse(desk, "ls", HOME[role], queue, role=role)
        refuse(desk, "ls", "--due", queue, role=role)
        refuse(desk, "classify", "--explain", ticket, role=role)
        for how in (["--raw"], ["--path"], ["--save", str(desk.folder / "saved")], ["--format", "json"]):
            refuse(desk, "show", *how, ticket, role=role)
        refuse(desk, "show", f"open-{queue}@example.org", role=role)  # by its Message-ID
        path = next((desk.maildir / f".{queue}").glob("*/*"))
        refuse(desk, "show", "--paths", str(path), role=role)  # by the path of its mail
    assert not (desk.folder / "saved").exists()


@pytest.mark.parametrize("role", ROLES)
def test_reading_what_is_allowed(office: Office, role: str) -> None:
    allowed = [queue for queue in QUEUES if works_on(role, queue)]
    shown = office.desk.run("show", *(office.open[queue] for queue in allowed), role=role).stdout.decode()
    assert all(f"word open-{queue}" in shown for queue in allowed)
    assert len(office.desk.lines("ls", *allowed, role=role)) == sum(1 + len(office.spare[queue]) for queue in allowed)
    for queue in allowed[:2]:
        assert office.desk.lines("log", office.closed[queue], role=role)


@pytest.mark.parametrize("role", ROLES)
def test_lists_and_counts_tell_nothing_of_other_queues(filled: Office, role: str) -> None:
    office, desk = filled, filled.desk
    allowed = {queue for queue in QUEUES if works_on(role, queue)}
    closed = {office.closed[queue] for queue in allowed}
    spare = {ticket for queue in allowed for ticket in office.spare.get(queue, ())}
    known = {office.open[queue] for queue in allowed} | closed | spare
    told = whole_output(desk, ["ls"], role) + whole_output(desk, ["search", "word or secret"], role)
    for queue in denied_to(role):
        assert f"-{queue}" not in told
        assert not {office.open[queue], office.closed[queue]} & set(re.findall(r"s\d{8}\.\d+", told))
    assert {row["id"] for row in desk.rows("ls", "--role", role)} == known - closed
    assert {row["id"] for row in desk.rows("search", "secret", "--role", role)} == known
    assert desk.lines("search", "--count", "secret", role=role) == [str(len(known))]
    places = desk.lines("search", "--path", "secret", role=role)
    assert {Path(place).parts[-3].split(".")[1] for place in places} == allowed
    counts = {row["queue"]: row["tickets"] for row in desk.rows("stats", "--by", "queue", "--role", role)}
    assert counts == {queue: 2 + len(office.spare[queue]) for queue in allowed}
    for row in desk.rows("queues", "--role", role):
        count = 1 + len(office.spare[row["key"]])
        assert (row["open"], row["closed"]) == ((count, 1) if row["key"] in allowed else (None, None))
        assert row["unread"] == (count if row["key"] in allowed else None)
    for queue in denied_to(role)[:2]:
        desk.run("search", "--count", f"in:{queue} or subject:closed-{queue}", role=role, status=1)


def whole_output(desk: DeskDir, command: list[str], role: str) -> str:
    """What a command says in every format, on both streams."""
    formats = ("jsonl", "table")
    done = [desk.run(*command, "--format", format, role=role) for format in formats]
    return "".join((one.stdout + one.stderr).decode() for one in done)


@pytest.mark.parametrize("role", ROLES)
def test_the_rights_that_queues_tells(filled: Office, role: str) -> None:
    for row in filled.desk.rows("queues", "--role", role):
        right = TABLE[row["key"]][role]
        move = {"m": "move in", "?": "move in (asks)"}.get(right[-1], "")
        assert row["rights"] == [word for word in ("read" if "w" in right else "", move) if word], row["key"]


# What runs without a person


@pytest.mark.parametrize("role", ["triage", "arbitrator"])
def test_ingest_classify_and_wake_act_as_the_robot(office: Office, role: str) -> None:
    desk = office.desk
    new = sorted(office.spare["triage"])
    desk.run("ingest", input=b"", role=role)
    assert [row["role"] for row in desk.rows("log", "-n", "1")] == ["owner"], "nothing to do is no operation"
    desk.deliver(make_mail("a20141022.2", mid="case@example.org"))
    (case,) = desk.lines("ingest", role=role)
    # By name only what one may work on; by itself the robot goes through the whole intake queue.
    named = [case] if works_on(role, "triage") else []
    assert desk.lines("classify", *named, role=role) == [case]
    refuse(desk, "classify", office.open["secure-test"], role=role)
    desk.run("pend", "--until", "1d", new[0])
    desk.clock = 3 * 86400
    assert desk.lines("wake", role=role) == [new[0]]
    assert [(row["verb"], row["role"]) for row in desk.rows("log", "-n", "4")] == [
        ("wake", "robot"),
        ("pend", "owner"),
        ("classify", "robot"),
        ("ingest", "robot"),
    ]


PEOPLE = [role for role in ROLES if role != "robot"]


@pytest.mark.parametrize("role", PEOPLE)
def test_bringing_mail_in_takes_a_persons_access_and_the_robots_right(office: Office, role: str) -> None:
    mail = office.desk.folder / "one.eml"
    for queue in QUEUES:
        mail.write_bytes(make_mail("into the queue", mid=f"in-{queue}@example.org"))
        if queue == WAITING:
            refuse(office.desk, "ingest", "--queue", queue, str(mail), role=role, status=2)
        elif works_on(role, queue) and moves_to("robot", queue):
            (ticket,) = office.desk.lines("ingest", "--queue", queue, str(mail), role=role)
            assert office.desk.rows("search", f"id:{ticket}")[0]["queue"] == queue
        else:
            refuse(office.desk, "ingest", "--queue", queue, str(mail), role=role)
            refuse(office.desk, "ingest", "--queue", queue, "--dry-run", str(mail), role=role)


@pytest.mark.parametrize("role", PEOPLE)
def test_bringing_mail_to_the_intake_queue(office: Office, role: str) -> None:
    """Where it lands if nothing else is said; an archive is no exception."""
    mail = office.desk.folder / "one.eml"
    for options in ([], ["--closed"], ["--classify"], ["--type", "Wiki ACL"]):
        mail.write_bytes(make_mail("brought", mid=f"{'-'.join(options)}@example.org"))
        if works_on(role, "triage"):
            assert office.desk.lines("ingest", *options, str(mail), role=role)
        else:
            refuse(office.desk, "ingest", *options, str(mail), role=role)
            office.desk.run("ingest", *options, "-", input=mail.read_bytes(), role=role, status=75)


@pytest.mark.parametrize("role", PEOPLE)
def test_what_becomes_of_all_waiting_mail(office: Office, role: str) -> None:
    """Whoever decides that needs access to the queue where it would land, and to the one where it lands."""
    office.desk.deliver(make_mail("waiting", mid="waiting@example.org"))
    goals: dict[str, tuple[str, list[str]]] = {
        "--closed": ("triage", []),
        "--queue": ("paypal", ["paypal"]),
        "--type": ("triage", ["Wiki ACL"]),
    }
    for option, (queue, values) in goals.items():
        if works_on(role, "triage") and works_on(role, queue):
            assert office.desk.lines("ingest", "--dry-run", option, *values, role=role)
        else:
            refuse(office.desk, "ingest", option, *values, role=role)


def test_ingest_tells_no_subject_of_a_queue_that_is_closed_to_the_caller(office: Office) -> None:
    office.desk.deliver(
        make_mail("Re: secret", mid="again@example.org", In_Reply_To="<open-disputes@example.org>"),
        make_mail("plain to see", mid="plain@example.org"),
    )
    done = office.desk.run("ingest", "--format", "csv", role="triage")
    assert b"plain to see" in done.stdout
    assert b"secret" not in done.stdout
    assert office.open["disputes"] in done.stdout.decode()


# Accounts


def configured(desk: DeskDir, **agents: str) -> None:
    """Let roles be held by these accounts and no others."""
    lines = []
    role = ""
    for line in CACERT.read_text().splitlines():
        key = line.strip().removesuffix(":")
        role = key if line.startswith("  ") and line.endswith(":") and key in ROLES else role
        is_agents = line.strip().startswith("agents:")
        lines.append(f"    agents: [{agents.get(role.replace('-', '_'), '')}]" if is_agents else line)
    desk.config.write_text("\n".join(lines) + "\n")


def test_an_owner_who_is_listed_has_the_rights_of_his_roles(office: Office) -> None:
    configured(office.desk, triage=ME)
    refuse(office.desk, "ls", "disputes")
    refuse(office.desk, "tag", "+x", office.open["disputes"])
    assert {row["queue"] for row in office.desk.rows("ls")} == {queue for queue in QUEUES if works_on("triage", queue)}
    office.desk.run("ls", "disputes", role="Arbitrator")  # the owner picks any role, by title as well
    configured(office.desk, triage=ME, arbitrator=f"{ME}, dora")
    assert "disputes" in {row["queue"] for row in office.desk.rows("ls")}
    refuse(office.desk, "ls", "disputes", role="triage")
    refuse(office.desk, "ls", role="boss", status=2)


def test_the_owner_who_is_listed_nowhere_has_all_rights(office: Office) -> None:
    configured(office.desk)
    assert {row["queue"] for row in office.desk.rows("ls")} == set(QUEUES)
    done = office.desk.lines("mv", *(office.open[queue] for queue in QUEUES if queue != "the-bat"), "the-bat")
    assert len(done) == len(QUEUES) - 1


def test_the_environment_says_nothing_about_who_acts(office: Office) -> None:
    lies = dict.fromkeys(("USER", "LOGNAME", "SUDO_USER", "USERNAME"), "dora")
    ticket = office.open["triage"]
    command = [*office.desk.command, "tag", "+x", ticket]
    subprocess.run(command, env={**office.desk.environment, **lies}, check=True, capture_output=True)
    assert office.desk.rows("log", "-n", "1")[0]["account"] == ME


# Undoing


def test_undo_of_ones_own_needs_no_further_right(office: Office) -> None:
    ticket = office.spare["triage"][0]
    office.desk.run("mv", ticket, "disputes", role="triage")
    refuse(office.desk, "tag", "+x", ticket, role="triage")
    assert office.desk.lines("undo", role="triage") == [ticket]
    assert office.desk.lines("tag", "+x", ticket, role="triage") == [ticket]
