"""Desks of other versions of the format: an old one goes on as if it were new, a newer one is refused and left alone.

`tests/support/old_desks/format-1` was made by the program of the commit "Each verb has a file of tests, `init` too, and
a test that says so", when the log's lines had no version; `said/` is what that program told of it as JSON. Empty
folders and caches are left out: the copy that a test gets has the former, and the program makes the latter.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from binascii import crc32
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supportctl.cli.group import VERBS
from supportctl.store.head import FORMAT_VERSION
from tests.support.desks import ROOT, DeskDir, make_mail
from tests.support.transports import Sendmail

OLD = Path(__file__).parents[1] / "support" / "old_desks" / "format-1"
SAID = {
    "ls": ["ls"], "queues": ["queues"], "stats": ["stats"], "log": ["log", "--all"], "log-1": ["log", "s20261127.1"],
    "search": ["search", "*"], "show-1": ["show", "s20261127.1"], "show-2": ["show", "s20261127.2"],
    "show-3": ["show", "s20261127.3"],
}  # fmt: skip
LAST = 8
"""The last operation of the old desk."""


@pytest.fixture
def old(tmp_path: Path) -> DeskDir:
    """A copy of the old desk."""
    desk = DeskDir.found_in(tmp_path / "desk")
    shutil.copytree(OLD, desk.folder, ignore=shutil.ignore_patterns("said"))
    for box in (desk.maildir, *desk.maildir.glob(".*")):
        for part in ("new", "cur", "tmp"):
            (box / part).mkdir(exist_ok=True)
    (desk.maildir / "supportctl" / "stage").mkdir(exist_ok=True)
    return desk


def head_of(desk: DeskDir) -> dict[str, Any]:
    head: dict[str, Any] = json.loads((desk.maildir / "supportctl/head").read_bytes())
    return head


def test_the_old_desk_is_an_old_one(old: DeskDir) -> None:
    assert head_of(old)["version"] == 1 < FORMAT_VERSION
    assert [b'"format"' in line for line in old.log()] == [False] * LAST


def without_new_fields(said: Any, expected: Any) -> Any:
    """What is said, without the fields that were not there when the expectation was written: readers ignore those."""
    if isinstance(said, dict) and isinstance(expected, dict):
        return {name: without_new_fields(value, expected[name]) for name, value in said.items() if name in expected}
    if isinstance(said, list) and isinstance(expected, list) and len(said) == len(expected):
        return [without_new_fields(one, other) for one, other in zip(said, expected, strict=True)]
    return said


def test_an_old_desk_is_read_as_it_was_and_stays_as_it_is(old: DeskDir) -> None:
    before = old.contents()
    assert sorted(SAID) == sorted(path.stem for path in (OLD / "said").iterdir())
    for name, command in SAID.items():
        expected = (OLD / "said" / f"{name}.json").read_text().replace("{desk}", str(old.folder))
        said = json.loads(old.run(*command, "--format", "json").stdout)
        assert without_new_fields(said, json.loads(expected)) == json.loads(expected)
    old.check()
    seen = {name: content for name, content in old.contents().items() if "/cur/" not in name and "/new/" not in name}
    assert seen.items() <= before.items(), "show sets flags, and nothing is written"


def test_what_an_old_desk_has_in_its_outbox_is_held_and_can_be_freed(old: DeskDir, tmp_path: Path) -> None:
    """Its rows say nothing of a state, of the sender, or of what the file is."""
    sendmail = Sendmail(tmp_path / "mta")
    old.config.write_text(f"{old.config.read_text()}\noutgoing: {{transport: {sendmail.transport!r}}}\n")
    old.run("outbox", "send")
    (row,) = old.rows("outbox")
    assert (row["state"], row["reason"]) == ("held", "written before a transport was configured")
    assert sendmail.calls() == []
    (written,) = old.mails("outbox").values()
    old.run("outbox", "send", "--held", row["id"])
    (call,) = sendmail.calls()
    assert (call.sender, call.recipients) == ("help@desk.example", [row["to"]])
    assert written.endswith(call.mail)
    old.check()


def test_what_is_written_on_an_old_desk_has_the_version_of_today(old: DeskDir) -> None:
    before = old.log()
    old.run("tag", "+late", "s20261127.3")
    old.take(
        make_mail("New", mid="new@ann.example"),
        make_mail("Re: My key", mid="re@ann.example", References="<one@ann.example>"),
    )
    after = old.log()
    assert after[:LAST] == before
    assert [json.loads(line)["format"] for line in after[LAST:]] == [FORMAT_VERSION] * 2
    assert head_of(old)["version"] == FORMAT_VERSION
    assert old.tickets()["s20261127.3"]["tags"] == ["late", "urgent"]
    assert len(old.tickets()["s20261127.1"]["messages"]) == 2
    old.check()


def test_the_document_tells_the_fields_in_their_order_and_the_version(old: DeskDir) -> None:
    old.run("tag", "+late", "s20261127.3")
    page = (ROOT / "docs" / "format.md").read_text()
    _, _, section = page.partition("## The log")
    rows = [line for line in section.partition("\n\nA change has")[0].splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert [name for name in documented if name not in ("lost", "skipped", "bookkeeping")] == list(
        json.loads(old.log()[-1])
    )
    assert f"This is version {FORMAT_VERSION} of the format" in page
    head = section.partition("\n## head\n")[2].partition("\n## ")[0]
    assert head_of(old).keys() <= set(re.findall(r"`(\w+)`", head))


@pytest.mark.parametrize("op", range(2, LAST + 1))
def test_an_old_operation_is_taken_back_and_done_again(old: DeskDir, op: int) -> None:
    """Each by itself, once what was built on it is taken back: the forward after the move, the undo of a tag."""
    if op == 2:
        old.run("undo", "8")
    if op == 5:
        old.run("undo", "6")
        op = len(old.log())
    before = old.contents()
    old.run("undo", str(op))
    old.check()
    assert old.tickets() != tickets_of(before) or op == 7
    old.run("undo", str(len(old.log())))
    old.check()
    assert old.tickets() == tickets_of(before)


def tickets_of(contents: dict[str, bytes]) -> dict[str, Any]:
    """The tickets by their ids, with their folders."""
    return {
        document["id"]: document | {"folder": name.split("/")[0][1:]}
        for name, content in contents.items()
        if name.endswith("/tickets.json")
        for document in json.loads(content)["tickets"].values()
    }


def test_all_of_an_old_desk_is_taken_back(old: DeskDir) -> None:
    for op in (8, 7, 6, 4, 3, 2, 1):
        old.run("undo", str(op) if op != 6 else "4")
        old.check()
        if op == 6:
            break
    for op in (3, 2, 1):
        old.run("undo", str(op))
        old.check()
    assert old.tickets() == {}
    assert len(old.mails("undone")) == 5, "three that came, one that came twice, one that was to go out"


def test_an_old_desk_is_repaired(old: DeskDir) -> None:
    before = old.contents()
    (old.maildir / "supportctl/head").unlink()
    (old.maildir / ".triage/tickets.json").write_bytes(b"{")
    old.run("check", "--repair")
    old.check()
    name = ".triage/tickets.json"
    assert json.loads(old.contents()[name])["tickets"] == json.loads(before[name])["tickets"]


# newer desks


def renew_head(desk: DeskDir) -> None:
    """The head of a newer version, with something in it that nobody knows yet."""
    head = {**head_of(desk), "version": FORMAT_VERSION + 1, "colour": {"of": "the sea"}}
    del head["crc"]
    body = json.dumps(head)[:-1]
    (desk.maildir / "supportctl/head").write_text(f'{body},"crc":"{crc32(body.encode()):08x}"}}\n')


def renew_shape_of_head(desk: DeskDir) -> None:
    """A head that has nothing in common with one of today but its version."""
    (desk.maildir / "supportctl/head").write_text(json.dumps({"version": 99}))


def renew_head_before_torn_line(desk: DeskDir) -> None:
    """A newer desk whose writer died while it was appending to the log."""
    renew_head(desk)
    with next((desk.maildir / "supportctl/log").iterdir()).open("ab") as log:
        log.write(b'{"op":2,"torn":')


def append_newer_line(desk: DeskDir) -> None:
    """A newer operation that was committed and not applied."""
    last = json.loads(desk.log()[-1])
    previous = last.pop("hash")
    line = json.dumps({**last, "op": last["op"] + 1, "format": FORMAT_VERSION + 1, "colour": "red"}).encode()
    digest = hashlib.sha256(previous.encode() + line).hexdigest()
    with next((desk.maildir / "supportctl/log").iterdir()).open("ab") as log:
        log.write(line[:-1] + f',"hash":"{digest}"}}\n'.encode())


def append_newer_line_and_lose_head(desk: DeskDir) -> None:
    """The same, with no head that says how far the log is applied."""
    append_newer_line(desk)
    (desk.maildir / "supportctl/head").unlink()


NEWER = [
    renew_head,
    renew_shape_of_head,
    renew_head_before_torn_line,
    append_newer_line,
    append_newer_line_and_lose_head,
]
COMMANDS = [
    ["init", "."], ["check"], ["check", "--repair"], ["ingest"], ["ingest", "--dry-run"], ["classify"],
    ["classify", "--explain"], ["queues"], ["ls"], ["show", ".1"], ["show", "1@desk.example"], ["search", "*"],
    ["search", "--count", "x"], ["stats"], ["mv", ".1", "junk"], ["mv", "--dry-run", ".1", "junk"], ["tag", "+x", ".1"],
    ["pend", "--until", "9d", ".1"], ["wake"], ["note", "--text", "x", ".1"],
    ["forward", "--to", "x@example.org", ".1"], ["close", ".1"], ["reopen", ".1"], ["reply", "--text", "x", ".1"],
    ["outbox"], ["outbox", "send"], ["outbox", "drop", ".1"], ["log"], ["log", ".1"], ["undo"], ["undo", "1"],
]  # fmt: skip
Tree = dict[str, tuple[int, bytes]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk with a ticket, and a mail in its INBOX."""
    desk = DeskDir(tmp_path_factory.mktemp("newer") / "desk")
    desk.take(make_mail("Question", mid="1@desk.example"))
    desk.deliver(make_mail("Another", mid="2@desk.example"))
    return desk


