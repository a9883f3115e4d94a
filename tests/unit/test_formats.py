"""What is written: every format, hostile text, widths, times; on a real terminal where that matters."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.output import formats
from supportctl.output.columns import Column
from supportctl.output.terminal import clean, escape_json, line_width, shorten, width
from supportctl.records import Row

NOW = 1_795_341_600  # 2026-11-22T10:00:00Z
FIELDS = [
    Column("id"),
    Column("unread", kind="mark"),
    Column("changed", "age", "time"),
    Column("subject"),
    Column("size", kind="size"),
    Column("tags", kind="list"),
    Column("requester", in_table=False),
    Column("messages", kind="data"),
]
ROWS: list[Row] = [
    {
        "id": "s20261122.17",
        "unread": True,
        "changed": NOW - 3 * 86400,
        "subject": "日本語の件名\tand\nmore \x1b[31mred\u202e",
        "size": 12345,
        "tags": ["spam?", "a"],
        "requester": "a@b.org",
        "messages": [{"mid": "a@b"}],
    },
    {"id": "s20261122.18", "unread": False, "changed": 0, "subject": None, "size": 870, "tags": []},
]

CHECKOUT = Path(__file__).parents[2]
Capture = pytest.CaptureFixture[str]


def written(
    capsys: Capture, format: str, rows: list[Row] = ROWS, fields: list[Column] = FIELDS, now: float = NOW
) -> str:
    formats.write_rows(rows, fields, format, now=now)
    return capsys.readouterr().out


def test_plain_is_one_line_of_tabs_for_each_row(capsys: Capture) -> None:
    assert written(capsys, "plain") == (
        "s20261122.17\tyes\t2026-11-19T10:00:00Z\t日本語の件名 and more �[31mred\t12345\tspam?,a\ta@b.org\n"
        "s20261122.18\tno\t\t\t870\t\t\n"
    )


def test_json_is_one_versioned_document(capsys: Capture) -> None:
    text = written(capsys, "json")
    first = {**ROWS[0], "changed": "2026-11-19T10:00:00Z"}
    second = {**ROWS[1], "changed": None, "requester": None, "messages": None}
    assert json.loads(text) == {"version": 1, "tickets": [first, second]}
    assert "\\u001b[31m" in text and "\\u202e" in text
    assert "\x1b" not in text and "\u202e" not in text


def test_jsonl_is_one_object_a_line(capsys: Capture) -> None:
    lines = written(capsys, "jsonl").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["s20261122.17", "s20261122.18"]


def test_csv_has_a_header_and_reads_back(capsys: Capture) -> None:
    header, first, _ = csv.reader(io.StringIO(written(capsys, "csv")))
    assert header == ["id", "unread", "changed", "subject", "size", "tags", "requester"]
    assert first[5] == "spam?,a"


FORMULAS = ['=HYPERLINK("http://x.test")', "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n@x", " =1"]


@pytest.mark.parametrize("kind", ["text", "list"])
def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_text_in_csv_alone(capsys: Capture, kind: str) -> None:
    rows: list[Row] = [{"id": text if kind == "text" else [text]} for text in [*FORMULAS, "1-2=3", "'=x"]]
    fields = [Column("id", kind="text" if kind == "text" else "list")]
    cells = [row[0] for row in csv.reader(io.StringIO(written(capsys, "csv", rows, fields)))][1:]
    plain = written(capsys, "plain", rows, fields).split("\n")[:-1]
    assert cells == [f"'{text}" for text in plain[: len(FORMULAS)]] + ["1-2=3", "'=x"]
    assert written(capsys, "ids", rows[:1], fields).strip() == str(rows[0]["id"])
    assert FORMULAS[1] in written(capsys, "json", rows, fields)


def test_a_negative_number_is_no_formula(capsys: Capture) -> None:
    assert written(capsys, "csv", [{"n": -3}], [Column("n", kind="number")]) == "n\n-3\n"


def test_ids_are_the_first_column(capsys: Capture) -> None:
    assert written(capsys, "ids") == "s20261122.17\ns20261122.18\n"


def test_table_is_for_people(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "65")
    assert written(capsys, "table").splitlines() == [
        "id               age  subject                       size  tags",
        "s20261122.17  *  3d   日本語の件名 and more �[31m…   12k  spam?,a",
        "s20261122.18                                         870",
    ]


@pytest.mark.parametrize(
    ("format", "text"),
    [("table", ""), ("plain", ""), ("jsonl", ""), ("ids", ""), ("json", '{"version":1,"tickets":[]}\n')],
)
def test_no_row_is_silent_but_still_a_document(capsys: Capture, format: str, text: str) -> None:
    assert written(capsys, format, []) == text


def test_rows_are_written_as_they_come(capsys: Capture) -> None:
    def arrive() -> Iterator[Row]:
        yield {"id": "first"}
        assert capsys.readouterr().out == '{"id":"first"}\n'
        yield {"id": "second"}

    formats.write_rows(arrive(), [Column("id")], "jsonl")
    assert capsys.readouterr().out == '{"id":"second"}\n'


HOSTILE = st.text(st.characters(exclude_categories=()), max_size=60)


@given(HOSTILE)
def test_no_clean_text_steers_a_terminal(text: str) -> None:
    for made in (clean(text), clean(text, keep_newlines=True).replace("\n", "").replace("\t", "")):
        assert len(made.splitlines()) <= 1
        assert all(is_harmless(character) for character in made)
        made.encode()


def is_harmless(character: str) -> bool:
    """Judged by Unicode's own classes, not by the ranges in the code."""
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return False
    return unicodedata.bidirectional(character) not in (
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    )


