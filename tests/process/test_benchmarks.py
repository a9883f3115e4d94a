"""The benchmarks' own machinery: what they measure with stays the same, what they print is true. Nothing is timed."""

from __future__ import annotations

import ast
import hashlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from benchmarks import maker
from benchmarks.calls import read_counts
from benchmarks.places import read_places
from benchmarks.table import HEADS, Row, Target, write_table
from tests.conftest import RealMails
from tests.support.desks import make_mail

ROOT = Path(maker.__file__).parents[1]
MODULES = sorted((ROOT / "benchmarks").glob("*.py"))
MAILS = [
    make_mail("Lost passphrase", "Ann <ann@example.org>", "Please help people there\n", mid="one@example.org"),
    make_mail(
        "Re: Lost passphrase", "Bob <bob@example.net>", "Never quite lost again\n",
        mid="two@example.net", In_Reply_To="<one@example.org>", date="Sun, 22 Nov 2026 11:00:00 +0000",
    ),
    b"Subject: neither id nor date\n\ntext\n",
]  # fmt: skip


def test_made_mails_are_always_the_same() -> None:
    assert list(maker.make(MAILS, 7)) == list(maker.make(MAILS[::-1], 7))
    assert list(maker.make(MAILS, 7)) != list(maker.make(MAILS, 7, seed=2))


def test_made_mails_are_the_same_everywhere() -> None:
    """A change here makes figures of two versions incomparable: say so in the README, then change the digest."""
    mails = [make_mail(text=" ".join(f"{letter}{letter}{other}{other}" for letter in "abcde" for other in "fghij"))]
    assert hashlib.sha256(b"".join(maker.make(mails, 3))).hexdigest()[:16] == "cbe613961b361653"


def test_made_mails_keep_threads_within_a_round_and_sizes() -> None:
    made = [message_from_bytes(mail) for mail in maker.make(MAILS, 6)]
    ids = [str(mail["message-id"]) for mail in made]
    assert len(set(ids)) == 6
    assert [str(mail["in-reply-to"]) for mail in made if mail["in-reply-to"]] == [ids[1], ids[4]]
    assert {len(str(mail.get_payload())) for mail in made} == {
        len(str(message_from_bytes(m).get_payload())) for m in MAILS
    }


def test_made_mails_are_spread_over_five_years_in_order() -> None:
    dates = [parsedate_to_datetime(str(message_from_bytes(mail)["date"])) for mail in maker.make(MAILS, 30)]
    assert dates == sorted(dates)
    assert (dates[0].year, dates[-1].year) == (2021, 2025)


def test_made_mails_keep_their_parts() -> None:
    """Even where boundaries are words that change places in the text."""
    words = [letter * 10 for letter in "abcdefgh"]
    mails = [
        f"Subject: {word}\nContent-Type: multipart/mixed; boundary=b-1\n\n"
        f'--b-1\nContent-Type: multipart/mixed;\n\tboundary="{word}"\n\n'
        f"--{word}\n\n{' '.join(words)}\n--{word}\n\nsecond\n--{word}--\n--b-1--\n".encode()
        for word in words
    ]
    made = [message_from_bytes(mail) for mail in maker.make(mails, 80)]
    assert [mail.get_content_type() for mail in made[0].walk()].count("text/plain") == 2
    assert {len(list(mail.walk())) for mail in made} == {4}
    texts = {str(list(mail.walk())[2].get_payload()) for mail in made}
    assert len(texts) > 1
    assert {" ".join(sorted(text.split())) for text in texts} == {" ".join(words)}


def test_made_mails_of_real_mail_are_told_apart(real_mails: RealMails) -> None:
    """Two rounds have no well-formed Message-ID in common; words do change; parts still are parts."""
    mails = [file.read_bytes() for file in real_mails.files[::25]]
    made = list(maker.make(mails, 2 * len(mails)))
    halves = made[: len(mails)], made[len(mails) :]
    first, second = ({str(message_from_bytes(mail)["message-id"]) for mail in half} for half in halves)
    assert {name for name in first & second if re.fullmatch(r"<[^<>\s]+>", name)} == set()
    assert len(set(made) - set(mails)) == len(made)
    assert _count_parts(halves[0]) == _count_parts(halves[1]) == _count_parts(mails)


def _count_parts(mails: list[bytes]) -> int:
    return sum(len(list(message_from_bytes(mail).walk())) for mail in mails)


