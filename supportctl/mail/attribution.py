"""The line above a quotation that says who wrote it, and when: "On … Ann wrote:"."""

from __future__ import annotations

import re

from supportctl.mail.quotation_words import AFTER_WROTE, NOT_BY_PROGRAMS, OPENERS, SAID, WROTE, WROTE_AT_END

#: A mail program folds an attribution over at most this many lines.
_LINES = 4
_LONGEST = 600
_LONGEST_LINE = 300
#: What may follow the last letter: colons, spaces, and what turns the direction of writing.
_TAIL = ":： \t\u00a0\u200e\u200f\u202a\u202b\u202c\u2068\u2069"
_SPACES = " \t\u00a0\u200b\ufeff"
_LEAD = "\"'*[(<\u200e\u200f\u202a\u202b\u2068"
_ADDRESS = re.compile(r"[<(\[][^<>()\[\]\s]{1,200}@[^<>()\[\]\s]{1,200}[>)\]]|<mailto:[^<>]{1,200}>")
_BRACKETS = (">", ")", "]")
_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2}(?!\d)|\d{2}[./-]\d{1,2}[./-]\d{1,2}(?!\d))"
)
_TIME = re.compile(r"(?<![\d.])\d{1,2}\s?[:.h時时시]\s?\d\d(?![\d.]\d)")
#: A date with the day of the week, as no person writes it: "Tue, 14 Nov 2023".
_DAY = re.compile(r"[^\W\d_]{2,10}\.?, (?:\d{1,2}\.? [^\W\d_]{3,12}\.?|[^\W\d_]{3,12}\.? \d{1,2}),? \d{4}(?!\d)")
_VERBS = WROTE | SAID | {verb + ending for verb in WROTE for ending in ("(a)", "(а)", "/la", "/a", "*", ",")}
_I = re.compile(r"\bI\b(?!\.)")


def find_attribution(lines: list[str], at: int) -> tuple[int, str] | None:
    """The first line of an attribution that ends with the line `at`, and its text; None where there is none."""
    if not _may_end(lines, at):
        return None
    whole, found = "", None
    for start in range(at, max(-1, at - _LINES), -1):
        line = lines[start].strip(_SPACES)
        if not line or line[0] == ">" or (found and line[-1] in ".!?:,"):
            break
        whole = f"{line[:_LONGEST_LINE]} {whole}"
        if _opens(line) and _is_attribution(whole):
            found = start, whole
        elif found:
            break
    if found:
        return found
    alone = lines[at].strip(_SPACES)[:_LONGEST_LINE]
    if alone.startswith(("<", "news:")) and at and lines[at - 1].strip() and not lines[at - 1].startswith(">"):
        alone = f"{lines[at - 1].strip()[:_LONGEST_LINE]} {alone}"
        return (at - 1, alone) if _is_attribution(alone) else None
    return (at, alone) if _is_attribution(alone) else None


def is_from_program(attribution: str) -> bool:
    """Whether an attribution is as exact as programs are, so that all below it is quoted even without marks."""
    before = attribution.rstrip(_TAIL)
    has_date, has_time = bool(_DATE.search(before)), bool(_TIME.search(before))
    has_wrote = _names_wrote(before)
    if _ADDRESS.search(before):
        return has_date and (has_wrote or (has_time and _names_writer(before)))
    if before.endswith(("wrote", "writes")) and "," not in before:
        return False
    return has_wrote and has_date and (has_time or bool(_DAY.search(before))) and _has_name(before)


def says_wrote(attribution: str) -> bool:
    """Whether an attribution has "wrote" near its end, so that even an odd mark below it is one of a quotation."""
    return _names_wrote(attribution.rstrip(_TAIL))


def _may_end(lines: list[str], at: int) -> bool:
    """Whether the line `at`, or the one above it, has what every attribution has near its end."""
    text = lines[at][-_LONGEST_LINE:]
    if at and lines[at - 1]:
        text = f"{lines[at - 1][-_LONGEST_LINE:]} {text}"
    if "@" in text or not _VERBS.isdisjoint(text.casefold().replace(":", " ").split()):
        return True
    if (":" in text[:-1] or "." in text) and _TIME.search(text):
        return True
    return not text.isascii() and text.rstrip(_TAIL).endswith(WROTE_AT_END)


def _opens(line: str) -> bool:
    first = line.lstrip(_LEAD).partition(" ")[0].rstrip(",.:").casefold()
    if first in OPENERS:
        return "@" in line or any(map(str.isdigit, line))
    return _DATE.search(line[:60]) is not None


def _is_attribution(text: str) -> bool:
    before = text.rstrip(_TAIL)
    if len(before) > _LONGEST or _is_by_a_person(before):
        return False
    if before.endswith("..."):  # as in newsgroups: `"Ann" <a@b> wrote in message news:1@b...`
        return "news:" in before and not WROTE.isdisjoint(before.casefold().split())
    if len(before) == len(text.rstrip()):
        return False
    return _names_wrote(before) or _names_writer(before) or _names_time(before) or _names_speaker(before)


def _is_by_a_person(text: str) -> bool:
    return not NOT_BY_PROGRAMS.isdisjoint(_WORD.findall(_ADDRESS.sub(" ", text))) or _I.search(text) is not None


def _names_wrote(before: str) -> bool:
    """Whether a text ends with "wrote", or with that and a name, an address or a date."""
    if before.endswith(WROTE_AT_END):
        return True
    bare = _ADDRESS.sub(" ", before[-_LONGEST_LINE:])
    words = _WORD.findall(bare)
    places = [place for place, word in enumerate(words) if word.casefold() in WROTE]
    if not places:
        return False
    rest = words[places[-1] + 1 :]
    if all(not word[0].islower() or word in AFTER_WROTE for word in rest):
        return len(rest) <= 16
    tail = bare.rpartition(words[places[-1]])[2]
    return _DATE.search(tail) is not None or (len(rest) <= 2 and _DATE.search(before) is not None)


def _names_writer(before: str) -> bool:
    """Whether a text ends with an address, and has little else but a date."""
    if before[-1:] not in _BRACKETS or "@" not in before:
        return False
    start = max(map(before.rfind, "<[("))
    if not _ADDRESS.fullmatch(before, start):
        return False
    return _DATE.search(before) is not None or _opens(before) or len(_WORD.findall(before[:start])) <= 4


def _names_speaker(before: str) -> bool:
    """Whether a text is a name or an address, and "said": a page or a colleague says things, too."""
    *name, said = before.split() or [""]
    if said.casefold() not in SAID or not 0 < len(name) <= 4:
        return False
    return all("@" in word or word.strip(_LEAD)[:1].isupper() for word in name)


def _names_time(before: str) -> bool:
    """Whether a text has date and time as programs write them, or beside an address."""
    if not (_DATE.search(before) and _TIME.search(before)):
        return False
    if before.endswith((")", "]")) or _DATE.search(before[:12]):
        return True
    return _DAY.search(before) is not None or _ADDRESS.search(before) is not None


def _has_name(before: str) -> bool:
    """Whether a word beside "wrote", away from the date, begins as names do."""
    words = _WORD.findall(before)
    names = [word for word in words if word.casefold() not in WROTE]
    digits = [place for place, word in enumerate(names) if word[0].isdigit()]
    after = names[digits[-1] + 1 :] if digits else names
    known = {"AM", "PM", "Uhr"}
    if any(not word[0].islower() and word not in known for word in after):
        return True
    return (
        bool(names) and not names[0][0].islower() and names[0].casefold() not in OPENERS and not names[0][0].isdigit()
    )
