"""What an account may not read it does not learn by the way either: by links, receipts, lists, refusals, counts.

A ticket's id, that it exists, and the queue that it is in now are no secrets: a refusal names them. What the ticket
says, who wrote it, its tags, and what was done with it where the account can't look are.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.desks import CACERT, Colleagues, make_mail
from tests.support.teletypes import run_on_terminal
from tests.support.transports import set_outgoing

ENGINEER, TRIAGE = "4242", "4244"
SECRETS = ("zanzibar", "quagga", "mallory", "hushed", "okapi", "wiki acl")
"""Subject, text, sender, tag, reason and issue type of hidden tickets."""
HIDDEN_MAIL = make_mail("Zanzibar", "Mallory <mallory@secret.example>", text="quagga\n", mid="hidden@desk.example")


@dataclass
class Scene:
    """A desk where `plain` is for Triage, and `hidden` (open) and `archived` (closed) are not; `plain` links to hidden.

    The hidden ones came straight into Support Engineers. By operation 4, `hidden` has moved on to Deleted accounts.
    """

    desk: Colleagues
    hidden: str
    archived: str
    plain: str

    def copy(self, folder: Path) -> Scene:
        """The same in another folder."""
        return Scene(self.desk.copy(folder), self.hidden, self.archived, self.plain)

    def overhear(self, *arguments: str, status: int = 0) -> str:
        """All that a command says to the account of Triage until it exits with `status`; it must tell no secret."""
        done = self.desk.of(TRIAGE).run(*arguments, status=status)
        return tells_nothing((done.stdout + done.stderr).decode())

    def overhear_on_terminal(self, *arguments: str, typed: bytes = b"", status: int = 0) -> str:
        """The same on a terminal, where more is said."""
        desk = self.desk.of(TRIAGE)
        line = [*desk.command, *arguments]
        exited, heard = run_on_terminal(
            line, environment=desk.environment, folder=desk.folder, typed=typed, columns=250
        )
        assert exited == status, heard.decode()
        return tells_nothing(heard.decode())

    def path(self) -> str:
        """The file of the hidden message."""
        (found,) = (self.desk.maildir / ".deleted-accounts").glob("[nc][eu][wr]/*")
        return str(found)


def tells_nothing(said: str) -> str:
    """What was said, once it is sure that no secret is in it."""
    assert [secret for secret in SECRETS if secret in said.lower()] == [], said
    return said


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("leaks")
    text = CACERT.read_text().replace("agents: [ben, clara]", f'agents: ["{ENGINEER}"]')
    (folder / "queues.yaml").write_text(text.replace("agents: [anna, ben]", f'agents: ["{TRIAGE}"]'))
    desk = Colleagues(folder / "desk", folder / "queues.yaml")
    mail = folder / "mail.eml"
    tickets = []
    for content in (HIDDEN_MAIL, HIDDEN_MAIL.replace(b"hidden@", b"archived@")):
        mail.write_bytes(content)
        tickets += desk.lines("ingest", "--queue", "support-engineers", str(mail))
    hidden, archived = tickets
    desk.of(ENGINEER).run("tag", "+hushed", "--owner", "mallory", "--type", "Wiki ACL", "-m", "okapi", hidden, archived)
    desk.run("mv", "-m", "okapi", hidden, "deleted-accounts")
    desk.run("close", archived)
    (plain,) = desk.of("").take(make_mail(f"Is there news? [{hidden}]", mid="plain@desk.example"))
    desk.check()
    assert plain["outcome"] == "new"
    return Scene(desk, hidden, archived, plain["ticket"])


@pytest.fixture
def scene(made: Scene, tmp_path: Path) -> Iterator[Scene]:
    """A scene of one's own; its desk must be consistent when the test ends."""
    copied = made.copy(tmp_path / "desk")
    yield copied
    copied.desk.of("").check()


def test_the_secrets_are_there_for_who_may_read_them(made: Scene) -> None:
    shown = made.desk.of(ENGINEER).run("show", "--format", "json", made.hidden, made.archived).stdout.decode().lower()
    logged = made.desk.run("log", "--format", "json").stdout.decode()
    assert [secret for secret in SECRETS if secret not in shown + logged] == []


# naming a hidden ticket

