"""What a person wrote, apart from what is quoted: every line on one side, in little time."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl.mail import html, message, quotation
from tests.conftest import RealMails

TABLE = Path(__file__).with_name("quotations.txt")


def read_table() -> dict[str, list[tuple[str, str]]]:
    """The lines of each case, as (sign, line)."""
    table: dict[str, list[tuple[str, str]]] = {}
    rows: list[tuple[str, str]] = []
    for line in TABLE.read_text("utf-8").split("\n"):
        if line.startswith("== "):
            assert line[3:] not in table, line
            rows = table[line[3:]] = []
        elif line and not line.startswith("#"):
            assert line == "+" or line == "-" or line[:2] in {"+ ", "- "}, line
            rows.append((line[0], line[2:].replace("␠", " ")))
    return table


@pytest.mark.parametrize("rows", [pytest.param(rows, id=name) for name, rows in read_table().items()])
@pytest.mark.parametrize("end", ["", "\n"])
def test_the_table(rows: list[tuple[str, str]], end: str) -> None:
    lines = [(sign, line + "\n") for sign, line in rows[:-1]] + [(rows[-1][0], rows[-1][1] + end)]
    found = quotation.split_quotations("".join(line for _, line in lines))
    assert found == tuple("".join(line for own, line in lines if own == sign) for sign in "+-")


CASES = [
    ("", "", ""),
    ("Hello\n", "Hello\n", ""),
    ("Hi\n\n> old\n> older\n\nnew\n", "Hi\n\n\nnew\n", "> old\n> older\n"),
    ("> old\nnew", "new", "> old"),
    ("On Tue, 14 Nov 2023, Ann wrote:\n> old\nyes\n", "yes\n", "On Tue, 14 Nov 2023, Ann wrote:\n> old"),
    ("On Tue, 14 Nov 2023 at 22:13, Ann\n<ann@example.org> wrote:\n\n> old\n", "", "On Tue"),
    ("Am 14.11.2023 um 22:13 schrieb Ann:\n> alt\n\nneu", "\nneu", "Am 14.11.2023"),
    ("Le 14/11/2023 à 22:13, Ann a écrit :\n> vieux\nneuf", "neuf", "Le 14/11/2023"),
    ("Dne 14. 11. 2023 v 22:13 Ann napsal(a):\n> staré\nnové", "nové", "Dne 14."),
    ("El 14/11/2023, Ann escribió:\n> viejo\nnuevo", "nuevo", "El 14/11"),
    ("2023-11-14 22:13 GMT+01:00 Ann <ann@example.org>:\n> old\nnew", "new", "2023-11-14"),
    ("yes\n\nOn Tue, 14 Nov 2023, Ann wrote:\n\nold text\nmore", "yes\n\n", "On Tue, 14 Nov 2023, Ann wrote:"),
    ("yes\n\n-----Original Message-----\nFrom: Ann\nold", "yes\n\n", "-----Original Message-----"),
    ("ja\n\n-----Ursprüngliche Nachricht-----\nVon: Ann\nalt", "ja\n\n", "-----Ursprüngliche"),
    ("see\n\n---------- Forwarded message ----------\nFrom: x", "see\n\n", "---------- Forwarded"),
    ("yes\n\nFrom: Ann\nSent: Tuesday\nTo: Bob\nSubject: x\n\nold", "yes\n\n", "From: Ann"),
    ("ja\n\n________________________________\nVon: Ann\nGesendet: x\nAn: y\nBetreff: z\n\nalt", "ja\n\n", "____"),
    ("*From:* Ann\n*Sent:* x\n*To:* y\n\nold", "", "*From:*"),
    ("Bye\n-- \nAnn\nExample Ltd", "Bye\n", "-- \nAnn"),
    ("Bye\n--\nAnn", "Bye\n", "--\nAnn"),
]


@pytest.mark.parametrize(("text", "written", "quoted"), CASES)
def test_split(text: str, written: str, quoted: str) -> None:
    found = quotation.split_quotations(text)
    assert found[0] == written
    assert found[1].startswith(quoted)


WRITTEN = [
    "Please note:\n\n- one\n- two\n",
    "From: here to there is a mile.\n",
    "a -- b\n----\nc\n",
    "He wrote: nothing\n",
    "I can't log in, the page says:\nerror 15:30\n",
    "x > y\n",
    "--\n" + "a table\n" * 30,
]


@pytest.mark.parametrize("text", WRITTEN)
def test_all_of_it_is_written(text: str) -> None:
    assert quotation.split_quotations(text) == (text, "")


def test_a_quotation_in_html() -> None:
    text = html.read_html("<p>yes</p><div>On 14 Nov 2023, Ann wrote:</div><blockquote><p>old</p></blockquote>").text
    assert quotation.split_quotations(text)[0].strip() == "yes"
    assert "> old" in quotation.split_quotations(text)[1]


def whole_lines(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=\n)", text) if line]


TABLE_LINES = st.sampled_from([line for rows in read_table().values() for _, line in rows])
LINES = st.sampled_from(
    [
        "> a",
        ">",
        "",
        "On 1 Jan 2020, x wrote:",
        "text",
        "-- ",
        "--",
        "From: x",
        "To: y",
        "Subject: z",
        "Sent: q",
        " > b",
    ]
)
STRANGE_LINES = st.sampled_from(["-----Original Message-----", "____________", "a:", "x@y.z wrote", "\u2028", "\x0b"])


@given(st.lists(st.one_of(LINES, STRANGE_LINES, TABLE_LINES, st.text(max_size=20)), max_size=30).map("\n".join))
def test_every_line_is_on_exactly_one_side(text: str) -> None:
    written, quoted = quotation.split_quotations(text)
    assert len(written) + len(quoted) == len(text)
    both = Counter(whole_lines(written)) + Counter(whole_lines(quoted))
    assert both == Counter(whole_lines(text))
    for side in (written, quoted):
        lines = iter(whole_lines(text))
        assert all(line in lines for line in whole_lines(side)), "the lines are in another order"


@given(
    st.lists(st.one_of(LINES, STRANGE_LINES, TABLE_LINES), max_size=20).map("\n".join), st.text("ab \n", max_size=20)
)
def test_no_mark_is_the_writers(text: str, words: str) -> None:
    """Whatever stands around it, a line with a mark is quoted, and words without any sign of a quotation are not."""
    written, _ = quotation.split_quotations(f"{words}\n{text}")
    assert not any(line.startswith("> ") for line in written.split("\n"))
    assert quotation.split_quotations(words) == (words, "")


@pytest.mark.parametrize(
    "piece",
    [
        *(
            ">",
            "> a\n\n",
            "a:\n",
            "From: a\n",
            "On 1 ",
            "On 1:\n",
            "-",
            "----- \n",
            "\n",
            " ",
            "--\n",
            "-- \n",
            "-- \na\n",
        ),
        *(
            "\n\n> a\n",
            "CS> a\n",
            "\nCS>",
            "Sent: a\n",
            "From: a\nSent: 1\n",
            "*From: a\n\n",
            "Subject: a\n",
            "To: a\n",
        ),
        *("_" * 20 + "\na@b\n", "On 1.1.2020 10:10 A wrote:\n", "On 1.1.2020 10:10 A wrote:\n a\n", "@:\n", "wrote:\n"),
        *("--- End message ---\n", "--- Forwarded message ---\n", "----- Original message\n", "Sent from my iPhone\n"),
        *(
            "<a@b> wrote:\n",
            "wrote news:...\n",
            "-- \na\n\n",
            "—\na\n",
            "2020-01-01 10:10 ",
            "<a@",
            "<a@b>:",
            ">From \n",
        ),
    ],
)
def test_linear_time(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    start = time.process_time()
    quotation.split_quotations(text)
    assert time.process_time() - start < 4


def test_real_mail(real_mails: RealMails) -> None:
    """Most people's mail says something of its own."""
    silent = [
        file.name
        for file in real_mails.files
        if real_mails.label(file) == "list" and not message.parse_message(file.read_bytes(), received=0).written.strip()
    ]
    assert len(silent) <= 4, silent
