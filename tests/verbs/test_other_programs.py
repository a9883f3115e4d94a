"""Other programs on the same tree: what they rewrite, move, put back and keep for themselves."""

from __future__ import annotations

import os
import pwd

import pytest

from tests.support.desks import CACERT, DeskDir, make_mail, make_maildir
from tests.support.mail_clients import message_of, one_ticket, rewrite, save_elsewhere
from tests.support.tickets import findings, locate

# a rewritten mail


def test_a_ticket_follows_a_mail_that_was_rewritten_on_the_way(desk: DeskDir) -> None:
    ticket, path = one_ticket(desk)
    before = message_of(desk, ticket)
    content = save_elsewhere(desk, path, "disputes").read_bytes()
    desk.run("check", status=65)
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert list(desk.tickets()) == [ticket]
    assert desk.tickets()[ticket]["queue"] == "disputes"
    after = message_of(desk, ticket)
    assert (after["size"], after["key"]) == (len(content), "1795.1_1.mutt")
    assert {**before, "key": "", "size": 0, "digest": ""} == {**after, "key": "", "size": 0, "digest": ""}
    assert "rewritten" in desk.rows("log", ticket)[0]["why"]
    assert desk.ids("search", "mid:q@x.test") == [ticket]
    desk.run("undo", "2")
    assert desk.tickets()[ticket]["queue"] == "triage"
    assert locate(desk, ticket).read_bytes() == content
    assert findings(desk) == []
    desk.run("undo", "3")
    assert desk.tickets()[ticket]["queue"] == "disputes"


def test_a_mail_is_known_again_and_again(desk: DeskDir) -> None:
    ticket, path = one_ticket(desk)
    desk.take(make_mail("The last mail of the desk"))
    for queue in ("disputes", "triage", "support-engineers"):
        save_elsewhere(desk, path, queue, f"{queue}.mutt:2,S")
        desk.run("check", "--repair")
        assert desk.tickets()[ticket]["queue"] == queue
        path = locate(desk, ticket)
    assert len(desk.tickets()) == 2


def test_a_mail_that_was_rewritten_in_its_place_is_taken_over(desk: DeskDir) -> None:
    ticket, path = one_ticket(desk)
    path.write_bytes(rewrite(path.read_bytes()))
    (found,) = findings(desk)
    assert "has changed" in found["what"]
    said = desk.run("check", "--repair").stderr.decode()
    assert "operation 2" in said
    assert findings(desk) == []
    assert message_of(desk, ticket)["size"] == path.stat().st_size
    assert "touched" not in desk.tickets()[ticket], "no person has worked on it"
    desk.run("undo", "2")
    assert findings(desk) == [], "what is rewritten stays so"


@pytest.mark.parametrize("is_indexed", [True, False])
def test_another_text_makes_another_mail(desk: DeskDir, is_indexed: bool) -> None:
    """Under the same Message-ID, whether it lies in the place of the first or somewhere else."""
    ticket, path = one_ticket(desk)
    if not is_indexed:
        desk.forget_index()
    content = path.read_bytes()
    path.write_bytes(rewrite(content, text=b"Another text.\n"))
    if not is_indexed:
        desk.run("search", "anything", status=1)  # the index reads it as it is now
    desk.run("check", "--repair", status=65)
    assert message_of(desk, ticket)["size"] == len(content)
    assert "problems" not in desk.tickets()[ticket], "a person may find the message in it"
    path.rename(desk.maildir / ".disputes" / "cur" / "other:2,S")
    desk.run("check", "--repair")
    found = desk.tickets()[ticket]
    assert [message["size"] == len(content) for message in found["messages"]] == [True, False]
    assert f"the mail {path.name} is gone" in found["problems"]


def test_whoever_can_write_to_a_folder_checks_no_sender(desk: DeskDir) -> None:
    """A field that only our mail server may write makes another message of it, which nobody believes."""
    ticket, path = one_ticket(desk, sender="service@paypal.com")
    content = path.read_bytes()
    path.write_bytes(b"Authentication-Results: mx.cacert.org; dkim=pass header.d=paypal.com\n" + content)
    desk.run("check", "--repair", status=65)
    assert message_of(desk, ticket)["size"] == len(content)
    path.write_bytes(content)