NAMING = [
    ["show"], ["show", "--raw"], ["show", "--path"], ["show", "--format", "json"], ["log"], ["classify", "--explain"],
    ["classify", "--dry-run"], ["tag", "+x"], ["tag", "-hushed", "--dry-run"], ["mv", "--dry-run"], ["close"],
    ["reopen"], ["pend", "--until", "9d"], ["wake", "--dry-run"], ["forward", "--to", "x@example.org"],
]  # fmt: skip


@pytest.mark.parametrize("command", NAMING, ids=" ".join)
def test_a_hidden_ticket_is_refused_by_every_name_alike(made: Scene, command: list[str]) -> None:
    before = made.desk.contents()
    goal = ["junk"] if command[0] == "mv" else []
    for name in (made.hidden, made.archived, f".{made.hidden[-1]}", "hidden@desk.example", made.path()):
        said = made.overhear(*command, name, *goal, status=77)
        assert {"Deleted", "Support"} & {*said.split()}, "it says which queue is closed"
    if command != ["log"]:
        made.overhear(*command, "--paths", made.path(), *goal, status=77)
        looks = (
            command[0] == "show" or "--explain" in command
        )  # it asks a queue that is closed; a write finds no ticket
        made.overhear(*command, "--paths", made.path().replace(".M", ".N"), *goal, status=77 if looks else 66)
    assert made.desk.contents() == before


@pytest.mark.parametrize("command", [["send"], ["send", "--held"], ["drop"]])
def test_the_outgoing_mail_of_a_hidden_ticket_is_refused_by_every_name_alike(scene: Scene, command: list[str]) -> None:
    scene.desk.of(ENGINEER).run("forward", "--to", "okapi@secret.example", scene.hidden)
    (row,) = json.loads(scene.desk.of(ENGINEER).run("outbox", "--format", "json").stdout)["messages"]
    assert row["to"] == "okapi@secret.example"
    assert scene.overhear("outbox") == ""
    for name in (scene.hidden, scene.archived, row["id"], f"{scene.hidden}/ffff", row["message_id"], scene.path()):
        scene.overhear("outbox", *command, name, status=77)
    set_outgoing(scene.desk, "transport: sendmail:/bin/false")
    scene.desk.of(ENGINEER).run("outbox", "send", "--held", scene.hidden, status=75)
    scene.desk.clock = 3600
    assert scene.overhear("outbox", "send") == "", "it may set it going, and learns nothing of what came of it"
    assert [row["tries"] for row in scene.desk.of(ENGINEER).rows("outbox")] == [2]


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_what_is_done_for_the_rest_tells_nothing_of_what_is_refused(scene: Scene, is_dry_run: bool) -> None:
    options = ["--keep-going", *(["--dry-run"] if is_dry_run else [])]
    said = scene.overhear("mv", *options, scene.plain, scene.hidden, scene.archived, "junk", status=3)
    assert all(name in said for name in (scene.plain, scene.hidden, scene.archived))
    said = scene.overhear_on_terminal("tag", "+x", *options, scene.plain, scene.hidden, scene.archived, status=3)
    assert scene.hidden in said


def test_links_name_a_hidden_ticket_and_no_more(made: Scene) -> None:
    (ticket,) = [json.loads(made.overhear("show", "--format", "json", made.plain))["ticket"]]
    assert ticket["links"] == [made.hidden]
    assert made.hidden in made.overhear_on_terminal("show", made.plain)


# mail that comes in


def mails_for(scene: Scene) -> list[bytes]:
    """A follow-up and a double of a hidden ticket, and a mail that a rule files where Triage can't look."""
    sender = "Mallory <mallory@secret.example>"
    return [
        make_mail(
            "Re: Zanzibar", sender, text="quagga\n", mid="again@desk.example", In_Reply_To="<hidden@desk.example>"
        ),
        HIDDEN_MAIL,
        make_mail("Zanzibar a20110119.1", sender, text="quagga\n", mid="case@desk.example"),
    ]


