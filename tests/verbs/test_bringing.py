"""Who brings mail to the desk, and what is believed of it: a mail server's field, and none of a person's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import CACERT, Colleagues, DeskDir, make_mail
from tests.support.inside import locked

ENGINEER, TRIAGE, ARBITRATOR, STRANGER = "4242", "4244", "4245", "4299"
PASSED = "mx.cacert.org; dkim=pass header.d=paypal.com; dmarc=pass header.from=paypal.com"


def payment(mid: str) -> bytes:
    """What the rule "payment for a password reset" closes the case with, if it is really from PayPal."""
    text = "You received a payment of $15.00 USD from Jo.\n"
    return make_mail("Payment", "PayPal <service@paypal.com>", text, mid, Authentication_Results=PASSED)


@pytest.fixture
def desk(tmp_path: Path) -> Colleagues:
    """A desk of an engineer, one of Triage, an arbitrator, and its owner, who is the robot."""
    return make_desk(tmp_path)


def make_desk(folder: Path, robot: str = "") -> Colleagues:
    text = CACERT.read_text().replace("agents: [ben, clara]", f'agents: ["{ENGINEER}"]')
    text = text.replace("agents: [anna, ben]", f'agents: ["{TRIAGE}"]')
    text = text.replace("agents: [dora]", f'agents: ["{ARBITRATOR}"]')
    (folder / "many.yaml").write_text(text + robot)
    return Colleagues(folder / "desk", folder / "many.yaml")


def queue_of(desk: DeskDir, mid: str) -> str:
    """The queue of the ticket of a message."""
    (ticket,) = (it for it in desk.tickets().values() if mid in [message["mid"] for message in it["messages"]])
    return str(ticket["queue"])


def found_by_auth(desk: Colleagues) -> list[str]:
    """The tickets that a search takes for PayPal's, in an index of now and in one that is rebuilt."""
    found = desk.of("").run("search", "--format", "ids", "auth:paypal.com", status=None).stdout
    for cache in (desk.maildir / "supportctl").glob("*.sqlite*"):
        cache.unlink()
    assert desk.run("search", "--format", "ids", "auth:paypal.com", status=None).stdout == found
    return found.decode().split()


# What is believed


def test_what_a_mail_server_brings_is_believed(desk: Colleagues) -> None:
    desk.of("").run("ingest", "--classify", "-", input=payment("real@x.test"))
    assert queue_of(desk, "real@x.test") == "support-engineers"
    assert len(found_by_auth(desk)) == 1


@pytest.mark.parametrize("how", ["at once", "by cron", "by name"])
def test_what_a_person_brings_is_not_believed_at_any_later_reading(desk: Colleagues, how: str) -> None:
    options = ["--classify"] if how == "at once" else []
    desk.of(TRIAGE).run("ingest", *options, "-", input=payment("forged@x.test"))
    if how == "by cron":
        desk.of("").run("ingest", "--classify")
        desk.run("classify")
    if how == "by name":
        desk.run("classify", ".1")
    assert queue_of(desk, "forged@x.test") == "triage"
    assert found_by_auth(desk) == []
    trial = next(row for row in desk.rows("classify", "--explain", ".1") if "password reset" in row["rule"])
    assert trial["result"] == "does not match"


def test_who_brought_a_message_is_told_and_survives_undo_and_repair(desk: Colleagues) -> None:
    desk.of(TRIAGE).run("ingest", "-", input=payment("forged@x.test"))
    for step in ([], ["undo", "1"], ["undo", "2"], ["mv", ".1", "junk"], ["check", "--repair"]):
        if step:
            desk.of("").run(*step)
        if step != ["undo", "1"]:
            (message,) = next(iter(desk.tickets().values()))["messages"]
            assert message["brought_by"] == TRIAGE
    assert f"(brought by {TRIAGE})" in desk.run("show", ".1").stdout.decode()
    assert f'"brought_by":"{TRIAGE}"' in desk.run("show", "--format", "json", ".1").stdout.decode()
    assert found_by_auth(desk) == []
    desk.run("ingest", "-", input=make_mail("Plain"))
    assert b"brought" not in desk.run("show", ".2").stdout


