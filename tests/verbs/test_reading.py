"""`ls`, `queues`, `search`, `stats`, `log`, `can`: their formats and exit statuses, on the desk of the examples."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.support.desks import CACERT, EXAMPLES, DeskDir, make_mail

FORMATS = ["table", "plain", "json", "jsonl", "csv", "ids"]


@pytest.fixture(scope="module")
def read_desk(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """The examples, taken in and classified, one ticket closed and one waiting; only looked at."""
    desk = DeskDir(tmp_path_factory.mktemp("reading") / "desk")
    desk.take_examples("--classify")
    first, second, *_ = desk.ids("ls", "triage")
    desk.run("close", first)
    desk.run("pend", second, "--until", "90d")
    return desk


def test_ls_lists_what_is_open_oldest_change_first(read_desk: DeskDir) -> None:
    tickets = read_desk.tickets()
    rows = read_desk.rows("ls")
    expected = [name for name, ticket in tickets.items() if ticket["state"] != "closed"]
    assert sorted(row["id"] for row in rows) == sorted(expected)
    assert [row["changed"] for row in rows] == sorted(row["changed"] for row in rows)
    for row in rows:
        ticket = tickets[row["id"]]
        assert (row["queue"], row["state"], row["messages"]) == (
            ticket["queue"],
            ticket["state"],
            len(ticket["messages"]),
        )
    assert [row["id"] for row in rows if row["queue"] == "support-engineers"] == read_desk.ids("ls", "SE")
    assert {row["queue"] for row in read_desk.rows("ls", "triage", "SE")} == {"triage", "support-engineers"}
    assert [row["state"] for row in read_desk.rows("ls", "--due")] == ["pending"]
    assert read_desk.lines("ls", "junk") == []


def test_ls_marks_what_nobody_has_read(read_desk: DeskDir) -> None:
    read = {
        path.name.partition(":2,")[0] for path in (EXAMPLES / "cur").iterdir() if "S" in path.name.partition(":2,")[2]
    }
    tickets = read_desk.tickets()
    for row in read_desk.rows("ls"):
        keys = {message["key"] for message in tickets[row["id"]]["messages"]}
        assert row["unread"] == bool(keys - read)


@pytest.mark.parametrize("verb", [["ls"], ["queues"], ["search", "in:triage"], ["log"]])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_the_same(read_desk: DeskDir, verb: list[str], format: str) -> None:
    rows = read_desk.rows(*verb)
    names = [str(next(iter(row.values()))) for row in rows]
    out = read_desk.run(*verb, "--format", format).stdout.decode()
    seen: list[str]
    if format == "json":
        value: dict[str, Any] = json.loads(out)
        (kind,) = value.keys() - {"version"}
        assert value == {"version": 1, kind: rows}
        seen = names
    elif format == "csv":
        seen = [row[0] for row in csv.reader(io.StringIO(out))][1:]
    elif format == "ids":
        seen = out.splitlines()
    elif format == "table":
        seen = [name for name in names if name in out]
    else:
        seen = [line.split("\t")[0] for line in out.splitlines()] if format == "plain" else names
    assert seen == names
    assert len(names) > 2


def test_plain_is_what_a_pipe_gets(read_desk: DeskDir) -> None:
    for verb in (["ls"], ["queues"], ["log"], ["search", "in:triage"]):
        assert read_desk.run(*verb).stdout == read_desk.run(*verb, "--format", "plain").stdout
    widths = {len(line.split("\t")) for line in read_desk.lines("ls")}
    assert len(widths) == 1


def test_queues_counts_what_is_there(read_desk: DeskDir) -> None:
    tickets = list(read_desk.tickets().values())
    rows = read_desk.rows("queues")
    assert [row["key"] for row in rows] == re.findall(
        r"^  ([a-z-]+):$", CACERT.read_text().partition("\nqueues:")[2].partition("\nissue_types")[0], re.M
    )
    for row in rows:
        states = Counter(ticket["state"] == "closed" for ticket in tickets if ticket["queue"] == row["key"])
        assert (row["open"], row["closed"]) == (states[False], states[True])
    assert sum(row["unread"] for row in rows) == sum(row["unread"] for row in read_desk.rows("ls"))


def test_queues_says_what_a_role_may(read_desk: DeskDir) -> None:
    lines = [json.loads(line) for line in read_desk.lines("queues", "--format", "jsonl", role="triage")]
    rights = {row["key"]: row["rights"] for row in lines}
    assert rights["triage"] == ["read", "move in"]
    assert rights["disputes"] == ["move in"]
    assert rights["secure-test"] == ["move in (asks)"]
    assert rights["deleted-accounts"] == []
    hidden = next(row for row in lines if row["key"] == "disputes")
    assert hidden["open"] is None


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


def test_stats_counts_every_ticket_once(read_desk: DeskDir) -> None:
    tickets = list(read_desk.tickets().values())
    for by, key in (("queue", "queue"), ("state", "state"), ("type", "issue_type")):
        rows = read_desk.rows("stats", "--by", by)
        assert {row[by] or None: row["tickets"] for row in rows} == Counter(ticket.get(key) for ticket in tickets)
        assert [row["tickets"] for row in rows] == sorted((row["tickets"] for row in rows), reverse=True)
    assert sum(row["tickets"] for row in read_desk.rows("stats")) == len(tickets)
    months = read_desk.rows("stats", "--by", "month")
    assert all(re.fullmatch(r"\d{4}-\d\d", row["month"]) for row in months)
    assert read_desk.lines("stats", "--since", "2099-01-01") == []
    since = read_desk.rows("stats", "--since", "2026-11-15", "--by", "queue")
    late = [ticket for ticket in tickets if ticket["created"] >= 1794700800]
    assert sum(row["tickets"] for row in since) == len(late) < len(tickets)
    for arguments in (["--by", "colour"], ["--since", "soon"], ["--by", ""]):
        read_desk.run("stats", *arguments, status=2)


def test_stats_counts_only_what_may_be_read(read_desk: DeskDir) -> None:
    queues = {
        json.loads(line)["queue"] for line in read_desk.lines("stats", "--format", "jsonl", role="organisation-assurer")
    }
    assert queues <= {"organisation-assurance"}


def test_log_says_who_did_what_when_and_why(desk: DeskDir) -> None:
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Two")))
    desk.run("mv", one, "SE", "-m", "certificates")
    desk.run("tag", one, other, "+x", role="support-engineer", status=None)
    rows = desk.rows("log")
    assert [(row["op"], row["verb"]) for row in rows] == [(3, "tag"), (2, "mv"), (1, "ingest")]
    move = rows[1]
    assert (move["why"], move["tickets"], move["ids"]) == ("certificates", one, [one])
    assert "triage → support-engineers" in move["change"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", move["at"])
    assert [row["op"] for row in desk.rows("log", one)] == [3, 2, 1]
    assert [row["op"] for row in desk.rows("log", other)] == [3, 1]
    assert [row["op"] for row in desk.rows("log", "-n", "1")] == [3]
    desk.run("log", "s20200101.1", status=66)


def test_log_shows_twenty_or_all(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("One"))
    for number in range(11):
        desk.run("tag", f"+t{number}", row["ticket"])
        desk.run("undo")
    assert len(desk.lines("log")) == 20
    assert len(desk.lines("log", "--all")) == 23


@pytest.mark.parametrize(
    ("arguments", "answer", "status"),
    [
        (["anna", "access", "triage"], "yes", 0),
        (["anna", "access", "SE"], "no", 1),
        (["anna", "move_in", "Support Engineers"], "yes", 0),
        (["anna", "move_in", "secure-test"], "ask", 0),
        (["clara", "move_in", "the-bat"], "yes", 0),
        (["dora", "access", "disputes"], "yes", 0),
        (["dora", "move_in", "junk"], "no", 1),
        (["nobody", "access", "triage"], "no", 1),
        (["anna", "access", "nowhere"], "", 66),
        (["anna", "delete", "triage"], "", 2),
    ],
)
def test_can_answers_and_names_the_line(read_desk: DeskDir, arguments: list[str], answer: str, status: int) -> None:
    out = read_desk.run("can", *arguments, status=status).stdout.decode()
    assert out.partition(":")[0] == answer
    if answer:
        line = re.search(r"line (\d+)\)$", out.strip())
        assert line
        assert re.search(r"access|move_in|ask", CACERT.read_text().splitlines()[int(line[1]) - 1])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"List_Id": "<x.example.org>"}, "from a mailing list"),
        ({"Auto_Submitted": "auto-replied"}, "an automatic reply"),
    ],
)
def test_show_tells_what_no_person_sent(desk: DeskDir, fields: dict[str, str], told: str) -> None:
    (row,) = desk.take(make_mail(**fields))
    assert f"({told})" in desk.lines("show", row["ticket"])