def test_without_a_message_id_the_date_stands_for_it(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Q"))
    save_elsewhere(desk, locate(desk, row["ticket"]), "disputes")
    desk.run("check", "--repair")
    assert {name: found["queue"] for name, found in desk.tickets().items()} == {row["ticket"]: "disputes"}


def test_a_rewritten_copy_is_a_duplicate_until_the_first_is_gone(desk: DeskDir) -> None:
    """mutt saves a mail elsewhere at once, and deletes it when it quits: the repair may come in between."""
    ticket, path = one_ticket(desk)
    kept = path.read_bytes()
    save_elsewhere(desk, path, "disputes")
    path.write_bytes(kept)
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert len(desk.tickets()[ticket]["messages"]) == 1
    assert list(desk.mails("duplicates").values()) == [rewrite(kept)]
    path.unlink()
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert "problems" not in desk.tickets()[ticket]
    assert locate(desk, ticket).read_bytes() == rewrite(kept)


# whose it is


def test_what_was_there_till_now_comes_before_what_was_gone_already(desk: DeskDir) -> None:
    mail = make_mail("Twice")
    (first,) = desk.take(mail)
    locate(desk, first["ticket"]).unlink()
    desk.run("check", "--repair")
    (second,) = desk.take(mail)
    path = locate(desk, second["ticket"])
    path.rename(desk.maildir / ".disputes" / "cur" / f"renamed.{path.name}:2,S")
    desk.run("check", "--repair")
    tickets = desk.tickets()
    assert [tickets[row["ticket"]]["queue"] for row in (first, second)] == ["triage", "disputes"]
    assert tickets[first["ticket"]]["problems"]
    assert findings(desk) == []


def test_of_mails_with_the_same_bytes_each_is_known_by_its_name(desk: DeskDir) -> None:
    mail = make_mail("Twice")
    (first,) = desk.take(mail)
    path = locate(desk, first["ticket"])
    path.unlink()
    (second,) = desk.take(mail)
    path.write_bytes(mail)
    for row, queue in ((first, "support-engineers"), (second, "disputes")):
        path = locate(desk, row["ticket"])
        path.rename(desk.maildir / f".{queue}" / "cur" / f"{path.name}:2,S")
    desk.run("check", "--repair")
    queues = [desk.tickets()[row["ticket"]]["queue"] for row in (first, second)]
    assert queues == ["support-engineers", "disputes"]


@pytest.mark.parametrize("where", ["in its place", "under another name", "in another queue", "rewritten"])
def test_what_was_noted_as_gone_comes_back(desk: DeskDir, where: str) -> None:
    ticket, path = one_ticket(desk)
    away = desk.folder / "away"
    path.rename(away)
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert desk.tickets()[ticket]["problems"]
    target = {
        "in its place": path,
        "rewritten": path,
        "under another name": path.with_name("another"),
        "in another queue": desk.maildir / ".disputes" / "new" / path.name,
    }[where]
    target.write_bytes(rewrite(away.read_bytes()) if where == "rewritten" else away.read_bytes())
    assert findings(desk)
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert "problems" not in desk.tickets()[ticket]
    assert locate(desk, ticket).exists()
    away.unlink()


def test_one_of_many_tickets_gets_a_file_only_once(desk: DeskDir) -> None:
    """A mail that was dragged away from one ticket is not taken for the lost one of another."""
    tickets = [row["ticket"] for row in desk.take(*(make_mail(f"Q{n}", mid=f"{n}@x.test") for n in range(4)))]
    paths = [locate(desk, ticket) for ticket in tickets]
    for path in paths[:3]:
        save_elsewhere(desk, path, "disputes", f"1795.{path.name}:2,")
    paths[3].unlink()
    desk.run("check", "--repair")
    assert [desk.tickets()[ticket]["queue"] for ticket in tickets] == ["disputes"] * 3 + ["triage"]
    assert [b"Subject: Q%d\n" % n in locate(desk, tickets[n]).read_bytes() for n in range(3)] == [True] * 3
    assert findings(desk) == []


# where a client has put it


@pytest.mark.parametrize("folder", ["outbox", "undone", "duplicates", ""])
@pytest.mark.parametrize("is_rewritten", [True, False])
def test_a_mail_that_was_dragged_into_a_folder_of_the_desk_comes_back(
    desk: DeskDir, folder: str, is_rewritten: bool
) -> None:
    ticket, path = one_ticket(desk)
    content = path.read_bytes()
    box = desk.maildir / (f".{folder}" if folder else "")
    path.unlink()
    (box / "cur" / "dragged:2,S").write_bytes(rewrite(content) if is_rewritten else content)
    desk.run("check", status=65)
    desk.run("check", "--repair")
    assert findings(desk) == []
    assert desk.tickets()[ticket]["queue"] == "triage"
    assert locate(desk, ticket).name == "dragged:2,S"
    assert not desk.mails(folder)


def test_a_mail_in_the_outbox_that_nobody_wrote_is_told_and_left(desk: DeskDir) -> None:
    stranger = desk.maildir / ".outbox" / "new" / "dragged"
    stranger.write_bytes(make_mail("Not to be sent"))
    for verb in (["check"], ["check", "--repair"]):
        assert b"outbox" in desk.run(*verb, status=65).stdout
    stranger.unlink()


def test_a_ticket_that_was_dragged_to_the_waiting_queue_is_brought_back(desk: DeskDir) -> None:
    ticket, path = one_ticket(desk)
    path.rename(desk.maildir / ".pending-for-action" / "cur" / f"{path.name}:2,S")
    said = desk.run("check", "--repair").stderr.decode()
    assert f"{ticket}: brought back from Pending for action" in said
    assert "pend" in said
    assert (desk.tickets()[ticket]["queue"], desk.tickets()[ticket]["state"]) == ("triage", "open")
    assert findings(desk) == []


def test_a_mail_that_was_put_into_the_waiting_queue_waits_for_a_person(desk: DeskDir) -> None:
    (desk.maildir / ".pending-for-action" / "new" / "x").write_bytes(make_mail("Put there"))
    desk.run("check", "--repair")
    (ticket,) = desk.tickets().values()
    assert (ticket["queue"], ticket["state"]) == ("triage", "open")


def test_a_ticket_that_may_not_close_is_left_open_and_told(desk: DeskDir) -> None:
    ticket, path = one_ticket(desk)
    box = make_maildir(desk.maildir / ".support-engineers.closed.2026-11")
    path.rename(box / "cur" / f"{path.name}:2,S")
    said = desk.run("check", "--repair").stderr.decode()
    assert f"{ticket}: left open: needs an issue type" in said
    assert (desk.tickets()[ticket]["queue"], desk.tickets()[ticket]["state"]) == ("support-engineers", "open")


def test_what_the_agent_may_not_do_is_told_and_the_rest_is_done(desk: DeskDir) -> None:
    """TRIAGE may move tickets to Disputes, and not to Deleted accounts."""
    me = pwd.getpwuid(os.getuid()).pw_name
    desk.config.write_text(desk.config.read_text().replace("agents: [anna, ben]", f'agents: ["{me}"]'))
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Other")))
    for ticket, queue in ((one, "deleted-accounts"), (other, "disputes")):
        path = locate(desk, ticket)
        path.rename(desk.maildir / f".{queue}" / "cur" / f"{path.name}:2,S")
    stranger = desk.maildir / ".deleted-accounts" / "new" / "stranger"
    stranger.write_bytes(make_mail("Put there"))
    said = desk.run("check", "--repair", status=65).stderr.decode()
    assert f"{one}: only the role Support Engineer may move tickets to Deleted accounts" in said
    assert "left what lies in the folder of deleted-accounts" in said
    assert {name: found["queue"] for name, found in desk.tickets().items()} == {one: "triage", other: "disputes"}
    desk.config.write_text(CACERT.read_text())
    desk.run("check", "--repair")
    assert desk.tickets()[one]["queue"] == "deleted-accounts"


def test_a_mail_of_a_ticket_that_may_not_follow_does_not_become_another_one(desk: DeskDir) -> None:
    """Of TRIAGE, who may put mail into Triage, and may not take tickets out of Disputes."""
    ticket, _ = one_ticket(desk)
    desk.run("mv", ticket, "disputes")
    me = pwd.getpwuid(os.getuid()).pw_name
    desk.config.write_text(desk.config.read_text().replace("agents: [anna, ben]", f'agents: ["{me}"]'))
    path = locate(desk, ticket)
    path.rename(desk.maildir / ".triage" / "new" / path.name)
    said = desk.run("check", "--repair", status=65).stderr.decode()
    assert f"{ticket}: only the role Arbitrator may read" in said
    assert list(desk.tickets()) == [ticket]
    desk.config.write_text(CACERT.read_text())
    desk.run("check", "--repair")
    assert {name: found["queue"] for name, found in desk.tickets().items()} == {ticket: "triage"}


# many at once, and old ones


def test_a_whole_queue_that_was_dragged_away_is_followed_in_parts(desk: DeskDir) -> None:
    desk.deliver(*(make_mail(f"Q{number}", mid=f"{number}@x.test") for number in range(600)))
    desk.run("ingest")
    for path in (desk.maildir / ".triage" / "new").iterdir():
        path.rename(desk.maildir / ".disputes" / "cur" / f"{path.name}:2,S")
    desk.run("check", "--repair")
    assert {ticket["queue"] for ticket in desk.tickets().values()} == {"disputes"}
    operations = [row for row in desk.rows("log", "--all") if row["verb"] == "check"]
    assert [len(row["ids"]) for row in operations] == [100, 500]
    desk.run("undo", "--yes")
    assert {ticket["queue"] for ticket in desk.tickets().values()} == {"triage"}


def test_mail_that_was_put_there_long_ago_has_the_time_of_its_file(desk: DeskDir) -> None:
    path = desk.maildir / ".disputes" / "cur" / "old:2,S"
    path.write_bytes(make_mail("Old", date="nonsense"))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk.run("check", "--repair")
    (ticket,) = desk.tickets().values()
    assert ticket["created"] == 1_700_000_000
