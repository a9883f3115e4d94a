"""`forward`: what lies in the outbox afterwards, and what its answers and bounces join."""

from __future__ import annotations

import email
from email.message import Message

import pytest

from tests.support.desks import DeskDir, make_mail


def attached(mail: Message, desk: DeskDir) -> bytes:
    """The bytes of the forwarded mail, cut out of the forwarding one by its boundary."""
    raw = next(content for content in desk.mails("outbox").values() if mail["Message-ID"].encode() in content)
    boundary = str(mail.get_boundary()).encode()
    part = raw.split(b"--" + boundary)[2]
    head, _, body = part.partition(b"\n\n")
    if b"base64" in head:
        import base64

        return base64.b64decode(body)
    return body[:-1]  # the line end before the boundary belongs to the boundary


ORIGINALS = {
    "plain": make_mail("Plain", text="Some words.\nFrom there\n\n--\nAnn\n", mid="plain@x.test"),
    "no last line end": make_mail("No end", text="no end", mid="end@x.test"),
    "8-bit": make_mail("Acht", text="Grüße\n", mid="8bit@x.test"),
    "crlf": make_mail("CRLF", mid="crlf@x.test").replace(b"\n", b"\r\n"),
    "NUL": make_mail("NUL", mid="nul@x.test") + b"\0\0",
    "long line": make_mail("Long", text="x" * 5000, mid="long@x.test"),
    "no header": b"what is this?\n",
    "nothing": b"",
    "starts with a space": b" Subject: folded?\n\nx\n",
    "parts": make_mail("Parts", text="--b\n\ntext\n--b\n\nmore\n--b--\n", mid="parts@x.test",
                       Content_Type="multipart/mixed; boundary=b"),
}  # fmt: skip


def test_forwarding_attaches_the_original_byte_for_byte(desk: DeskDir) -> None:
    rows = desk.take(*ORIGINALS.values())
    ids = [row["ticket"] for row in rows]
    assert desk.lines("forward", *ids, "--to", "else@example.org", "--text", "Für euch.", "-y") == ids
    mails = desk.outbox()
    assert sorted(attached(mail, desk) for mail in mails) == sorted(ORIGINALS.values())
    for mail in mails:
        assert mail["From"] == "CAcert Support <support@cacert.org>"
        assert (mail["To"], mail["X-Envelope-To"]) == ("else@example.org", "else@example.org")
        assert mail["Return-Path"] == "<support@cacert.org>"
        assert not mail.defects
    text = mails[0].get_payload(0).get_payload(decode=True)  # type: ignore[union-attr]
    assert text.decode().startswith("Für euch.")  # type: ignore[union-attr]
    assert {ticket["state"] for ticket in desk.tickets().values()} == {"open"}
    sent = {mail["Message-ID"].strip("<>") for mail in mails}
    assert {mail["mid"] for ticket in desk.tickets().values() for mail in ticket["outgoing"]} == sent


def test_every_mail_of_a_ticket_is_sent_on_to_everyone_named(desk: DeskDir) -> None:
    rows = desk.take(make_mail("Q", mid="q@x.test"), make_mail("A", mid="a@x.test", References="<q@x.test>"))
    desk.run("forward", rows[0]["ticket"], "--to", "one@example.org", "--to", "two@example.org")
    mails = desk.outbox()
    assert len(mails) == 2
    assert {mail["X-Envelope-To"].replace("\n", "") for mail in mails} == {"one@example.org, two@example.org"}
    # The names of the files don't sort by time: microseconds in them have no leading zeros.
    assert max((mail["References"].split() for mail in mails), key=len) == ["<q@x.test>", "<a@x.test>"]
    assert mails[0]["Message-ID"] != mails[1]["Message-ID"]
    assert rows[0]["ticket"] in mails[0]["Subject"]


def test_a_public_list_gets_the_text_alone_and_the_ticket_closes(desk: DeskDir) -> None:
    body = "--b\nContent-Type: text/plain\n\nMy question.\n--b\nContent-Type: image/png\n\nsecret-image\n--b--\n"
    (row,) = desk.take(
        make_mail("Question", text=body, mid="q@x.test", Content_Type="multipart/mixed; boundary=b", X_Secret="private")
    )
    desk.run("mv", row["ticket"], "cacert-support")
    desk.run("forward", row["ticket"])
    (raw,) = desk.mails("outbox").values()
    (mail,) = desk.outbox()
    assert mail["X-Envelope-To"] == "cacert-support@lists.cacert.org"
    assert not mail.is_multipart()
    assert b"My question." in raw
    assert b"secret" not in raw
    assert b"private" not in raw
    ticket = desk.tickets()[row["ticket"]]
    assert (ticket["state"], ticket["queue"]) == ("closed", "cacert-support")


def test_the_desk_s_own_mail_that_comes_back_joins_and_opens_nothing(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Question", mid="q@x.test"))
    desk.run("mv", row["ticket"], "cacert-support")
    desk.run("forward", row["ticket"])
    (sent,) = desk.mails("outbox").values()
    body = sent.partition(b"X-Envelope-To: cacert-support@lists.cacert.org\n")[2]
    (back,) = desk.take(
        b"List-Id: <cacert-support.lists.cacert.org>\nPrecedence: list\n" + body, options=["--classify"]
    )
    assert (back["ticket"], back["outcome"], back["state"]) == (row["ticket"], "follow-up", "closed")
    answer = make_mail(
        "Re: Question", "helper@x.test", mid="a@x.test", In_Reply_To=email.message_from_bytes(sent)["Message-ID"]
    )
    # By somebody who takes no part in the ticket: seen, and linked.
    (answered,) = desk.take(answer)
    assert (answered["outcome"], answered["state"]) == ("new", "open")
    assert desk.tickets()[answered["ticket"]]["links"] == [row["ticket"]]


def test_the_bounce_of_a_forwarded_mail_brings_its_ticket_back(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail("Question", mid="q@x.test"))
    desk.run("forward", row["ticket"], "--to", "gone@example.org")
    desk.run("close", row["ticket"])
    mid = desk.outbox()[0]["Message-ID"]
    bounce = make_mail("Undelivered Mail", "MAILER-DAEMON@mx.test", f"could not be delivered\n\nMessage-ID: {mid}\n",
                       Return_Path="<>", Auto_Submitted="auto-replied")  # fmt: skip
    (joined,) = desk.take(bounce)
    assert (joined["ticket"], joined["outcome"], joined["state"]) == (row["ticket"], "follow-up", "open")


@pytest.mark.parametrize(
    ("arguments", "status"), [([], 2), (["--to", "nobody"], 2), (["--to", "a@b.c\nBcc: x@y.z"], 2)]
)
def test_a_forward_to_nobody_is_refused(desk: DeskDir, arguments: list[str], status: int) -> None:
    (row,) = desk.take(make_mail("Question"))
    before = desk.contents()
    desk.run("forward", row["ticket"], *arguments, status=status)
    desk.run("forward", "-n", row["ticket"], "--to", "else@example.org")
    assert desk.contents() == before
