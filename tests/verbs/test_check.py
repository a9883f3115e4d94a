"""`check --repair`: what is not mail, log or configuration comes back; what happened to mail is followed or noted."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.crash import CONFIG, Job, Runner
from tests.support.desks import DeskDir, make_mail
from tests.support.tickets import findings, locate


def rebuildable(desk: DeskDir) -> list[Path]:
    """Every file that can be deleted: caches, head, metadata."""
    state = desk.maildir / "supportctl"
    return [state / "head", *state.glob("*.sqlite*"), *desk.maildir.glob(".*/tickets.json")]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with a history: the examples, moved, closed, waiting, sent on, taken back; only to be copied."""
    desk = DeskDir(tmp_path_factory.mktemp("busy") / "desk")
    desk.take_examples("--classify")
    ids = desk.ids("ls", "triage")
    desk.run("mv", *ids[:5], "junk")
    desk.run("close", *ids[5:8])
    desk.run("pend", *ids[8:10], "--until", "90d")
    desk.run("forward", ids[10], "--to", "else@example.org")
    desk.run("tag", "+a", *ids[11:14])
    desk.run("undo")
    desk.take(make_mail("To be taken back"))
    desk.run("undo", "8")
    desk.check()
    return desk


@pytest.fixture
def copied(busy: DeskDir, tmp_path: Path) -> DeskDir:
    """A copy of the busy desk."""
    desk = DeskDir(tmp_path / "desk")
    shutil.rmtree(desk.maildir)
    shutil.copytree(busy.maildir, desk.maildir)
    return desk


def answers(desk: DeskDir) -> list[list[str]]:
    """What readers say."""
    verbs = (["ls", "--format", "jsonl"], ["queues"], ["log", "--all"], ["stats", "--by", "queue,state,type,month"],
             ["search", "passphrase or certificate or is:closed"])  # fmt: skip
    return [desk.lines(*verb) for verb in verbs]


@pytest.mark.parametrize("kind", ["head", "catalogue", "text", "tickets.json", "all"])
def test_what_is_no_mail_and_no_log_is_made_anew(copied: DeskDir, kind: str) -> None:
    desk = copied
    told, before = answers(desk), desk.tickets()
    log = [path.read_bytes() for path in (desk.maildir / "supportctl" / "log").iterdir()]
    gone = [path for path in rebuildable(desk) if kind in ("all", path.name.partition(".sqlite")[0])]
    assert gone
    for path in gone:
        path.unlink()
    desk.run("check", "--repair")
    assert desk.tickets() == before
    assert answers(desk) == told
    assert [path.read_bytes() for path in (desk.maildir / "supportctl" / "log").iterdir()] == log
    assert findings(desk) == []
    desk.run("undo", "7")  # the undo of `tag`: the log is still there to go back in
    assert sum("a" in ticket.get("tags", ()) for ticket in desk.tickets().values()) == 3


@pytest.mark.parametrize("kind", ["head", "catalogue", "text"])
def test_caches_are_made_anew_without_being_asked(copied: DeskDir, kind: str) -> None:
    desk = copied
    told = answers(desk)
    for path in rebuildable(desk):
        if path.name.startswith(kind):
            path.unlink()
    assert answers(desk) == told
    assert findings(desk) == []


def test_a_stage_that_was_deleted_is_made_anew(desk: DeskDir) -> None:
    shutil.rmtree(desk.maildir / "supportctl" / "stage")
    assert len(desk.take(make_mail())) == 1
    desk.check()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"tickets": {}}', b'{"tickets": []}', b'{"tickets": {"1": {}}}', b"\xff\xfe\x00"]
)
def test_damaged_metadata_is_told_and_made_anew(copied: DeskDir, damage: bytes) -> None:
    desk = copied
    before = desk.tickets()
    (desk.maildir / ".triage" / "tickets.json").write_bytes(damage)
    assert all(".triage/tickets.json" in row["where"] for row in findings(desk))
    assert findings(desk)
    desk.run("check", "--repair")
    assert desk.tickets() == before
    assert findings(desk) == []


def test_edited_metadata_is_told_and_put_right(copied: DeskDir) -> None:
    desk = copied
    before = desk.tickets()
    path = next(desk.maildir.glob(".junk.closed.*/tickets.json"))
    path.write_text(path.read_text().replace('"state":"closed"', '"state":"open"', 1))
    (found,) = findings(desk)
    assert (found["kind"], found["what"]) == ("metadata", "was edited or damaged")
    desk.run("check", "--repair")
    assert desk.tickets() == before


