"""How tickets are named: ids, `.17`, Message-IDs and paths, as arguments and from a pipe."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail


@pytest.fixture
def three(desk: DeskDir) -> tuple[DeskDir, list[str]]:
    """A desk with three tickets: two of them are about viagra, one of these is closed."""
    rows = desk.take(
        make_mail("Cheap viagra", mid="one@x.test"),
        make_mail("A question", mid="two@x.test"),
        make_mail("Offer", text="viagra\n", mid="three@x.test"),
    )
    return desk, [row["ticket"] for row in rows]


def pipe(desk: DeskDir, line: str) -> subprocess.CompletedProcess[str]:
    """A shell's pipe as the manual shows it, in the desk's Maildir."""
    command = " ".join(desk.command)
    script = f'set -o pipefail; supportctl() {{ {command} "$@"; }}; cd maildir; {line}'
    return subprocess.run(
        ["bash", "-c", script],
        cwd=desk.folder,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", [".1", ".01", "one@x.test", "<one@x.test>"])
def test_a_ticket_has_short_names(three: tuple[DeskDir, list[str]], name: str) -> None:
    desk, ids = three
    assert desk.lines("close", name) == [ids[0]]


@pytest.mark.parametrize("form", ["absolute", "relative", "after a client has read it", "from a folder inside"])
def test_the_path_of_a_mail_names_its_ticket(three: tuple[DeskDir, list[str]], form: str) -> None:
    desk, ids = three
    key = desk.tickets()[ids[2]]["messages"][0]["key"]
    path = desk.maildir / ".triage" / "new" / key
    if form == "after a client has read it":
        path.rename(desk.maildir / ".triage" / "cur" / f"{key}:2,RS")
    name = {"relative": f"maildir/.triage/new/{key}", "from a folder inside": f"./.triage/new/{key}"}.get(
        form, str(path)
    )
    if form == "from a folder inside":
        assert pipe(desk, f"supportctl close --paths {name}").stdout.split() == [ids[2]]
    else:
        assert desk.lines("close", name) == [ids[2]]
        assert desk.lines(
            "reopen", "--paths", str(desk.maildir / f".{desk.tickets()[ids[2]]['folder']}/cur/{key}")
        ) == [ids[2]]


def test_ids_come_from_a_pipe_the_first_field_of_each_line(three: tuple[DeskDir, list[str]]) -> None:
    desk, ids = three
    listing = "".join(f"{name}\tyes\tsomething else\n" for name in (*ids[:2], ids[0]))
    assert desk.lines("mv", "-", ids[2], "disputes", input="\n" + listing) == ids
    assert desk.lines("mv", "-", "triage", input="") == []
    assert desk.lines("mv", "-", "triage", input="\n \n") == []
    assert desk.lines("mv", "-0", "-", "triage", input="\0".join(ids) + "\0") == ids
    desk.run("mv", "-0", ids[0], "triage", status=2)


def test_what_ls_and_search_print_goes_into_the_next_verb(three: tuple[DeskDir, list[str]]) -> None:
    desk, ids = three
    assert pipe(desk, "supportctl ls triage | grep -i question | supportctl mv - disputes").stdout.split() == [ids[1]]
    done = pipe(
        desk,
        "supportctl search --format ids 'viagra in:triage is:open' | supportctl mv - junk | supportctl tag +spam -",
    )
    assert sorted(done.stdout.split()) == sorted([ids[0], ids[2]])
    assert {name: ticket["queue"] for name, ticket in desk.tickets().items()} == dict(
        zip(ids, ["junk", "disputes", "junk"], strict=True)
    )


def test_what_grep_finds_in_the_folders_goes_into_the_next_verb(three: tuple[DeskDir, list[str]]) -> None:
    """It finds the words in metadata, log, caches and kept-aside mail as well: those are no tickets."""
    desk, ids = three
    desk.take(make_mail("Cheap viagra", mid="one@x.test"))
    (desk.maildir / "dovecot.index.cache").write_text("viagra")
    found = pipe(desk, "grep -rl viagra .").stdout
    assert all(name in found for name in ("tickets.json", "supportctl/log/", ".duplicates/new/", "dovecot.index.cache"))
    done = pipe(desk, "grep -rlZ viagra . | supportctl mv -0 --paths - junk")
    assert (sorted(done.stdout.split()), done.stderr, done.returncode) == (sorted([ids[0], ids[2]]), "", 0)
    assert pipe(desk, "grep -rl 'A question' . | supportctl show --paths --path -").stdout.split() == [
        str(next((desk.maildir / ".triage" / "new").iterdir()))
    ]
    (desk.maildir / "dovecot.index.cache").unlink()


def test_a_path_where_no_ticket_is_is_said_so(three: tuple[DeskDir, list[str]], tmp_path: Path) -> None:
    desk, ids = three
    desk.deliver(make_mail("Not taken in yet"))
    (tmp_path / "elsewhere").write_text("viagra")
    waiting = next((desk.maildir / "new").iterdir())
    for path in (tmp_path / "elsewhere", waiting, desk.maildir / ".triage/new/gone", Path("/nonexistent/.a/cur/x")):
        failed = desk.run("close", "--paths", ids[0], str(path), status=66)
        assert str(path) in failed.stderr.decode()
    desk.run("ingest")


@pytest.mark.parametrize("name", [b"\xff\xfe", b"two\nlines", b"tab\there", b"-dash"])
def test_a_path_of_any_bytes_names_its_ticket(desk: DeskDir, name: bytes) -> None:
    folder = os.fsencode(desk.maildir)
    for part, content in ((b"new", make_mail("A")), (b"cur", make_mail("B"))):
        with open(os.path.join(folder, part, name + b":2,"), "wb") as stream:  # noqa: PTH118, PTH123 - bytes
            stream.write(content)
    (row,) = [row for row in desk.rows("ingest") if row["subject"] == "B"]
    found = pipe(desk, "grep -rlZ 'Subject: B' . | supportctl tag +b -0 --paths -")
    assert found.stdout.split() == [row["ticket"]], found.stderr


def test_a_thousand_names_are_one_operation(desk: DeskDir) -> None:
    desk.deliver(*(make_mail(f"Mail {number}") for number in range(1000)))
    ids = desk.lines("ingest")
    assert desk.lines("close", "-y", *ids) == ids
    assert [row["verb"] for row in desk.rows("log")] == ["close", "ingest", "ingest"]


def test_a_refusal_among_many_says_that_nothing_is_changed(three: tuple[DeskDir, list[str]]) -> None:
    desk, ids = three
    desk.run("close", ids[0])
    refused = desk.run("mv", *ids, "junk", status=2).stderr.decode()
    assert "nothing was changed" in refused
    assert "--closed" in refused
    assert "--keep-going" in refused


@pytest.mark.parametrize("verb", [["close"], ["reopen"], ["wake"], ["mv"], ["pend", "--until", "9d"], ["tag", "+a"]])
@pytest.mark.parametrize("name", ["s20200101.1", ".999", "nobody@nowhere.test", "/nonexistent/cur/x", "rubbish"])
def test_a_ticket_that_does_not_exist_is_said_so(plain_desk: DeskDir, verb: list[str], name: str) -> None:
    arguments = [*verb, name, *(["junk"] if verb == ["mv"] else [])]
    failed = plain_desk.run(*arguments, status=66)
    assert failed.stdout == b""
    assert name in failed.stderr.decode()


def test_a_ticket_keeps_its_id_when_the_desk_gets_another_prefix(desk: DeskDir) -> None:
    (old,) = desk.take(make_mail("Old", sender="Ann <ann@x.test>"))
    desk.config.write_text(desk.config.read_text().replace("ticket_prefix: s", "ticket_prefix: help"))
    answer = make_mail(f"Re: [{old['ticket']}] Old", sender="Ann <ann@x.test>")
    new, answered = desk.take(make_mail("New"), answer)
    assert new["ticket"].startswith("help")
    assert answered["ticket"] == old["ticket"]
    assert desk.lines("close", old["ticket"], new["ticket"]) == [old["ticket"], new["ticket"]]
    assert b"no ticket named other20261122.1" in desk.run("show", "other20261122.1", status=66).stderr
