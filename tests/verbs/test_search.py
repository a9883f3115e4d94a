"""`search` for people: order, parts, rights, formats, and what it explains."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from supportctl.output.terminal import width
from tests.support.desks import DeskDir, make_mail, make_maildir
from tests.support.teletypes import run_on_terminal

TICKET = ["id", "date", "queue", "state", "from", "subject", "match", "spans"]


def mail(number: int, date: str, text: str = "common", **fields: str) -> bytes:
    return make_mail(f"Subject {number}", text=f"{text}\n", mid=f"{number}@example.org", date=date, **fields)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """The examples, taken in and classified; only looked at."""
    desk = DeskDir(tmp_path_factory.mktemp("searching") / "desk")
    desk.take_examples("--classify")
    return desk


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """Mail of November 2026, a follow-up among it; then an archive of 1971 to 2020 in no order; only looked at."""
    desk = DeskDir(tmp_path_factory.mktemp("archive") / "desk")
    desk.take(
        mail(1, "Mon, 2 Nov 2026 10:00:00 +0000"),
        mail(2, "Tue, 3 Nov 2026 10:00:00 +0000"),
        mail(3, "Wed, 4 Nov 2026 10:00:00 +0000", "late", In_Reply_To="<1@example.org>", References="<1@example.org>"),
        mail(4, "Wed, 4 Nov 2026 10:00:00 +0000"),
    )
    box = make_maildir(desk.folder / "old")
    for number, year in enumerate((2018, 2015, 2020, 1971, 2016), 10):
        (box / "new" / str(number)).write_bytes(mail(number, f"Fri, 1 May {year} 12:00:00 +0000"))
    desk.run("ingest", "--closed", "--queue", "support-engineers", "--type", "Wiki ACL", str(box))
    return desk


def subjects(desk: DeskDir, *arguments: str) -> list[str]:
    return [str(row["subject"]).removeprefix("Subject ") for row in desk.rows("search", *arguments)]


# --- the order


def test_the_mails_date_orders_what_came_in_later(archive: DeskDir) -> None:
    newest = ["4", "2", "1", "12", "10", "14", "11", "13"]
    assert subjects(archive, "common") == newest
    assert subjects(archive, "common", "--sort", "oldest") == newest[::-1]
    rows = archive.rows("search", "common", "--messages")
    assert [row["date"] for row in rows] == sorted((row["date"] for row in rows), reverse=True)
    assert len(rows) == 8
    assert {row["subject"]: row["state"] for row in rows}["Subject 10"] == "closed"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("date:2015..2018", ["10", "14", "11"]),
        ("in:SE is:closed date:2016..", ["12", "10", "14"]),
        ("is:closed before:2017", ["14", "11", "13"]),
        ("is:open", ["4", "3", "2"]),
        ("/comm.n/ date:2000..", ["4", "2", "1", "12", "10", "14", "11"]),
        ("from:ann@example.org date:2020", ["12"]),
        ("mid:11@example.org", ["11"]),
    ],
)
def test_every_way_through_the_index_gives_the_order_of_dates(archive: DeskDir, query: str, found: list[str]) -> None:
    assert subjects(archive, query) == found
    assert subjects(archive, query, "--limit", "2") == found[:2]
    assert subjects(archive, query, "--limit", "1", "--offset", str(len(found) - 1)) == found[-1:]
    archive.run("search", query, "--offset", str(len(found)), status=1)
    assert len(subjects(archive, query, "--sort", "oldest")) == len(found)


def test_a_ticket_stands_where_its_newest_mail_that_matches_does(archive: DeskDir) -> None:
    assert subjects(archive, "common or late", "--limit", "3") == ["4", "3", "2"]
    assert subjects(archive, "common", "--limit", "3") == ["4", "2", "1"]
    assert subjects(archive, "(common or late) date:2026", "--sort", "oldest") == ["1", "2", "4"]
    assert subjects(archive, "late", "--messages") == ["3"]


def test_a_new_index_gives_mail_without_a_date_the_one_it_had(desk: DeskDir) -> None:
    undated = b"From: ann@example.org\nSubject: undated\n\ncommon\n"
    desk.take(undated, mail(1, "Mon, 2 Nov 2026 10:00:00 +0000"))
    before = desk.rows("search", "common")
    for path in desk.maildir.glob("supportctl/text.sqlite*"):
        path.unlink()
    assert desk.rows("search", "common") == before
    assert len(before) == 2


# --- what is shown


def test_json_has_a_fixed_shape(examples: DeskDir) -> None:
    (ticket,) = examples.rows("search", "a20110119.1")
    assert list(ticket) == TICKET
    start, end = ticket["spans"][0]
    assert ticket["match"][start:end] == "a20110119.1"
    (message,) = examples.rows("search", "a20110119.1", "--messages")
    assert list(message) == [*TICKET[:-2], "path", *TICKET[-2:]]
    assert Path(message["path"]).read_bytes()
    document = json.loads(examples.run("search", "a20110119.1", "--format", "json").stdout)
    assert document == {"version": 1, "tickets": [ticket]}


def test_paths_lead_to_the_mails(examples: DeskDir) -> None:
    paths = examples.lines("search", "--path", "subject:passphrase or subject:password")
    assert len(paths) == len(examples.rows("search", "--messages", "subject:passphrase or subject:password")) > 1
    assert all(b"ubject:" in Path(path).read_bytes() for path in paths)
    ended = examples.run("search", "--path", "-0", "subject:passphrase or subject:password").stdout
    assert ended == b"".join(path.encode() + b"\0" for path in paths)
    assert b"add --path" in examples.run("search", "-0", "subject:passphrase", status=2).stderr


def test_ids_and_counts(examples: DeskDir) -> None:
    tickets, messages = examples.ids("search", "*"), examples.rows("search", "--messages", "*")
    assert len(set(tickets)) == len(tickets) < len(messages)
    assert examples.ids("search", "--format", "ids", "*") == tickets
    assert examples.lines("search", "--messages", "--format", "ids", "*") == [row["id"] for row in messages]
    assert examples.lines("search", "--count", "*") == [str(len(tickets))]
    assert examples.lines("search", "--count", "--messages", "*", "--limit", "1") == [str(len(messages))]


@pytest.mark.parametrize("view", [[], ["--count"], ["--path"], ["--messages"], ["--explain"], ["--format", "ids"]])
def test_nothing_found_is_exit_1_and_silent(examples: DeskDir, view: list[str]) -> None:
    done = examples.run("search", *view, "nosuchwordanywhere", status=1)
    assert done.stderr == b""
    shown = {"--count": b"0\n", "--explain": b"0\t0\t0\tnosuchwordanywhere\t"}.get("".join(view), b"")
    assert done.stdout.startswith(shown)
    assert bool(done.stdout) == bool(shown)


@pytest.mark.parametrize(
    ("query", "problem", "place"),
    [
        ("from:paypal (subject:x", "expected a ')' for the '(' at character 13", 22),
        ("in:nowhere", "no queue named 'nowhere'", 3),
        ("a in:suport-engineers", "did you mean 'support-engineers'?", 5),
        ("is:opened", "expected one of: open closed pending unread undelivered; did you mean 'open'?", 3),
        ("date:2026-13", "no such date", 5),
        ("subject:/(/", "expected a pattern: missing ): (", 9),
        ("sbject:x", "no field named 'sbject:'; did you mean 'subject:'?", 0),
        ("a or", "expected a word", 4),
    ],
)
def test_a_mistake_is_shown_at_its_place(examples: DeskDir, query: str, problem: str, place: int) -> None:
    done = examples.run("search", query, status=2)
    told, line, mark, *_ = done.stderr.decode().splitlines()
    assert told.startswith("supportctl search: ")
    assert problem in told
    assert (line, mark) == (f"  {query}", f"  {' ' * place}^")
    assert done.stdout == b""


@pytest.mark.parametrize("name", ["support-engineers", "Support Engineers", "SE", "se", "Support-Engineers", "supp*"])
def test_queues_have_many_names(examples: DeskDir, name: str) -> None:
    quoted = f'"{name}"' if " " in name else name
    found = examples.rows("search", f"in:{quoted}")
    assert {row["queue"] for row in found} == {"support-engineers"}
    assert examples.lines("search", "--count", f"-in:{quoted}") == [str(len(examples.ids("search", "*")) - len(found))]


def test_unquoted_is_what_the_writer_wrote(desk: DeskDir) -> None:
    text = "My question is blue.\n\nOn Monday Ben wrote:\n> The sky is green.\n\n-- \nsent from a yellow phone\n"
    desk.take(make_mail("Colours", text=text))
    (ticket,) = desk.ids("ls")
    for word, found in (("blue", [ticket]), ("green", []), ("yellow", [])):
        assert desk.ids("search", f"body:{word}") == [ticket]
        assert desk.lines("search", f"unquoted:{word}", "--format", "ids", status=0 if found else 1) == found
        assert desk.lines("search", f"unquoted:/{word}/", "--format", "ids", status=0 if found else 1) == found


# --- what it explains


def explain(desk: DeskDir, query: str, role: str = "", status: int = 0) -> list[tuple[int, int, int, str]]:
    lines = desk.lines("search", "--explain", "--format", "jsonl", query, role=role, status=status)
    rows: list[dict[str, Any]] = list(map(json.loads, lines))
    assert all(row["meaning"] or row["part"] in ("all of", "any of", "not") for row in rows)
    return [(row["mails"], row["tickets"], row["depth"], row["part"]) for row in rows]


def test_each_part_is_counted_by_itself(archive: DeskDir) -> None:
    assert explain(archive, "common (date:2015 or Late) -in:SE", status=1) == [
        (0, 0, 0, "all of"),
        (8, 8, 1, "common"),
        (2, 2, 1, "any of"),
        (1, 1, 2, "date:2015"),
        (1, 1, 2, "Late"),
        (4, 3, 1, "not"),
        (5, 5, 2, "in:SE"),
    ]


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("Überweisung", 'the word "uberweisung" in subject, addresses, text or names of attachments'),
        ('subject:"code sign"*', 'a phrase that begins with "code sign" in the subject'),
        ("from:Ann@Example.org", "exactly the address ann@example.org as the sender"),
        ("from:ann", 'the word "ann" in the sender\'s name or address'),
        ("in:SE", 'tickets in the queue "support-engineers"'),
        ("date:2026-11", "dated from 2026-11-01 and before 2026-12-01"),
        ("before:2026-11-22T10:30", "dated before 2026-11-22 10:30:00 UTC"),
        ("size:>=1k", "with a size of at least 1,024 bytes"),
        ("tag:*", "tickets with any tag"),
        ("tag:x*", 'tickets with a tag that begins with "x"'),
        ("no:type", ""),
        ("header:x-mailer:bat", 'the word "bat" in a header x-mailer'),
        ("header:list-id:*", "with a header list-id"),
        ("amount:$15", "mentions the amount 15.00USD"),
        ("auth:paypal.com", "authenticated for paypal.com or a domain below it"),
        ("body:/x+/", "the pattern /x+/ in the text"),
        ("is:unread", "unread messages"),
        ("automatic:*", "automatic messages of any kind"),
        ("likely:*", "messages that may be automatic"),
        ("likely:bounce", 'messages that may be automatic: "bounce"'),
        ("*", "every message"),
    ],
)
def test_a_part_is_told_as_it_was_understood(examples: DeskDir, query: str, meaning: str) -> None:
    line, *_ = examples.lines("search", "--explain", query, status=None)  # type: ignore[arg-type]  # whatever it finds
    assert line.split("\t")[4] == meaning


# --- rights


def test_roles_find_and_count_what_they_may_read(examples: DeskDir) -> None:
    def counts(query: str, role: str) -> int:
        return int(examples.lines("search", "--count", query, role=role, status=None)[0])  # type: ignore[arg-type]

    assert counts("a20110119.1", "support-engineer") == 1
    assert counts("a20110119.1", "triage") == 0
    assert counts("*", "triage") < counts("*", "support-engineer")
    assert counts("*", "triage") == counts("-in:SE", "triage")
    examples.run("search", "in:SE", role="triage", status=1)
    (engineer,), (volunteer,) = (explain(examples, "subject:name", role) for role in ("support-engineer", "triage"))
    assert engineer[0] > volunteer[0] > 0


def test_who_asks_why_is_told_what_was_left_out(examples: DeskDir) -> None:
    told = examples.run("search", "--explain", "*", role="triage").stderr.decode()
    assert told.startswith("not searched, since you may not read these queues: disputes, ")
    assert "triage" not in told
    assert examples.run("search", "*", role="triage").stderr == b""
    assert examples.run("search", "--explain", "*").stderr == b""
    assert examples.run("search", "-q", "--explain", "*", role="triage").stderr == b""


# --- on a terminal


def show(desk: DeskDir, columns: int, *arguments: str, **changes: str) -> list[str]:
    command = [sys.executable, "-m", "supportctl", "--config", str(desk.config), "search", *arguments]
    environment = {**desk.environment, **changes}
    _, output = run_on_terminal(command, environment=environment, folder=desk.folder, columns=columns)
    return output.decode().splitlines()


def plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def test_the_words_are_marked(examples: DeskDir) -> None:
    head, text = show(examples, 100, "Fingerprint", "--limit", "1")
    assert "\x1b" not in head
    assert re.findall(r"\x1b\[1;33m(.*?)\x1b\[0m", text)[0].lower() == "fingerprint"
    assert show(examples, 100, "Fingerprint", "--limit", "1", NO_COLOR="1") == [head, plain(text)]


@pytest.mark.parametrize("columns", [24, 40, 80, 200])
@pytest.mark.parametrize(
    "arguments",
    [["証明書"], ["the or paypal"], ["subject:/./"], ["from:example.net"], ["--explain", "証明書 or /[^a-z]発/"]],
)
def test_no_line_is_longer_than_the_terminal(examples: DeskDir, columns: int, arguments: list[str]) -> None:
    lines = show(examples, columns, *arguments)
    assert lines
    assert max(width(plain(line)) for line in lines if line != "  mails  tickets") <= columns


@pytest.mark.parametrize("columns", [30, 60])
def test_the_first_match_is_in_sight(desk: DeskDir, columns: int) -> None:
    desk.take(make_mail("x", text=f"{'あいう' * 20} {'word ' * 20} needle {'more ' * 20}\n"))
    _, text = show(desk, columns, "needle")
    assert "\x1b[1;33mneedle\x1b[0m" in text
    assert width(plain(text)) <= columns


def test_search_finds_open_and_closed_and_exits_1_for_nothing(read_desk: DeskDir) -> None:
    assert {row["state"] for row in read_desk.rows("search", "is:closed or is:open")} == {"closed", "open"}
    nothing = read_desk.run("search", "nosuchwordanywhere", status=1)
    assert (nothing.stdout, nothing.stderr) == (b"", b"")
    assert json.loads(read_desk.run("search", "nosuchwordanywhere", "--format", "json", status=1).stdout) == {
        "version": 1, "tickets": []
    }  # fmt: skip
    failed = read_desk.run("search", "subject:(", status=2)
    assert failed.stderr
    read_desk.run("search", status=2)
    count = int(read_desk.lines("search", "--count", "in:triage")[0])
    assert count == len(read_desk.lines("search", "in:triage"))
    assert read_desk.lines("search", "--count", "nosuchwordanywhere", status=1) == ["0"]


def test_search_gives_a_part_in_either_order(read_desk: DeskDir) -> None:
    newest = read_desk.ids("search", "in:triage")
    assert read_desk.ids("search", "in:triage", "--limit", "5", "--offset", "3") == newest[3:8]
    assert sorted(read_desk.ids("search", "in:triage", "--sort", "oldest")) == sorted(newest)
    dates = [row["date"] for row in read_desk.rows("search", "in:triage", "--sort", "oldest")]
    assert dates == sorted(dates)


def test_search_gives_the_files_of_mails(read_desk: DeskDir) -> None:
    paths = read_desk.lines("search", "--path", "in:triage")
    assert len(paths) == len(read_desk.rows("search", "--messages", "in:triage"))
    assert all((read_desk.maildir / path).is_file() for path in paths)