@pytest.mark.parametrize("format", ["jsonl", "json", "csv", "plain", "table"])
def test_receipts_tell_the_ticket_and_the_outcome_alone(scene: Scene, format: str) -> None:
    scene.desk.deliver(*mails_for(scene))
    said = scene.overhear("ingest", "--classify", "--format", format)
    assert said.count(scene.hidden) == 2
    assert "precedent" not in said, "which rule has acted says what is in the mail"
    if format == "jsonl":
        rows = [json.loads(line) for line in said.splitlines()]
        assert [row["outcome"] for row in rows] == ["follow-up", "duplicate", "new"]
        assert {(row["subject"], row["message_id"], *row["rules"]) for row in rows} == {("", "")}
        assert all(row["source"] and row["queue"] for row in rows)


def test_a_receipt_of_a_mail_that_stays_tells_all(scene: Scene) -> None:
    scene.desk.deliver(make_mail("A dispute", mid="mine@desk.example"))
    (row,) = scene.desk.of(TRIAGE).rows("ingest", "--classify")
    assert (row["subject"], row["message_id"], row["rules"]) == ("A dispute", "mine@desk.example", ["may be a dispute"])


@pytest.mark.parametrize(("number", "outcome"), list(enumerate(["follow-up", "duplicate", "new"])))
def test_an_intake_that_is_only_tried_tells_what_the_receipt_does(scene: Scene, number: int, outcome: str) -> None:
    scene.desk.deliver(mails_for(scene)[number])
    row = json.loads(scene.overhear("ingest", "--classify", "--dry-run", "--format", "jsonl"))
    assert (row["outcome"], row["subject"], row["message_id"], row["rules"]) == (outcome, "", "", [])
    shown = scene.overhear_on_terminal("ingest", "--classify", "--dry-run")
    assert row["ticket"] in shown
    assert "1 message: " in scene.overhear_on_terminal("ingest", "--classify")


# what the robot is set to do


def test_a_rule_that_is_tried_on_a_hidden_ticket_tells_nothing_of_its_text(scene: Scene) -> None:
    """Refused whether a rule would act on it or not: else one could ask for its words."""
    mail = scene.desk.folder / "mail.eml"
    names = []
    for subject in ("Zanzibar a20110119.1", "Zanzibar"):
        mail.write_bytes(make_mail(subject, "Mallory <mallory@secret.example>", text=f"quagga {subject}\n"))
        names += scene.desk.of("").lines("ingest", "--queue", "support-engineers", str(mail))
    for command in (["classify", "--dry-run"], ["classify", "--explain"]):
        first, second = (scene.overhear(*command, name, status=77).replace(name, "") for name in names)
        assert first == second


def test_what_the_robot_has_done_to_a_hidden_ticket_is_not_told(scene: Scene) -> None:
    scene.desk.of(ENGINEER).run("pend", "--until", "1d", scene.hidden)
    scene.desk.clock = 3 * 86400
    assert scene.hidden in scene.overhear_on_terminal("wake", "--dry-run", status=3)
    assert not {"deleted", "open"} & words_of(scene.overhear_on_terminal("wake"))
    mail = scene.desk.folder / "mail.eml"
    mail.write_bytes(make_mail("Zanzibar a20110119.1", "Mallory <mallory@secret.example>"))
    (name,) = scene.desk.of("").lines("ingest", "--queue", "new-point-calculation", str(mail))
    scene.overhear_on_terminal("classify", name, status=77)
    scene.desk.of("").deliver(make_mail("Zanzibar a20110119.1", "Mallory <mallory@secret.example>", text="quagga\n"))
    said = scene.overhear_on_terminal("ingest", "--classify")
    assert "1 message: 1 new" in said
    assert not {"support", "open", "point"} & words_of(said)
    scene.overhear("ingest", "--classify", "--format", "jsonl")
    scene.overhear("log", "--all")


def words_of(said: str) -> set[str]:
    """The words of a text."""
    return set("".join(sign if sign.isalpha() else " " for sign in said.lower()).split())


# the log, and taking back


@pytest.mark.parametrize("format", ["json", "jsonl", "plain", "table", "csv", "ids"])
def test_the_log_leaves_out_what_was_done_where_one_cannot_look(made: Scene, format: str) -> None:
    said = made.overhear("log", "--all", "--format", format)
    assert made.hidden not in said
    assert ENGINEER not in said


