"""Where mail comes from: Maildirs of every file system, mboxes of every program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail, make_maildir

# Maildirs


@pytest.mark.parametrize("mark", [":", ";", "!", "\uf03a", "_", "%3A"])
@pytest.mark.parametrize("flags", ["", "S", "FRS"])
def test_flags_stand_behind_whatever_a_file_system_allows(desk: DeskDir, tmp_path: Path, mark: str, flags: str) -> None:
    box = make_maildir(tmp_path / "box", {f"cur/10.M1P2.host{mark}2,{flags}": make_mail("Old")})
    desk.run("ingest", str(box))
    (place,) = desk.mails("triage")
    assert place.startswith("cur/")
    assert place.partition(":2,")[2] == flags
    assert ("S" in flags) is not bool(desk.ids("search", "is:unread", status=int("S" in flags)))


@pytest.mark.parametrize("mark", [";", "!", "\uf03a"])
def test_on_the_desk_a_client_may_write_any_of_these_marks(desk: DeskDir, mark: str) -> None:
    mails = {f"{number}.M1P2.host": make_mail(f"Mail {number}", mid=f"{number}@x.test") for number in range(3)}
    for key, mail in mails.items():
        (desk.maildir / "cur" / f"{key}{mark}2,RS").write_bytes(mail)
    tickets = desk.lines("ingest")
    assert desk.mails("triage") == {f"cur/{key}:2,RS": mail for key, mail in mails.items()}
    folder = desk.maildir / ".triage" / "cur"
    for key in mails:
        (folder / f"{key}:2,RS").rename(folder / f"{key}{mark}2,FRS")
    desk.check()
    path = folder / f"0.M1P2.host{mark}2,FRS"
    assert desk.run("show", "--raw", str(path)).stdout == mails["0.M1P2.host"]
    desk.run("close", *tickets[:2])
    desk.run("mv", tickets[2], "junk")
    assert {place.rpartition(mark)[2] for place in desk.mails("triage")} == set()
    assert len(desk.ids("search", "not is:unread")) == 3


@pytest.mark.parametrize("name", ["10.a_2,S", "10.a%3A2,S"])
def test_a_key_of_the_desk_that_ends_like_flags_is_a_key(desk: DeskDir, name: str) -> None:
    (desk.maildir / "new" / name).write_bytes(make_mail("Odd name"))
    desk.run("ingest")
    assert list(desk.mails("triage")) == [f"new/{name}"]
    desk.check()
