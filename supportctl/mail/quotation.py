"""What the writer of a message wrote, apart from quotations and signature.

In doubt a line is the writer's: a question that is taken for a quotation may stay unread, an old text that is taken for
the writer's is only read twice.
"""

from __future__ import annotations

import re

from supportctl.mail.attribution import find_attribution, is_from_program, says_wrote
from supportctl.mail.header_block import (
    find_block,
    find_original_end,
    find_rule_above,
    is_rule,
    names_beginning,
    names_original,
)
from supportctl.mail.quotation_words import LABEL_BEGINNINGS
from supportctl.mail.signature import is_delimiter, is_footer, is_sent_from, is_signature

_MARKS: tuple[str, ...] = (">", " >", "＞")
#: Only a line that begins or ends like this, or with a label, can be quoted or introduce a quotation.
_FIRSTS = ">＞\u00a0\ufeff"
_RULES = "-_=*~‐–—"
_LASTS = ":：\u00a0\u200e\u200f\u202c\u2069"
#: What else quotes lines below an attribution: other signs, initials (of The Bat!), and nothing but space.
_ODD_MARK = re.compile(r" {0,3}(?:[|»›¦:)\]}]|[A-Za-z]{1,4}>)(?= |\Z|[|»›¦:)\]}>])|[ \t]{1,8}(?=\S)")
_INITIALS = re.compile(r"\n([A-Z]{2,3}>)[^\n]{0,2000}\n\1(?= |>|\n)")
_GROUPWISE = re.compile(r">>> [^\n]{1,200}\d[^\n]{0,20} >>>\Z")
#: What people put in the place of what they leave out of a quotation.
_OMISSION = re.compile(r"\s{0,4}(?:[\[<(][^\])>]{1,30}[\])>]|\.{3,5}|…)\s{0,4}\Z")
_LETTER = re.compile(r"[^\W_]")
_PROMPTS = frozenset(("SQL>", "FTP>", "GPG>", "CMD>", "DOS>"))
#: The number of lines within which a quotation follows its introduction.
_APART = 5


def split_quotations(text: str) -> tuple[str, str]:
    """(written, quoted): each line of `text`, with its end, is in exactly one of both, in its order.

    Quoted are marked lines with their introduction, a previous message below a reply, what is forwarded, the signature
    (RFC 3676, section 4.3), and the footer of a mailing list. Takes time linear in the length.
    """
    lines = text.split("\n")
    # Some programs leave a space behind the colon of an attribution.
    quoted = _Splitter(text.replace(": \n", ":\n").split("\n") if ": \n" in text else lines).split(text)
    if 1 not in quoted:
        return text, ""
    whole = [line + "\n" for line in lines[:-1]] + lines[-1:]
    return (
        "".join([line for line, is_quoted in zip(whole, quoted, strict=True) if not is_quoted]),
        "".join([line for line, is_quoted in zip(whole, quoted, strict=True) if is_quoted]),
    )