def test_the_log_of_what_was_moved_away_ends_there(scene: Scene) -> None:
    scene.desk.of(TRIAGE).run("mv", scene.plain, "support-engineers")
    scene.desk.of(ENGINEER).run("tag", "+hushed", scene.plain)
    scene.desk.run("mv", "-m", "okapi", scene.plain, "deleted-accounts")
    rows = [json.loads(line) for line in scene.overhear("log", "--format", "jsonl").splitlines()]
    assert [(row["op"], row["verb"]) for row in rows] == [(7, "mv"), (6, "ingest")]
    scene.overhear("log", scene.plain, status=77)


def test_a_refusal_to_undo_tells_of_a_later_change_what_the_log_does(scene: Scene) -> None:
    scene.desk.of(TRIAGE).run("mv", scene.plain, "support-engineers")
    scene.desk.of(ENGINEER).run("tag", "+hushed", "-m", "okapi", scene.plain)
    for options in ([], ["--dry-run"], ["--keep-going"]):
        said = scene.overhear("undo", *options, status=3 if "--keep-going" in options else 2)
        assert "operation 8" in said
        assert not {"tag", ENGINEER} & {*said.replace("(", " ").split()}
    scene.desk.of(ENGINEER).run("mv", scene.plain, "triage")
    said = scene.overhear("undo", "7", status=2)
    assert f"operation 9 (mv by {ENGINEER})" in said, "this one is in the log of Triage"


def test_another_ones_work_on_a_hidden_ticket_is_refused_before_anything_is_said_of_it(scene: Scene) -> None:
    said = {}
    for op in (3, 4, 5):  # tag of both, mv of the one, close of the other
        for options in ([], ["--dry-run"], ["--keep-going"], ["--keep-going", "--dry-run"]):
            text = scene.overhear("undo", str(op), *options, status=3 if "--keep-going" in options else 77)
            assert not {"tag", "mv", "close", "since", ENGINEER} & {*text.replace("(", " ").split()}, text
            said[op] = text
    # The log shows the mv and the close of the two tickets as little as it shows the tickets.
    assert "operation 4 was also about tickets that you may not read" in said[4]
    assert not re.search(rf"{scene.hidden}|{scene.archived}", said[4] + said[5])
    assert scene.overhear("undo", "1", status=77)


def test_mail_that_was_sent_for_a_hidden_ticket_is_not_told_by_undo(scene: Scene) -> None:
    set_outgoing(scene.desk, "transport: sendmail:/bin/true")
    scene.desk.of(ENGINEER).run("forward", "--to", "okapi@secret.example", scene.hidden)
    scene.overhear("undo", "7", "--keep-going", status=3)
    scene.overhear("undo", "7", "--keep-going", "--dry-run", status=3)
    assert b"okapi@secret.example was already sent" in scene.desk.of(ENGINEER).run("undo", "7", "--dry-run").stderr


def test_undo_asks_for_no_more_than_it_would_do(scene: Scene) -> None:
    """Of a large intake some may be hidden: how many is nobody's business."""
    scene.desk.of("").deliver(*(make_mail(f"Question {number}", text=f"{number}\n") for number in range(60)))
    scene.desk.of(TRIAGE).run("ingest")
    names = scene.desk.ids("ls", "triage")
    scene.desk.of(ENGINEER).run("mv", *[name for name in names if name != scene.plain][:5], "support-engineers")
    said = scene.overhear_on_terminal("undo", "7", "--keep-going", typed=b"n\n", status=77)
    assert "55 tickets" in said


# search, counts, lists

QUERIES = [
    "zanzibar", '"zanzibar"', "quag*", "/qu.gga/", "subject:zanzibar", "body:quagga", "from:mallory@secret.example",
    "tag:hushed", "owner:mallory", 'type:"Wiki ACL"', "in:deleted-accounts", "in:support-engineers",
    "mid:hidden@desk.example",
    "is:closed", "has:type", "header:Subject:zanzibar", "date:2026-11-22 zanzibar",
]  # fmt: skip


@pytest.mark.parametrize("query", [*QUERIES, "id:{hidden}", "id:{archived}"])
def test_a_search_finds_and_counts_nothing_hidden(made: Scene, query: str) -> None:
    text = query.format(hidden=made.hidden, archived=made.archived)
    assert made.desk.of(ENGINEER).run("search", "--count", text).stdout != b"0\n"
    assert made.desk.of(TRIAGE).run("search", "--count", text, status=1).stdout == b"0\n"
    for view in ([], ["--messages"], ["--path"], ["--format", "json"], ["--format", "ids"], ["--sort", "oldest"]):
        found = made.desk.run("search", *view, text, status=1).stdout
        assert found in (b"", b'{"version":1,"tickets":[]}\n')
    parts = [json.loads(line) for line in made.desk.lines("search", "--explain", "--format", "jsonl", text, status=1)]
    assert (parts[0]["mails"], parts[0]["tickets"]) == (0, 0)


