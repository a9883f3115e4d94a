"""An mbox (RFC 4155): where its messages begin and end, found without holding any of them in memory.

A `From ` line begins a message where it has a date, an empty line before it and a header behind it: people begin
sentences with that word, send patches that begin with it, and write about mail. Content-Length is believed where it
leads to the end of the file or to such a line, and skips no line of another message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from supportctl.intake.window import Window
from supportctl.mail.envelope import LONGEST_LINE, FromLine, begins_header, is_field, read_from_line

_BOM = b"\xef\xbb\xbf"
_MOST_EMPTY = 4096
"""The number of bytes of empty lines that are skipped."""
_USUAL_HEADER, _LONGEST_HEADER = 4 << 10, 64 << 10
"""The number of bytes of a header in which fields about the mbox itself are looked for."""
_MOST_SKIPPED = 30
"""The number of `From ` lines that a Content-Length may skip: each is looked at."""

_LINE_ENDS = re.compile(rb"[\r\n]*+")
_HEX = re.compile(rb"[0-9a-f]{4}")
_LANDING = re.compile(rb"(?:\r\n|\n|\r){0,2}")
_HEADER_END = re.compile(rb"\n\r?\n|\r\r")
_LENGTH = re.compile(rb"(?:\A|[\r\n])content-length[ \t]{0,9}:[ \t]{0,9}(\d{1,15})[ \t]{0,9}(?=[\r\n])", re.I)
# What is in mail that has been delivered, and hardly in what somebody quotes.
_TRACE = re.compile(rb"(?:\A|[\r\n])(?:message-id|received|return-path|delivered-to|status|x-uidl?) {0,9}:", re.I)


_MOST_LINES = 3
"""The number of `From ` lines that several agents may have put before one message."""
_DELETED = 0x0008
"""The bit of X-Mozilla-Status of a message that Thunderbird has deleted, and not yet taken out of the file."""

_FOLDER_DATA = re.compile(rb"[\r\n]subject: {1,9}don't delete this message -- folder internal data", re.I)


class Extent(NamedTuple):
    """A message of an mbox: its offsets, the `From ` line before it, and the begin of its header (empty without one).

    `line` is None for what stands before the first `From ` line.
    """

    start: int
    end: int
    line: FromLine | None
    header: bytes

    @property
    def is_deleted(self) -> bool:
        """Whether Thunderbird has deleted the message.

        Its field is the first of that name; below the fields that a mail server adds, it is the sender's.
        """
        is_of_mozilla = self.line is not None and self.line.text.startswith("- ")
        for line in self.header.splitlines():
            name, _, value = line.lower().partition(b":")
            if name.rstrip() == b"x-mozilla-status":
                digits = value.strip()
                return bool(_HEX.fullmatch(digits) and int(digits, 16) & _DELETED)
            if not is_of_mozilla and not name.startswith(b"x-"):
                return False
        return False

    @property
    def is_folder_data(self) -> bool:
        """Whether this is no mail but what an IMAP server (UW, Pine) keeps about the folder, as its first message."""
        return bool(_FOLDER_DATA.search(self.header)) and b"X-IMAP" in self.header


def open_mbox(window: Window) -> Mbox | None:
    """The messages of a file, or None where it is no mbox."""
    start = _skip_empty(window, 3 if window.read(0, 3) == _BOM else 0)
    text, behind = window.read_line(start, LONGEST_LINE + 2)
    first = read_from_line(text.rstrip(b"\r\n"))
    if first:
        mbox = Mbox(window, start, first, is_bare=text.endswith(b"\r"))
        return mbox if first.style == "dated" or mbox.has_header(behind) else None
    if is_field(text):
        return None
    # A rest of an mbox, if more than that follows.
    mbox = Mbox(window, start, None, is_bare=text.endswith(b"\r"))
    return mbox if mbox.has_separator() else None


def is_mail(window: Window) -> bool:
    """Whether a file begins as a message does, or an mbox."""
    text, behind = window.read_line(_skip_empty(window, 3 if window.read(0, 3) == _BOM else 0), LONGEST_LINE + 2)
    line = read_from_line(text.rstrip(b"\r\n"))
    return is_field(text) or (line is not None and begins_header(window.read(behind, _USUAL_HEADER)))


class Mbox:
    """The messages of an mbox, where the first line is at `start`; `is_bare`: lines end with CR alone.

    `quoted` are the offsets of lines that look like the begin of a message, and have no header behind them.
    """

    def __init__(self, window: Window, start: int, first: FromLine | None, *, is_bare: bool) -> None:
        self.quoted: list[int] = []
        self._window = window
        self._start = start
        # A file is of one program: what its first line is like, the others may be like.
        self._styles = {"dated", first.style} if first else {"dated"}
        self._line_end = b"\r" if is_bare else b"\n"
        self._looked_at = -1
        self._found: tuple[FromLine, int] | None = None
        self._is_spaced = False
        self._is_begun = self._has_length = False

    def messages(self) -> Iterator[Extent]:
        """The messages, in order; `From ` lines, and the empty line before each, belong to none."""
        following = self._start
        while following < self._window.size:
            line, start = self._line_at(following) or (None, following)
            header = self._read_header(start)
            length = self._end_by_length(start, header)
            self._is_begun, self._has_length = True, length is not None
            if length is not None:
                end, following = length
                while self.quoted and self.quoted[-1] >= start:
                    self.quoted.pop()
            else:
                following = next(self._separators(start), self._window.size)
                end = max(start, following - self._empty_before(following))
            yield Extent(start, end, line, header)

    def has_separator(self) -> bool:
        """Whether a `From ` line stands anywhere behind the first line, with mail behind it."""
        return next(self._separators(self._start), -1) >= 0

    def has_header(self, at: int) -> bool:
        """Whether a header begins at an offset."""
        return begins_header(self._window.read(at, _USUAL_HEADER))

    def _separators(self, start: int) -> Iterator[int]:
        """The offsets of the `From ` lines that begin messages, from an offset on."""
        needle = self._line_end + b"From "
        at = max(0, start - 1)
        while (at := self._window.find(needle, at)) >= 0:
            at += 1
            if at >= start and self._begins_message(at):
                yield at

    def _begins_message(self, at: int) -> bool:
        """Whether the line at an offset is a `From ` line that begins a message."""
        found = self._line_at(at)
        if found is None:
            return False
        line, behind = found
        is_spaced = self._empty_before(at) > 0
        if not self._is_followed(behind):
            if is_spaced and line.style == "dated" and at > max(self.quoted[-1:], default=-1):
                self.quoted.append(at)
            return False
        # Without an empty line, where the program has not written any, or where it is mail without a doubt.
        is_mail = is_spaced or (line.style == "dated" and (not self._is_spaced or self._is_delivered(at)))
        self._is_spaced |= is_spaced
        return is_mail

    def _line_at(self, at: int) -> tuple[FromLine, int] | None:
        """The `From ` line at an offset, and the offset behind it and others that follow at once."""
        if at != self._looked_at:  # twice at most lines: as the end of a message, and as the begin of the next
            self._looked_at, self._found = at, self._find_line(at)
        return self._found

    def _find_line(self, at: int) -> tuple[FromLine, int] | None:
        text, behind = self._window.read_line(at, LONGEST_LINE + 2)
        line = read_from_line(text.rstrip(b"\r\n"))
        if line is None or line.style not in self._styles:
            return None
        for _ in range(_MOST_LINES):
            if not (inner := self._dated_at(behind)):
                break
            behind = inner
        return line, behind

    def _dated_at(self, at: int) -> int:
        """The offset behind the `From ` line at an offset, 0 where none is there."""
        text, behind = self._window.read_line(at, LONGEST_LINE + 2)
        line = read_from_line(text.rstrip(b"\r\n")) if text.startswith(b"From ") else None
        return behind if line and line.style == "dated" else 0

    def _is_followed(self, at: int) -> bool:
        """Whether a header is there, or nothing up to the next message or the end of the file."""
        if self.has_header(at):
            return True
        at = _skip_empty(self._window, at)
        found = self._line_at(at)
        return at >= self._window.size or (found is not None and self.has_header(found[1]))

    def _empty_before(self, at: int) -> int:
        """The number of bytes of the empty line that ends at an offset, 0 where there is none."""
        before = self._window.read(max(0, at - 3), min(3, at))
        if before == b"\n\r\n":
            return 2
        return 1 if before.endswith((b"\n\n", b"\r\r")) else 0

    def _read_header(self, start: int) -> bytes:
        """The begin of a message's header; empty where it has none."""
        if not self.has_header(start):
            return b""
        for most in (_USUAL_HEADER, _LONGEST_HEADER):
            text = self._window.read(start, most)
            if end := _HEADER_END.search(text):
                return text[: end.end()]
        return text

    def _end_by_length(self, start: int, header: bytes) -> tuple[int, int] | None:
        """The end of a message by its Content-Length, and where the next one begins; None where it is not believed."""
        end = _measure(start, header)
        following = self._landing(end) if end else None
        if not end or not following or not self._may_skip(start, end, following):
            return None
        # Where two line ends follow, the one of the last line was not counted.
        gap = self._window.read(end, following - end)
        is_short = len(gap) > 2 or gap in (b"\n\n", b"\r\r")
        return following - self._empty_before(following) if is_short else end, following

    def _landing(self, end: int) -> int | None:
        """Where the next message begins if one ends at `end`; None where that can't be."""
        line_ends = _LANDING.match(self._window.read(end, 4))
        at = end + (line_ends.end() if line_ends else 0)
        if end > self._window.size or at >= self._window.size:
            return self._window.size if end <= self._window.size else None
        if at == end and self._window.read(end - 1, 1) not in (b"\n", b"\r"):
            return None
        found = self._line_at(at)
        return at if found and self._is_followed(found[1]) else None

    def _may_skip(self, start: int, end: int, following: int) -> bool:
        """Whether a Content-Length may skip all that looks like the begin of a message.

        The sender can write that field, but not in the messages of others: where those before and behind have it as
        well, it is of the program that wrote the file.
        """
        within = takewhile(lambda at: at < end, self._separators(start))
        if not any(number >= _MOST_SKIPPED or self._is_delivered(at) for number, at in enumerate(within)):
            return True
        neighbours = [self._has_length] if self._is_begun else []
        neighbours += [self._is_measured(following)] if following < self._window.size else []
        return bool(neighbours) and all(neighbours)

    def _is_delivered(self, at: int) -> bool:
        """Whether the message at an offset has been delivered to somebody."""
        found = self._line_at(at)
        return found is not None and bool(_TRACE.search(self._read_header(found[1])))

    def _is_measured(self, at: int) -> bool:
        """Whether the message at an offset has a Content-Length that fits."""
        found = self._line_at(at)
        end = _measure(found[1], self._read_header(found[1])) if found else None
        return end is not None and self._landing(end) is not None


def _measure(start: int, header: bytes) -> int | None:
    """The end of the message with this header by its Content-Length; None without one, or with several."""
    if b"content-length" not in header.lower():
        return None
    lengths = _LENGTH.findall(header)
    return start + len(header) + int(lengths[0]) if len(lengths) == 1 else None


def _skip_empty(window: Window, at: int) -> int:
    """The offset behind empty lines."""
    line_ends = _LINE_ENDS.match(window.read(at, _MOST_EMPTY))
    return at + (line_ends.end() if line_ends else 0)
