"""Whatever the bytes are, they can be compared; and only what is the same is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail.failures import is_final
from supportctl.mail.sameness import are_same, read_statement
from tests.support.desks import make_mail

PIECES = [
    b"Message-ID: <a@b>\n",
    b"From: a@b\n",
    b"List-Id: <l.b>\n",
    b"Content-Type: multipart/mixed; boundary=x\n",
    b"--x\n",
    b"--x--\n",
    b"\n",
    b"Content-Type: text/html\n",
    b"Content-Transfer-Encoding: base64\n",
    b"AAAA\n",
    b"[t] ",
    b"\xff\0\r",
    b"Content-Type: message/rfc822\n",
    b"Subject: [t] =?utf-8?q?x?=\n",
    b"____________\n",
    b"</body></html>\n",
]
mails = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=20).map(b"".join)


@given(one=mails, other=mails)
def test_any_bytes_are_compared(one: bytes, other: bytes) -> None:
    assert are_same(one, other) in (True, False)
    known = read_statement(one)
    assert are_same(one, one) == bool(known and known.mid)


@given(text=st.text(max_size=200), more=st.text(min_size=1, max_size=200).filter(str.strip))
def test_a_text_that_goes_on_is_another_one(text: str, more: str) -> None:
    one, other = (make_mail(mid="a@b", text=f"x {body}").decode() for body in (text, f"{text} x{more}"))
    kinds = "Content-Type: text/plain; charset=utf-8\n"
    assert not are_same((kinds + other).encode(errors="replace"), (kinds + one).encode(errors="replace"))


def test_what_is_not_read_to_its_end_is_the_same_as_nothing() -> None:
    long = make_mail(mid="a@b") + b"x" * 5_000_000
    deep = make_mail(mid="a@b", Content_Type="multipart/mixed; boundary=x") + b"\n--x\n\n" * 10_001
    assert [are_same(mail, mail) for mail in (long, deep)] == [False, False]


FINAL = {
    "Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n": True,
    "Action: delayed\nStatus: 4.4.1\n": False,
    "Action: delivered\n": False,
    "Action: relayed\n\nAction: failed\n": True,
    "action: FAILED\n": True,
    "This is a permanent error; I've given up. Sorry it didn't work out.\n": True,
    "Your message has been delayed. It will be retried until it is five days old.\n": False,
    "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n": False,
    "The message could not be delivered for 4 hours and is still in the queue.\n": False,
    "User unknown\n": True,
}


@pytest.mark.parametrize(("report", "expected"), FINAL.items(), ids=lambda value: str(value)[:30])
def test_a_report_says_whether_a_mail_is_lost_for_good(report: str, expected: bool) -> None:
    assert is_final(report) == expected
