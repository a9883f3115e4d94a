"""Measured: searching the collection and 100,000 mails; patterns over the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from benchmarks.measurement import Measurement
from benchmarks.peers import find_missing
from benchmarks.table import Row, Target, write_duration
from benchmarks.turns import Call, Contestant, always, take_turns
from benchmarks.workbench import LARGE, Indexed, Workbench

WORDS = Target(4, 3, unit="pass over")
GROWTH = Target(1.3, 1.1)
PATTERN = Target(2.5, 1)
LIMIT = 20
NO_HIT_IN_MU = 4


@dataclass(frozen=True)
class Question:
    """One question, in our language and notmuch's (they agree here) and in mu's, which writes dates in its own way."""

    title: str
    words: str
    mu_words: str = ""

    @property
    def of_mu(self) -> str:
        """The question as mu wants it."""
        return self.mu_words or self.words

    @property
    def in_made_mail(self) -> Question:
        """The question about mails whose dates are spread over 2021 to 2025."""
        return Question(self.title, self.words.replace("2002-", "2022-"), self.mu_words.replace("2002", "2022"))


QUESTIONS = (
    Question("one word", "linux"),
    Question("phrase", '"operating system"'),
    Question("from and date range", "from:yahoo.com date:2002-08..2002-09", "from:yahoo.com date:20020801..20020930"),
    Question("rare word", "palindrome"),
    Question("no hit", "xyzzyplugh"),
)
PATTERNS = (
    r"viagra|casino",
    r"dear (sir|madam|friend)",
    r"\b[a-z]+[0-9]{4,}@[a-z.]+\b",
)


def measure_words(question: Question, bench: Workbench) -> list[Row]:
    """A search with a limit, in the collection."""
    contestants = _contestants(question, bench.small)
    taken = take_turns({**contestants, "pass": always(bench.program.nothing)}, bench.runs, bench.output)
    return [_row_beside_notmuch(f"search --limit {LIMIT}: {question.title}", taken)]


def measure_growth(question: Question, bench: Workbench) -> list[Row]:
    """The same search in 100,000 mails, beside notmuch there, and beside our own in the collection."""
    contestants = _contestants(question.in_made_mail, bench.large)
    small = _contestants(question, bench.small)["ours"]
    everything = {**contestants, "small": small, "pass": always(bench.program.nothing)}
    taken = take_turns(everything, bench.runs, bench.output)
    work = f"at {LARGE}: {question.title}"
    ours, before = write_duration(taken["ours"]), write_duration(taken["small"])
    growth = Row(work, ours, f"at {len(bench.files)} {before}", taken["ours"] / taken["small"], GROWTH)
    return [_row_beside_notmuch(work, taken), growth]


def measure_pattern(pattern: str, bench: Workbench) -> list[Row]:
    """Every mail whose decoded text matches a pattern, beside grep over the raw files."""
    maildir = str(bench.maildir / "new")
    contestants = {
        "ours": always(bench.small.desk.call("search", f"/{pattern}/")),
        "grep": always(Call(["grep", "-rliE", pattern, maildir])),
    }
    if not find_missing(["rg"]):
        contestants["rg"] = always(Call(["rg", "-uuli", pattern, maildir]))
    taken = take_turns(contestants, bench.runs, bench.output)
    note = f"rg {write_duration(taken['rg'])}" if "rg" in taken else ""
    ours, theirs = write_duration(taken["ours"]), write_duration(taken["grep"])
    shown = pattern.replace("|", r"\|")
    return [Row(f"search /{shown}/", ours, f"grep {theirs}", taken["ours"] / taken["grep"], PATTERN, note)]


def _contestants(question: Question, indexed: Indexed) -> dict[str, Contestant]:
    contestants = {
        "ours": always(indexed.desk.call("search", "--limit", str(LIMIT), question.words, statuses=(0, 1))),
        "notmuch": always(indexed.notmuch.call("search", f"--limit={LIMIT}", question.words)),
    }
    if not find_missing(["mu"]):
        newest = (f"--maxnum={LIMIT}", "--sortfield=date", "--reverse")
        contestants["mu"] = always(indexed.mu.call("find", *newest, question.of_mu, statuses=(0, NO_HIT_IN_MU)))
    return contestants


def _row_beside_notmuch(work: str, taken: dict[str, float]) -> Row:
    over = (taken["ours"] - taken["notmuch"]) / taken["pass"]
    note = f"pass {write_duration(taken['pass'])}" + (f"; mu {write_duration(taken['mu'])}" if "mu" in taken else "")
    return Row(work, write_duration(taken["ours"]), f"notmuch {write_duration(taken['notmuch'])}", over, WORDS, note)


MEASUREMENTS = (
    *(Measurement(f"search: {each.title}", partial(measure_words, each), ("notmuch",)) for each in QUESTIONS),
    *(
        Measurement(f"search at {LARGE}: {each.title}", partial(measure_growth, each), ("notmuch",), large=True)
        for each in QUESTIONS
    ),
    *(Measurement(f"pattern: {each}", partial(measure_pattern, each), ("grep",)) for each in PATTERNS),
)
