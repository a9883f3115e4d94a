"""What reaches a terminal or a line of output: untrusted text made harmless, its width, and the streams."""

from __future__ import annotations

import io
import os
import re
import sys
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


# Characters that give text a direction or carry hidden text: Unicode TR 36, and CVE-2021-42574.
_INVISIBLE = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
_PATTERNS = {
    "line": f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_INVISIBLE}]",
    "body": f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_INVISIBLE}]",
    "json": f"[\x7f-\x9f\u2028\u2029\ud800-\udfff{_INVISIBLE}]",
}

OUTPUT = "standard output"


class _Output(io.FileIO):
    """A file whose write errors carry its name, so that a closed pipe here is told from any other."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = OUTPUT
            raise


def open_output() -> io.TextIOWrapper:
    """Standard output in UTF-8, whatever the locale; its errors are OSError with the file name OUTPUT."""
    raw = _Output(1, "w", closefd=False)
    buffered = io.BufferedWriter(raw, 1 << 16)
    return io.TextIOWrapper(buffered, encoding="utf-8", errors="replace", line_buffering=raw.isatty())


def clean(text: str, *, keep_newlines: bool = False) -> str:
    """Untrusted text without anything that could steer a terminal or break a line-based output.

    Tabs and line breaks become spaces (with `keep_newlines` they stay, as `\\t` and `\\n`), control characters (C0,
    ESC, DEL, C1) and lone surrogates become U+FFFD; bidirectional overrides, tag characters and other invisible ones
    are dropped.
    """
    # Most text is printable, and this is many times faster than a pattern.
    if text.isprintable():
        return text
    kind, line_break = ("body", "\n") if keep_newlines else ("line", " ")
    text = text.replace("\r\n", "\n")
    return _unsafe(kind).sub(lambda match: _substitute(match[0], line_break), text)


@cache
def _unsafe(kind: str) -> re.Pattern[str]:
    # Compiled for the first unsafe text, which mostly never comes.
    return re.compile(_PATTERNS[kind])


def _substitute(character: str, line_break: str) -> str:
    if character in _BREAKS:
        return line_break
    return "\ufffd" if character < "\xa0" or "\ud800" <= character <= "\udfff" else ""


def escape_json(document: str) -> str:
    """A JSON text in which every character that could steer a terminal is escaped (RFC 8259, 7)."""
    if document.isascii() and "\x7f" not in document:
        return document
    return _unsafe("json").sub(lambda match: _escape(match[0]), document)


def _escape(character: str) -> str:
    # A lone surrogate can't be UTF-8, and readers of JSON refuse its escape.
    units = (character if not "\ud800" <= character <= "\udfff" else "\ufffd").encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def width(text: str) -> int:
    """The number of terminal cells that clean text takes (Unicode TR 11; combining marks take none)."""
    return len(text) if text.isascii() else sum(map(_cells, text))


@lru_cache(maxsize=8192)
def _cells(character: str) -> int:
    import unicodedata

    if unicodedata.east_asian_width(character) in "WF":
        return 2
    is_zero = unicodedata.category(character) in ("Mn", "Me", "Cf") and character != "\xad"
    return 0 if is_zero or "\u1160" <= character <= "\u11ff" else 1


def shorten(text: str, cells: int) -> str:
    """Clean text, cut to at most `cells` cells (at least 1); a text that was cut ends in `…`."""
    if width(text) <= cells:
        return text
    room = cells - 1
    for at, character in enumerate(text):
        room -= _cells(character)
        if room < 0:
            return text[:at].rstrip() + "…"
    return text


def point_at(line: str, position: int, length: int = 76) -> str:
    """The part of a line around an offset, and below it a caret at the offset; both indented by two cells."""
    left = max(0, position - length * 2 // 3)
    shown = "".join(c if c.isprintable() else " " for c in line[left : left + length])
    return f"  {shown}\n  {' ' * width(shown[: position - left])}^"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sees what is written to a stream (or types what is read from it)."""
    return stream is not None and stream.isatty()


def has_colour() -> bool:
    """Whether standard output may be coloured (https://no-color.org, TERM=dumb)."""
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def line_width() -> int:
    """The number of cells in a line of standard output; 0 for lines of any length."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    if not is_terminal(sys.stdout):
        return 0
    return os.get_terminal_size(sys.stdout.fileno()).columns or 80


def say(text: str, *, quiet: bool = False) -> None:
    """Write a message for the person to standard error, cleaned; a stream that fails is ignored."""
    if quiet or sys.stderr is None:
        return
    try:
        sys.stderr.write(clean(text, keep_newlines=True).rstrip("\n") + "\n")
        sys.stderr.flush()
    except OSError:
        return
