"""`ls`: what is open, in which order, and what nobody has read."""

from __future__ import annotations

from tests.support.desks import EXAMPLES, DeskDir


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