def test_a_file_that_somebody_laid_into_a_queue_is_not_believed(desk: Colleagues) -> None:
    (desk.maildir / ".triage" / "new" / "laid").write_bytes(payment("laid@x.test"))
    desk.of("").run("check", "--repair")
    desk.run("classify")
    assert queue_of(desk, "laid@x.test") == "triage"
    assert found_by_auth(desk) == []


def test_bringing_is_no_touching(desk: Colleagues) -> None:
    """The rules may still act on what a person has only brought; what a person does in a robot's role is his own."""
    desk.of(TRIAGE).run("ingest", "-", input=make_mail("Case a20141022.2", mid="case@x.test"))
    assert not next(iter(desk.tickets().values())).get("touched")
    desk.run("classify")
    (ticket,) = desk.tickets().values()
    assert (ticket["queue"], ticket.get("touched")) == ("support-engineers", None)
    desk.of("").run("tag", "+x", ".1", role="robot")
    assert next(iter(desk.tickets().values()))["touched"]


# Who may


def test_a_person_takes_in_only_what_that_person_brings(desk: Colleagues) -> None:
    desk.deliver(make_mail("Waiting", mid="waits@x.test"))
    told = desk.of(TRIAGE).run("ingest", "--closed", "-", input=make_mail("Brought", mid="brought@x.test"))
    assert (told.stdout.decode().split(), told.stderr) == ([*desk.tickets()], b"")
    assert [ticket["subject"] for ticket in desk.tickets().values()] == ["Brought"]
    assert len(desk.mails("")) == 1
    desk.of("").run("ingest", "-", input=make_mail("Delivered"))
    assert desk.mails("") == {}


def test_a_desk_that_is_busy_puts_a_person_off_and_keeps_nothing(desk: Colleagues) -> None:
    with locked(desk.maildir):
        said = desk.of(TRIAGE).run("--wait", "0", "ingest", "-", input=make_mail("Later"), status=75)
    assert b"busy" in said.stderr
    assert desk.mails("") == {}


@pytest.mark.parametrize("account", [STRANGER, ARBITRATOR])
def test_bringing_needs_access_to_where_it_lands(desk: Colleagues, account: str) -> None:
    desk.deliver(make_mail("Waiting"))
    before = desk.contents()
    for options in ([], ["--closed"], ["--queue", "junk"], ["--type", "Wiki ACL"]):
        said = desk.of(account).run("ingest", *options, "-", input=make_mail("Brought"), status=75)
        why = b"has no role on this desk" if account == STRANGER else b"may read and work on tickets in"
        assert why in said.stderr
        if options or account == STRANGER:
            desk.run("ingest", *options, status=77)
    assert desk.contents() == before


def test_to_decide_on_all_waiting_mail_needs_access_to_the_intake_queue_too(desk: Colleagues) -> None:
    desk.deliver(make_mail("Waiting"))
    said = desk.of(ARBITRATOR).run("ingest", "--queue", "disputes", status=77).stderr
    assert b"Triage" in said
    desk.of(TRIAGE).run("ingest", "--closed")
    assert [ticket["state"] for ticket in desk.tickets().values()] == ["closed"]


def test_a_stranger_s_message_is_not_even_read(desk: Colleagues) -> None:
    """Of which there may be as much as fills the disk."""
    process = desk.of(STRANGER).start("ingest", "-")
    assert process.wait(timeout=60) == 75, "while its standard input is open"
    assert process.stderr is not None
    assert b"has no role" in process.stderr.read()


def test_the_robot_is_sent_only_to_tickets_that_one_may_work_on(desk: Colleagues) -> None:
    desk.of("").deliver(make_mail("Case a20141022.2", mid="case@x.test"))
    (hidden,) = desk.lines("ingest", "--queue", "SE")
    desk.deliver(make_mail("Case a20141022.3"))
    (plain,) = desk.lines("ingest")
    said = desk.of(TRIAGE).run("classify", hidden, plain, "--keep-going", status=3)
    assert said.stdout.decode().split() == [plain]
    assert b"may read and work on tickets in Support Engineers" in said.stderr
    assert "rules" not in desk.tickets()[hidden]
    assert desk.of("").lines("classify", hidden) == [hidden]


