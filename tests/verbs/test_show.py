"""`show`: what it says of a ticket and its mails."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskDir, make_mail


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


def test_a_message_that_a_ticket_has_not_is_told_by_number(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail())
    refused = desk.run("show", row["ticket"], "--message", "3", status=66).stderr.decode()
    assert refused == f"supportctl show: {row['ticket']} has only 1 message, no message 3\n"


def test_one_of_several_raw_messages_has_to_be_chosen(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail(mid="1@x.test"))
    desk.take(make_mail(In_Reply_To="<1@x.test>"))
    refused = desk.run("show", "--raw", row["ticket"], status=66).stderr.decode()
    assert f"{row['ticket']} has 2 messages\nhint: choose one with --message N, from 1 to 2\n" in refused


ATTACHED = """--b

see there
--b
Content-Type: application/pdf; name=a.pdf
Content-Transfer-Encoding: base64

AAECAwD/
--b
Content-Type: text/plain
Content-Disposition: attachment; filename=b.txt

second
--b--
"""


def test_an_attachment_is_printed_by_its_number(desk: DeskDir) -> None:
    (row,) = desk.take(make_mail(text=ATTACHED, mid="1@x.test", Content_Type="multipart/mixed; boundary=b"))
    assert "[attachment 1: a.pdf, application/pdf, 6]" in desk.lines("show", row["ticket"])
    assert desk.run("show", row["ticket"], "--attachment", "1").stdout == b"\0\1\2\3\0\xff"
    assert desk.run("show", "1@x.test", "--attachment", "2").stdout == b"second"
    for number in ("3", "0"):
        refused = desk.run("show", row["ticket"], "--attachment", number, status=66 if number == "3" else 2)
        assert refused.stdout == b""
    desk.take(make_mail(In_Reply_To="<1@x.test>"))
    told = desk.run("show", row["ticket"], "--attachment", "1", status=66).stderr.decode()
    assert "choose one with --message N" in told
    told = desk.run("show", row["ticket"], "--message", "2", "--attachment", "1", status=66).stderr.decode()
    assert told == f"supportctl show: message 2 of {row['ticket']} has 0 attachments, no attachment 1\n"
