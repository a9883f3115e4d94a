"""Where the messages of an mbox begin and end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from supportctl.intake import mbox

LINE = b"From ann@x.test Sun Nov 22 10:00:00 2026\n"
OTHERS = (
    b"From - Sun Nov 22 10:00:00 2026\n",
    b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
    b"From ann@x.test  Sun, 22 Nov 2026 10:00:00 +0000\n",
    b'From "ann b"@x.test Sun Nov 22 10:00 2026 remote from there\r\n',
)


def split(path: Path, data: bytes) -> list[bytes]:
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return [data[start:end] for start, end in mbox.find_messages(descriptor)]
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("line", [LINE, *OTHERS])
def test_a_line_with_a_date_begins_a_message(tmp_path: Path, line: bytes) -> None:
    mails = [b"Subject: 1\n\nOne\n", b"Subject: 2\n\nTwo\n\n", b"", b"Subject: 3\n\nno line end"]
    assert split(tmp_path / "box", b"".join(line + mail + b"\n" for mail in mails[:3]) + line + mails[3]) == mails
    assert split(tmp_path / "box", line + mails[0] + line + mails[1]) == [mails[0], mails[1][:-1]], (
        "without empty lines"
    )


@pytest.mark.parametrize("line", [b"From Vienna we took a bus.\n", b"From Sunday on I am away.\n", b"From \n"])
def test_a_sentence_begins_none(tmp_path: Path, line: bytes) -> None:
    mail = b"Subject: trip\n\nWe went by train.\n\n" + line + b">From there we walked.\n"
    assert split(tmp_path / "box", LINE + mail) == [mail]


def test_the_first_line_may_have_any_date(tmp_path: Path) -> None:
    assert split(tmp_path / "box", b"From ann@x.test\nSubject: 1\n\nOne\n") == [b"Subject: 1\n\nOne\n"]


@pytest.mark.parametrize("longest", [8, 16, 64])
def test_within_a_long_line_nothing_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest: int) -> None:
    """However the line is cut: a piece of it may look like any line, an empty one among them."""
    monkeypatch.setattr(mbox, "_LONGEST_LINE", longest)
    mail = b"Subject: 1\n\n" + b"x" * (longest * 3) + LINE + b"y" * (longest - 1) + b"\n"
    padded = mail + b"z" * longest + b"\n"
    assert split(tmp_path / "box", b"From\x20\n" + padded) == [padded]


def test_no_line_is_held_whole(tmp_path: Path) -> None:
    assert [len(mail) for mail in split(tmp_path / "box", LINE + b"x" * 1_000_000)] == [1_000_000]
