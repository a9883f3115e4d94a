"""What we, notmuch and mu find for the same questions in the same mails, and why not the same."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from functools import cached_property
from pathlib import Path

from benchmarks.peers import execute
from benchmarks.places import fold, has_date, read_places
from benchmarks.table import write_table
from benchmarks.turns import Call
from benchmarks.workbench import Indexed, Workbench

PROGRAMS = ("ours", "notmuch", "mu")
PAIRS = (("notmuch", "ours"), ("mu", "ours"), ("ours", "notmuch"), ("ours", "mu"))
"""Found by the first, not by the second."""


@dataclass(frozen=True)
class Question:
    """A question in the three languages, and what to look for in a mail to explain an answer.

    `needle` is a regular expression on folded text that fits whole words; `stem` fits other forms of the word too.
    `place` is where the question looks, if not everywhere.
    """

    ours: str
    notmuch: str
    mu: str
    needle: str
    stem: str = ""
    place: str = ""


def ask(words: str, needle: str = "", stem: str = "", place: str = "", notmuch: str = "", mu: str = "") -> Question:
    """A question that the three ask in the same words, but for those given."""
    plain = re.escape(fold(words.partition(":")[2] if place else words))
    return Question(words, notmuch or words, mu or words, needle or rf"\b{plain}\b", stem, place)


QUESTIONS = (
    ask("linux"),
    ask("viagra"),
    ask("unsubscribe", stem=r"\bunsubscri"),
    ask("mortgage", stem=r"\bmortgag"),
    ask("spamassassin"),
    ask("verdana"),
    ask("postmaster"),
    ask("2002"),
    ask("für", stem=r"\bfur"),
    ask("señor"),
    ask("subscri*", needle=r"\bsubscri\w*"),
    ask('"operating system"', needle=r"\boperating\W+system\b", stem=r"\boperat\w*\W+system"),
    ask('"click here"', needle=r"\bclick\W+here\b", stem=r"\bclick\w*\W+here"),
    ask("lists.sourceforge.net", needle=r"\blists\W+sourceforge\W+net\b"),
    ask("jm@jmason.org", needle=r"\bjm\W+jmason\W+org\b"),
    ask("subject:viagra", place="subject"),
    ask("subject:perl", place="subject"),
    ask("from:yahoo.com", needle=r"\byahoo\W+com\b", place="from"),
    ask("from:skip@pobox.com", needle=r"\bskip\W+pobox\W+com\b", place="from"),
    ask("from:justin", place="from"),
    ask("to:zzzzteana", place="to, cc"),
    ask("attachment:pdf", needle=r"\bpdf\b", place="name of an attachment", mu="file:/pdf/"),
    ask("date:2002-09-01..2002-09-02", place="date", mu="date:20020901..20020902"),
)


@dataclass
class Reading:
    """The mails of the collection by what tells them apart: a digest of their bytes."""

    files: dict[str, Path]
    digests: dict[str, str]
    _places: dict[str, dict[str, str]] = field(default_factory=dict)

    def places(self, mail: str) -> dict[str, str]:
        """Where what stands in a mail."""
        if mail not in self._places:
            self._places[mail] = read_places(self.files[mail].read_bytes())
        return self._places[mail]

    @cached_property
    def siblings(self) -> Mapping[str, set[str]]:
        """The mails of each Message-ID."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for mail in self.files:
            found[self.identity(mail)].add(mail)
        return found

    def identity(self, mail: str) -> str:
        """A mail's Message-ID."""
        return str(message_from_bytes(self.files[mail].read_bytes())["message-id"]).strip()


def compare_hits(bench: Workbench) -> str:
    """Two tables: how many mails each program finds for each question, and what explains the differences."""
    files = sorted((bench.maildir / "new").iterdir())
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    reading = Reading({digests[file.name]: file for file in files}, digests)
    everything = find(bench.small, Question("*", "*", "", ""), reading)
    counts = [_count("*", everything)]
    reasons: defaultdict[tuple[str, str], Explained] = defaultdict(Explained)
    for question in QUESTIONS:
        found = find(bench.small, question, reading)
        counts.append(_count(question.ours, found))
        for one, other in PAIRS:
            for mail in sorted(found[one] - found[other]):
                why = explain(question, mail, everything[other], reading)
                reasons[f"{one}, not {other}", why].add(question.ours, _name(bench, reading.files[mail]))
    return f"{_table_of_counts(counts)}\n\n{_table_of_reasons(reasons)}"


