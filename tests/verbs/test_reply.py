"""`reply`: what is written to whom, where the reply is kept, and the editor with its drafts."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.support.desks import Colleagues, DeskDir, make_mail
from tests.support.teletypes import run_on_terminal
from tests.support.transports import Sendmail, outbox, sent_mails, set_outgoing

ANN = "ann@example.org"


@pytest.fixture
def sendmail(tmp_path: Path) -> Sendmail:
    """A `sendmail` that accepts everything."""
    return Sendmail(tmp_path / "mta")


@pytest.fixture
def sending(desk: DeskDir, sendmail: Sendmail) -> DeskDir:
    """A desk with one ticket, `.1`, of a person who has written twice."""
    set_outgoing(desk, f"transport: {sendmail.transport}", "signature: The desk")
    desk.take(make_mail("AW: My key", mid="q@x.test"))
    desk.take(make_mail("Re: AW: My key", text="And?\n", mid="r@x.test", In_Reply_To="<q@x.test>"))
    return desk


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_reply_leaves_and_becomes_a_message_of_its_ticket(sending: DeskDir, sendmail: Sendmail) -> None:
    name = sending.ids("ls")[0]
    assert sending.lines("reply", ".1", "--close", input="Here it is.\n") == [name]
    (call,) = sendmail.calls()
    mail = read(call.mail)
    assert (call.sender, call.recipients) == ("support@cacert.org", [ANN])
    assert (mail["To"], mail["Subject"]) == (f"Ann <{ANN}>", f"Re: [{name}] My key")
    assert (mail["In-Reply-To"], mail["References"]) == ("<r@x.test>", "<q@x.test> <r@x.test>")
    assert mail.get_content() == "Here it is.\n\n-- \nThe desk\n"
    (ticket,) = sending.tickets().values()
    assert (ticket["state"], len(ticket["messages"])) == ("closed", 3)
    kept = sending.mails(ticket["folder"])
    assert [content.endswith(call.mail) for content in kept.values()].count(True) == 1
    assert sending.mails("outbox") == {} and sent_mails(sending) == []
    assert sending.ids("search", "here it is") == [name]
    (answered,) = [place for place, content in kept.items() if b"And?" in content]
    assert answered.endswith(":2,RS")
    assert "Here it is." in sending.run("show", name).stdout.decode()


def test_the_answer_to_a_reply_comes_back_to_its_ticket(sending: DeskDir, sendmail: Sendmail) -> None:
    sending.run("reply", ".1", "--close", "--text", "Done.")
    mid = read(sendmail.calls()[0].mail)["Message-ID"]
    (row,) = sending.take(make_mail("Re: My key", ANN, text="Thanks.\n", mid="t@x.test", In_Reply_To=mid))
    assert (row["outcome"], row["state"]) == ("follow-up", "open")
    assert len(sending.tickets()) == 1


def test_undo_opens_the_ticket_again_and_keeps_what_has_left(sending: DeskDir) -> None:
    sending.run("reply", ".1", "--close", "--text", "Done.")
    assert b"was already sent" in sending.run("undo").stderr
    (ticket,) = sending.tickets().values()
    assert (ticket["state"], len(ticket["messages"])) == ("open", 3)
    sending.run("undo", str(len(sending.log())))
    (ticket,) = sending.tickets().values()
    assert (ticket["state"], len(ticket["messages"]), len(ticket["outgoing"])) == ("closed", 3, 1)


def test_a_reply_that_waits_is_in_the_outbox_and_undo_takes_it_out(sending: DeskDir, sendmail: Sendmail) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="1h")
    sending.run("reply", ".1", "--text", "Too early.")
    assert outbox(sending) == [(ANN, "waiting")]
    assert len(sending.tickets().popitem()[1]["messages"]) == 2
    sending.run("undo")
    assert (outbox(sending), len(sending.mails("undone")), sendmail.calls()) == ([], 1, [])
    sending.run("undo", str(len(sending.log())))
    sending.run("outbox", "send", ".1")
    assert len(sending.tickets().popitem()[1]["messages"]) == 3


def test_without_a_transport_a_reply_waits_and_says_so(desk: DeskDir) -> None:
    desk.take(make_mail("Question"))
    desk.run("reply", ".1", "--text", "Hello.")
    assert outbox(desk) == [(ANN, "held")]
    shown = desk.run("show", ".1").stdout.decode()
    assert f"reply to {ANN}, waiting in the outbox (no transport is configured)" in shown


def test_to_whom(sending: DeskDir, sendmail: Sendmail) -> None:
    fields = {"Reply_To": "Work <work@x.test>", "Cc": "Cid <cid@x.test>, gpg@cacert.org", "mid": "c@x.test"}
    (row,) = sending.take(make_mail("Other", **fields))
    name = row["ticket"]
    sending.run("reply", name, "--text", "a")
    sending.run("reply", name, "--text", "b", "--all")
    sending.run("reply", name, "--text", "c", "--to", "x@x.test", "--cc", "y@x.test")
    found: dict[str, set[str]] = {}
    for call in sendmail.calls():
        found.setdefault(read(call.mail).get_content()[0], set()).update(call.recipients)
    assert found == {"a": {"work@x.test"}, "b": {"work@x.test", "cid@x.test"}, "c": {"x@x.test", "y@x.test"}}


def test_a_dry_run_shows_the_finished_mail_and_sends_nothing(sending: DeskDir, sendmail: Sendmail) -> None:
    before = sending.contents()
    said = sending.run("reply", ".1", "-n", "--close", input="Here.\n").stdout
    assert read(said).get_content().startswith("Here.\n")
    assert read(said)["Return-Path"] is None
    assert (sending.contents(), sendmail.calls()) == (before, [])


def test_a_reply_goes_with_the_rest_or_not_at_all(sending: DeskDir, sendmail: Sendmail) -> None:
    sending.run("mv", ".1", "support-engineers")
    assert b"needs an issue type" in sending.run("reply", ".1", "--close", "--text", "x", status=2).stderr
    assert (sendmail.calls(), outbox(sending)) == ([], [])
    sending.run("reply", ".1", "--close", "--type", "code signing", "--text", "x")
    (ticket,) = sending.tickets().values()
    assert (ticket["state"], ticket["issue_type"], len(sendmail.calls())) == ("closed", "Code Signing", 1)


def test_a_ticket_waits_after_the_reply(sending: DeskDir) -> None:
    sending.run("reply", ".1", "--pend", "14d", "--text", "In two weeks.")
    (ticket,) = sending.tickets().values()
    assert (ticket["state"], ticket["return_to"], len(ticket["messages"])) == ("pending", "triage", 3)


def test_many_tickets_get_one_text(sending: DeskDir, sendmail: Sendmail) -> None:
    rows = sending.take(*(make_mail(f"Renewal {n}", f"p{n}@x.test", mid=f"n{n}@x.test") for n in range(3)))
    names = [row["ticket"] for row in rows]
    sending.run("reply", "-", "--text", "Renewed.", "--close", input="\n".join(names))
    assert sorted(call.recipients[0] for call in sendmail.calls()) == ["p0@x.test", "p1@x.test", "p2@x.test"]


def test_a_file_is_attached_byte_for_byte(sending: DeskDir, sendmail: Sendmail, tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(bytes(range(256)))
    sending.run("reply", ".1", "--text", "See.", "--attach", str(file))
    (part,) = read(sendmail.calls()[0].mail).iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("scan.pdf", file.read_bytes())
    sending.run("reply", ".1", "--text", "See.", "--attach", str(tmp_path / "none"), status=66)


@pytest.mark.parametrize(
    ("arguments", "text", "status"),
    [
        ([], "", 2),
        ([], "  \n", 2),
        (["--close", "--pend", "3d"], "x", 2),
        (["--to", "-C/tmp/x@y.z"], "x", 2),
        (["--cc", "a@b.c\nBcc: x@y.z"], "x", 2),
        (["--type", "nothing"], "x", 2),
    ],
)
def test_what_is_no_reply(sending: DeskDir, sendmail: Sendmail, arguments: list[str], text: str, status: int) -> None:
    sending.run("reply", ".1", *arguments, input=text, status=status)
    assert (sendmail.calls(), outbox(sending)) == ([], [])


def test_the_desk_answers_no_message_of_its_own(sending: DeskDir, sendmail: Sendmail) -> None:
    sending.run("reply", ".1", "--text", "one")
    sending.run("reply", ".1", "--text", "two")
    assert {call.recipients[0] for call in sendmail.calls()} == {ANN}
    assert {read(call.mail)["In-Reply-To"] for call in sendmail.calls()} == {"<r@x.test>"}


def test_a_guarded_desk_starts_no_editor_and_opens_no_file_of_its_caller(
    colleagues: Colleagues, sendmail: Sendmail
) -> None:
    set_outgoing(colleagues, f"transport: {sendmail.transport}")
    (row,) = colleagues.of("").take(make_mail("Question"))
    person = colleagues.of("4244")
    person.variables = {"VISUAL": "touch", "SUPPORTCTL_SMTP_USER": "mallory"}
    exited, said = run_on_terminal(
        [*person.command, "reply", row["ticket"]], environment=person.environment, folder=person.folder
    )
    assert (exited, b"a guarded desk opens no files" in said) == (77, True)
    person.run("reply", row["ticket"], "--text", "x", "--attach", str(person.config), status=77)
    person.run("reply", row["ticket"], input="By standard input.\n")
    assert [call.recipients for call in sendmail.calls()] == [[ANN]]
    person.of("").check()


# the editor


def edit(desk: DeskDir, script: str, *arguments: str, status: int = 0) -> str:
    """What `reply` says to a person whose editor is a script, in which $1 is the draft."""
    editor = desk.folder / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    environment = {**desk.environment, "VISUAL": str(editor), "XDG_STATE_HOME": str(desk.folder / "state")}
    line = [*desk.command, "reply", *arguments]
    exited, said = run_on_terminal(line, environment=environment, folder=desk.folder, columns=250)
    assert exited == status, said.decode()
    return said.decode()


def drafts(desk: DeskDir) -> list[str]:
    return [path.read_text() for path in (desk.folder / "state" / "supportctl").glob("reply-*.txt")]


def test_a_reply_is_written_in_the_editor(sending: DeskDir, sendmail: Sendmail) -> None:
    said = edit(sending, "cp $1 shown; sed -i 's/^> And?/&\\nYes, it is./' $1", ".1")
    assert f"to {ANN}, sent (operation " in said
    shown = (sending.folder / "shown").read_text()
    assert shown.startswith(f"From: CAcert Support <support@cacert.org>\nTo: Ann <{ANN}>\nCc:\nSubject: Re: [s20")
    assert "Ann wrote:\n> And?\n\n-- \nThe desk\n" in shown
    assert "> And?\nYes, it is.\n" in read(sendmail.calls()[0].mail).get_content()
    assert drafts(sending) == []


def test_an_unchanged_draft_sends_nothing(sending: DeskDir, sendmail: Sendmail) -> None:
    for script in ("true", ": > $1"):
        assert "nothing is sent" in edit(sending, script, ".1", status=2)
    assert (sendmail.calls(), drafts(sending)) == ([], [])


def test_a_broken_header_opens_again_with_the_mistake_named(sending: DeskDir, sendmail: Sendmail) -> None:
    script = """