def tree(desk: DeskDir) -> Tree:
    """Every file and folder with the time of its last change and its content, caches and all."""
    return {
        str(path.relative_to(desk.maildir)): (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in desk.maildir.rglob("*")
    }


def test_every_verb_that_looks_at_a_desk_is_tried() -> None:
    assert {command[0] for command in COMMANDS} == VERBS.keys() - {"can", "templates"}, "these read queues.yaml alone"


@pytest.mark.parametrize("renew", NEWER)
def test_a_newer_desk_is_refused_by_every_verb_and_left_alone(
    made: DeskDir, tmp_path: Path, renew: Callable[[DeskDir], None]
) -> None:
    desk = made.copy(tmp_path / "desk")
    renew(desk)
    before = tree(desk)
    for command in COMMANDS:
        done = desk.run(*command, status=78)
        assert b"this desk was written by a newer supportctl" in done.stderr, command
        assert done.stdout == b""
        assert tree(desk) == before, command


@pytest.mark.parametrize("renew", NEWER)
def test_a_mail_server_is_told_to_come_again_to_a_newer_desk(
    made: DeskDir, tmp_path: Path, renew: Callable[[DeskDir], None]
) -> None:
    desk = made.copy(tmp_path / "desk")
    renew(desk)
    before = tree(desk)
    done = desk.run("ingest", "-", input=make_mail("Mail", mid="3@desk.example"), status=75)
    assert b"this desk was written by a newer supportctl" in done.stderr
    assert tree(desk) == before, "what is not accepted is not there: the server sends it again"


def test_a_mail_is_accepted_whatever_else_is_wrong_with_the_head(made: DeskDir, tmp_path: Path) -> None:
    desk = made.copy(tmp_path / "desk")
    (desk.maildir / "supportctl/head").write_bytes(b"{ torn")
    mail = make_mail("Mail", mid="3@desk.example")
    desk.run("ingest", "-", input=mail)
    desk.run("ingest")
    assert mail in desk.mails("triage").values()
    desk.check()
