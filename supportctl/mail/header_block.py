"""What stands above an old message that a program puts below a new one: a line that says so, or a header.

"-----Original Message-----", "Begin forwarded message:", and the block of From, Sent, To and Subject of Outlook.
"""

from __future__ import annotations

import re
from typing import Literal

from supportctl.mail.quotation_words import BEGINS, ENDS, FORWARDED, LABELS, MESSAGES, ORIGINAL, Kind

_RULES = "-_=*~‐‑‒–—―<># \u00a0"
_LONGEST_LABEL = 30
_LONGEST_PHRASE = 120
#: The most lines of one block, and of one list of addresses in it.
_BLOCK_LINES = 24
_FOLDED_LINES = 6
_SHORTEST_RULE = 10
_END_WORDS = 8
_OTHER_LABEL = re.compile(r"[*\s]{0,3}[^\W\d_][\w -]{1,24}\*?:\*?(?:\s|\Z)")
_BEGINS = frozenset(line[:2] for line in BEGINS)
_DATE = re.compile(r"\d{4}|\d[./-]\d{1,2}[./-]\d|\d{1,2}[:.h時时시]\s?\d\d")
_TIME = re.compile(r"\d{1,2}\s?[:.h時时시]\s?\d\d")


def names_original(bare: str) -> Literal["original", "forwarded", ""]:
    """What follows a line with rules around a phrase, such as "-----Original Message-----"; "" for other lines."""
    phrase = bare.strip(_RULES)
    if not 0 < len(phrase) <= _LONGEST_PHRASE or len(bare) - len(phrase) < 4:
        return ""
    left = len(bare) - len(bare.lstrip(_RULES))
    is_framed = left >= 2 and bare[-2:].strip(_RULES) == ""
    words = phrase.casefold().split()
    if not (is_framed or (left >= 4 and len(words) <= 4)) or words[0] in ENDS:
        return ""
    return _kind_of(" ".join(words), (is_framed and left >= 4) or words[0] == "begin")


def _kind_of(phrase: str, is_plain: bool) -> Literal["original", "forwarded", ""]:
    has_message = any(word in phrase for word in MESSAGES)
    if (has_message or is_plain) and any(word in phrase for word in FORWARDED):
        return "forwarded"
    return "original" if has_message and any(word in phrase for word in ORIGINAL) else ""


def names_beginning(bare: str) -> bool:
    """Whether a line without rules stands above a forwarded message."""
    return bare[:2].casefold() in _BEGINS and len(bare) <= _LONGEST_PHRASE and bare.casefold().startswith(BEGINS)


def find_original_end(lines: list[str], at: int) -> int:
    """The line after the old message that begins with the line `at`: after the line that says it ends, if any."""
    for end in range(at + 1, len(lines)):
        if lines[end].startswith(("--", "- --")) and _names_end(lines[end]):
            return end + 1
    return len(lines)


def _names_end(line: str) -> bool:
    words = line[:_LONGEST_PHRASE].strip(_RULES).casefold().split()
    if not 0 < len(words) <= _END_WORDS or words[0] not in ENDS:
        return False
    return len(line) - len(line.rstrip(_RULES)) >= 2 or any(word in " ".join(words) for word in FORWARDED)


def is_rule(bare: str) -> bool:
    """Whether a line is nothing but a rule, as Outlook and lists put above what they add."""
    return len(bare) >= _SHORTEST_RULE and not bare.strip("_-=*~‐‑‒–—―")


def find_rule_above(lines: list[str], at: int) -> int:
    """The line of the rule above a block that begins at `at`, or `at` where there is none."""
    before = at - 1
    while before >= 0 and at - before < 3 and not lines[before].strip():
        before -= 1
    return before if before >= 0 and is_rule(lines[before].strip()) else at


def find_block(lines: list[str], at: int) -> tuple[int, int] | None:
    """The first line of the header block that the line `at` is in, and the line after the block; None where none is.

    A block names who wrote, when, and to whom or about what, and nothing that no mail has: a form that people fill in
    has other labels as well, and a header that somebody pasted has other fields.
    """
    if _label(lines[at])[0] is None:
        return None
    start = at
    while start and at - start < _BLOCK_LINES and _label(lines[start - 1])[0]:
        start -= 1
    if start and _OTHER_LABEL.match(lines[start - 1][:60]):
        return None
    end = _find_block_end(lines, start)
    return (start, end) if end > at else None


def _find_block_end(lines: list[str], start: int) -> int:
    kinds: set[Kind] = set()
    end, folded, blank = start, 0, 0
    for here in range(start, min(start + _BLOCK_LINES, len(lines))):
        line = lines[here]
        kind, value = _label(line)
        if kind:
            if kind != "date" or (_DATE.search(value) and _TIME.search(value)):
                kinds.add(kind)  # a date only if it is as exact as programs are
            end, folded, blank = here + 1, 0, 0
        elif not line.strip():
            blank += 1
            if blank > 1 or _is_complete(kinds):
                break
        elif blank or folded == _FOLDED_LINES:
            break
        elif _OTHER_LABEL.match(line[:60]):
            return 0
        else:
            folded += 1
    return end if _is_complete(kinds) else 0


def _is_complete(kinds: set[Kind]) -> bool:
    # People write "From: Vienna", "To: Berlin" and "Date:" of other things than mail.
    if {"from", "sent"} <= kinds:
        return not kinds.isdisjoint(("to", "subject"))
    return {"from", "date", "subject"} <= kinds


def _label(line: str) -> tuple[Kind | None, str]:
    """What a line names by its label, and its value."""
    head = line[:_LONGEST_LABEL]
    # The first of the two, which only texts in Chinese and Japanese have both of.
    colon = len(head.replace("：", ":").partition(":")[0])
    if not 0 < colon < len(head):
        return None, ""
    return LABELS.get(head[:colon].strip("* \t\u00a0").casefold()), line[colon + 1 : colon + 100]
