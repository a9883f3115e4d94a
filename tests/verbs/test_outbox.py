"""Outgoing mail: what waits, what leaves, what a person is told, and what undo can and can't take back."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.teletypes import run_on_terminal
from tests.support.transports import Sendmail, bring_everything_due, outbox, sent_mails, set_outgoing

ANN, BOB = "ann@example.net", "bob@example.net"
NO_TRANSPORT = "no transport is configured"


@pytest.fixture
def sendmail(tmp_path: Path) -> Sendmail:
    """A `sendmail` that accepts everything until it is told otherwise."""
    return Sendmail(tmp_path / "mta")


@pytest.fixture
def sending(desk: DeskDir, sendmail: Sendmail) -> DeskDir:
    """A desk with one ticket, `.1`, whose mail leaves by `sendmail`."""
    set_outgoing(desk, f"transport: {sendmail.transport}")
    desk.take(make_mail("Question", mid="q@x.test"))
    return desk


def say_on_terminal(desk: DeskDir, *arguments: str, status: int = 0) -> str:
    """What a command says on a terminal."""
    line = [*desk.command, *arguments]
    exited, said = run_on_terminal(line, environment=desk.environment, folder=desk.folder, columns=250)
    assert exited == status, said.decode()
    return said.decode()


# without a transport


def test_without_a_transport_nothing_leaves_and_every_word_says_so(desk: DeskDir) -> None:
    desk.take(make_mail("Question"))
    said = say_on_terminal(desk, "forward", ".1", "--to", ANN)
    assert f".1 to {ANN}, waiting in the outbox ({NO_TRANSPORT}) (operation 2; supportctl undo takes it back)" in said
    (row,) = desk.rows("outbox")
    assert (row["to"], row["kind"], row["state"], row["reason"]) == (ANN, "forward", "held", NO_TRANSPORT)
    assert desk.run("outbox", "send").stdout == b""
    assert NO_TRANSPORT in desk.run("outbox", "send", "--held", ".1", status=2).stderr.decode()
    assert (
        f"written: forward to {ANN}, waiting in the outbox ({NO_TRANSPORT})" in desk.run("show", ".1").stdout.decode()
    )
    assert b"1 message in the outbox is held" in desk.run("check").stderr
    assert len(desk.mails("outbox")) == 1
    assert sent_mails(desk) == []


def test_what_was_written_before_there_was_a_transport_is_held(desk: DeskDir, sendmail: Sendmail) -> None:
    desk.take(make_mail("Question"))
    desk.run("forward", ".1", "--to", ANN)
    set_outgoing(desk, f"transport: {sendmail.transport}")
    desk.run("outbox", "send")
    desk.run("forward", ".1", "--to", BOB)
    assert outbox(desk) == [(ANN, "held")]
    assert [call.recipients for call in sendmail.calls()] == [[BOB]]
    (row,) = desk.rows("outbox")
    assert desk.lines("outbox", "send", "--held", row["id"]) == [f"{row['id']}\tsent"]
    assert {call.recipients[0] for call in sendmail.calls()} == {ANN, BOB}
    assert outbox(desk) == []


# leaving


def test_a_message_leaves_at_once_in_its_envelope(sending: DeskDir, sendmail: Sendmail) -> None:
    said = say_on_terminal(sending, "forward", ".1", "--to", ANN, "--to", BOB)
    assert f".1 to {ANN}, {BOB}, sent (operation 2; " in said
    calls = sendmail.calls()
    assert sorted(call.arguments for call in calls) == [
        ["-i", "-f", "support@cacert.org", "--", to] for to in (ANN, BOB)
    ]
    (kept,) = sent_mails(sending)
    for call in calls:
        assert call.message["To"] == f"{ANN}, {BOB}"
        assert call.message["Return-Path"] is call.message["X-Envelope-To"] is None
        assert kept.endswith(call.mail)
    (ticket,) = sending.tickets().values()
    (row,) = ticket["outgoing"]
    assert [each["state"] for each in row["progress"]] == ["sent", "sent"]
    assert row["folder"].startswith("sent.20")
    assert outbox(sending) == []
    assert f"written: forward to {ANN}, sent 20" in sending.run("show", ".1").stdout.decode()


def test_a_notice_has_the_null_sender(desk: DeskDir, sendmail: Sendmail) -> None:
    set_outgoing(desk, f"transport: {sendmail.transport}")
    desk.take(make_mail("No words", ANN, text="", X_Mailer="The Bat! (v2.00.6)"), options=["--classify"])
    assert sendmail.calls() == [], "a mail server does not wait for another one"
    desk.run("outbox", "send")
    (call,) = sendmail.calls()
    assert (call.sender, call.recipients, call.message["Auto-Submitted"]) == ("", [ANN], "auto-replied")


def test_sending_touches_no_ticket_and_takes_no_right(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave("exit 75")
    sending.run("forward", ".1", "--to", ANN)
    before = sending.tickets().popitem()[1]
    sendmail.behave("exit 0")
    bring_everything_due(sending)
    sending.run("outbox", "send", role="triage")
    after = sending.tickets().popitem()[1]
    assert {**before, "outgoing": []} == {**after, "outgoing": []}
    assert after["outgoing"][0]["progress"][0]["state"] == "sent"
    verbs = [(row["verb"], row["role"], row["change"]) for row in sending.rows("log")]
    assert verbs[:2] == [
        ("outbox send", "robot", f"forward to {ANN}: sent"), ("outbox send", "robot", f"forward to {ANN}: sending")
    ]  # fmt: skip


def test_a_queue_has_its_own_sender_signature_and_transport(desk: DeskDir, sendmail: Sendmail) -> None:
    own = (
        f"    outgoing: {{from: gpg@cacert.org, name: Keys, signature: The keys, transport: {sendmail.transport!r}}}\n"
    )
    text = desk.config.read_text().replace("  support-engineers:\n", f"  support-engineers:\n{own}", 1)
    desk.config.write_text(text)
    first, second = desk.take(make_mail("One"), make_mail("Two", mid="two@x.test"))
    desk.run("mv", first["ticket"], "support-engineers")
    desk.run("forward", first["ticket"], second["ticket"], "--to", ANN, "--text", "Look.")
    (call,) = sendmail.calls()
    assert (call.sender, call.message["From"]) == ("gpg@cacert.org", "Keys <gpg@cacert.org>")
    assert b"Look.\n\n-- \nThe keys\n" in call.mail
    assert outbox(desk) == [(ANN, "held")]


# what does not leave


def test_one_recipient_of_two_is_refused(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave(f'case "$*" in *{BOB}) echo "no Bob here"; exit 67;; esac')
    done = sending.run("forward", ".1", "--to", ANN, "--to", BOB, status=3)
    assert f"to {BOB} not delivered: no such recipient: no Bob here" in done.stderr.decode()
    assert outbox(sending) == [(BOB, "failed")]
    assert sending.lines("search", "--format", "ids", "is:undelivered") == sending.ids("ls")
    assert b"1 message in the outbox was not delivered" in sending.run("check").stderr
    assert sending.lines("outbox", "send") == [], "what has failed is not tried again by itself"
    sending.run("outbox", "drop", ".1", "-m", "Bob has moved")
    assert (outbox(sending), len(sent_mails(sending))) == ([], 1)
    sending.run("search", "is:undelivered", status=1)
    assert "Bob has moved" in sending.run("log").stdout.decode()


def test_a_ticket_that_was_closed_with_a_message_opens_again_if_that_is_refused(
    sending: DeskDir, sendmail: Sendmail
) -> None:
    sendmail.behave("exit 67")
    sending.run("mv", ".1", "cacert-support")
    sending.run("forward", ".1", status=3)
    (ticket,) = sending.tickets().values()
    assert (ticket["state"], ticket["queue"]) == ("open", "cacert-support")
    assert sending.rows("log")[0]["why"] == "forward not delivered"
    sending.clock = 60
    sending.run("close", ".1")
    sending.run("outbox", "send", "--held", ".1", status=3)
    assert sending.tickets().popitem()[1]["state"] == "closed", "it was closed by itself"


def test_a_deferred_message_is_tried_again_after_growing_pauses(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave("echo come again; exit 75")
    said = say_on_terminal(sending, "forward", ".1", "--to", ANN)
    assert "waiting in the outbox (exit status 75: come again; next try in 5m)" in said or "in 4m)" in said
    tries = [0]
    for minute in range(0, 60, 2):
        sending.clock = minute * 60
        sending.run("outbox", "send", status=None)
        if len(sendmail.calls()) > len(tries):
            tries.append(minute)
    assert tries == [0, 6, 16, 36]
    assert outbox(sending) == [(ANN, "deferred")]
    sendmail.behave("exit 0")
    assert sending.run("outbox", "send", ".1").stdout.decode().endswith("\tsent\n"), "by name, due or not"


def test_after_five_days_a_message_has_failed(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave("exit 75")
    sending.run("forward", ".1", "--to", ANN)
    for _ in range(30):
        bring_everything_due(sending)
        if sending.run("outbox", "send", "-q", status=None).returncode == 3:
            break
    assert len(sendmail.calls()) == 22
    (row,) = sending.rows("outbox")
    assert (row["state"], row["reason"]) == ("failed", "given up after 22 tries: exit status 75")
    sendmail.behave("exit 0")
    sending.run("outbox", "send", "--held", row["message_id"])
    assert outbox(sending) == []


@pytest.mark.parametrize("status", [64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 1, 127])
def test_what_an_exit_status_means(sending: DeskDir, sendmail: Sendmail, status: int) -> None:
    sendmail.behave(f"exit {status}")
    is_final = status in (65, 67, 68, 77)
    sending.run("forward", ".1", "--to", ANN, status=3 if is_final else 0)
    assert outbox(sending) == [(ANN, "failed" if is_final else "deferred")]


@pytest.mark.parametrize("way", ["is not there", "hangs", "is killed", "leaves something running"])
def test_a_command_that_does_not_answer(sending: DeskDir, sendmail: Sendmail, way: str) -> None:
    if way == "is not there":
        sendmail.command.unlink()
    sendmail.behave({"hangs": "sleep 60", "is killed": "kill -9 $$"}.get(way, "sleep 60 & exit 0"))
    set_outgoing(sending, f"transport: {sendmail.transport}", "timeout: 1s")
    start = time.monotonic()
    sending.run("forward", ".1", "--to", ANN)
    assert time.monotonic() - start < 20
    assert outbox(sending) == ([] if way == "leaves something running" else [(ANN, "deferred")])


def test_a_command_that_hangs_twice_may_have_taken_the_message_twice(sending: DeskDir, sendmail: Sendmail) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", "timeout: 1s")
    sendmail.behave("sleep 60")
    sending.run("forward", ".1", "--to", ANN)
    bring_everything_due(sending)
    sending.run("outbox", "send", status=3)
    (row,) = sending.rows("outbox")
    assert (row["state"], "it may have arrived" in row["reason"]) == ("held", True)
    assert len(sendmail.calls()) == 2
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert len(sendmail.calls()) == 2


def test_what_somebody_puts_into_the_outbox_never_leaves(sending: DeskDir, sendmail: Sendmail) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="1h")
    sending.run("forward", ".1", "--to", ANN)
    (name,) = sending.mails("outbox")
    place = sending.maildir / ".outbox" / name
    stranger = place.with_name("1795341600.M1P1.stranger")
    stranger.write_bytes(b"Return-Path: <a@b.c>\nX-Envelope-To: victim@example.org\n\nBuy!\n")
    written = place.read_bytes()
    place.write_bytes(b"Return-Path: <a@b.c>\nX-Envelope-To: victim@example.org\n\nBuy!\n")
    bring_everything_due(sending)
    sending.run("outbox", "send", status=3)
    (row,) = sending.rows("outbox")
    assert (row["state"], row["reason"]) == ("held", "its file has changed since the desk wrote it")
    sending.run("outbox", "send", "--held", ".1", status=3)
    assert sendmail.calls() == []
    place.write_bytes(written)
    stranger.unlink()
    sending.run("outbox", "send", "--held", ".1")
    assert [call.recipients for call in sendmail.calls()] == [[ANN]]


def test_a_link_in_the_outbox_is_not_followed(sending: DeskDir, sendmail: Sendmail, tmp_path: Path) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="1h")
    sending.run("forward", ".1", "--to", ANN)
    (name,) = sending.mails("outbox")
    place = sending.maildir / ".outbox" / name
    place.rename(tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")
    bring_everything_due(sending)
    sending.run("outbox", "send", status=65)
    assert sendmail.calls() == []
    place.unlink()
    (tmp_path / "moved").rename(place)


def test_a_message_that_is_gone_from_the_outbox_is_told_and_keeps_no_other_waiting(
    sending: DeskDir, sendmail: Sendmail
) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="1h")
    sending.run("forward", ".1", "--to", ANN)
    (name,) = sending.mails("outbox")
    (sending.maildir / ".outbox" / name).unlink()
    sending.run("forward", ".1", "--to", BOB)
    bring_everything_due(sending)
    assert b"is not in the outbox" in sending.run("outbox", "send", status=65).stderr
    assert [call.recipients for call in sendmail.calls()] == [[BOB]]
    assert b"is not in .outbox, and has not left" in sending.run("check", status=65).stdout
    sending.run("outbox", "drop", ".1")


# undo, delay, drop


def test_undo_takes_back_what_has_not_left(sending: DeskDir, sendmail: Sendmail) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="30s")
    said = say_on_terminal(sending, "forward", ".1", "--to", ANN)
    assert "waiting in the outbox (may leave in " in said
    sending.run("outbox", "send")
    assert sendmail.calls() == []
    assert sending.run("undo").stderr == b""
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert (sendmail.calls(), outbox(sending), len(sending.mails("undone"))) == ([], [], 1)
    assert sending.tickets().popitem()[1].get("outgoing", []) == []
    sending.run("undo", "3")  # what is done again leaves
    assert [call.recipients for call in sendmail.calls()] == [[ANN]]


def test_undo_says_of_what_has_left_that_it_has_and_its_answer_finds_the_ticket(
    sending: DeskDir, sendmail: Sendmail
) -> None:
    sending.run("mv", ".1", "cacert-support")
    said = say_on_terminal(sending, "forward", ".1")
    assert "to cacert-support@lists.cacert.org, sent; now in cacert-support, closed (" in said
    (call,) = sendmail.calls()
    done = sending.run("undo")
    assert b"the forward to cacert-support@lists.cacert.org was already sent" in done.stderr
    (ticket,) = sending.tickets().values()
    assert (ticket["state"], len(ticket["outgoing"]), len(sent_mails(sending))) == ("open", 1, 1)
    answer = make_mail("Re: Question", "helper@x.test", mid="a@x.test", In_Reply_To=call.message["Message-ID"])
    (row,) = sending.take(answer)
    assert (row["ticket"], row["outcome"]) == (ticket["id"], "follow-up")


def test_undo_keeps_what_has_left_to_one_and_drops_it_for_the_other(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave(f'case "$*" in *{BOB}) exit 75;; esac')
    sending.run("forward", ".1", "--to", ANN, "--to", BOB)
    done = sending.run("undo")
    assert f"the forward to {ANN} was already sent" in done.stderr.decode()
    assert BOB not in done.stderr.decode()
    (row,) = sending.tickets().popitem()[1]["outgoing"]
    assert [each["state"] for each in row["progress"]] == ["sent", "dropped"]
    sendmail.behave("exit 0")
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert len(sendmail.calls()) == 2
    sending.run("undo", str(len(sending.log())))  # done again, for who has not got it
    assert sorted(call.recipients[0] for call in sendmail.calls()) == [ANN, BOB, BOB]
    assert len(sent_mails(sending)) == 1


def test_undo_while_a_message_is_being_sent(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave("sleep 2; exit 0")
    process = sending.start("forward", ".1", "--to", ANN)
    wait_for(sendmail, 1)
    assert b"is being sent, or was: it may have arrived" in sending.run("undo").stderr
    process.communicate()
    (row,) = sending.tickets().popitem()[1]["outgoing"]
    assert row["progress"][0]["state"] == "sent", "it has left, whatever was undone meanwhile"
    assert outbox(sending) == []


def test_what_only_records_what_became_of_mail_is_not_undone(sending: DeskDir) -> None:
    sending.run("forward", ".1", "--to", ANN)
    assert b"only says what became of outgoing mail" in sending.run("undo", "3", status=2).stderr


def test_a_dropped_message_goes_aside_and_comes_back_by_undo(sending: DeskDir, sendmail: Sendmail) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="1h")
    sending.run("forward", ".1", "--to", ANN)
    (row,) = sending.rows("outbox")
    sending.run("outbox", "drop", row["id"], "-m", "a mistake")
    assert (outbox(sending), len(sending.mails("undone"))) == ([], 1)
    assert "dropped (a mistake)" in sending.run("show", ".1").stdout.decode()
    bring_everything_due(sending)
    sending.run("outbox", "send")
    assert sendmail.calls() == []
    said = say_on_terminal(sending, "undo")
    assert f"to {ANN}, sent" in said, "it is due by now"
    assert (len(sendmail.calls()), len(sent_mails(sending)), sending.mails("undone")) == (1, 1, {})


def test_a_person_who_frees_a_message_can_take_that_back_until_it_has_left(desk: DeskDir, sendmail: Sendmail) -> None:
    desk.take(make_mail("Question"))
    desk.run("forward", ".1", "--to", ANN)
    set_outgoing(desk, f"transport: {sendmail.transport}")
    sendmail.behave("exit 75")
    desk.run("outbox", "send", "--held", ".1", status=75)
    desk.run("undo")
    assert outbox(desk) == [(ANN, "held")]
    sendmail.behave("exit 0")
    desk.run("outbox", "send", "--held", ".1")
    assert b"was already sent" in desk.run("undo").stderr
    assert (outbox(desk), len(sent_mails(desk))) == ([], 1)


@pytest.mark.parametrize("name", ["nothing", ".9", ".1/ffffff", "<x@y.z>"])
def test_a_message_that_is_not_there(sending: DeskDir, name: str) -> None:
    before = sending.contents()
    for arguments in (["send"], ["send", "--held"], ["drop"]):
        refused = sending.run("outbox", *arguments, name, status=66)
        assert name.strip("<>").partition("/")[0] in refused.stderr.decode()
        assert refused.stdout == b""
    assert sending.contents() == before


def test_what_has_left_is_recorded_whatever_the_configuration_says_by_now(sending: DeskDir, sendmail: Sendmail) -> None:
    whole = sending.config.read_text()
    sendmail.behave(f"echo 'desk: [' >> {sending.config}")
    sending.run("forward", ".1", "--to", ANN)
    sending.config.write_text(whole)
    assert (outbox(sending), len(sent_mails(sending))) == ([], 1)


# several processes


def wait_for(sendmail: Sendmail, count: int) -> None:
    """Wait until the command was called so often."""
    deadline = time.monotonic() + 30
    while len(sendmail.calls()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("count", [2, 8])
def test_each_message_leaves_once_however_many_send(sending: DeskDir, sendmail: Sendmail, count: int) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="1h")
    for number in range(12):
        sending.run("forward", ".1", "--to", f"r{number}@example.net")
    bring_everything_due(sending)
    processes = [sending.start("outbox", "send", "-q") for _ in range(count)]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
    assert sorted(call.recipients[0] for call in sendmail.calls()) == sorted(f"r{n}@example.net" for n in range(12))
    assert (outbox(sending), len(sent_mails(sending))) == ([], 12)


def test_a_sender_that_is_killed_sends_once_more_and_then_asks(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave("sleep 5")
    for number in (1, 2):
        process = sending.start(*(("forward", ".1", "--to", ANN) if number == 1 else ("outbox", "send")))
        wait_for(sendmail, number)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert outbox(sending) == [(ANN, "sending")]
    assert b"stopped twice" in sending.run("outbox", "send", status=3).stderr
    calls = sendmail.calls()
    assert (len(calls), len({call.message["Message-ID"] for call in calls})) == (2, 1)
    sendmail.behave("exit 0")
    sending.run("outbox", "send", "--held", ".1")
    assert (len(sendmail.calls()), outbox(sending)) == (3, [])


def test_a_message_waits_where_somebody_else_has_the_desk(sending: DeskDir, sendmail: Sendmail) -> None:
    """The command itself gets the lock in the end; only the sending does not wait for it."""
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="0s")
    sendmail.behave("sleep 1")
    first = sending.start("forward", ".1", "--to", ANN)
    wait_for(sendmail, 1)
    assert sending.run("forward", ".1", "--to", BOB).returncode == 0, "the lock is free while a server is spoken to"
    first.communicate()
    assert outbox(sending) == []


def test_ctrl_c_while_a_command_runs_ends_it(sending: DeskDir, sendmail: Sendmail) -> None:
    sendmail.behave("sleep 60")
    process = sending.start("forward", ".1", "--to", ANN)
    wait_for(sendmail, 1)
    time.sleep(0.5)  # until it waits for the command, and does not only start it
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert subprocess.run(["pgrep", "-f", str(sendmail.command)], check=False, stdout=subprocess.PIPE).stdout == b""
    sendmail.behave("exit 0")
    sending.run("outbox", "send")
    assert outbox(sending) == []


def test_what_was_not_reached_before_ctrl_c_was_not_interrupted(sending: DeskDir, sendmail: Sendmail) -> None:
    set_outgoing(sending, f"transport: {sendmail.transport}", delay="1h")
    for to in (ANN, BOB, "cid@example.net"):
        sending.run("forward", ".1", "--to", to)
    bring_everything_due(sending)
    sendmail.behave("sleep 60")
    process = sending.start("outbox", "send")
    wait_for(sendmail, 1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert sorted(state for _, state in outbox(sending)) == ["deferred", "deferred", "sending"]
    assert [row["reason"] for row in sending.rows("outbox") if row["state"] == "deferred"] == ["not reached"] * 2


def test_what_can_not_leave_is_in_the_way_of_nothing(desk: DeskDir, sendmail: Sendmail) -> None:
    """More of it than one batch, and older."""
    set_outgoing(desk, f"transport: {sendmail.transport}", delay="1h")
    names = [row["ticket"] for row in desk.take(make_mail("One", mid="1@x.test"), make_mail("Two", mid="2@x.test"))]
    for number in range(21):
        desk.run("forward", names[0], "--to", f"r{number}@example.net")
    desk.clock = 60
    desk.run("mv", names[1], "support-engineers")
    desk.run("forward", names[1], "--to", ANN)
    own = f"{{transport: {sendmail.transport!r}}}"
    queue = "  support-engineers:\n"
    set_outgoing(desk, "transport: maildir")
    desk.config.write_text(desk.config.read_text().replace(queue, f"{queue}    outgoing: {own}\n", 1))
    bring_everything_due(desk)
    assert b"21 messages left in the outbox: no transport is configured" in desk.run("outbox", "send").stderr
    assert [call.recipients for call in sendmail.calls()] == [[ANN]]


# addresses are hostile


@pytest.mark.parametrize("address", ["-C/tmp/x@example.org", "-oQ@example.org", "--@example.org"])
def test_an_address_that_begins_as_an_option_reaches_no_transport(
    sending: DeskDir, sendmail: Sendmail, address: str
) -> None:
    sending.run("forward", ".1", "--to", address, status=2)
    mail = make_mail("No words", address, text="", X_Mailer="The Bat! (v2.00.6)")
    sending.take(mail, options=["--classify"])
    sending.run("outbox", "send")
    assert (sendmail.calls(), outbox(sending)) == ([], [])
    assert b"the sender's address is not valid" in sending.run("log").stdout


def test_a_subject_and_a_name_add_no_field_and_no_recipient(sending: DeskDir, sendmail: Sendmail) -> None:
    subject = "=?utf-8?q?Hello=0D=0ABcc:_victim=40example.org=0D=0A=0D=0ABuy!?="
    (row,) = sending.take(make_mail(subject, f'"a\\", <{BOB}>, \\"b" <{ANN}>', mid="h@x.test"))
    sending.run("forward", row["ticket"], "--to", ANN, "--text", "a\r\nBcc: victim@example.org\n.\nQUIT")
    (call,) = sendmail.calls()
    assert call.recipients == [ANN]
    assert (call.message["Bcc"], call.message["To"], call.message.defects) == (None, ANN, [])
    assert "Hello" in call.message["Subject"]
