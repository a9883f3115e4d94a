"""What an address is: the same for configuration, `forward --to` and composing; and no bad one stops a batch."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportctl import config
from supportctl.desk.desk import Desk, Standing
from supportctl.desk.requests import WriteRequest
from supportctl.errors import ConfigError
from supportctl.mail import compose
from supportctl.mail.content import Address
from supportctl.mail.message import parse_message
from supportctl.operations.classification import classify_untouched
from supportctl.policy.agents import THE_ROBOT
from supportctl.store.store import FolderStore
from supportctl.values import InvalidValueError, is_address, parse_address
from tests.support.desks import ROOT, DeskDir, make_mail

HELP_DESK = (ROOT / "tests" / "support" / "desks" / "help.yaml").read_text()
ADDRESSES = ["ann@example.org", "a+b.c_d@mail.example.org", "a@b", "o'neill@example.org"]
NO_ADDRESSES = [
    *("süpport@example.org", "support@süpport.example", "nobody", "a@", "@b", "a@b@c", "a b@c", "a..b@example.org"),
    *("a@-b", "<a@b.c>", "Ann <ann@example.org>", '"a b"@example.org', "a@[127.0.0.1]", "a@b\n", "x" * 65 + "@b.c"),
]
PLACES = {  # the key of the file, what stands for it in the configuration
    "desk: from": ("from: Help@Example.org", "from: {}"),
    "desk: addresses": ("[help@example.org, ", "[{}, "),
    "queue new: forward_to": ("{title: New, ", "{{title: New, forward_to: {}, "),
    "lists: machines": ("[cron@example.org]", "[{}]"),
    "rule machines: forward": ("    move: done", "    forward: {}"),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_one_everywhere(text: str, tmp_path: Path) -> None:
    assert parse_address(text.upper()) == text
    for old, new in PLACES.values():
        config.parse_config(HELP_DESK.replace(old, new.format(f'"{text}"')).encode(), tmp_path / "queues.yaml")
    original = parse_message(make_mail(sender=text), received=0)
    written = compose.compose_notice(original, text="", sender=Address("", text), mid="1@example.org", date=0)
    assert f"From: {text}\nTo: {text}\n".encode() in written


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_none_anywhere(text: str, tmp_path: Path) -> None:
    assert not is_address(text)
    with pytest.raises(InvalidValueError, match="not a valid address"):
        parse_address(text)
    for place, (old, new) in PLACES.items():
        written = "'" + text.replace("\n", "\n\n") + "'"  # YAML's own way to write a line end
        broken = HELP_DESK.replace(old, new.format(written))
        line = HELP_DESK[: HELP_DESK.index(old)].count("\n") + 1
        with pytest.raises(ConfigError) as caught:
            config.parse_config(broken.encode(), tmp_path / "queues.yaml")
        assert f"queues.yaml:{line}: {place}: not a valid address: {text!r}; an address looks" in caught.value.message


def test_an_address_that_no_mail_can_be_sent_to_is_told_before_anything_is_done(desk: DeskDir) -> None:
    text = desk.config.read_text()
    desk.config.write_text(text.replace("from: support@cacert.org", "from: süpport@example.org"))
    desk.deliver(make_mail("No words", "bat@example.org", text="", X_Mailer="The Bat! (v2.00.6)"))
    refused = desk.run("ingest", "--classify", status=78).stderr.decode()
    assert "queues.yaml:14: desk: from: not a valid address: 'süpport@example.org'" in refused
    desk.config.write_text(text)


def test_an_address_of_capitals_takes_part(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Question", mid="q@x.test"))
    desk.run("forward", row["ticket"], "--to", "Else@Example.org")
    assert desk.tickets()[row["ticket"]]["outgoing"][0]["recipients"] == ["else@example.org"]
    (answer,) = desk.take(make_mail(f"Re: [{row['ticket']}]", "else@example.org"))
    assert (answer["ticket"], answer["outcome"]) == (row["ticket"], "follow-up")


@pytest.fixture
def misconfigured(desk: DeskDir) -> Desk:
    """The desk with a sender that nothing can be written with, as no check has seen it, for the robot."""
    settings = config.load(desk.config)
    for queue in settings.queues.values():
        outgoing = queue.outgoing._replace(sender="süpport@example.org")
        settings.queues[queue.key] = queue._replace(outgoing=outgoing)
    return Desk(Standing(settings, THE_ROBOT), FolderStore(desk.maildir))


def test_a_notice_that_cannot_be_written_stops_no_batch(desk: DeskDir, misconfigured: Desk) -> None:
    bat = make_mail("No words", "bat@example.org", mid="1@x.test", text="", X_Mailer="The Bat! (v2.00.6)")
    desk.take(bat, make_mail("About a20141022.2", mid="2@x.test"))
    misconfigured.write(WriteRequest("classify"), classify_untouched)
    assert {ticket["queue"] for ticket in desk.tickets().values()} == {"the-bat", "support-engineers"}
    why = " ".join(row["why"] for row in desk.rows("log"))
    assert "notice sent-in-error not sent to bat@example.org: not a valid address: " in why
    assert desk.mails("outbox") == {}


def test_a_forward_of_a_rule_that_cannot_be_written_stops_no_batch(desk: DeskDir, misconfigured: Desk) -> None:
    rule = config.Rule("on", "*", "new", False, config.Actions(forward="else@example.org", tags=("sent",)), 1, 1)
    misconfigured.config.rules = (rule,)
    desk.take(make_mail("One", mid="1@x.test"), make_mail("Two", mid="2@x.test"))
    misconfigured.write(WriteRequest("classify"), classify_untouched)
    assert [ticket["tags"] for ticket in desk.tickets().values()] == [["sent"], ["sent"]]
    (row, *_) = desk.rows("log")
    assert "not forwarded to else@example.org: not a valid address: " in row["why"]
    assert not any(ticket.get("outgoing") for ticket in desk.tickets().values())


def test_a_ticket_that_cannot_be_forwarded_leaves_the_others(desk: DeskDir) -> None:
    one, other = [
        row["ticket"] for row in desk.take(make_mail("One", mid="1@x.test"), make_mail("Two", mid="2@x.test"))
    ]
    (lost, *_) = (path for path in (desk.maildir / ".triage" / "new").iterdir() if b"Two" in path.read_bytes())
    content = lost.read_bytes()
    lost.unlink()
    desk.run("forward", one, other, "--to", "else@example.org", status=65)
    assert desk.mails("outbox") == {}
    assert desk.lines("forward", "--keep-going", one, other, "--to", "else@example.org", status=3) == [one]
    assert len(desk.mails("outbox")) == 1
    lost.write_bytes(content)
