"""`--format` of the verbs that list: every format says the same, and a pipe gets `plain`."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.support.desks import DeskDir

FORMATS = ["table", "plain", "json", "jsonl", "csv", "ids"]


@pytest.mark.parametrize("verb", [["ls"], ["queues"], ["search", "in:triage"], ["log"]])
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_the_same(read_desk: DeskDir, verb: list[str], format: str) -> None:
    rows = read_desk.rows(*verb)
    names = [str(next(iter(row.values()))) for row in rows]
    out = read_desk.run(*verb, "--format", format).stdout.decode()
    seen: list[str]
    if format == "json":
        value: dict[str, Any] = json.loads(out)
        (kind,) = value.keys() - {"version"}
        assert value == {"version": 1, kind: rows}
        seen = names
    elif format == "csv":
        seen = [row[0] for row in csv.reader(io.StringIO(out))][1:]
    elif format == "ids":
        seen = out.splitlines()
    elif format == "table":
        seen = [name for name in names if name in out]
    else:
        seen = [line.split("\t")[0] for line in out.splitlines()] if format == "plain" else names
    assert seen == names
    assert len(names) > 2


def test_plain_is_what_a_pipe_gets(read_desk: DeskDir) -> None:
    for verb in (["ls"], ["queues"], ["log"], ["search", "in:triage"]):
        assert read_desk.run(*verb).stdout == read_desk.run(*verb, "--format", "plain").stdout
    widths = {len(line.split("\t")) for line in read_desk.lines("ls")}
    assert len(widths) == 1