@pytest.mark.parametrize(
    ("target", "ratio", "verdict"),
    [
        (Target(3, 4, "at least"), 4.0, "aim"),
        (Target(3, 4, "at least"), 3.99, "must"),
        (Target(3, 4, "at least"), 2.99, "NO"),
        (Target(5, 4), 4.0, "aim"),
        (Target(5, 4), 5.0, "must"),
        (Target(5, 4), 5.01, "NO"),
    ],
)
def test_verdict(target: Target, ratio: float, verdict: str) -> None:
    assert target.verdict(ratio) == verdict


def test_table() -> None:
    table = write_table(HEADS, [Row("ls", "50.0 ms", "pass 10.0 ms", 5.0, Target(5, 4), "").cells()])
    assert [re.sub(" +", " ", line) for line in table.splitlines()][0::2] == [
        "| work | ours | beside | ratio | must | aim | met | |",
        "| ls | 50.0 ms | pass 10.0 ms | 5.00 × | ≤ 5 × | ≤ 4 × | must | |",
    ]


def test_counts_of_system_calls() -> None:
    summary = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000600         100         6           fsync
 20.00    0.000200         100         2         1 renameat2
 10.00    0.000100         100         1           rename
 10.00    0.000100          10        10         4 openat
------ ----------- ----------- --------- --------- ----------------
100.00    0.001000          52        19         5 total
"""
    assert read_counts(summary) == {"fsync": 6, "syncfs": 0, "rename": 3, "link": 0, "open": 10, "all": 19}


def test_places_of_words() -> None:
    html = "Content-Type: text/html\n\n<p>sub<b></b>scribe <i title=hidden>now</i></p>"
    mail = f"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{html}\n--b--\n"
    places = read_places(mail.encode())
    found = {word: [place for place, text in places.items() if word in text] for word in ("grusse", "now", "subscribe")}
    assert found["grusse"] == ["subject"]
    assert found["now"][0] == "HTML text"
    assert found["subscribe"] == ["HTML text, with a tag or comment inside the word"]


def test_no_two_modules_need_each_other() -> None:
    graph = {path.stem: set(imports_of(path.read_text())) for path in MODULES}
    assert graph["command"] >= {"archive", "intake", "listing", "measurement"}
    while free := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in free:
            del graph[name]
    assert not graph, f"a circle of imports among {sorted(graph)}"


def imports_of(source: str) -> Iterator[str]:
    """The modules of the benchmarks that one imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "benchmarks":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.removeprefix("benchmarks.")
        elif isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("benchmarks.") for alias in node.names)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The checkout as an installed program: a command whose first line names a Python that has it."""
    python, command = tmp_path / "python", tmp_path / "supportctl"
    path = f"PYTHONPATH={shlex.quote(str(ROOT))}"
    python.write_text(f'#!/bin/sh\n{path} exec {shlex.quote(sys.executable)} "$@"\n')
    command.write_text(f"#!{python}\nfrom supportctl.cli.main import main\n\nmain()\n")
    for file in (python, command):
        file.chmod(0o755)
    return command


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Four mails, laid out as a collection of real mail is."""
    folder = tmp_path / "mails"
    source = folder / "mail" / "made"
    source.mkdir(parents=True)
    for number, mail in enumerate([*MAILS, make_mail(text="Win at the casino\n", mid="four@example.org")]):
        (source / f"{number}.eml").write_bytes(mail)
    unpack = folder / "unpack"
    unpack.write_text('#!/bin/sh\nexec cp -r "${0%/*}/mail" "$1/"\n')
    unpack.chmod(0o755)
    return folder


def test_what_needs_no_peer_is_measured_on_a_few_mails(tmp_path: Path, program: Path, collection: Path) -> None:
    done = run_benchmarks(tmp_path, program, collection, "--only", "of one$|^ls |^peak memory$|^pattern: viagra")
    assert done.returncode == 0, done.stderr
    works = [line.split(" | ")[0].strip("| ") for line in done.stdout.splitlines()[2:]]
    assert works == [
        "peak memory of ingest, 4 mails",
        r"search /viagra\|casino/",
        "ls of 200 tickets",
        "tag of one ticket",
        "show of one ticket",
    ]


def test_a_measurement_that_fails_is_told(tmp_path: Path, program: Path, collection: Path) -> None:
    program.write_text(program.read_text().replace("main()", "import sys\nmain() if 'show' not in sys.argv else 1 / 0"))
    done = run_benchmarks(tmp_path, program, collection, "--only", "(tag|show) of one")
    assert done.returncode == 1
    assert "FAILED: show of one" in done.stderr
    assert "tag of one ticket" in done.stdout


def run_benchmarks(folder: Path, program: Path, mails: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / "run"), "--runs", "1", "--work", str(folder / "work")]
    command += ["--command", str(program), "--mails", str(mails), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)