def test_what_is_found_beside_hidden_tickets_shows_nothing_of_them(made: Scene) -> None:
    said = made.overhear("search", "--format", "jsonl", "--messages", "*")
    assert [json.loads(line)["id"] for line in said.splitlines()] == [made.plain]
    part, *_ = made.overhear("search", "--explain", "--format", "plain", "*").splitlines()
    assert part.split("\t")[:2] == ["1", "1"]
    made.overhear_on_terminal("search", "*")


@pytest.mark.parametrize("by", ["queue", "type", "state", "month", "owner", "queue,type,state,month,owner"])
def test_statistics_count_nothing_hidden(made: Scene, by: str) -> None:
    rows = [json.loads(line) for line in made.overhear("stats", "--by", by, "--format", "jsonl").splitlines()]
    assert [row["tickets"] for row in rows] == [1]
    made.overhear("stats", "--by", by, "--since", "1y")


def test_lists_show_nothing_hidden(made: Scene) -> None:
    assert [line.split("\t")[0] for line in made.overhear("ls").splitlines()] == [made.plain]
    for row in [json.loads(line) for line in made.overhear("queues", "--format", "jsonl").splitlines()]:
        is_open = row["key"] not in ("support-engineers", "deleted-accounts")
        assert is_open or (row["open"], row["unread"], row["closed"]) == (None, None, None)
    made.overhear("ls", "deleted-accounts", status=77)
    made.overhear("ls", "--due", "support-engineers", status=77)
    made.overhear("check", status=77)
    made.overhear("check", "--repair", status=77)


def test_the_shell_completes_nothing_of_a_desk(made: Scene) -> None:
    desk = made.desk.of(TRIAGE)
    for words in ("supportctl show ", "supportctl ls ", f"supportctl show {made.hidden[:3]}", "supportctl search tag:"):
        asked = {"_SUPPORTCTL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "2"}
        done = subprocess.run(desk.command, env=desk.environment | asked, capture_output=True, cwd=desk.folder)
        said = tells_nothing((done.stdout + done.stderr).decode())
        assert not {made.hidden, made.plain} & {*said.replace(",", " ").split()}


# what is not even opened


def test_damage_where_one_cannot_look_is_nobodys_hindrance(scene: Scene) -> None:
    desk = scene.desk
    tables = [path for path in desk.maildir.glob(".*/tickets.json") if b"Zanzibar" in path.read_bytes()]
    kept = {path: path.read_bytes() for path in tables}
    assert len(tables) == 2
    for path in tables:
        path.write_bytes(b"{ zanzibar")
    for command in (["ls"], ["queues"], ["stats"], ["search", "*"], ["log"], ["show", scene.plain]):
        scene.overhear(*command)
    for name in (scene.hidden, scene.archived):
        for verb in ("show", "log"):
            assert "damaged" not in scene.overhear(verb, name, status=77)
    assert "damaged" not in scene.overhear("show", "--paths", scene.path(), status=77)
    desk.run("tag", "+x", scene.plain)
    for path, content in kept.items():
        path.write_bytes(content)


# What is about hidden tickets is not even read


def test_the_log_of_who_may_read_little_reads_little_of_it(scene: Scene) -> None:
    """A log has years: what it says of other queues must cost an account without rights nothing."""
    (path,) = (scene.desk.maildir / "supportctl" / "log").iterdir()
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    lines[2] = b"x" * (len(lines[2]) - 1) + b"\n"  # on hidden tickets alone; it can't be read any more
    path.write_bytes(b"".join(lines))
    assert scene.desk.of(TRIAGE).ids("log", "--all") == ["6"]
    assert scene.desk.of("4299").ids("log", "--all") == []
    assert b"not a line of the operation log" in scene.desk.of(ENGINEER).run("log", "--all", status=65).stderr
    path.write_bytes(whole)
