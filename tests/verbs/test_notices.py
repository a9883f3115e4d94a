"""The notices that the desk sends by itself: who gets one, and who must not."""

from __future__ import annotations

import re

import pytest

from tests.support.desks import DeskDir, make_mail

THE_BAT = {"X_Mailer": "The Bat! (v2.00.6)", "text": ""}


def test_a_mail_sent_in_error_gets_one_notice_a_day(desk: DeskDir) -> None:
    def bat(number: int, sender: str = "bat@x.test") -> bytes:
        return make_mail(f"No words {number}", sender, mid=f"{number}@x.test", **THE_BAT)

    first = desk.take(bat(1), bat(2), bat(3, "other@x.test"), options=["--classify"])
    assert {(row["queue"], row["state"]) for row in first} == {("the-bat", "closed")}
    assert [mail["To"] for mail in desk.outbox()] == ["bat@x.test", "other@x.test"]
    notice = desk.outbox()[0]
    assert (notice["Return-Path"], notice["Auto-Submitted"], notice["In-Reply-To"]) == (
        "<>", "auto-replied", "<1@x.test>"
    )  # fmt: skip
    desk.clock = 23 * 3600
    desk.take(bat(4), options=["--classify"])
    assert len(desk.outbox()) == 2
    desk.clock = 25 * 3600
    desk.take(bat(5), options=["--classify"])
    assert [mail["To"] for mail in desk.outbox()] == ["bat@x.test", "other@x.test", "bat@x.test"]
    second = desk.rows("log", first[1]["ticket"])[0]["why"]
    assert "notice sent-in-error not sent to bat@x.test: the sender got a notice recently" in second


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"List_Id": "<talk.x.test>", "Precedence": "list"}, "list"),
        ({"Auto_Submitted": "auto-replied", "Subject": "Out of office"}, "automatic reply"),
        ({"Auto_Submitted": "auto-generated"}, "automatic|program"),
        ({"sender": "support@cacert.org"}, "desk itself"),
        ({"sender": "GPG <GPG@cacert.org>"}, "desk itself"),
        ({"sender": ""}, "sender's address is not valid"),
        ({"sender": "x@[127.0.0.1]"}, "sender's address is not valid"),
    ],
)  # fmt: skip
def test_a_notice_that_must_not_be_sent_is_not_and_the_log_says_why(
    desk: DeskDir, fields: dict[str, str], reason: str
) -> None:
    (row,) = desk.take(make_mail(**{"subject": "No words", **THE_BAT, **fields}), options=["--classify"])
    assert (row["queue"], row["state"]) == ("the-bat", "closed")
    assert desk.outbox() == []
    why = desk.rows("log", row["ticket"])[0]["why"]
    assert "The Bat! in error" in why
    assert re.search(r"notice sent-in-error not sent to \S.*: the (message (is|was)|sender's address) ", why)
    assert any(word in why for word in reason.split("|"))


def test_a_bounce_of_the_bat_gets_no_notice(desk: DeskDir) -> None:
    fields = {**THE_BAT, "text": "could not be delivered", "Return_Path": "<>"}
    desk.take(make_mail("Undelivered Mail", "MAILER-DAEMON@x.test", **fields), options=["--classify"])
    assert desk.outbox() == []