@given(HOSTILE)
def test_json_says_what_the_text_says(text: str) -> None:
    document = json.dumps({"text": text}, ensure_ascii=False)
    escaped = escape_json(document)
    assert all(is_harmless(character) for character in escaped)
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert json.loads(escaped) == {"text": text}


@pytest.mark.parametrize(
    ("text", "line", "body"),
    [
        ("plain ascii", "plain ascii", "plain ascii"),
        ("Grüße 👍", "Grüße 👍", "Grüße 👍"),
        ("a\r\nb\rc\nd\te", "a b c d e", "a\nb\nc\nd\te"),
        ("\x1b]0;title\x07", "�]0;title�", "�]0;title�"),
        ("\x9b31m\x7f\x00", "�31m��", "�31m��"),
        ("a\x85b\u2028c\u2029d", "a b c d", "a\nb\nc\nd"),
        ("evil\u202egnp.exe\u2066x\u200f", "evilgnp.exex", "evilgnp.exex"),
        ("\U0001f3f4\U000e0067\U000e007f", "\U0001f3f4", "\U0001f3f4"),
        ("lone \ud800\udcff", "lone ��", "lone ��"),
        ("family 👨\u200d👩", "family 👨\u200d👩", "family 👨\u200d👩"),
    ],
)
def test_clean(text: str, line: str, body: str) -> None:
    assert clean(text) == line
    assert clean(text, keep_newlines=True) == body


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("ascii", 5),
        ("ü", 1),
        ("u\u0308", 1),
        ("日本", 4),
        ("👍", 2),
        ("ｆｕｌｌ", 8),
        ("한", 2),
        ("", 0),
        ("a\u200db", 2),
    ],
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


@given(st.text(), st.integers(1, 30))
def test_a_cut_text_fits(text: str, cells: int) -> None:
    text = clean(text)
    made = shorten(text, cells)
    assert width(made) <= cells
    assert made == text or (made.endswith("…") and text.startswith(made[:-1]))


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5), st.integers(40, 120))
def test_columns_of_a_table_line_up_in_any_script(texts: list[tuple[str, str]], cells: int) -> None:
    fields = [Column("id"), Column("from"), Column("subject"), Column("size", kind="number")]
    rows: list[Row] = [
        {"id": f"s{place}", "from": sender, "subject": subject, "size": 7}
        for place, (sender, subject) in enumerate(texts)
    ]
    lines = table_lines(rows, fields, cells)
    assert len(lines) == len(rows) + 1
    assert len({width(line) for line in lines}) == 1  # the last column is at the right
    assert width(lines[0]) <= cells


def table_lines(rows: Sequence[Row], fields: list[Column], cells: int) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(cells))
        patch.setattr(sys, "stdout", out := io.StringIO())
        formats.write_rows(rows, fields, "table")
    return out.getvalue().split("\n")[:-1]


