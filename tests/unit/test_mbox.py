"""Where the messages of an mbox begin and end."""

from __future__ import annotations

import mailbox
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportctl.intake import mbox, window
from supportctl.store.quoting import undo_quoting

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
        opened = mbox.open_mbox(window.Window(descriptor))
        assert opened is not None
        return [data[extent.start : extent.end] for extent in opened.messages()]
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
    monkeypatch.setattr(window, "_WIDTH", longest)
    mail = b"Subject: 1\n\n" + b"x" * (longest * 3) + LINE + b"y" * (longest - 1) + b"\n"
    padded = mail + b"z" * longest + b"\n"
    assert split(tmp_path / "box", b"From\x20\n" + padded) == [padded]


def test_no_line_is_held_whole(tmp_path: Path) -> None:
    assert [len(mail) for mail in split(tmp_path / "box", LINE + b"x" * 1_000_000)] == [1_000_000]


# Where a message begins

MAIL = b"From: Ann <ann@x.test>\nMessage-ID: <1@x.test>\nSubject: One\n\nHello\n"
OTHER = b"From: Bob <bob@x.test>\nMessage-ID: <2@x.test>\nSubject: Two\n\nBye\n"
COMMIT = b"From " + b"0123456789" * 4 + b" Mon Sep 17 00:00:00 2001\n"
LINES = (
    b"From ann@x.test Sun Nov 22 10:00:00 2026",
    b"From ann@x.test  Sun Nov  1 10:00:00 2026",
    b"From ann@x.test Sun Nov 22 10:00 2026",
    b"From ann@x.test Sun Nov 22 9:00:00 2026",
    b"From ann@x.test Sun Nov 22 10:00:00 CET 2026",
    b"From ann@x.test Sun Nov 22 10:00:00 MET DST 2026",
    b"From ann@x.test Sun Nov 22 10:00:00 2026 +0100",
    b"From ann@x.test Sun Nov 22 10:00:00 2026 GMT+0100",
    b"From ann@x.test Sun Nov 22 10:00:00 94",
    b"From ann@x.test Sun, 22 Nov 2026 10:00:00 +0100 (CET)",
    b"From ann@x.test Sun, 22-Nov-2026 10:00:00",
    b"From 1485123456789012345@xxx Mon Nov 02 10:00:00 +0000 2014",
    b"From - Tue Oct 03 10:00:00 2006",
    b"From ???@??? Tue Oct 03 10:00:00 2006",
    b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
    b"From <> Fri Jul  8 12:08:34 2011",
    b"From ann at lists.x.test  Sun Nov 22 10:00:00 2026",
    b'From "ann b"@x.test Sun Nov 22 10:00:00 2026',
    b"From ann Sun Nov 22 10:00:00 2026 remote from there",
    b"From there!ann Sun Nov 22 10:00 2026\tremote from there",
    b"From  Sun Nov 22 10:00:00 2026",
    b"From ann@x.test\tSun Nov 22 10:00:00 2026",
    b"From j\xc3\xb6rg@x.test Sun Nov 22 10:00:00 2026",
    b"From j\xf6rg@x.test Sun Nov 22 10:00:00 2026",
)
END_OF_LINES = [b"\n", b"\r\n", b"\r"]


def with_ends(data: bytes, end: bytes) -> bytes:
    return data.replace(b"\n", end)


@pytest.mark.parametrize("end", END_OF_LINES)
@pytest.mark.parametrize("line", LINES)
def test_the_line_of_any_program_begins_a_message(tmp_path: Path, line: bytes, end: bytes) -> None:
    box = with_ends(line + b"\n" + MAIL + b"\n" + line + b"\n" + OTHER + b"\n", end)
    assert split(tmp_path / "box", box) == [with_ends(MAIL, end), with_ends(OTHER, end)]


@pytest.mark.parametrize("end", END_OF_LINES)
@pytest.mark.parametrize(
    "before", [b"\xef\xbb\xbf", b"\n", b"\n\n\n", b"\xef\xbb\xbf\n"], ids=["BOM", "empty line", "empty lines", "both"]
)
def test_a_file_may_begin_with_a_bom_and_empty_lines(tmp_path: Path, before: bytes, end: bytes) -> None:
    box = with_ends(before + LINE + MAIL + b"\n" + LINE + OTHER + b"\n", end)
    assert split(tmp_path / "box", box) == [with_ends(MAIL, end), with_ends(OTHER, end)]