@dataclass
class Explained:
    """How often a reason explains a hit, by question, with a mail for example."""

    questions: Counter[str] = field(default_factory=Counter)
    example: str = ""

    def add(self, question: str, mail: str) -> None:
        """Count one mail."""
        self.questions[question] += 1
        self.example = self.example or mail

    @property
    def cells(self) -> tuple[str, str, str]:
        """How many mails, for which questions most of all, and an example."""
        most = ", ".join(f"{question} {count}" for question, count in self.questions.most_common(3))
        return str(self.questions.total()), most, self.example


def find(indexed: Indexed, question: Question, reading: Reading) -> dict[str, set[str]]:
    """What each program finds."""
    calls = {
        "ours": indexed.desk.call("search", "--path", question.ours, statuses=(0, 1)),
        "notmuch": indexed.notmuch.call("search", "--output=files", "--exclude=false", question.notmuch),
        "mu": indexed.mu.call("find", "--fields=l", question.mu, statuses=(0, 4)),
    }
    return {name: _read_files(call, reading.digests) for name, call in calls.items()}


def explain(question: Question, mail: str, all_of_other: set[str], reading: Reading) -> str:
    """Why one program finds a mail and another, which has indexed `all_of_other`, does not."""
    if mail not in all_of_other:
        return "the other has not indexed this mail"
    if question.place == "date":
        return "its date is at an edge" if has_date(reading.files[mail].read_bytes()) else "it has no credible date"
    places = reading.places(mail)
    if place := _find_place(question.needle, question.place, places):
        return f"in {place}"
    if question.stem and _find_place(question.stem, question.place, places):
        return "another form of the word"
    if any(_holds(question, reading.places(each)) for each in reading.siblings[reading.identity(mail)]):
        return "in another mail with this Message-ID"
    if place := _find_place(question.needle.replace(r"\b", ""), question.place, places):
        return f"inside a longer word in {place}"
    elsewhere = _find_place(question.needle, "", places)
    return f"not in its place, but in {elsewhere}" if elsewhere else "not found by this comparison"


def _holds(question: Question, places: dict[str, str]) -> bool:
    return bool(_find_place(question.needle, question.place, places))


def _find_place(needle: str, place: str, places: dict[str, str]) -> str:
    """The first place where the needle is, of all or of the one that is asked for; empty if there is none."""
    return next((name for name, text in places.items() if place in ("", name) and re.search(needle, text)), "")


def _read_files(call: Call, digests: Mapping[str, str]) -> set[str]:
    lines = execute(call).decode().splitlines()
    names = (Path(line).name.partition(":2,")[0] for line in lines)
    return {digests[name] for name in names if name in digests}


def _name(bench: Workbench, file: Path) -> str:
    """A mail's name in the collection."""
    mail = bench.files[int(file.name.partition(".M")[2].partition(".")[0])]
    return f"{mail.parent.name}/{mail.name}"


def _count(question: str, found: dict[str, set[str]]) -> tuple[str, ...]:
    differences = (str(len(found[one] - found[other])) for one, other in PAIRS)
    return (question, *(str(len(found[each])) for each in PROGRAMS), *differences)


def _table_of_counts(counts: Iterable[tuple[str, ...]]) -> str:
    return write_table(("question", *PROGRAMS, *(f"{one}, not {other}" for one, other in PAIRS)), counts)


def _table_of_reasons(reasons: Mapping[tuple[str, str], Explained]) -> str:
    rows = [(pair, why, *reasons[pair, why].cells) for pair, why in sorted(reasons)]
    return write_table(("found by", "where the word stands", "mails", "questions", "for example"), rows)
