"""A verdict in words, and what speaks for and against it: as people read it in `show`."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from supportctl import config
from supportctl.mail.verdict import KINDS, Sign, describe_sign, name_verdict
from supportctl.model import Automatic, Message
from supportctl.operations.viewing import MessageView, TicketView
from supportctl.output.ticket_view import describe_view, write_view
from tests.support.query_samples import mail, ticket

SIGNS = [
    Sign("suggests", "bounce", "the subject is one of servers"),
    Sign("objects", "", "a person's mail client wrote it"),
]


@pytest.mark.parametrize(
    ("automatic", "likely", "name"),
    [
        ("", "", ""),
        ("bounce", "", "a bounce"),
        ("", "bounce", "perhaps a bounce"),
        ("", "reply", "perhaps an automatic reply"),
        ("list", "reply", "from a mailing list, perhaps an automatic reply"),
        ("notification", "", "a notification of another system"),
        ("newer", "", "newer"),
    ],
)
def test_a_verdict_has_a_name(automatic: str, likely: str, name: str) -> None:
    assert name_verdict(automatic, likely) == name


def test_each_kind_has_a_name() -> None:
    assert ["", *KINDS] == list(get_args(Automatic))


def test_a_sign_says_what_it_does() -> None:
    assert describe_sign(Sign("proves", "list", "it has List-Id")) == "proves a mailing list: it has List-Id"
    assert describe_sign(Sign("objects", "bounce", "it has a sender")) == "against a bounce: it has a sender"
    assert [describe_sign(sign) for sign in SIGNS] == [
        "suggests a bounce: the subject is one of servers",
        "against: a person's mail client wrote it",
    ]


def shown(message: Message, **content: object) -> TicketView:
    return TicketView(ticket(1), [MessageView(1, message, None, False, mail(**content))])


def told(capsys: pytest.CaptureFixture[str], view: TicketView, *, why: bool) -> list[str]:
    """The lines below the subject, up to the text."""
    desk = config.load(Path(__file__).parents[2] / "queues.yaml")
    write_view(view, desk, why=why)
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("Subject: ") + 1
    return lines[start : lines.index("", start)]


def messages_of(view: TicketView, *, why: bool) -> list[dict[str, object]]:
    """The messages as JSON has them."""
    messages = describe_view(view, why=why)["messages"]
    assert isinstance(messages, list)
    return messages


MESSAGE = Message(1, "key", "1@x", 1, "", 0, "")


def test_show_says_the_verdict_and_if_asked_why(capsys: pytest.CaptureFixture[str]) -> None:
    view = shown(MESSAGE._replace(likely="bounce"), likely="bounce", signs=SIGNS)
    assert told(capsys, view, why=False) == ["(perhaps a bounce)"]
    assert told(capsys, view, why=True) == ["(perhaps a bounce)", *(f"  {describe_sign(sign)}" for sign in SIGNS)]
    (message,) = messages_of(view, why=True)
    assert (message["automatic"], message["likely"]) == ("", "bounce")
    signs = message["signs"]
    assert isinstance(signs, list) and signs[1] == {
        "weight": "objects",
        "kind": "",
        "text": "a person's mail client wrote it",
    }
    assert "signs" not in messages_of(view, why=False)[0]


def test_show_says_that_nothing_speaks_for_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, shown(MESSAGE), why=True) == ["  nothing speaks for a bounce or an automatic reply"]


def test_an_old_verdict_stays_and_the_one_of_today_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    view = shown(MESSAGE._replace(automatic="bounce"), likely="bounce", signs=SIGNS)
    *_, last = told(capsys, view, why=True)
    assert (told(capsys, view, why=False), last) == (
        ["(a bounce)"],
        "  today's verdict is another one: perhaps a bounce",
    )
    view = shown(MESSAGE._replace(automatic="reply"))
    *_, last = told(capsys, view, why=True)
    assert last == "  today's verdict is another one: a person's message"


def test_signs_can_not_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    view = shown(MESSAGE, signs=[Sign("suggests", "reply", "its field X: \x1b[2J\nFrom: another")])
    assert "\x1b" not in "".join(lines := told(capsys, view, why=True))
    assert len(lines) == 1
