"""`can`: the answer, and the line of the configuration that gives it."""

from __future__ import annotations

import re

import pytest

from tests.support.desks import CACERT, DeskDir


@pytest.mark.parametrize(
    ("arguments", "answer", "status"),
    [
        (["anna", "access", "triage"], "yes", 0),
        (["anna", "access", "SE"], "no", 1),
        (["anna", "move_in", "Support Engineers"], "yes", 0),
        (["anna", "move_in", "secure-test"], "ask", 0),
        (["clara", "move_in", "the-bat"], "yes", 0),
        (["dora", "access", "disputes"], "yes", 0),
        (["dora", "move_in", "junk"], "no", 1),
        (["nobody", "access", "triage"], "no", 1),
        (["anna", "access", "nowhere"], "", 66),
        (["anna", "delete", "triage"], "", 2),
    ],
)
def test_can_answers_and_names_the_line(read_desk: DeskDir, arguments: list[str], answer: str, status: int) -> None:
    out = read_desk.run("can", *arguments, status=status).stdout.decode()
    assert out.partition(":")[0] == answer
    if answer:
        line = re.search(r"line (\d+)\)$", out.strip())
        assert line
        assert re.search(r"access|move_in|ask", CACERT.read_text().splitlines()[int(line[1]) - 1])