def test_line_ends_may_be_mixed(tmp_path: Path) -> None:
    mails = [with_ends(MAIL, b"\r\n"), OTHER]
    assert split(tmp_path / "box", LINE + mails[0] + b"\r\n" + LINE + mails[1] + b"\n") == mails
    assert split(tmp_path / "box", LINE + mails[0] + b"\n" + with_ends(LINE, b"\r\n") + mails[1] + b"\n") == mails


@pytest.mark.parametrize(
    "text",
    [
        b"From Monday on I cannot log in.\n",
        b"From what I read: this works\n",
        b"From: Kim\nSubject: quoted\n",
        b"From kim@x.test Sun Nov 22 10:00:00 2026 I cannot log in\nWhy: nobody knows\n",
        b"From kim@x.test Sun Nov 22 10:00:00 2026\nI cannot log in.\n",
        b"From kim@x.test Sun Nov 22 10:00:00 2026\n\nWhat does this mean?\n",
        b"From kim@x.test Sun Nov 22 10:00:00 2026\nhttps://x.test/log\n",
        b">From kim@x.test Sun Nov 22 10:00:00 2026\nFrom: Kim\nMessage-ID: <q@x.test>\n\nquoted\n",
        b"> From kim@x.test Sun Nov 22 10:00:00 2026\n> From: Kim\n",
        b"  From kim@x.test Sun Nov 22 10:00:00 2026\nFrom: Kim\n",
        b"from kim@x.test Sun Nov 22 10:00:00 2026\nFrom: Kim\n",
        COMMIT + b"From: Kim <kim@x.test>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nSubject: [PATCH] x\n\n---\n",
        b"From kim@x.test 2026-11-22 10:00:00\nSubject: x\n",
        b"From kim@x.test\nSubject: x\n",
        b"From " + b"x" * 1000 + b" Sun Nov 22 10:00:00 2026\nFrom: Kim\n",
    ],
)
@pytest.mark.parametrize("before", [b"\n", b"see:\n"], ids=["empty line", "text"])
def test_text_stays_with_its_mail(tmp_path: Path, text: bytes, before: bytes) -> None:
    mail = MAIL + before + text + b"and more\n"
    assert split(tmp_path / "box", LINE + mail + b"\n" + LINE + OTHER + b"\n") == [mail, OTHER]


@pytest.mark.parametrize("line", [COMMIT, b"From kim@x.test 2026-11-22 10:00:00\n", b"From kim@x.test\n"])
def test_a_file_is_read_in_the_style_of_its_first_line(tmp_path: Path, line: bytes) -> None:
    assert split(tmp_path / "box", line + MAIL + b"\n" + line + OTHER + b"\n") == [MAIL, OTHER]
    assert split(tmp_path / "box", line + MAIL + b"\n" + LINE + OTHER + b"\n") == [MAIL, OTHER]


def test_without_an_empty_line_mail_is_still_mail(tmp_path: Path) -> None:
    """Whoever read two as one would hide the second; so what is surely mail is taken for that."""
    assert split(tmp_path / "box", LINE + MAIL + LINE + OTHER) == [MAIL, OTHER]
    third = OTHER.replace(b"2@x", b"3@x")
    assert split(tmp_path / "box", LINE + MAIL + b"\n" + LINE + OTHER + LINE + third) == [MAIL, OTHER, third]
    quoted = MAIL + b"It said:\n" + LINE + b"Subject: quoted\n"
    assert split(tmp_path / "box", LINE + OTHER + b"\n" + LINE + quoted) == [OTHER, quoted]


@pytest.mark.parametrize(
    "before", [b"\xef\xbb\xbf", b"  \n", b" \tfolded\n", b"stray words\n", b">From a b\n>From c d\n", b"HTTP/1.1 200\n"]
)
def test_a_header_may_begin_with_what_is_none(tmp_path: Path, before: bytes) -> None:
    assert split(tmp_path / "box", LINE + OTHER + b"\n" + LINE + before + MAIL + b"\n") == [OTHER, before + MAIL]


@pytest.mark.parametrize("boundary", [b"--b", b"-----Original Message-----", b"-- "])
@pytest.mark.parametrize("tail", [b"Content-Type: message/rfc822\n\n", b"Content-Type: message/rfc822\n", b"", b"\n"])
def test_a_mail_that_ends_within_a_part_takes_nobody_s_mail_along(tmp_path: Path, tail: bytes, boundary: bytes) -> None:
    """Whatever its boundary is, so that other people's mail has such a line as well."""
    field = b'\nContent-Type: multipart/mixed; boundary="' + boundary[2:] + b'"\n\n'
    cut = MAIL.replace(b"\n\n", field, 1) + boundary + b"\n" + tail
    other = OTHER + boundary + b"\nand so on\n" + boundary + b"--\n"
    assert split(tmp_path / "box", b"".join(LINE + mail + b"\n" for mail in (cut, other, MAIL))) == [cut, other, MAIL]