def test_metadata_that_is_gone_does_not_let_a_write_forget_tickets(copied: DeskDir) -> None:
    desk = copied
    before = desk.tickets()
    (desk.maildir / ".triage" / "tickets.json").unlink()
    desk.deliver(make_mail("Meanwhile"))
    for verb in (["ingest"], ["ls"], ["mv", desk.ids("ls", "SE")[0], "triage"]):
        assert b"check --repair" in desk.run(*verb, status=65).stderr
    desk.run("check", "--repair")
    assert desk.tickets() == before
    assert len(desk.lines("ingest")) == 1


def test_a_ticket_follows_its_mail_to_another_queue(desk: DeskDir) -> None:
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Other")))
    for ticket, queue in ((one, "support-engineers"), (other, "junk")):
        path = locate(desk, ticket)
        path.rename(desk.maildir / f".{queue}" / "cur" / f"renamed.{path.name}:2,S")
    assert {row["kind"] for row in findings(desk)} == {"lost", "stray"}
    desk.run("check", "--repair")
    tickets = desk.tickets()
    assert [(tickets[name]["queue"], tickets[name]["state"]) for name in (one, other)] == [
        ("support-engineers", "open"), ("junk", "closed")
    ]  # fmt: skip
    assert len(tickets) == 2
    assert locate(desk, one).name.endswith(":2,S")
    assert "mail client" in desk.rows("log", one)[0]["why"]
    assert findings(desk) == []
    desk.run("undo", str(desk.rows("log")[0]["op"]))
    assert {ticket["queue"] for ticket in desk.tickets().values()} == {"triage"}


def test_one_of_several_mails_is_brought_back(desk: DeskDir) -> None:
    (row, _) = desk.take(make_mail("Q", mid="q@x.test"), make_mail("A", References="<q@x.test>"))
    path = locate(desk, row["ticket"], 1)
    path.rename(desk.maildir / ".junk" / "cur" / f"{path.name}:2,")
    desk.run("check", "--repair")
    ticket = desk.tickets()[row["ticket"]]
    assert (ticket["queue"], ticket["state"], len(ticket["messages"])) == ("triage", "open", 2)
    assert len(desk.mails("triage")) == 2
    assert desk.mails("junk") == {}
    assert findings(desk) == []


