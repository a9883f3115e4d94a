"""What stands below the words of a writer: a signature, the line of a telephone's program, the footer of a list."""

from __future__ import annotations

from supportctl.mail.quotation_words import (
    AFTER_WROTE,
    DEVICES,
    FOOTERS,
    GET_BEGINNINGS,
    GET_ENDS,
    GREETINGS,
    SENT_BEGINNINGS,
    SENT_EDGES,
    SENT_ENDS,
)

#: The delimiters of RFC 3676, section 4.3; the second one is escaped by OpenPGP (RFC 9580, section 7.2).
_DELIMITERS = frozenset(("-- ", "- -- ", "--\u00a0"))
#: The same without the space, which programs and lists cut off, or as a word processor writes it.
_BARE = frozenset(("--", "- --", "—", "–"))
_SHORTEST_RULE = 3
#: The most lines of a signature below a delimiter, and (without empty ones) below a bare one and below a rule.
_DELIMITED, _BARE_LINES, _RULED_LINES = 60, 12, 10
_FOOTER_RULE, _FOOTER_LINES = 20, 15
_LONGEST_LINE, _LONGEST_LINK = 70, 160


def is_delimiter(line: str) -> bool:
    """Whether a line is the delimiter of a signature by the standard."""
    return line in _DELIMITERS


def is_signature(lines: list[str], at: int) -> bool:
    """Whether a signature begins at the line `at`, which has nothing but dashes or a rule."""
    line = lines[at]
    below = lines[at + 1] if at + 1 < len(lines) else ""
    if line in _DELIMITERS:
        # Comments of SQL and Lua begin like a delimiter, and go on like one.
        end = at + _DELIMITED
        is_short = end >= len(lines) or any(line.startswith((">", " >")) for line in lines[at + 1 : end])
        is_comment = _is_comment(below) or (at > 0 and _is_comment(lines[at - 1]))
        return is_short and not is_comment
    if not below.strip():
        return False  # a rule between paragraphs
    if line in _BARE:
        rest = _below(lines, at, _BARE_LINES)
        return 0 < len(rest) <= _BARE_LINES and _begins_signature(rest[0]) and not any("?" in line for line in rest)
    bare = line.strip()
    if len(bare) < _SHORTEST_RULE or bare.strip(bare[0]) or bare[0] not in "_-–—":
        return False
    rest = _below(lines, at, _RULED_LINES)
    if len(rest) > _RULED_LINES or not all(map(_may_sign, rest)):
        return False
    return any(map(_has_number, rest)) or (not (at and lines[at - 1].strip()) and _is_name(rest))


def _is_comment(line: str) -> bool:
    return line == "--" or (line.startswith("-- ") and line != "-- ")


def _below(lines: list[str], at: int, most: int) -> list[str]:
    """The lines below `at`, without empty ones, as far as the next marked quotation; at most one more than `most`."""
    rest: list[str] = []
    for line in lines[at + 1 : at + 2 + 4 * most]:
        if line.startswith((">", " >")) or len(rest) > most:
            break
        if line.strip():
            rest.append(line)
    return rest


def _is_name(lines: list[str]) -> bool:
    """Whether a few lines are nothing but a name, a calling, a company: words with capitals, the first line has two."""
    words = [word for line in lines for word in line.replace(",", " ").split()]
    are_names = all(word[0].isupper() and word[-1] not in ".!:" for word in words)
    return 0 < len(lines) <= 4 and 2 <= len(lines[0].split()) <= 4 and len(words) <= 12 and are_names


def _begins_signature(line: str) -> bool:
    """Whether a line may be the first one of a signature: a name, a greeting, or what has an address or a number."""
    text = line.strip().casefold()
    words = [word for word in line.split() if word[0].isalpha() and word not in AFTER_WROTE]
    if text.startswith(GREETINGS):
        return len(words) <= 5
    is_name = all(not word[0].islower() for word in words) and line.rstrip()[-1] not in ".!:"
    return len(words) <= 2 or is_name or (_has_number(line) and _may_sign(line))


def _may_sign(line: str) -> bool:
    """Whether a line may be a name, a calling, an address, a number, and is no sentence."""
    words = [word for word in line.split() if word[0].isalpha() and not any(sign in word for sign in "@/0123456789")]
    if len(line) > _LONGEST_LINE or "?" in line or len(words) > 8 or line.startswith(("PS", "P.S.", "P. S.")):
        return False
    capitals = sum(not word[0].islower() for word in words)
    if line.rstrip()[-1] == ",":
        return len(words) <= 4  # "Best regards,"
    return len(words) <= 2 or (2 * capitals >= len(words) and line.rstrip()[-1] not in ".!:")


def _has_number(line: str) -> bool:
    """Whether a line may have an address or the number of a telephone."""
    return "@" in line or "www." in line or "://" in line or sum(map(str.isdigit, line)) >= 6


def is_footer(lines: list[str], at: int) -> bool:
    """Whether the footer of a mailing list begins with the rule at the line `at`."""
    if len(lines[at].strip()) < _FOOTER_RULE:
        return False
    rest = _below(lines, at, _FOOTER_LINES)
    if len(rest) > _FOOTER_LINES:
        return False
    text = "\n".join(line[:200] for line in rest[:6]).casefold()
    return "?" not in text and ("@" in text or "://" in text) and any(word in text for word in FOOTERS)


def is_sent_from(line: str) -> bool:
    """Whether a line is what a telephone's program adds: "Sent from my iPhone", "Get Outlook for Android"."""
    if len(line) > _LONGEST_LINK:
        return False
    before, _, link = line.partition("<http")
    text = (before + link.partition(">")[2]).strip(" \t\u00a0*_[]().!-").casefold()
    # Few lines above a quotation are of a telephone, and this tells it of most.
    if text[:2] not in SENT_EDGES and text[-2:] not in SENT_EDGES:
        return False
    is_outlook = "outlook" in text and (text.startswith(GET_BEGINNINGS) or text.endswith(GET_ENDS))
    if not (is_outlook or text.startswith(SENT_BEGINNINGS) or text.endswith(SENT_ENDS)):
        return False
    words = text.split()
    if len(words) > 12 or "?" in text or not {"i", "ich", "we", "wir"}.isdisjoint(words):
        return False
    return is_outlook or any(device in text for device in DEVICES)
