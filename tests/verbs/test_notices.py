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
        ({"Auto_Submitted": "auto-generated"}, "program|another system"),
        ({"Auto_Submitted": "auto-notified; owner-email=x@x.test"}, "program|another system"),
        ({"Return_Path": "<>"}, "without an address for answers (Return-Path: <>)|perhaps"),
        ({"Return_Path": "<bounces+17=x.test@mail.x.test>"}, "program"),
        ({"Return_Path": "<owner-talk@x.test>"}, "program"),
        ({"Sender": "The list <talk-request@x.test>"}, "program"),
        ({"Precedence": "bulk"}, "bulk mail (Precedence: bulk)"),
        ({"Precedence": "Junk"}, "bulk mail (Precedence: Junk)"),
        ({"List_Unsubscribe": "<mailto:leave@x.test>"}, "mailing list (List-Unsubscribe: <mailto:leave@x.test>)"),
        ({"X_BeenThere": "talk@x.test"}, "mailing list"),
        ({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, "not to be answered by programs"),
        ({"X_Auto_Response_Suppress": "All"}, "not to be answered by programs"),
        ({"X_Loop": "x@x.test"}, "passed on by a program (X-Loop: x@x.test)"),
        ({"X_Autoreply": "yes"}, "automatic|program"),
        ({"X_Spam_Flag": "YES"}, "junk"),
        ({"sender": "no-reply@x.test"}, "nobody reads"),
        ({"sender": "shop.donotreply+17@x.test"}, "nobody reads"),
        ({"sender": "noreplies@x.test"}, "nobody reads"),
        ({"sender": "talk-owner@x.test"}, "nobody reads"),
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


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": " No (a person)"},
        {"Return_Path": "<ann@x.test>"},
        {"Return_Path": "<prvs=12ab=ann@x.test>"},
        {"Precedence": "first-class"},
        {"X_Auto_Response_Suppress": "DR, RN"},
        {"X_Autoreply": "no"},
        {"X_Spam_Flag": "NO"},
        {"sender": "snoreply@x.test"},
        {"sender": "bouncer@x.test"},
        {"sender": "Nobody <someone@x.test>"},
    ],
)
def test_a_person_gets_a_notice_whatever_programs_have_added(desk: DeskDir, fields: dict[str, str]) -> None:
    desk.take(make_mail(**{"subject": "No words", **THE_BAT, **fields}), options=["--classify"])
    assert len(desk.outbox()) == 1


def test_a_bounce_of_the_bat_gets_no_notice(desk: DeskDir) -> None:
    fields = {**THE_BAT, "text": "could not be delivered", "Return_Path": "<>"}
    desk.take(make_mail("Undelivered Mail", "MAILER-DAEMON@x.test", **fields), options=["--classify"])
    assert desk.outbox() == []
