"""Files within plain text, as programs before MIME sent them: uuencoded (POSIX), or in yEnc (http://www.yenc.org)."""

from __future__ import annotations

import re
from typing import NamedTuple

_BEGIN = re.compile(r"^begin [0-7]{3,4} (\S[^\n]{0,200})\n([ -`])([^\n]{0,100})\n", re.M)
_END = re.compile(r"^end[ \t]{0,9}$\n?", re.M)
_YENC_BEGIN = re.compile(rb"^=ybegin [^\r\n]{0,200}name=([^\r\n]{1,200})\r?\n(?:=ypart[^\r\n]{0,200}\r?\n)?", re.M)
_YENC_END = re.compile(rb"^=yend[^\r\n]{0,200}(?:\r?\n|$)", re.M)
_MOST = 100
"""The number of files in one text that are told apart."""


class EncodedFile(NamedTuple):
    """A file that stands in a text: its name, the lines that encode it, and the encoding (as `transfer` names it)."""

    name: str
    lines: bytes
    encoding: str


def take_uuencoded(text: str) -> tuple[str, list[EncodedFile]]:
    """A text without the uuencoded files in it, and the files; a file whose end is missing reaches to the end."""
    pieces: list[str] = []
    files: list[EncodedFile] = []
    at = 0
    while len(files) < _MOST and (begin := _BEGIN.search(text, at)):
        # A line says how many bytes it stands for: what does not is a sentence that begins so.
        if (ord(begin[2]) - 32 & 63) > (len(begin[3]) + 2) * 3 // 4:
            pieces.append(text[at : begin.end(1)])
            at = begin.end(1)
            continue
        end = _END.search(text, begin.end())
        stop = end.end() if end else len(text)
        pieces.append(text[at : begin.start()])
        files.append(EncodedFile(begin[1].strip(), text[begin.start() : stop].encode("ascii", "replace"), "x-uuencode"))
        at = stop
    return "".join([*pieces, text[at:]]), files


def take_yencoded(data: bytes) -> tuple[bytes, list[EncodedFile]]:
    """The bytes of a text without the files in yEnc, and the files."""
    pieces: list[bytes] = []
    files: list[EncodedFile] = []
    at = 0
    while len(files) < _MOST and (begin := _YENC_BEGIN.search(data, at)):
        end = _YENC_END.search(data, begin.end())
        pieces.append(data[at : begin.start()])
        lines = data[begin.end() : end.start() if end else len(data)]
        files.append(EncodedFile(begin[1].decode("utf-8", "replace").strip(), lines, "x-yenc"))
        at = end.end() if end else len(data)
    return b"".join([*pieces, data[at:]]), files
