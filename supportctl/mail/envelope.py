"""The `From ` line before a message (RFC 4155): the envelope's sender and the time of delivery, in all known forms."""

from __future__ import annotations

import re
from typing import NamedTuple

from supportctl.mail.dates import read_mail_date

LONGEST_LINE = 998
"""The number of bytes of a `From ` line; a longer one is text (RFC 5322, 2.1.1)."""

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]{1,9}"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = rb"\d{1,2}:\d\d(?::\d{1,2})?"
_ZONE = rb"((?:[ \t]{1,9}(?:[A-Z]{1,5}(?:[+-]\d\d:?\d\d)?|[+-]\d\d:?\d\d|\([A-Za-z ]{1,30}\))){0,2})"
_END = rb"(?:[ \t]{1,9}remote from [!-~]{1,255})?\Z"
# As asctime(3) and ctime(3) write it, or with the zone of date(1), before the year or after it.
_ASCTIME = re.compile(
    rb"(?:\A|[ \t])%s(%s)[ \t]{1,9}(\d{1,2})[ \t]{1,9}(%s)%s[ \t]{1,9}(\d{4}|\d\d)%s%s"
    % (_DAY, _MONTH, _TIME, _ZONE, _ZONE, _END)
)
# As in a field of the header, which some programs copy.
_HEADER_TIME = re.compile(
    rb"(?:\A|[ \t])%s(\d{1,2})[ \t-](%s)[ \t-](\d{4}|\d\d)[ \t]{1,9}(%s)%s%s" % (_DAY, _MONTH, _TIME, _ZONE, _END)
)
_LOOSE_TIME = re.compile(rb"\d{1,2}:\d\d")
_YEAR = re.compile(rb"(?<!\d)(?:19|20)\d\d(?!\d)")
# What git writes before a patch: the commit, and always the same time.
_COMMIT = re.compile(rb"(?:[0-9a-f]{40}|[0-9a-f]{64}) Mon Sep 17 00:00:00 2001\Z")
_PASSED = (b" ", b"\t", b">From ")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_KNOWN_FIELD = re.compile(
    rb"(?:return-path|received|delivered-to|from|to|cc|subject|date|message-id|mime-version|content-type) {0,9}:", re.I
)
_FIELD = re.compile(rb"[A-Za-z][!-9;-~]{0,200}[ \t]{0,9}:(?!//)")


class FromLine(NamedTuple):
    """A `From ` line: what stands behind that word, the envelope's sender, and the time of delivery.

    `style` says how certain it is that the line is none of a text: "dated" is beyond doubt where a header follows,
    "patch" is one of git's, "timed" has a time and a year in no known form, and "bare" has a sender alone.
    """

    text: str
    sender: str
    date: int | None
    style: str


def read_from_line(line: bytes) -> FromLine | None:
    """What a line without its line end says as a `From ` line; None for a line of text."""
    if not line.startswith(b"From ") or len(line) > LONGEST_LINE:
        return None
    rest = line[5:].rstrip()
    text = _decode(rest)
    if _COMMIT.match(rest):
        return FromLine(text, "", None, "patch")
    if match := _ASCTIME.search(rest):
        month, day, time, before, year, after = match.groups()
    elif match := _HEADER_TIME.search(rest):
        (day, month, year, time, after), before = match.groups(), b""
    else:
        return _read_unusual(rest, text)
    # Without a zone it is that of a machine that nobody knows any more; RFC 4155 wants UTC.
    zone = (before or after).strip() or b"+0000"
    date = read_mail_date(_decode(b"%s %s %s %s %s" % (day, month, year, _with_seconds(time), zone)))
    return FromLine(text, _sender(rest[: match.start()]), date.at, "dated")


def _read_unusual(rest: bytes, text: str) -> FromLine | None:
    sender = _sender(rest.partition(b" ")[0])
    if _LOOSE_TIME.search(rest) and _YEAR.search(rest):
        return FromLine(text, sender, None, "timed")
    # More than one word may be the begin of a sentence.
    return FromLine(text, sender, None, "bare") if len(rest.split()) <= 1 else None


def _with_seconds(time: bytes) -> bytes:
    hour, minute, second = (*time.split(b":"), b"0")[:3]
    return b"%02d:%02d:%02d" % (int(hour), int(minute), int(second))


def _sender(word: bytes) -> str:
    """The address of the envelope's sender; "" where the line names none."""
    text = _decode(word).strip().strip("<>")
    # The archives of Mailman write addresses like this, and Netscape and Eudora know none.
    text = text.replace(" at ", "@", 1)
    return "" if text in ("-", "???@???") else text


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def is_field(line: bytes) -> bool:
    """Whether a line begins a field of a header."""
    return _FIELD.match(line) is not None


def begins_header(text: bytes) -> bool:
    """Whether a text begins with a header: with a field, or with one line that is none, and a field of mail behind it.

    Lines that continue nothing and those of UUCP may be several.
    """
    is_stray = False
    for line in _LINE_END.split(text.removeprefix(b"\xef\xbb\xbf"), 10):
        if is_field(line):
            return not is_stray or _KNOWN_FIELD.match(line) is not None
        if not line or (is_stray and not line.startswith(_PASSED)):
            return False
        is_stray |= not line.startswith(_PASSED)
    return False


def split_envelope(raw: bytes) -> tuple[FromLine | None, int]:
    """The `From ` line that a delivery agent put before a message, and the offset of the message behind it.

    Only a line with a date, and before a header, is the envelope's; else the offset is 0.
    """
    if not raw.startswith(b"From "):
        return None, 0
    end = _LINE_END.search(raw, 0, LONGEST_LINE + 2)
    line = read_from_line(raw[: end.start()]) if end else None
    if end is None or line is None or line.style != "dated" or not begins_header(raw[end.end() : end.end() + 4000]):
        return None, 0
    return line, end.end()