def test_a_narrow_terminal_cuts_no_id(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert "s20261122.17" in written(capsys, "table")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (NOW, "0s"),
        (NOW - 59, "59s"),
        (NOW - 60, "1m"),
        (NOW - 3600, "1h"),
        (NOW - 86400, "1d"),
        (NOW - 28 * 86400 + 1, "27d"),
        (NOW - 28 * 86400, "2026-10-25"),
        (NOW + 3 * 86400, "in 3d"),
        (NOW + 90 * 86400, "2027-02-20"),
        (0, ""),
    ],
)
def test_short_times(seconds: int, text: str) -> None:
    assert formats.short_time(seconds, NOW) == text


@given(st.integers())
def test_no_date_of_a_mail_is_too_silly(seconds: int) -> None:
    text = formats.iso_time(seconds)
    assert text == "" or time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    assert formats.short_time(seconds, NOW) is not None
    assert formats.short_time(seconds, NOW, "Asia/Tokyo") is not None


def test_iso_times_are_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert formats.iso_time(NOW) == "2026-11-22T10:00:00Z"
        assert formats.local_moment(NOW) == "2026-11-22 19:00"
        assert formats.local_moment(NOW, "Europe/Berlin") == "2026-11-22 11:00"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (12_345, "12k"), (3_400_000, "3.4M"), (25_000_000_000, "25G")],
)
def test_short_sizes(size: int, text: str) -> None:
    assert formats.short_size(size) == text


def on_terminal(action: Callable[[], None], cells: int = 60, **environment: str) -> bytes:
    """What the action writes with a terminal of that width as its standard streams."""
    process, master = pty.fork()
    if process == 0:
        os.environ.pop("COLUMNS", None)
        os.environ.pop("NO_COLOR", None)
        os.environ.update(environment)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
        termios.tcsetwinsize(1, (24, cells))
        action()
        sys.stdout.flush()
        os._exit(0)
    return read_all(master, process)


def read_all(master: int, process: int) -> bytes:
    heard = b""
    try:
        while piece := os.read(master, 4096):
            heard += piece
    except OSError:  # how Linux says that the other side is closed
        pass
    os.waitpid(process, 0)
    os.close(master)
    return heard


def write_table() -> None:
    formats.write_rows(ROWS, FIELDS, "table", now=NOW)


def test_a_terminal_gets_colour_and_no_line_too_long() -> None:
    heard = on_terminal(write_table, 60, TERM="xterm").decode()
    head, unread, read = heard.split("\r\n")[:3]
    assert unread.startswith("\x1b[1ms20261122.17") and unread.endswith("\x1b[0m")
    assert head.startswith("\x1b[2m") and read.startswith("s20261122.18")
    assert 55 < width(unread.removeprefix("\x1b[1m").removesuffix("\x1b[0m")) <= 60
    assert heard.count("\x1b") == 4  # nothing of the mail's own


@pytest.mark.parametrize(("no_color", "term"), [("1", "xterm"), ("", "dumb")])
def test_no_colour_where_it_is_not_wanted(no_color: str, term: str) -> None:
    assert b"\x1b" not in on_terminal(write_table, NO_COLOR=no_color, TERM=term)


def test_a_change_says_one_line_on_a_terminal_and_the_ids_in_a_pipe(capsys: Capture) -> None:
    formats.write_outcome(["s1", "s2"], "moved 2 tickets to junk: operation 17")
    assert capsys.readouterr() == ("s1\ns2\n", "")
    heard = on_terminal(lambda: formats.write_outcome(["s1", "s2"], "moved 2 tickets to junk: operation 17"))
    assert heard == b"moved 2 tickets to junk: operation 17\r\n"
    assert on_terminal(lambda: formats.write_outcome(["s1"], "moved", quiet=True)) == b""
    formats.write_outcome(["s1"], "moved", quiet=True)
    assert capsys.readouterr() == ("", "")


def test_line_width_without_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert line_width() == 0


def test_a_format_loads_its_own_library_alone() -> None:
    program = (
        "import sys; from supportctl.output import formats; from supportctl.output.columns import Column\n"
        "formats.write_rows([{'id': 'ü'}], [Column('id')], sys.argv[1])\n"
        "print(*{'tabulate', 'orjson', 'csv', 'email', 'click'} & set(sys.modules), file=sys.stderr)"
    )
    needs = {"plain": "", "ids": "", "csv": "csv", "jsonl": "orjson", "json": "orjson"}
    for format, modules in needs.items():
        ran = subprocess.run([sys.executable, "-c", program, format], capture_output=True, text=True, check=True)
        assert ran.stderr.split() == modules.split(), format
