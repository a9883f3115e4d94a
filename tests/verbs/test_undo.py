"""`undo`: every verb can be taken back and done again, as far as nobody has built on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.desks import Colleagues, DeskDir, make_mail

DAY = 86400


def picture(desk: DeskDir) -> dict[str, Any]:
    """All metadata, and the mails of every folder but that of undone things."""
    folders = ["", *(path.name[1:] for path in desk.maildir.glob(".*") if path.name != ".undone")]
    mails = {folder: found for folder in sorted(folders) if (found := desk.mails(folder))}
    return {"tickets": desk.tickets(), "mails": mails}


@dataclass(frozen=True)
class Step:
    """A command on the desk of `prepare`, what has to be done before it, and by how much the clock is ahead then."""

    name: str
    arguments: list[str]
    before: tuple[list[str], ...] = ()
    clock: int = 0
    mails: tuple[bytes, ...] = ()


ANSWER = make_mail("Re: Case", mid="4@x.test", References="<1@x.test>")
STEPS = [
    Step("mv", ["mv", ".1", ".2", "SE"]),
    Step("mv-closing", ["mv", ".1", ".2", ".3", "junk"]),
    Step("mv-closed", ["mv", "--closed", ".1", "disputes"], (["close", ".1"],)),
    Step("close", ["close", ".1", ".3"]),
    Step("close-with-type", ["close", ".1", "--type", "Wiki ACL"]),
    Step("reopen", ["reopen", ".1", ".3"], (["close", ".1", ".2", ".3"],)),
    Step("pend", ["pend", ".1", ".2", "--until", "90d"], (["mv", ".1", "SE"],)),
    Step("wake", ["wake", ".2"], (["pend", ".1", ".2", "--until", "90d"],)),
    Step("wake-due", ["wake"], (["pend", ".1", ".2", "--until", "90d"],), 91 * DAY),
    Step("tag", ["tag", ".1", ".3", "+a", "-b", "--owner", "ben"], (["tag", ".1", "+b"],)),
    Step("note", ["note", ".1", ".2", "--text", "he called"]),
    Step("forward", ["forward", ".1", ".2", "--to", "else@example.org"]),
    Step("forward-closing", ["forward", ".1"], (["mv", ".1", "cacert-support"],)),
    Step("classify", ["classify"]),
    Step("ingest-answer", ["ingest", "--classify"], mails=(ANSWER,)),
    Step("ingest-reopening", ["ingest"], (["close", ".1"],), mails=(ANSWER,)),
    Step("ingest-waking", ["ingest"], (["pend", ".1", "--until", "9d"],), mails=(ANSWER,)),
    Step(
        "ingest-new",
        ["ingest", "--classify"],
        mails=(make_mail("Other", mid="5@x.test"), make_mail("Case a20141022.9")),
    ),
    Step("ingest-closed", ["ingest", "--closed"], mails=(make_mail("Old", date="Fri, 4 Jan 2019 10:00:00 +0000"),)),
    Step("ingest-duplicate", ["ingest"], mails=(make_mail("Case a20141022.2", mid="1@x.test"), make_mail("Fresh"))),
    Step("ingest-only-duplicates", ["ingest"], mails=(make_mail("Case a20141022.2", mid="1@x.test"),)),
]


def prepare(desk: DeskDir, step: Step) -> None:
    """Three tickets, the third with two mails, one of them read; then what the step needs."""
    desk.deliver(make_mail("Case a20141022.2", mid="1@x.test"), make_mail("Question", mid="2@x.test"))
    desk.deliver(make_mail("Offer", mid="3@x.test"))
    (desk.maildir / "cur" / "1763800100.flags:2,FRS").write_bytes(make_mail("Re: Offer", References="<3@x.test>"))
    desk.run("ingest")
    for arguments in step.before:
        desk.run(*arguments)
    desk.clock = step.clock
    desk.deliver(*step.mails)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_verb_is_taken_back_and_done_again(desk: DeskDir, step: Step) -> None:
    prepare(desk, step)
    before = picture(desk)
    desk.run(*step.arguments)
    after = picture(desk)
    assert after != before
    op = desk.rows("log")[0]["op"]
    desk.run("undo", str(op))
    back = picture(desk)
    arrived = before["mails"].pop("", {})  # it came from the INBOX, and does not go back there
    assert back == before
    assert sorted(arrived.values()) == sorted(desk.mails("undone").values()) or "forward" in step.name
    desk.check()
    desk.run("undo", str(op + 1))
    again = picture(desk)
    assert again == after
    assert desk.mails("undone") == {}
    desk.run("undo", str(op + 2))
    assert picture(desk) == before


def test_undo_without_a_number_goes_back_step_by_step(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Question"))
    seen = [picture(desk)]
    for arguments in (["mv", ".1", "SE"], ["tag", ".1", "+a"], ["close", ".1", "--type", "Wiki ACL"]):
        desk.run(*arguments)
        seen.append(picture(desk))
    for expected in reversed(seen[:-1]):
        assert desk.lines("undo") == [row["ticket"]]
        assert picture(desk) == expected
    assert desk.lines("undo") == [row["ticket"]]
    assert desk.tickets() == {}
    desk.run("undo", status=66)


def test_what_was_done_again_is_the_next_to_be_taken_back(desk: DeskDir) -> None:
    desk.take(make_mail("Question"))
    desk.run("tag", ".1", "+first")
    desk.run("tag", ".1", "+second")
    desk.run("undo")
    desk.run("undo", "4")
    assert desk.tickets()[desk.ids("ls")[0]]["tags"] == ["first", "second"]
    desk.run("undo")
    assert desk.tickets()[desk.ids("ls")[0]]["tags"] == ["first"]
    desk.run("undo")
    assert "tags" not in desk.tickets()[desk.ids("ls")[0]]


def test_an_operation_is_taken_back_once(desk: DeskDir) -> None:
    desk.take(make_mail("Question"))
    desk.run("tag", ".1", "+a")
    desk.run("undo", "2")
    refused = desk.run("undo", "2", status=2)
    assert b"undo 3" in refused.stderr
    desk.run("undo", "99", status=66)
    desk.run("undo", "zero", status=2)


def test_a_dry_run_of_undo_changes_nothing(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Question"))
    desk.run("close", ".1")
    before = desk.contents()
    assert desk.lines("undo", "-n") == [row["ticket"]]
    assert desk.contents() == before


def test_a_later_change_is_named_and_the_rest_may_be_taken_back(desk: DeskDir) -> None:
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Other")))
    desk.run("mv", one, other, "SE")
    desk.run("tag", one, "+since")
    before = desk.contents()
    refused = desk.run("undo", "2", status=2).stderr.decode()
    assert one in refused
    assert "operation 3" in refused
    assert "nothing was changed" in refused
    assert desk.contents() == before
    done = desk.run("undo", "2", "--keep-going", status=3)
    assert done.stdout.decode().split() == [other]
    assert {name: ticket["queue"] for name, ticket in desk.tickets().items()} == {
        one: "support-engineers",
        other: "triage",
    }


def test_an_intake_that_was_answered_since_is_not_taken_back(desk: DeskDir) -> None:
    desk.take(make_mail("Question", mid="q@x.test"))
    desk.take(make_mail("Answer", References="<q@x.test>"))
    assert b"operation 2 (ingest" in desk.run("undo", "1", status=2).stderr
    desk.run("undo", "2")
    desk.run("undo", "1")
    assert desk.tickets() == {}
    assert len(desk.mails("undone")) == 2


def test_what_intake_was_taken_back_is_found_no_more_and_again_when_it_is_redone(desk: DeskDir) -> None:
    mail = make_mail("Question about xylophones", mid="q@x.test")
    (row,) = desk.take(mail)
    assert desk.ids("search", "xylophones") == [row["ticket"]]
    desk.run("undo")
    desk.run("search", "xylophones", status=1)
    desk.run("log", row["ticket"], status=66)
    desk.run("mv", "q@x.test", "junk", status=66)
    desk.run("undo", "2")
    assert desk.ids("search", "xylophones") == [row["ticket"]]
    desk.run("undo", "3")
    (again,) = desk.take(mail)
    assert (again["outcome"], again["ticket"]) == ("new", row["ticket"].replace(".1", ".2"))
    assert desk.ids("search", "xylophones") == [again["ticket"]]


def test_flags_that_a_client_has_set_since_are_no_conflict(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Question"))
    desk.run("mv", ".1", "SE")
    (unread,) = (desk.maildir / ".support-engineers" / "new").iterdir()
    unread.rename(desk.maildir / ".support-engineers" / "cur" / f"{unread.name}:2,RS")
    assert desk.lines("undo") == [row["ticket"]]
    assert list(desk.mails("triage")) == [f"cur/{unread.name}:2,RS"]


def test_mail_that_is_gone_from_the_outbox_is_named(desk: DeskDir) -> None:
    desk.take(make_mail("One"), make_mail("Other"))
    desk.run("forward", ".1", ".2", "--to", "else@example.org")
    gone = next((desk.maildir / ".outbox" / "new").iterdir())
    gone.unlink()
    done = desk.run("undo")
    assert done.stderr.decode().count("is not in the outbox any more") == 1
    assert b"sent" not in done.stderr, "that it is gone says nothing of where it went"
    assert b"else@example.org" in done.stderr
    assert desk.mails("outbox") == {}
    assert len(desk.mails("undone")) == 1


def test_undo_takes_back_one_s_own_last_operation(colleagues: Colleagues) -> None:
    desk = colleagues
    desk.take(make_mail("One"), make_mail("Other"))
    desk.of("4242").run("tag", ".1", "+mine")
    desk.of("4243").run("tag", ".2", "+theirs")
    desk.of("4242").run("undo")
    assert [ticket.get("tags") for ticket in desk.tickets().values()] == [None, ["theirs"]]
    desk.of("4242").run("undo", status=66)
    assert [row["account"] for row in desk.rows("log")][:3] == ["4242", "4243", "4242"]


def test_undo_names_who_has_built_on_it(colleagues: Colleagues) -> None:
    desk = colleagues
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Other")))
    desk.of("4242").run("mv", one, other, "SE")
    desk.of("4243").run("close", one, "--type", "Wiki ACL")
    refused = desk.of("4242").run("undo", status=2).stderr.decode()
    assert f"{one}: changed since by operation 3 (close by 4243)\nhint: run supportctl undo 3 first; " in refused
    assert desk.run("undo", "--keep-going", status=3).stdout.decode().split() == [other]


def test_one_s_own_needs_no_further_right_another_s_does(colleagues: Colleagues) -> None:
    desk = colleagues
    desk.take(make_mail("One"))
    desk.of("4244").run("mv", ".1", "SE")  # Triage may move in there, and has no access to what lies there
    desk.run("mv", ".1", "triage", status=77)
    desk.run("undo")
    assert next(iter(desk.tickets().values()))["queue"] == "triage"
    desk.of("4242").run("mv", ".1", "SE")
    desk.of("4244").run("undo", "4", status=77)
    desk.of("4243").run("undo", "4")


def test_the_robot_s_work_is_taken_back_by_its_number(colleagues: Colleagues) -> None:
    desk = colleagues
    desk.of("").take(make_mail("Case a20141022.2"))
    desk.of("4242").run("tag", ".1", "+mine")
    desk.run("undo")
    desk.run("classify")
    assert desk.lines("log", "--format", "ids") == ["4", "3", "2", "1"]
    desk.run("undo", "4")
    assert next(iter(desk.tickets().values()))["queue"] == "triage"


DEEDS = st.one_of(
    st.tuples(st.just("tag"), st.sampled_from([(".1",), (".2",), (".1", ".2")])),
    st.tuples(st.just("mv"), st.sampled_from([(".1",), (".2",), (".1", ".2")])),
    st.tuples(st.just("undo"), st.integers(2, 9)),
)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(deeds=st.lists(DEEDS, max_size=9))
def test_whatever_was_done_and_taken_back_undo_leads_to_the_start(deeds: list[tuple[str, Any]]) -> None:
    """Each undo leads exactly to what was before it, or changes nothing; at the end all of them together."""
    with TemporaryDirectory() as folder:
        desk = DeskDir(Path(folder) / "desk")
        desk.deliver(make_mail("One"), make_mail("Two", date="Sun, 22 Nov 2026 11:00:00 +0000"))
        desk.run("ingest")
        before = {2: desk.tickets()}  # by the number of the operation that comes next
        for number, (verb, what) in enumerate(deeds):
            arguments = {"tag": ["tag", f"+t{number}"], "mv": ["mv"], "undo": ["undo"]}[verb]
            goal = [("SE", "triage", "disputes")[number % 3]] if verb == "mv" else []
            done = desk.run(*arguments, *([str(what)] if verb == "undo" else what), *goal, status=None)
            seen, op = desk.tickets(), max(before)
            if not done.stdout:
                assert seen == before[op]
                continue
            before[op + 1] = seen
            if verb == "undo":
                names = done.stdout.decode().split()
                assert {name: seen[name] for name in names} == {name: before[what][name] for name in names}
        while desk.tickets() != before[2]:
            desk.run("undo")
        desk.check()


def test_of_two_undone_messages_of_one_name_each_comes_back_to_its_own_ticket(desk: DeskDir) -> None:
    name = "1795341600.M1P1Q1.x"
    for subject in ("one", "two"):
        (desk.maildir / "new" / name).write_bytes(make_mail(subject))
        desk.run("ingest")
        desk.run("undo", "--yes")
    desk.run("undo", "4", "--yes")
    desk.run("undo", "2", "--yes")
    for number, line in (1, b"Subject: one\n"), (2, b"Subject: two\n"):
        assert line in desk.run("show", f".{number}").stdout
    desk.check()


def test_what_lies_in_undone_under_the_name_of_another_mail_is_not_taken_for_it(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("one"))
    desk.run("undo", "--yes")
    (path,) = (desk.maildir / ".undone" / "new").iterdir()
    path.write_bytes(make_mail("somebody else's"))
    done = desk.run("undo", "2", "--yes")
    assert b"is missing from undone" in done.stderr
    assert b"somebody else's" not in desk.run("show", row["ticket"]).stdout
    desk.run("check", status=65)
    path.unlink()
    desk.run("check", "--repair")


def test_an_undo_that_finds_nothing_to_do_is_done(desk: DeskDir) -> None:
    mail = make_mail("one")
    desk.take(mail)
    desk.run("tag", "+x", *desk.ids("ls"))
    desk.deliver(mail)
    desk.run("ingest")
    for path in (desk.maildir / ".duplicates").glob("*/*"):
        path.unlink()
    desk.run("undo", "3", "--yes")
    assert desk.rows("log")[0]["verb"] == "undo"
    desk.run("undo", "--yes")
    assert [row["tags"] for row in desk.rows("ls")] == [[]]


# What an undo leaves, and what was redone


def test_what_an_undo_left_is_undone_by_a_second_one(desk: DeskDir) -> None:
    one, other = (row["ticket"] for row in desk.take(make_mail("One"), make_mail("Other")))
    desk.run("mv", one, other, "SE")
    desk.run("tag", one, "+since")
    desk.run("undo", "2", "--keep-going", status=3)
    assert one in desk.run("undo", "2", status=2).stderr.decode(), "what is left is refused for the same reason"
    desk.run("undo", "3")
    assert desk.lines("undo", "2") == [one]
    assert [ticket["queue"] for ticket in desk.tickets().values()] == ["triage", "triage"]
    said = desk.run("undo", "2", status=2).stderr
    assert b"already undone" in said
    # Each of the two is redone by itself, and what is undone since the first undo is no conflict.
    desk.run("undo", "4")
    desk.run("undo", "6")
    assert [ticket["queue"] for ticket in desk.tickets().values()] == ["support-engineers", "support-engineers"]
    assert desk.lines("undo", "2") == [one, other]
    assert [ticket["queue"] for ticket in desk.tickets().values()] == ["triage", "triage"]
    desk.run("undo")
    assert desk.tickets() == {}, "neither the move nor its redos stand in the way of earlier work"


def test_a_duplicate_that_an_undo_left_is_undone_by_a_second_one(colleagues: Colleagues) -> None:
    desk = colleagues
    mail = make_mail("A secret", mid="s@x.test")
    desk.of("").take(mail)
    desk.run("mv", ".1", "disputes")
    desk.take(make_mail("Open to all", mid="o@x.test"), mail)
    (kept,) = desk.mails("duplicates").values()
    for options, status in (([], 77), (["--dry-run"], 77), (["--keep-going"], 3)):
        said = desk.of("4244").run("undo", "3", *options, status=status).stderr.decode()
        assert "operation 3 was also about tickets that you may not read" in said
        assert "disputes" not in said.lower()
        assert ".1" not in said, "the log names neither the ticket nor its queue"
        assert list(desk.mails("duplicates").values()) == [kept]
    assert len(desk.of("").tickets()) == 1
    desk.run("undo", "3")
    assert desk.mails("duplicates") == {}
    desk.run("undo", "3", status=2)


def test_undo_brings_no_ticket_back_to_a_queue_that_is_closed_to_the_agent(colleagues: Colleagues) -> None:
    """Not even where the agent may move tickets in: what comes back was never the agent's to move."""
    desk = colleagues
    desk.of("").deliver(make_mail("A secret"))
    (ticket,) = desk.lines("ingest", "--queue", "SE")
    desk.run("undo", "1")
    said = desk.of("4244").run("undo", "2", status=77).stderr.decode()
    assert "was also about tickets that you may not read" in said
    assert ticket not in said
    assert desk.tickets() == {}
    assert desk.of("4242").lines("undo", "2") == [ticket]