def test_mail_that_was_put_into_a_queue_is_a_ticket_there(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Q", mid="q@x.test"))
    (desk.maildir / ".secret.test").mkdir()  # no folder of ours
    mails = {"support-engineers": make_mail("By hand"), "triage": make_mail("An answer", References="<q@x.test>")}
    for queue, content in mails.items():
        (desk.maildir / f".{queue}" / "cur" / "by.hand:2,F").write_bytes(content)
    assert [found["kind"] for found in findings(desk)] == ["stray", "stray"]
    desk.run("check", "--repair")
    tickets = desk.tickets()
    assert sorted((ticket["queue"], len(ticket["messages"])) for ticket in tickets.values()) == [
        ("support-engineers", 1), ("triage", 2)
    ]  # fmt: skip
    assert desk.mails("support-engineers") == {"cur/by.hand:2,F": mails["support-engineers"]}
    assert mails["triage"] in desk.mails("triage").values()
    assert row["ticket"] in tickets
    assert findings(desk) == []


def test_a_copy_that_was_put_into_a_queue_is_a_duplicate(desk: DeskDir) -> None:
    mail = make_mail("Q", mid="q@x.test")
    desk.take(mail)
    (desk.maildir / ".disputes" / "new" / "copy").write_bytes(mail)
    desk.run("check", "--repair")
    assert len(desk.tickets()) == 1
    assert list(desk.mails("duplicates").values()) == [mail]
    assert findings(desk) == []


def test_a_mail_that_was_deleted_is_noted_once(desk: DeskDir) -> None:
    (row, _) = desk.take(make_mail("Q", mid="q@x.test"), make_mail("A", References="<q@x.test>"))
    path = locate(desk, row["ticket"])
    path.unlink()
    assert [found["kind"] for found in findings(desk)] == ["lost"]
    desk.run("check", "--repair")
    assert any(path.name in problem for problem in desk.tickets()[row["ticket"]]["problems"])
    assert findings(desk) == []
    before = desk.contents()
    assert desk.run("check", "--repair").stderr == b""
    assert desk.contents() == before
    assert desk.lines("mv", row["ticket"], "junk") == [row["ticket"]]
    assert desk.lines("undo") == [row["ticket"]]


def test_a_mail_that_was_changed_is_told_and_not_mended(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Q"))
    path = locate(desk, row["ticket"])
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Hello", b"Hullo"))
    assert [found["where"] for found in findings(desk)] == [row["ticket"]]
    desk.run("check", "--repair", status=65)
    assert findings(desk)
    path.write_bytes(content)


def test_a_link_among_the_mail_of_a_queue_is_left_and_told(copied: DeskDir) -> None:
    private = copied.folder / "private"
    private.write_bytes(make_mail("Nobodys letter"))
    link = copied.maildir / ".triage" / "cur" / "link:2,S"
    link.symlink_to("../../../private")
    said = copied.run("check", "--repair", status=65).stderr.decode()
    assert f"left {link}: it is a link, not a message" in said
    assert link.is_symlink()
    copied.run("search", "nobodys", status=1)
    link.unlink()


EDITS = {
    "a word": lambda lines: [lines[0].replace(b"because", b"becalse"), *lines[1:]],
    "a line less": lambda lines: [lines[0], *lines[2:]],
    "a line twice": lambda lines: [*lines[:2], *lines[1:]],
    "two lines changed round": lambda lines: [lines[1], lines[0], *lines[2:]],
    "no JSON": lambda lines: [lines[0], b"{" + lines[1], *lines[2:]],
    "the last line": lambda lines: [*lines[:-1], lines[-1].replace(b"because", b"becalse")],
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_log_is_told_and_never_mended(tmp_path: Path, edit: str) -> None:
    desk = DeskDir(tmp_path / "desk")
    desk.deliver(make_mail("Q"))
    desk.run("ingest", "-m", "because")
    for number in range(3):
        desk.run("tag", f"+t{number}", ".1", "-m", "because")
    (log,) = (desk.maildir / "supportctl" / "log").iterdir()
    lines = log.read_bytes().splitlines(keepends=True)
    edited = b"".join(EDITS[edit](lines))
    assert edited != b"".join(lines)
    log.write_bytes(edited)
    for arguments in (["check"], ["check", "--repair"], ["check"]):
        told = desk.run(*arguments, status=65)
        said = (told.stdout + told.stderr).decode()
        assert log.name in said
        assert "hint: restore supportctl/log from a backup, or cut it off where the damage begins" in said
        assert log.read_bytes() == edited
    if edit == "no JSON":
        (finding,) = findings(desk)
        assert (finding["where"], finding["what"].count(log.name)) == (f"log/{log.name}, byte {len(lines[0])}", 0)
        assert said.count(log.name) == 1
    log.write_bytes(b"".join(lines))
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert len(desk.mails("triage")) == 1


def test_an_operation_whose_mail_is_gone_is_finished_without_it(tmp_path: Path) -> None:
    desk = DeskDir(tmp_path / "desk", CONFIG)
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Other")))
    runner = Runner()
    whole = runner.run(Job(shutil.copytree(desk.maildir, tmp_path / "scratch"), ["mv", one, other, "engineers"]))
    first = next(n for n, (call, path) in enumerate(whole.events, 1) if call == "rename" and ".triage/new" in path)
    died = runner.run(Job(desk.maildir, ["mv", one, other, "engineers"], stop=first))
    runner.close()
    assert died.status == 137
    locate(desk, one).unlink()
    finished = desk.run("tag", "+a", other)
    assert b"operation 2: 1 message could not be moved; run supportctl check" in finished.stderr
    assert [row["kind"] for row in findings(desk)] == ["lost"]
    assert [row["why"] for row in desk.rows("log") if row["verb"] == "recovery"] == [
        "operation 2 could not move 1 message"
    ]
    desk.run("undo")
    assert desk.ids("undo", "--dry-run") == [one, other]  # of `mv`: nobody did what the recovery did
    desk.run("check", "--repair")
    tickets = desk.tickets()
    assert {ticket["queue"] for ticket in tickets.values()} == {"engineers"}
    assert tickets[one]["problems"]
    assert "problems" not in tickets[other]
    assert findings(desk) == []
    assert desk.lines("tag", "+b", one, other) == [one, other]


def test_a_name_that_is_no_text_is_found_again_by_the_next_command(tmp_path: Path) -> None:
    desk = DeskDir(tmp_path / "desk", CONFIG)
    (desk.maildir / "new" / os.fsdecode(b"1.\xff\xfe.host")).write_bytes(make_mail("Odd name"))
    runner = Runner()
    whole = runner.run(Job(shutil.copytree(desk.maildir, tmp_path / "scratch"), ["ingest"])).ended()
    first = next(n for n, (call, path) in enumerate(whole.events, 1) if call == "rename" and path.startswith("new/"))
    assert runner.run(Job(desk.maildir, ["ingest"], stop=first)).status == 137
    runner.close()
    assert (len(desk.mails("")), len(desk.mails("triage"))) == (1, 0)
    desk.run("classify")
    assert (len(desk.mails("")), len(desk.mails("triage"))) == (0, 1)
    assert findings(desk) == []