def test_who_has_a_role_sets_the_robot_going_and_nobody_else(desk: Colleagues) -> None:
    desk.deliver(make_mail("Case a20141022.2", mid="case@x.test"), make_mail("Question"))
    before = desk.contents()
    for words in (["ingest"], ["ingest", "-n"], ["ingest", "--classify"], ["classify"], ["wake"], ["classify", "-n"]):
        said = desk.of(STRANGER).run(*words, status=77).stderr
        assert b"4299 has no role on this desk\nhint: queues.yaml lists who has, under roles" in said
    assert desk.contents() == before
    desk.of(ARBITRATOR).run("ingest")
    desk.run("classify")
    assert [ticket["queue"] for ticket in desk.tickets().values()] == ["support-engineers", "triage"]
    desk.run("wake")


def test_the_owner_in_a_role_brings_mail_as_a_person(desk: Colleagues) -> None:
    file = desk.folder / "one.eml"
    file.write_bytes(payment("own@x.test"))
    desk.of("").run("ingest", str(file), role="arbitrator", status=77)
    desk.run("ingest", "--classify", str(file), role="triage")
    assert queue_of(desk, "own@x.test") == "triage"
    file.write_bytes(payment("robot@x.test"))
    desk.run("ingest", "--classify", str(file), role="robot")
    assert queue_of(desk, "robot@x.test") == "support-engineers"


def test_the_configuration_may_name_the_robots_accounts(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, f'robot:\n  accounts: ["{STRANGER}"]\n')
    desk.of(STRANGER).run("ingest", "--classify", "-", input=payment("real@x.test"))
    assert queue_of(desk, "real@x.test") == "support-engineers"
    desk.run("classify")
    desk.run("ls", "triage", status=77)
    desk.of("").run("ingest", "--classify", "-", input=payment("own@x.test"))
    assert queue_of(desk, "own@x.test") == "triage"


# What it tells of queues that are closed to the person


def test_what_a_person_brings_joins_no_ticket_that_is_closed_to_that_person(desk: Colleagues) -> None:
    secret = make_mail("A dispute", mid="secret@x.test")
    (row,) = desk.of("").take(secret)
    desk.run("mv", ".1", "disputes")
    answers = {
        "the same bytes": secret,
        "by reference": make_mail("Re: A dispute", mid="a1@x.test", In_Reply_To="<secret@x.test>"),
        "by its tag": make_mail(f"[{row['ticket']}] hello", mid="a2@x.test"),
    }
    for mail in answers.values():
        desk.of(TRIAGE).run("ingest", "-", input=mail)
    tickets = desk.tickets()
    assert len(tickets) == 4
    assert len(tickets[row["ticket"]]["messages"]) == 1
    assert not any("links" in ticket for ticket in tickets.values())
    assert desk.mails("duplicates") == {}
    # What that person has brought before, and what lies where that person may read, is known.
    desk.run("ingest", "-", input=secret)
    desk.run("ingest", "-", input=answers["by reference"])
    assert (len(desk.tickets()), len(desk.mails("duplicates"))) == (4, 2)
    # From a mail server the same joins.
    desk.of("").run("ingest", "-", input=make_mail("Re: A dispute", mid="a4@x.test", In_Reply_To="<secret@x.test>"))
    assert len(desk.tickets()[row["ticket"]]["messages"]) == 2


def test_a_copy_of_what_one_brought_is_known_wherever_it_is_now(desk: Colleagues) -> None:
    mail = make_mail("Mine", mid="mine@x.test")
    desk.of(TRIAGE).run("ingest", "-", input=mail)
    desk.run("mv", ".1", "disputes")
    desk.run("ingest", "-", input=mail)
    assert (len(desk.tickets()), len(desk.mails("duplicates"))) == (1, 1)


def test_large_mail_of_a_person_is_taken_in_whole(desk: Colleagues) -> None:
    mail = make_mail("Large", text="0123456789abcdef\n" * 300_000)
    desk.of(TRIAGE).run("ingest", "-", input=mail)
    assert list(desk.mails("triage").values()) == [mail]
    assert list((desk.maildir / "tmp").iterdir()) == []