def test_lines_of_several_agents_stand_before_one_message(tmp_path: Path) -> None:
    uucp = b">From kim Sun Nov 22 10:00:00 2026 remote from there\n"
    assert split(tmp_path / "box", LINE + LINE + MAIL + b"\n" + LINE + uucp + OTHER) == [MAIL, uucp + OTHER]


@pytest.mark.parametrize(
    "data", [MAIL, b"From Vienna we took a bus.\n\nBye\n", b"text\n\nmore\n", b"", b"\n", b"From \n"]
)
def test_a_file_without_such_a_line_is_no_mbox(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with (tmp_path / "file").open("rb") as stream:
        assert mbox.open_mbox(window.Window(stream.fileno())) is None


def test_of_a_rest_and_of_empty_messages_it_is_told_that_they_have_no_header(tmp_path: Path) -> None:
    box = b"of an older mail\n\n" + LINE + MAIL + b"\n" + LINE + b"\n" + LINE + OTHER + b"\n" + LINE
    (tmp_path / "box").write_bytes(box)
    with (tmp_path / "box").open("rb") as stream:
        opened = mbox.open_mbox(window.Window(stream.fileno()))
        assert opened is not None
        found = [(box[extent.start : extent.end], bool(extent.header)) for extent in opened.messages()]
    assert found == [(b"of an older mail\n", False), (MAIL, True), (b"", False), (OTHER, True), (b"", False)]
    assert opened.quoted == []


def test_lines_that_only_look_like_the_begin_of_a_message_are_told(tmp_path: Path) -> None:
    mail = MAIL + b"\n" + LINE + b"said the log\n"
    (tmp_path / "box").write_bytes(LINE + mail + b"\n" + LINE + OTHER)
    with (tmp_path / "box").open("rb") as stream:
        opened = mbox.open_mbox(window.Window(stream.fileno()))
        assert opened is not None
        assert len(list(opened.messages())) == 2
    assert opened.quoted == [len(LINE + MAIL) + 1]


# Content-Length


def measured(mail: bytes, body: bytes, length: int | None = None) -> bytes:
    head = mail.partition(b"\n\n")[0]
    return head + b"\nContent-Length: %d\n\n" % (len(body) if length is None else length) + body


QUOTING = b"see:\n\n" + LINE + b"From: Kim\nSubject: quoted\n\nwhat is this?\n"
ATTACHED = b"see:\n\n" + LINE + OTHER + b"\n\n"


def test_a_length_that_fits_is_believed(tmp_path: Path) -> None:
    for body in (QUOTING, b"no line end", b"two empty lines\n\n\n", b"", b"\n"):
        mails = [measured(MAIL, body), OTHER]
        assert split(tmp_path / "box", b"".join(LINE + mail + b"\n" for mail in mails)) == mails
    mails = [measured(OTHER, b"x\n"), measured(MAIL, QUOTING)]
    assert split(tmp_path / "box", b"".join(LINE + mail + b"\n" for mail in mails)) == mails, "at the end of the file"


@pytest.mark.parametrize("end", END_OF_LINES)
@pytest.mark.parametrize("is_last", [False, True])
def test_a_length_without_the_last_line_end_cuts_nothing_off(tmp_path: Path, end: bytes, is_last: bool) -> None:
    body = b"Hello\n\n" + LINE + b"Subject: quoted\n\nBye\n"
    length = len(with_ends(body, end)) - len(end)
    mails = [with_ends(mail, end) for mail in (measured(MAIL, body, length), OTHER)][: 1 if is_last else 2]
    assert split(tmp_path / "box", b"".join(with_ends(LINE, end) + mail + end for mail in mails)) == mails


def test_a_program_that_writes_lengths_is_believed_whatever_it_skips(tmp_path: Path) -> None:
    mails = [measured(MAIL, ATTACHED), measured(OTHER, ATTACHED), measured(MAIL, b"x")]
    assert split(tmp_path / "box", b"".join(LINE + mail + b"\n" for mail in mails)) == mails


@pytest.mark.parametrize(
    "length", ["3", "0", "1000000", "-5", "99999999999999999999", "7x", "", "6\nContent-Length: 7"]
)
def test_a_length_that_does_not_fit_is_none(tmp_path: Path, length: str) -> None:
    mail = MAIL.replace(b"\n\n", b"\nContent-Length: %s\n\n" % length.encode(), 1)
    assert split(tmp_path / "box", LINE + mail + b"\n" + LINE + OTHER + b"\n") == [mail, OTHER]


def test_nor_do_two_mails_of_one_sender(tmp_path: Path) -> None:
    body = b"Hello\n"
    first = measured(MAIL.replace(b"1@x", b"4@x"), body)
    hidden = measured(MAIL, body, len(body + b"\n" + LINE + OTHER))
    mails = [first, hidden, OTHER, MAIL.replace(b"1@x", b"3@x")]
    assert split(tmp_path / "box", b"".join(LINE + mail + b"\n" for mail in mails)) == mails


@pytest.mark.parametrize("is_last", [False, True])
def test_no_sender_s_length_hides_the_mail_of_others(tmp_path: Path, is_last: bool) -> None:
    behind = b"" if is_last else LINE + MAIL.replace(b"1@x", b"3@x")
    body = b"Hello\n"
    hidden = measured(MAIL, body, len(body + b"\n" + LINE + OTHER))
    mails = split(tmp_path / "box", LINE + hidden + b"\n" + LINE + OTHER + b"\n" + behind)
    assert mails[:2] == [hidden, OTHER]


def test_a_length_costs_no_more_than_reading(tmp_path: Path) -> None:
    """Each of many messages claims all of the file, and all others would have to be looked at."""
    head = LINE + b"From: a@x.test\nContent-Length: %012d\n\n"
    size, count = len(head % 0) + 3, 4000
    lengths = (size * (count - number) - (size - 3) for number in range(count))
    box = b"".join(head % length + b"x\n\n" for length in lengths) + LINE + OTHER
    began = time.process_time()
    assert len(split(tmp_path / "box", box)) > count - 200
    assert time.process_time() - began < 20


# Programs that write mboxes


BODY_LINES = st.sampled_from(
    [
        b"text", b"", b"From here on", b">From there", b">>From x", LINE[:-1], COMMIT[:-1], b"From: Kim", b"a" * 100,
        b"Content-Length: 5", b"--b", b"--b--", b"Content-Type: message/rfc822", b"\xff\xfe",
    ]
)  # fmt: skip
MAILS = st.lists(
    st.builds(
        lambda number, field, lines: b"Message-ID: <%d@x>\n%s\n%s\n" % (number, field, b"\n".join(lines)),
        st.integers(0, 99), st.sampled_from([b"", b"Content-Type: multipart/mixed; boundary=b\n"]),
        st.lists(BODY_LINES, max_size=8),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@given(MAILS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_python_writes_comes_back(tmp_path: Path, mails: list[bytes]) -> None:
    (tmp_path / "py").unlink(missing_ok=True)
    box = mailbox.mbox(tmp_path / "py")
    for mail in mails:
        box.add(mail)
    box.close()
    quoted = [mail.replace(b"\nFrom ", b"\n>From ") for mail in mails]
    assert split(tmp_path / "box", (tmp_path / "py").read_bytes()) == quoted


@given(MAILS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_an_mboxrd_writer_writes_comes_back(tmp_path: Path, mails: list[bytes]) -> None:
    quoted = [re.sub(rb"(?m)^(>*From )", rb">\1", mail) for mail in mails]
    found = split(tmp_path / "box", b"".join(LINE + mail + b"\n" for mail in quoted))
    for size in (1, 7, 1 << 20):
        pieces = ([mail[at : at + size] for at in range(0, len(mail), size)] for mail in found)
        assert [b"".join(undo_quoting(iter(mail))) for mail in pieces] == mails


@given(MAILS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_an_mboxcl_writer_writes_comes_back(tmp_path: Path, mails: list[bytes]) -> None:
    written = [measured(mail, mail.partition(b"\n\n")[2]) for mail in mails]
    assert split(tmp_path / "box", b"".join(LINE + mail + b"\n" for mail in written)) == written


@given(st.lists(st.sampled_from([LINE, COMMIT, MAIL, OTHER, b"\n", b"From \n", b"x", b"\r", b"\xef\xbb\xbf", QUOTING])))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_byte_is_in_two_messages_and_none_is_lost(tmp_path: Path, pieces: list[bytes]) -> None:
    box = LINE + b"".join(pieces)
    (tmp_path / "box").write_bytes(box)
    with (tmp_path / "box").open("rb") as stream:
        opened = mbox.open_mbox(window.Window(stream.fileno()))
        assert opened is not None
        extents = list(opened.messages())
    at = 0
    for extent in extents:
        assert at <= extent.start <= extent.end
        lines = [line for line in re.split(rb"\r\n|\r|\n", box[at : extent.start]) if line]
        assert all(line.startswith(b"From ") for line in lines), "between messages there is nothing else"
        at = extent.end
    assert not box[at:].strip()