class _Splitter:
    """Reads the lines of a text from the first to the last, and says of each whether it is quoted."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._quoted = bytearray(len(lines))
        self._marks = _MARKS
        self._firsts = _FIRSTS
        self._signature: int | None = None  # the first line of a signature that no quotation has ended
        self._has_spoken = False  # whether one of the first `_heard` lines is the writer's, and has a letter or digit
        self._heard = 0

    def split(self, text: str) -> bytearray:
        """1 for each line that is quoted, 0 for each that is the writer's."""
        self._add_marks(text)
        quoted, passed = self._quoted, 0
        for at, line in enumerate(self._lines):
            if not line or at < passed:
                continue
            # Most lines are neither quoted nor introduce a quotation, and a glance tells it.
            first = line[0]
            if first == ">" and at and quoted[at - 1]:
                quoted[at] = 1
            elif (
                line[-1] in _LASTS
                or line[:3] in LABEL_BEGINNINGS
                or first in self._firsts
                or (first in _RULES and (line[1:2] in _RULES or line[2:4] == "--"))
            ):
                passed = self._read(at, line)
        self._begin(len(self._lines))
        return self._quoted

    def _add_marks(self, text: str) -> None:
        if ">" not in text:
            return
        if "\n >" in text or text.startswith(" >"):
            self._firsts += " "
        if (initials := _INITIALS.search(text)) and initials[1] not in _PROMPTS:
            self._add_mark(initials[1])

    def _add_mark(self, mark: str) -> None:
        self._marks = (*self._marks, mark)
        self._firsts += mark[0]

    def _read(self, at: int, line: str) -> int:
        """Mark what is quoted from a line on; the next line to read."""
        if line.startswith(self._marks):
            return self._read_marked(at, line)
        bare = line.strip()
        if not bare:
            return at + 1
        has_rule = not bare[:2].strip(_RULES) or bare.startswith("- --")
        if has_rule and (end := self._read_rule(at, bare)):
            return end
        if bare.lstrip("* ")[:3] in LABEL_BEGINNINGS and (block := find_block(self._lines, at)):
            return self._read_original(*block)
        if bare[-1] in _LASTS:
            return self._read_introduction(at, bare)
        return at + 1

    def _read_marked(self, at: int, line: str) -> int:
        if line.startswith(">From ") and not (self._is_marked(at - 1) or self._is_marked(at + 1)):
            return at + 1  # what an mbox makes of a line that begins with "From "
        if _GROUPWISE.match(line) and not self._is_marked(self._next(at + 1)) and self._is_spoken(at):
            return self._quote(at, len(self._lines))
        before = at - 1
        while before >= 0 and not self._lines[before].strip():
            before -= 1
        if before < 0:
            return self._quote(at, at + 1)
        if self._quoted[before]:
            return self._quote(before + 1, at + 1)
        found = find_attribution(self._lines, before) if self._lines[before].endswith("...") else None
        return self._quote(found[0] if found else at, at + 1)

    def _is_marked(self, at: int) -> bool:
        return 0 <= at < len(self._lines) and self._lines[at].startswith(self._marks)

    def _read_rule(self, at: int, bare: str) -> int:
        """The same for a line that begins with a rule; 0 where it introduces nothing."""
        if kind := names_original(bare):
            below = self._next(at + 1, _APART)
            if self._is_marked(below) or self._begins_attribution(below):
                return self._quote(at, below)
            if kind == "forwarded":
                return self._quote(at, find_original_end(self._lines, at))
            return self._read_original(at, at + 1)
        if is_rule(bare) and is_footer(self._lines, at):
            return self._quote(at, len(self._lines))
        if self._signature is None and is_signature(self._lines, at):
            return self._read_signature(at)
        return 0

    def _begins_attribution(self, at: int) -> bool:
        ends = [end for end in range(at, min(at + _APART, len(self._lines))) if self._lines[end].endswith(":")]
        found = find_attribution(self._lines, ends[0]) if ends else None
        return found is not None and found[0] == at

    def _read_signature(self, at: int) -> int:
        if self._is_spoken(at):
            self._begin(at)
            self._signature = at
            return at + 1
        if not is_delimiter(self._lines[at]):
            return 0
        # Some people write below their signature: the first paragraph is one, the next may be a question.
        end = self._next(at + 1)
        while end < len(self._lines) and self._lines[end].strip():
            end += 1
        return self._quote(at, end)

    def _read_original(self, at: int, end: int) -> int:
        """Mark an old message from the line that says so, or from its header; `end` is the line below that."""
        below = self._next(end)
        if below < len(self._lines) and (block := find_block(self._lines, below)):
            below = self._next(end := block[1])
        # Below lines with marks the writer may go on.
        end = end if self._is_marked(below) else find_original_end(self._lines, at)
        return self._quote(find_rule_above(self._lines, at), end)

    def _read_introduction(self, at: int, bare: str) -> int:
        if names_beginning(bare):
            below = self._next(at + 1, _APART)
            return self._quote(at, below if self._is_marked(below) else len(self._lines))
        found = find_attribution(self._lines, at)
        if found is None:
            return at + 1
        start, attribution = found
        below = self._next(at + 1, _APART)
        if below < len(self._lines) and _OMISSION.match(self._lines[below]):
            below = self._next(below + 1, _APART)
        if not self._is_marked(below) and says_wrote(attribution) and (mark := self._find_mark(at, below)):
            if mark.isspace():
                return self._quote(start, self._find_indented_end(below))
            self._add_mark(mark)
        if self._is_marked(below):
            return self._quote(start, below)
        if is_from_program(attribution):
            # Where nothing stands above, the answer must be below, with nothing to tell it from the quotation.
            return self._quote(start, len(self._lines) if self._is_spoken(start) else at + 1)
        return at + 1

    def _find_mark(self, at: int, below: int) -> str:
        """What marks the lines that an attribution at `at` introduces; "" for nothing."""
        if below == len(self._lines) or self._lines[at][0].isspace():
            return ""
        mark = _ODD_MARK.match(self._lines[below])
        return mark[0] if mark else ""

    def _find_indented_end(self, at: int) -> int:
        """The line after the last of the indented lines from `at` on, with empty lines between them."""
        end = at
        while at < len(self._lines) and (not self._lines[at] or self._lines[at][0].isspace()):
            at += 1
            end = at if self._lines[at - 1].strip() else end
        return end

    def _next(self, at: int, most: int | None = None) -> int:
        """The first line from `at` on that is not empty, among the next `most`."""
        end = len(self._lines) if most is None else min(len(self._lines), at + most)
        while at < end and not self._lines[at].strip():
            at += 1
        return at if at < end else len(self._lines)

    def _is_spoken(self, end: int) -> bool:
        """Whether the writer has said anything above a line."""
        while not self._has_spoken and self._heard < end:
            is_quoted, line = self._quoted[self._heard], self._lines[self._heard]
            self._has_spoken = not is_quoted and _LETTER.search(line) is not None
            self._heard += 1
        return self._has_spoken

    def _quote(self, start: int, end: int) -> int:
        self._begin(start)
        self._quoted[start:end] = b"\1" * (end - start)
        return end

    def _begin(self, start: int) -> None:
        """Let a quotation begin: it ends a signature, and what a telephone's program adds stands above it."""
        if self._signature is not None:
            self._quoted[self._signature : start] = b"\1" * max(0, start - self._signature)
            self._signature = None
        end = start
        while start and not self._quoted[start - 1]:
            start -= 1
            if self._lines[start].strip():
                if not is_sent_from(self._lines[start]):
                    return
                self._quoted[start:end] = b"\1" * (end - start)
                end = start
