"""A guarded desk with real accounts and real sudo: rights hold, whatever a caller brings along."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.accounts import Town, require_town
from tests.support.desks import CACERT, ROOT, make_mail, make_maildir

OWNER, ANNA, BEN, DORA, EVE = "desk", "anna", "ben", "dora", "eve"
CALLERS = (ANNA, BEN, DORA, EVE)  # TRIAGE; TRIAGE and Support Engineer; Arbitrator; listed nowhere
QUEUES = ("triage", "support-engineers", "disputes", "junk")


class Guarded:
    """A desk that belongs to one account; the others come by sudo."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.home = town.base / "srv"
        self.maildir = self.home / "maildir"
        self.config = town.base / "etc" / "supportctl" / "queues.yaml"  # what the town sees as /etc/supportctl
        self.home.mkdir(mode=0o700)
        os.chown(self.home, town.uids[OWNER], town.uids[OWNER])
        self.config.parent.mkdir(mode=0o755)
        self.config.write_text(self.text)
        self.config.chmod(0o644)
        done = self.owner("--config", "/etc/supportctl/queues.yaml", "init", str(self.home))
        assert done.returncode == 0, done.stderr.decode()
        (self.home / "queues.yaml").unlink()

    @property
    def text(self) -> str:
        """The shipped configuration, for this desk."""
        return CACERT.read_text().replace("maildir: ./maildir  ", f"maildir: {self.maildir}  ")

    def owner(self, *words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run `supportctl` as the owner himself."""
        return self.town.run(OWNER, str(self.town.program), *words, input=input)

    def by(
        self,
        account: str,
        *words: str,
        input: bytes = b"",
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `supportctl` as an account does: as the owner, through sudo."""
        command = ("sudo", "-n", "-u", OWNER, str(self.town.program), *words)
        return self.town.run(account, *command, input=input, folder=folder, environment=environment)

    def lines(self, account: str, *words: str, status: int = 0) -> list[str]:
        """The lines that an account is told."""
        done = self.owner(*words) if account == OWNER else self.by(account, *words)
        assert done.returncode == status, f"{account} {words}: {done.returncode}\n{done.stderr.decode()}"
        return done.stdout.decode().splitlines()

    def take_in(self, subject: str, queue: str = "triage") -> str:
        """A new ticket in a queue."""
        done = self.owner("ingest", "-", input=make_mail(subject, mid=f"{subject.replace(' ', '.')}@example.org"))
        assert done.returncode == 0, done.stderr.decode()
        (ticket,) = self.lines(OWNER, "search", "--format", "ids", f'subject:"{subject}"')
        if queue != "triage":
            self.lines(OWNER, "mv", ticket, queue)
        return ticket

    def picture(self) -> dict[str, tuple[int, int, int, bytes]]:
        """Every file and folder but for the caches: mode, owner, time of change, content."""
        return {
            str(path.relative_to(self.maildir)): portrait(path)
            for path in self.maildir.rglob("*")
            if path != self.maildir / "supportctl" and ".sqlite" not in path.name
        }

    def refuse(
        self,
        account: str,
        *words: str,
        status: int = 77,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Let an account try what it must not; nothing is changed, nothing told but why."""
        before = self.picture()
        done = self.by(account, *words, folder=folder, environment=environment)
        assert done.returncode == status, f"{account} {words}: {done.returncode}\n{done.stderr.decode()}"
        assert done.stdout == b""
        assert self.picture() == before
        assert b"secret" not in done.stderr
        return done.stderr.decode()


def portrait(path: Path) -> tuple[int, int, int, bytes]:
    status = path.lstat()
    return status.st_mode, status.st_uid, status.st_mtime_ns, path.read_bytes() if path.is_file() else b""


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    require_town(OWNER, *CALLERS)
    made = Town(Path(tempfile.mkdtemp(prefix="supportctl-town-")), OWNER, CALLERS)
    try:
        made.settle()
        yield made
    finally:
        made.leave()


@pytest.fixture(scope="module")
def desk(town: Town) -> Iterator[Guarded]:
    """A guarded desk; whatever was tried, it must be consistent in the end."""
    made = Guarded(town)
    yield made
    assert made.lines(OWNER, "check") == []


@pytest.fixture(scope="module")
def tickets(desk: Guarded) -> dict[str, str]:
    """A ticket in each of some queues."""
    found = {queue: desk.take_in(f"secret of {queue}", queue) for queue in QUEUES}
    desk.lines(OWNER, "reopen", found["junk"])
    return found


# Rights hold


@pytest.mark.parametrize(
    ("account", "readable"),
    [(ANNA, {"triage", "junk"}), (BEN, {"triage", "junk", "support-engineers"}), (DORA, {"disputes"}), (EVE, set())],
)
def test_what_an_account_reads(desk: Guarded, tickets: dict[str, str], account: str, readable: set[str]) -> None:
    for queue in QUEUES:
        if queue in readable:
            assert tickets[queue] in "".join(desk.lines(account, "ls", queue))
            assert f"secret of {queue}" in "".join(desk.lines(account, "show", tickets[queue]))
        else:
            desk.refuse(account, "ls", queue)
            desk.refuse(account, "show", tickets[queue])
    for words in (["search", "secret"], ["queues"], ["stats"], ["log", "--all"], ["ls"]):
        done = desk.by(account, *words, "--format", "csv")
        heard = (done.stdout + done.stderr).decode()
        assert done.returncode == (0 if readable else {"search": 1, "ls": 77}.get(words[0], 0))
        assert set(re.findall(r"secret of ([\w-]+)", heard)) <= readable
    counts = desk.lines(account, "queues", "--format", "csv")[1:]
    assert {line.split(",")[0] for line in counts if line.split(",")[2]} & set(QUEUES) == readable


def test_the_log_names_who_called(desk: Guarded, tickets: dict[str, str]) -> None:
    desk.lines(ANNA, "tag", "+hers", tickets["triage"])
    desk.lines(BEN, "tag", "+his", tickets["triage"])
    told = desk.lines(OWNER, "log", "-n", "2", "--format", "csv")[1:]
    assert [line.split(",")[2:4] for line in told] == [[BEN, "triage+support-engineer"], [ANNA, "triage"]]
    desk.lines(OWNER, "tag", "+its", tickets["triage"])
    assert desk.lines(OWNER, "log", "-n", "1", "--format", "csv")[1].split(",")[2:4] == [OWNER, "owner"]


def test_the_log_tells_nothing_of_what_others_do_elsewhere(desk: Guarded, tickets: dict[str, str]) -> None:
    some = [desk.take_in(f"dispute {number}", "disputes") for number in range(3)]
    desk.lines(DORA, "tag", "+grave", *some, "-m", "the accusation")
    desk.lines(OWNER, "tag", "+both", tickets["triage"], *some)
    for account in (ANNA, EVE):
        for format in ("csv", "jsonl"):
            heard = "\n".join(desk.lines(account, "log", "--all", "--format", format))
            assert "accusation" not in heard
            assert "grave" not in heard
            assert "4 tickets" not in heard
            assert DORA not in heard
    assert any(tickets["triage"] in line and "both" in line for line in desk.lines(ANNA, "log"))
    assert any("accusation" in line for line in desk.lines(DORA, "log"))


def test_writes_are_denied(desk: Guarded, tickets: dict[str, str]) -> None:
    tried = [
        (ANNA, "tag", "+x", tickets["disputes"]),
        (ANNA, "mv", tickets["triage"], "secure-test"),
        (DORA, "close", tickets["triage"]),
        (ANNA, "forward", "--to", "anna@example.org", tickets["disputes"]),
        *((EVE, "mv", tickets[queue], "triage") for queue in QUEUES),
        (EVE, "tag", "+x", tickets["junk"]),
    ]
    for account, *words in tried:
        assert "(queues.yaml, line " in desk.refuse(account, *words), "it says which line decides"


def test_a_role_that_is_not_ones_own(desk: Guarded) -> None:
    for account, role in ((ANNA, "support-engineer"), (ANNA, "robot"), (EVE, "triage"), (DORA, "TRIAGE")):
        desk.refuse(account, "--role", role, "ls")
    assert desk.lines(BEN, "--role", "triage", "can", BEN, "access", "junk")
    desk.refuse(BEN, "--role", "triage", "ls", "support-engineers")


def test_checking_is_the_owners(desk: Guarded) -> None:
    for account in (EVE, ANNA, BEN):
        desk.refuse(account, "check")
        desk.refuse(account, "check", "--repair")


# Undoing


def test_undo_of_anothers_work_needs_the_rights_to_it(desk: Guarded, tickets: dict[str, str]) -> None:
    ticket = tickets["support-engineers"]
    desk.lines(BEN, "tag", "+urgent", ticket)
    operation = desk.lines(BEN, "log", "-n", "1", "--format", "csv")[1].split(",")[0]
    for account in (ANNA, DORA, EVE):
        desk.refuse(account, "undo", operation)
    assert desk.lines(OWNER, "undo", operation) == [ticket]
    desk.refuse(BEN, "undo", operation, status=2)


def test_undo_of_ones_own_needs_no_further_right(desk: Guarded) -> None:
    ticket = desk.take_in("misfiled")
    desk.lines(ANNA, "mv", ticket, "disputes")
    desk.refuse(ANNA, "tag", "+x", ticket)
    desk.refuse(BEN, "undo", desk.lines(ANNA, "log", "-n", "1", "--format", "csv")[1].split(",")[0])
    assert desk.lines(ANNA, "undo") == [ticket]


def test_what_the_robot_did_for_a_caller_is_not_his_to_take_back(desk: Guarded) -> None:
    inbox = desk.maildir / "new" / "1763800000.M1P1.arrived"
    inbox.write_bytes(make_mail("secret arrival", mid="arrival@example.org"))
    os.chown(inbox, desk.town.uids[OWNER], desk.town.uids[OWNER])
    desk.refuse(EVE, "ingest", "--format", "csv")
    told = desk.by(DORA, "ingest", "--format", "csv")
    assert told.returncode == 0
    assert b"secret" not in told.stdout
    operation = desk.lines(OWNER, "log", "-n", "1", "--format", "csv")[1].split(",")
    assert operation[2:5] == [DORA, "robot", "ingest"]
    desk.refuse(DORA, "undo", operation[0])
    desk.refuse(DORA, "undo", operation[0], "--keep-going", status=3)


# Bringing mail in

FORGED = "mx.cacert.org; dmarc=pass header.from=paypal.com"


def test_what_a_caller_brings_is_not_believed(desk: Guarded) -> None:
    text = "You received a payment of $15.00 USD from Jo.\n"
    mails = {
        who: make_mail("Payment", "service@paypal.com", text, f"{who}@x.test", Authentication_Results=FORGED)
        for who in (OWNER, ANNA, BEN, EVE)
    }
    assert desk.owner("ingest", "--classify", "-", input=mails[OWNER]).returncode == 0
    assert desk.by(ANNA, "ingest", "--classify", "-", input=mails[ANNA]).returncode == 0
    assert desk.by(BEN, "ingest", "-", input=mails[BEN]).returncode == 0
    refused = desk.by(EVE, "ingest", "--classify", "-", input=mails[EVE])
    assert (refused.returncode, b"eve has no role on this desk" in refused.stderr) == (75, True)
    desk.lines(OWNER, "ingest", "--classify")
    desk.lines(OWNER, "classify")
    rows = [json.loads(line) for line in desk.lines(OWNER, "search", "--format", "jsonl", "subject:Payment")]
    assert sorted(row["queue"] for row in rows) == ["support-engineers", "triage", "triage"]
    assert len(desk.lines(OWNER, "search", "auth:paypal.com")) == 1
    assert desk.by(DORA, "ingest", "-", input=mails[EVE]).returncode == 75


def test_a_caller_decides_nothing_about_what_others_have_sent(desk: Guarded) -> None:
    inbox = desk.maildir / "new" / "1763800000.M2P1.arrived"
    inbox.write_bytes(make_mail("waits for all", mid="waits@example.org"))
    os.chown(inbox, desk.town.uids[OWNER], desk.town.uids[OWNER])
    for account in (DORA, EVE):
        for options in (["--closed"], ["--queue", "junk"], ["--type", "Wiki ACL"]):
            desk.refuse(account, "ingest", *options)
    assert desk.by(ANNA, "ingest", "--closed", "-", input=make_mail("hers alone", mid="hers@x.test")).returncode == 0
    assert inbox.exists()
    desk.lines(DORA, "ingest")
    rows = [json.loads(line) for line in desk.lines(OWNER, "search", "--format", "jsonl", "subject:(waits or hers)")]
    assert {row["subject"]: row["state"] for row in rows} == {"waits for all": "open", "hers alone": "closed"}


# Direct ways


def test_the_files_are_closed(desk: Guarded, tickets: dict[str, str]) -> None:
    mail = next(path for part in ("new", "cur") for path in (desk.maildir / ".disputes" / part).iterdir())
    for account in CALLERS:
        for command in (["cat", str(mail)], ["ls", str(desk.maildir)], ["touch", str(desk.maildir / "new" / "x")]):
            assert desk.town.run(account, *command).returncode != 0
        done = desk.town.run(account, str(desk.town.program), "ls")
        assert done.returncode not in (0, 70), done.stderr.decode()
        assert b"secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("account", [ANNA, EVE])
def test_a_forged_environment_gains_nothing(desk: Guarded, tickets: dict[str, str], account: str) -> None:
    uids = desk.town.uids
    lies = [{"SUDO_UID": str(uids[who]), "SUDO_USER": who, "USER": who, "LOGNAME": who} for who in (BEN, OWNER)]
    for lie in [*lies, {"SUDO_UID": "0"}, {"SUDO_UID": ""}, {"SUDO_UID": "²"}, {"SUDO_UID": "-1"}]:
        direct = desk.town.run(account, str(desk.town.program), "ls", "disputes", environment=lie)
        assert direct.returncode in (66, 75, 77, 78), direct.stderr.decode()
        assert direct.stdout == b""
        desk.refuse(account, "ls", "disputes", environment=lie)
    words = ("sudo", "-n", "-u", OWNER, f"SUDO_UID={uids[BEN]}", str(desk.town.program), "ls", "support-engineers")
    assert desk.town.run(account, *words).stdout == b""


def test_nothing_else_runs_as_the_owner(desk: Guarded) -> None:
    for command in (["sh"], ["cat", "/dev/null"], ["env", str(desk.town.program), "ls"]):
        assert desk.town.run(ANNA, "sudo", "-n", "-u", OWNER, *command).returncode != 0


# Files that the caller names


def own_config(desk: Guarded, account: str) -> Path:
    """A configuration in a caller's home that gives him everything."""
    file = desk.town.base / "home" / account / "queues.yaml"
    everything = re.sub(r"agents: \[.*\]", f"agents: [{account}]", desk.text)
    file.write_text(everything)
    file.chmod(0o644)
    file.parent.chmod(0o755)
    for path in (file, file.parent):
        os.chown(path, desk.town.uids[account], desk.town.uids[account])
    return file


def test_a_configuration_that_the_caller_made_is_refused(desk: Guarded, tickets: dict[str, str]) -> None:
    file = own_config(desk, EVE)
    refusals = [
        desk.refuse(EVE, "--config", str(file), "ls", status=78),
        desk.refuse(EVE, "--config", "queues.yaml", "ls", status=78, folder=file.parent),
        desk.refuse(EVE, "ls", status=78, environment={"SUPPORTCTL_CONFIG": str(file)}),
    ]
    assert all("does not trust it" in said for said in refusals)
    # Where the caller is, nothing is looked for: the desk's own configuration is read, and gives EVE nothing.
    assert "/etc/supportctl/queues.yaml" not in desk.refuse(EVE, "ls", folder=file.parent)
    desk.refuse(EVE, "ls", environment={"HOME": str(file.parent), "XDG_CONFIG_HOME": str(file.parent)})
    link = file.parent / "links" / "queues.yaml"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(file)
    desk.refuse(EVE, "--config", str(link), "ls", status=78)
    # A link to the desk's own is that one: no more, no less.
    link.unlink()
    link.symlink_to("/etc/supportctl/queues.yaml")
    desk.refuse(EVE, "--config", str(link), "ls")
    assert desk.by(ANNA, "--config", str(link), "ls", "junk").returncode == 0


def test_it_does_not_matter_where_the_caller_is(desk: Guarded, tickets: dict[str, str]) -> None:
    """Debian makes homes of mode 0700, into which the owner's process can't look."""
    home = desk.town.base / "home" / ANNA
    home.chmod(0o700)
    (home / "queues.yaml").mkdir(exist_ok=True)
    assert desk.by(ANNA, "ls", "junk", folder=home).returncode == 0
    (home / "queues.yaml").rmdir()
    sudo = f"sudo -n -u {OWNER} {desk.town.program}"
    script = f"mkdir {home}/gone && cd {home}/gone && rmdir {home}/gone && {sudo} ls junk"
    done = desk.town.run(ANNA, "sh", "-c", script)
    assert (done.returncode, tickets["junk"] in done.stdout.decode()) == (0, True), done.stderr.decode()
    refused = desk.town.run(ANNA, "sh", "-c", script.replace("ls junk", "--config queues.yaml ls"))
    assert refused.returncode == 78
    assert b"the working folder is gone" in refused.stderr


def test_a_mail_is_no_configuration(desk: Guarded, tickets: dict[str, str]) -> None:
    """What a caller sends in becomes the owner's file: it must not be believed, nor told by its mistakes."""
    evil = re.sub(r"agents: \[.*\]", f"agents: [{EVE}]", desk.text).encode()
    assert desk.by(ANNA, "ingest", "-", input=evil).returncode == 0
    (mail,) = [path for path in desk.maildir.rglob("*/*/*") if path.is_file() and path.read_bytes() == evil]
    said = desk.refuse(EVE, "--config", str(mail), "ls", status=78)
    assert "is not named queues.yaml" in said
    other = next(path for part in ("new", "cur") for path in (desk.maildir / ".disputes" / part).iterdir())
    assert "secret" not in desk.refuse(EVE, "--config", str(other), "ls", status=78)
    desk.refuse(EVE, "check", "--config", str(other))


def test_a_configuration_that_others_can_write_is_refused(desk: Guarded) -> None:
    anna = desk.town.uids[ANNA]
    for path in (desk.config, desk.config.parent):
        before = path.stat()
        for change in ("g+w", "o+w", "chown"):
            if change == "chown":
                os.chown(path, anna, anna)
            else:
                path.chmod(before.st_mode | {"g+w": stat.S_IWGRP, "o+w": stat.S_IWOTH}[change])
            said = desk.refuse(ANNA, "ls", status=78)
            assert "can be changed by accounts other than the desk owner's" in said
            path.chmod(before.st_mode)
            os.chown(path, before.st_uid, before.st_gid)
        assert desk.by(ANNA, "ls").returncode == 0
        os.chown(path, desk.town.uids[OWNER], -1)
        assert desk.by(ANNA, "ls").returncode == 0
        os.chown(path, before.st_uid, before.st_gid)


def test_a_maildir_that_is_not_the_owners_is_refused(desk: Guarded, tickets: dict[str, str]) -> None:
    """In a folder of his own a caller could lay links that lead the owner's process anywhere."""
    trap = desk.town.base / "trap"
    for part in ("new", "cur", "tmp", "supportctl/log", "supportctl/stage"):
        (trap / part).mkdir(parents=True, exist_ok=True)
    for path in (trap, *trap.rglob("*")):
        os.chown(path, desk.town.uids[EVE], -1)
        path.chmod(0o777)
    desk.refuse(EVE, "--maildir", str(trap), "ls")
    desk.refuse(EVE, "--maildir", str(desk.maildir), "ls")
    whole = desk.config.read_text()
    desk.config.write_text(whole.replace(str(desk.maildir), str(trap)))
    try:
        said = desk.refuse(EVE, "ls", status=78)
        assert "runs as the owner of its Maildir" in said
    finally:
        desk.config.write_text(whole)


def test_no_verb_opens_a_file_that_the_caller_names(desk: Guarded, tickets: dict[str, str]) -> None:
    home = desk.town.base / "home" / BEN
    mail, box = home / "mail.eml", make_maildir(home / "box")
    mail.write_bytes(make_mail("own", mid="own@example.org"))
    for path in (home, mail, box, *box.iterdir()):
        path.chmod(0o777)
    disputes = desk.maildir / ".disputes"
    kept = next(path for part in ("new", "cur") for path in (disputes / part).iterdir())
    for words in (
        *(["ingest", str(mail)], ["ingest", str(box)], ["ingest", str(kept)], ["ingest", str(disputes)]),
        *(["ingest", "-n", str(kept)], ["ingest", "--format", "csv", str(disputes)]),
        *(["show", "--save", str(box), tickets["triage"]], ["init", str(box)], ["init", str(desk.home)], ["init"]),
        *(["check", "--config", str(mail)], ["--maildir", str(box), "ingest"]),
    ):
        said = desk.refuse(BEN, *words)
        assert "opens no files that its caller names" in said, words
    assert [path for path in box.rglob("*") if path.is_file()] == []
    desk.refuse(BEN, "show", "--paths", str(mail), status=66)
    desk.refuse(BEN, "show", "--paths", str(kept))
    # By standard input and output everything still goes.
    assert desk.by(BEN, "ingest", "-", input=mail.read_bytes()).returncode == 0
    assert desk.by(BEN, "show", "--raw", "own@example.org").stdout == mail.read_bytes()


def test_the_callers_umask_opens_nothing(desk: Guarded) -> None:
    cache = desk.town.base / "home" / OWNER / ".cache"
    shutil.rmtree(cache, ignore_errors=True)
    for file in (desk.maildir / "supportctl").glob("text.sqlite*"):
        file.unlink()
    script = f"umask 000; printf 'Subject: umask\\n\\n' | sudo -n -u {OWNER} {desk.town.program} ingest -"
    assert desk.town.run(BEN, "sh", "-c", script).returncode == 0
    assert desk.by(BEN, "search", "subject:umask").returncode == 0
    made = [cache, *cache.rglob("*"), *(desk.maildir / "supportctl").glob("text.sqlite*")]
    assert len(made) > 3
    assert [path for path in made if path.lstat().st_mode & 0o077] == []


def test_the_callers_time_zone_moves_no_day(desk: Guarded) -> None:
    """Which sudo lets through."""
    ticket = desk.take_in("due somewhen")
    dues = set()
    for environment in ({}, {"TZ": "Pacific/Auckland"}):
        done = desk.by(BEN, "pend", ticket, "--until", "2099-01-01", environment=environment)
        assert done.returncode == 0, done.stderr.decode()
        rows = map(json.loads, desk.lines(OWNER, "ls", "--due", "--format", "jsonl"))
        dues |= {row["due"] for row in rows if row["id"] == ticket}
    assert len(dues) == 1
    desk.lines(OWNER, "wake", ticket)


def test_mail_is_put_off_while_the_inbox_is_not_writable(desk: Guarded) -> None:
    """As a mail server delivers: for the owner, by no sudo. (To root no folder is read-only.)"""
    for part in ("tmp", "new"):
        (desk.maildir / part).chmod(0o500)
        before = {name: content for name, (*_, content) in desk.picture().items()}
        done = desk.owner("ingest", "-", input=make_mail("put off", mid="off@example.org"))
        assert done.returncode == 75
        assert {name: content for name, (*_, content) in desk.picture().items()} == before
        assert b"Permission denied" in done.stderr
        (desk.maildir / part).chmod(0o700)
    assert desk.owner("ingest", "-", input=make_mail("put off", mid="off@example.org")).returncode == 0


# An unguarded desk: the account is that of the process


@pytest.fixture(scope="module")
def shared(desk: Guarded) -> tuple[str, ...]:
    """The options that name a desk which a group of accounts shares."""
    folder = desk.town.base / "shared"
    folder.mkdir()
    os.chown(folder, desk.town.uids[OWNER], desk.town.group)
    folder.chmod(0o2770)
    options = ("--config", "/etc/supportctl/queues.yaml", "--maildir", str(folder / "maildir"))
    done = desk.owner(*options, "init", str(folder))
    assert done.returncode == 0, done.stderr.decode()
    subprocess.run(["chmod", "-R", "g+rwX", str(folder)], check=True)
    return options


def test_on_an_unguarded_desk_the_account_acts_by_itself(desk: Guarded, shared: tuple[str, ...]) -> None:
    """There rights are a seat belt; still, who is listed nowhere has none, and who is listed has his own."""
    lies = {"USER": BEN, "LOGNAME": BEN}

    def run(account: str, *words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return desk.town.run(account, str(desk.town.program), *shared, *words, input=input, environment=lies)

    assert run(ANNA, "ingest", "-", input=make_mail("secret", mid="shared@example.org")).returncode == 0
    (ticket,) = run(ANNA, "ls", "--format", "ids").stdout.decode().split()
    for words in (["ls", "triage"], ["show", ticket], ["tag", "+x", ticket]):
        denied = run(EVE, *words)
        assert (denied.returncode, denied.stdout) == (77, b"")
        assert b"eve has no role" in denied.stderr
    assert run(ANNA, "ls", "support-engineers").returncode == 77
    assert run(ANNA, "--role", "support-engineer", "ls").returncode == 77
    for account in (ANNA, BEN, ANNA):
        done = run(account, "tag", f"+by-{account}", "-x", ticket)
        assert done.returncode == 0, done.stderr.decode()
    done = run(BEN, "close", ticket)
    assert done.returncode == 0, done.stderr.decode()
    done = run(ANNA, "reopen", ticket)
    assert done.returncode == 0, done.stderr.decode()
    assert run(BEN, "search", "secret").returncode == 0
    told = desk.owner(*shared, "log", "--format", "csv").stdout.decode()
    assert f",{ANNA},triage,tag," in told
    assert desk.owner(*shared, "check").stdout == b""


# Root


def test_root_leaves_nothing_of_its_own_on_the_desk(desk: Guarded, tickets: dict[str, str]) -> None:
    """Cron as root, or a sysadmin: what root creates there, the owner could not read."""
    program, ticket = str(desk.town.program), tickets["triage"]
    caches = [*(desk.maildir / "supportctl").glob("*.sqlite*"), desk.maildir / "supportctl" / "head"]
    for path in caches[:-1]:
        path.unlink()
    mail = make_mail("for root", mid="root@example.org")
    for words in (
        *(["ls"], ["show", ticket], ["search", "secret"], ["log"], ["tag", "+rooted", ticket], ["undo"]),
        *(["ingest", "-"], ["ingest", "--classify"], ["classify"], ["wake"], ["check"], ["check", "--repair"]),
        ["init", "--help"],
    ):
        done = desk.town.run("root", program, *words, input=mail)
        assert done.returncode == 0, f"{words}: {done.stderr.decode()}"
        owners = {path.lstat().st_uid for path in (desk.maildir, *desk.maildir.rglob("*"))}
        assert owners == {desk.town.uids[OWNER]}, words
    rows = [json.loads(line) for line in desk.lines(OWNER, "log", "--format", "jsonl")]
    assert [(row["role"], row["verb"]) for row in rows if row["account"] == "root" and row["verb"] != "classify"] == [
        ("robot", "ingest"),
        ("owner", "undo"),
        ("owner", "tag"),
    ]
    # Not even what the owner may not read: root has given its rights away.
    secret = desk.town.base / "home" / "secret.eml"
    secret.write_bytes(mail)
    secret.chmod(0o600)
    assert desk.town.run("root", program, "ingest", str(secret)).returncode != 0


def test_root_by_sudo_is_as_the_owner(desk: Guarded, tickets: dict[str, str]) -> None:
    """Who may be anybody is not kept out by the name that sudo passes on."""
    command = ("sudo", "-n", "-u", OWNER, str(desk.town.program))
    assert desk.town.run("root", *command, "tag", "+sudo", tickets["disputes"]).returncode == 0
    (row,) = [json.loads(line) for line in desk.lines(OWNER, "log", "-n", "1", "--format", "jsonl")]
    assert (row["account"], row["role"]) == ("root", "owner")
    assert desk.town.run("root", *command, "check").returncode == 0
    lie = {"SUDO_UID": "0"}
    assert desk.town.run(EVE, str(desk.town.program), "ls", environment=lie).returncode not in (0, 70)
    desk.refuse(EVE, "ls", "disputes", environment=lie)


def test_root_is_refused_where_the_owner_could_not_run_the_program(desk: Guarded, tickets: dict[str, str]) -> None:
    """As where Python is installed in root's home."""
    before = desk.picture()
    desk.town.base.joinpath("bin").chmod(0o755)
    package = desk.town.base / "root-only"
    shutil.copytree(ROOT / "supportctl", package / "supportctl")
    package.chmod(0o700)
    program = desk.town.base / "bin" / "of-root"
    program.write_text(desk.town.program.read_text().replace(f"{desk.town.base}/checkout", str(package)))
    program.chmod(0o755)
    done = desk.town.run("root", str(program), "tag", "+x", tickets["triage"])
    assert (done.returncode, b"root leaves no files there\nhint: run sudo -u desk" in done.stderr) == (77, True), done
    assert desk.picture() == before