if grep -q '^# To: not a valid address' $1; then cp $1 second; sed -i 's/^To:.*/To: bob@x.test/' $1
else sed -i 's/^To:.*/To: nobody/; s/^> And?/&\\nYes./' $1; fi"""
    edit(sending, script, ".1")
    assert "Yes." in (sending.folder / "second").read_text(), "nothing is lost"
    (call,) = sendmail.calls()
    assert call.recipients == ["bob@x.test"]


def test_a_draft_that_was_not_sent_is_kept_and_resumed(sending: DeskDir, sendmail: Sendmail) -> None:
    said = edit(sending, "sed -i 's/^> And?/&\\nHalf/' $1; exit 1", ".1", status=2)
    assert "--resume" in said
    (kept,) = drafts(sending)
    assert "Half" in kept
    assert "a draft for" in edit(sending, "true", ".1", status=2), "it is not written over"
    edit(sending, "sed -i 's/^Half/Whole/' $1", "--resume", ".1")
    assert "Whole" in read(sendmail.calls()[0].mail).get_content()
    assert drafts(sending) == []


def test_a_draft_is_from_an_address_of_the_desk(sending: DeskDir, sendmail: Sendmail) -> None:
    edit(sending, "sed -i 's/^From:.*/From: boss@bank.example/; s/^> And?/&\\nYes./' $1", ".1", status=2)
    assert (sendmail.calls(), len(drafts(sending))) == ([], 1)


def test_a_reply_that_comes_back_opens_nothing(sending: DeskDir, sendmail: Sendmail) -> None:
    """By a list, say, or because the desk writes to an address of its own."""
    sending.run("reply", ".1", "--text", "Done.", "--close")
    back = b"Received: from x by y; Sun, 22 Nov 2026 10:00:00 +0000\n" + sendmail.calls()[0].mail
    (row,) = sending.take(back, options=["--classify"])
    assert (row["outcome"], row["state"]) == ("duplicate", "closed")
    assert len(sending.tickets()) == 1
