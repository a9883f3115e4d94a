"""A Maildir that mail clients work in while it is read: a message that they move is read where it is by then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from supportctl.model import RawMessage
from supportctl.store import maildir


def see(box: Path, name: str) -> None:
    (box / "new" / name).rename(box / "cur" / f"{name}:2,S")


def flag(box: Path, name: str) -> None:
    see(box, name)
    (box / "cur" / f"{name}:2,S").rename(box / "cur" / f"{name}:2,FRS")


@pytest.mark.parametrize("is_inbox", [True, False], ids=["INBOX", "foreign"])
@pytest.mark.parametrize(("move", "flags"), [(see, "S"), (flag, "FRS")])
def test_a_message_that_a_client_moves_meanwhile_is_read(
    tmp_path: Path, move: Callable[[Path, str], None], flags: str, is_inbox: bool
) -> None:
    maildir.make_folder(tmp_path)
    for number in (1, 2):
        (tmp_path / "new" / f"{number}.x").write_bytes(b"mail %d" % number)
    messages = maildir.read_messages(tmp_path, is_inbox=is_inbox)
    first = next(messages)
    move(tmp_path, "2.x")
    (second,) = messages
    assert isinstance(first, RawMessage)
    assert isinstance(second, RawMessage)
    assert [(message.raw, message.flags) for message in (first, second)] == [(b"mail 1", None), (b"mail 2", flags)]


def test_a_message_that_is_taken_away_meanwhile_is_left_out(tmp_path: Path) -> None:
    maildir.make_folder(tmp_path)
    for number in (1, 2):
        (tmp_path / "new" / f"{number}.x").write_bytes(b"mail")
    messages = maildir.read_messages(tmp_path)
    next(messages)
    (tmp_path / "new" / "2.x").unlink()
    assert list(messages) == []