def test_after_a_redo_the_operation_is_undone_by_its_own_number(desk: DeskDir) -> None:
    desk.take(make_mail("Question"))
    desk.run("tag", ".1", "+a")
    for _ in range(2):
        desk.run("undo", "2")
        assert "tags" not in next(iter(desk.tickets().values()))
        (last,) = desk.ids("log", "-n", "1")
        desk.run("undo", last)
        assert next(iter(desk.tickets().values()))["tags"] == ["a"]
    desk.run("undo")
    assert b"nothing to undo" not in desk.run("undo").stderr
    assert desk.tickets() == {}


def test_an_account_that_has_lost_its_role_undoes_nothing(colleagues: Colleagues) -> None:
    """The operation itself would be refused today; so is taking it back."""
    desk = colleagues
    desk.of("").take(make_mail("One"), make_mail("Two"), make_mail("Three"))
    desk.of("4244").run("mv", ".1", "disputes")
    desk.run("tag", "+mine", ".2")
    desk.run("close", ".3")
    text = desk.config.read_text()
    desk.config.write_text(text.replace('agents: ["4244"]', "agents: [anna]"))
    before = desk.contents()
    for words in (["undo", "2"], ["undo", "3"], ["undo", "4"], ["undo"], ["undo", "1"], ["undo", "3", "--dry-run"]):
        why = b"operation 1 was also about tickets that you may not read" if "1" in words else b"4244 has no role"
        assert why in desk.run(*words, status=77).stderr
        assert desk.contents() == before
    desk.config.write_text(text)
    for number in ("2", "3", "4"):
        desk.run("undo", number)


def test_the_owner_in_a_role_undoes_the_robot_s_work_by_the_rights_of_that_role(colleagues: Colleagues) -> None:
    desk = colleagues
    desk.of("").deliver(make_mail("One"))
    desk.run("ingest", "--queue", "SE")
    refused = desk.run("undo", "1", role="triage", status=77)
    assert b"operation 1 was also about tickets that you may not read" in refused.stderr
    assert [ticket["queue"] for ticket in desk.tickets().values()] == ["support-engineers"]
    desk.run("undo", "1")
    assert desk.tickets() == {}
