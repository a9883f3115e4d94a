"""The operation log: lines that come back as they were written, a chain that shows damage, a torn end that is cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportctl.errors import ConfigError, DataError, DeskError
from supportctl.model import Ids
from supportctl.store import head as head_file
from supportctl.store import log
from supportctl.store.head import FORMAT_VERSION, Head, is_applied
from supportctl.store.log import Operation, Rename

TEXT = st.text('ab\x00é😀"\\{}', max_size=6)
NAMES = st.builds(
    lambda raw: raw.decode(errors="surrogateescape"), st.binary(max_size=5).map(lambda raw: raw.replace(b"\0", b""))
)
"""File names, which need not be UTF-8."""

IDS = st.builds(Ids, day=TEXT, counter=st.integers(0, 99), message=st.integers(0, 99), month=TEXT)
VALUES = TEXT | st.integers(-(2**40), 2**40) | st.none()
CHANGES = st.fixed_dictionaries({
    "ticket": TEXT, "from": TEXT | st.none(), "to": TEXT | st.none(),
    "set": st.dictionaries(TEXT, st.lists(VALUES, min_size=2, max_size=2), max_size=3),
})  # fmt: skip
OPERATIONS = st.builds(
    Operation,
    op=st.integers(1, 9), group=st.integers(1, 9), at=st.integers(0, 2**33),
    account=TEXT, role=TEXT, verb=TEXT, why=TEXT,
    changes=st.lists(CHANGES, max_size=2),
    asides=st.lists(st.fixed_dictionaries({"ticket": TEXT, "key": TEXT}), max_size=2),
    ids=IDS, undoes=st.lists(st.integers(1, 9), max_size=2),
)  # fmt: skip
RENAMES = st.lists(st.tuples(NAMES, NAMES), max_size=3)


def write_chain(operations: list[Operation]) -> list[tuple[bytes, str]]:
    """The lines of operations and their hashes, each chained to the one before."""
    lines: list[tuple[bytes, str]] = []
    for operation in operations:
        lines.append(log.encode_line(operation, [("a", "b")], lines[-1][1] if lines else ""))
    return lines


def make_operation(op: int, **fields: object) -> Operation:
    values = {"account": "anna", "role": "triage", "verb": "mv", "why": "", "ids": Ids("20261122", op, op, "2026-11")}
    return Operation(op=op, group=op, at=100 + op, changes=[], asides=[], **{**values, **fields})  # type: ignore[arg-type]


def write_logs(folder: Path, *sizes: int) -> list[bytes]:
    """Logs of some months with so many operations each; returns the lines."""
    operations = [make_operation(op) for op in range(1, sum(sizes) + 1)]
    lines = [line for line, _ in write_chain(operations)]
    rest = iter(lines)
    for month, size in enumerate(sizes, 1):
        (folder / f"2026-{month:02}.jsonl").write_bytes(b"".join(next(rest) for _ in range(size)))
    return lines


# A line

SHAPES: dict[str, dict[str, object]] = {
    "number as text": {"op": "1"},
    "time as text": {"at": "1"},
    "account as list": {"account": ["anna"]},
    "change without ticket": {"changes": [{"from": None, "to": None, "set": {}}]},
    "folder as number": {"changes": [{"ticket": "s1", "from": 1, "to": None, "set": {}}]},
    "value without old one": {"changes": [{"ticket": "s1", "from": None, "to": None, "set": {"tags": [1]}}]},
    "list as text": {"changes": "x"},
    "undoes a text": {"undoes": ["1"]},
    "aside as text": {"asides": ["x"]},
    "message number as text": {"ids": Ids("20261122", 1, "4", "2026-11")},  # type: ignore[arg-type]
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_line_of_another_shape_is_damage(shape: str) -> None:
    line, _ = log.encode_line(make_operation(1)._replace(**SHAPES[shape]), [], "")
    with pytest.raises(DataError, match="there: not a line of the operation log"):
        log.decode_line(line, "there")


@given(OPERATIONS, RENAMES, TEXT)
def test_an_operation_comes_back_from_its_line(operation: Operation, renames: list[Rename], previous: str) -> None:
    line, digest = log.encode_line(operation, renames, previous)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert log.decode_line(line, "here") == log.LogLine(operation._replace(hash=digest), renames)


@given(st.lists(OPERATIONS, min_size=1, max_size=3), st.data())
def test_no_byte_of_a_chain_can_change_unseen(operations: list[Operation], data: st.DataObject) -> None:
    lines = write_chain(operations)
    number = data.draw(st.integers(0, len(lines) - 1))
    line = bytearray(lines[number][0])
    place = data.draw(st.integers(0, len(line) - 2))
    line[place] ^= data.draw(st.integers(1, 255))
    previous = lines[number - 1][1] if number else ""
    assert log.follows(lines[number][0], previous, lines[number][1])
    try:
        digest = log.decode_line(bytes(line), "here").operation.hash
    except (DataError, ConfigError):
        return
    assert not log.follows(bytes(line), previous, digest)


def test_a_line_follows_no_other_line() -> None:
    lines = write_chain([make_operation(1), make_operation(2), make_operation(3)])
    assert not log.follows(lines[2][0], lines[0][1], lines[2][1])
    assert not log.follows(lines[0][0], lines[1][1], lines[0][1])


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"{}\n", b'{"op":1}\n', b"[]\n", b"null\n", b"\xff\n", b'{"op":1,"ids":3}\n']
)
def test_what_is_no_line_is_named_with_its_place(line: bytes) -> None:
    with pytest.raises(DataError, match="here: not a line"):
        log.decode_line(line, "here")


def test_a_line_of_a_newer_program_is_told_and_no_damage() -> None:
    line, _ = log.encode_line(make_operation(1), [], "")
    assert b'"format":%d' % FORMAT_VERSION in line
    with pytest.raises(ConfigError, match="newer supportctl"):
        log.decode_line(line.replace(b'"format":%d' % FORMAT_VERSION, b'"format":99,"colour":"red"'), "here")


def test_a_line_from_before_lines_had_a_format_is_read() -> None:
    line, _ = log.encode_line(make_operation(1), [], "")
    assert log.decode_line(line.replace(b'"format":%d,' % FORMAT_VERSION, b""), "here") == log.decode_line(line, "here")


# Reading


def test_operations_are_read_from_a_place_on(tmp_path: Path) -> None:
    lines = write_logs(tmp_path, 3, 0, 2)
    found = list(log.read_log(tmp_path))
    assert [line.operation.op for _, line in found] == [1, 2, 3, 4, 5]
    for number, (at, line) in enumerate(found, 1):
        after = [line.operation.op for _, line in log.read_log(tmp_path, at.log, at.end)]
        assert after == list(range(number + 1, 6))
        assert log.read_operation(tmp_path, at.log, at.offset) == line.operation
        assert at.end - at.offset == len(lines[number - 1])
    assert [at.log for at, _ in found] == ["2026-01.jsonl"] * 3 + ["2026-03.jsonl"] * 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_wherever_the_end_is_torn_the_whole_lines_stay(tmp_path: Path, data: st.DataObject) -> None:
    lines = write_logs(tmp_path, 2, 2)
    path = tmp_path / "2026-02.jsonl"
    whole = path.read_bytes()
    size = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:size])
    expected = 2 + (size >= len(lines[2])) + (size == len(whole))
    assert len(list(log.read_lines(tmp_path))) == expected
    log.cut_torn_lines(tmp_path)
    assert path.read_bytes() == b"".join(lines[2:expected])
    log.cut_torn_lines(tmp_path)
    assert [line for _, line in log.read_lines(tmp_path)] == lines[:expected]


def test_a_torn_line_may_be_long(tmp_path: Path) -> None:
    lines = write_logs(tmp_path, 1)
    path = tmp_path / "2026-01.jsonl"
    path.write_bytes(lines[0] + b"x" * 300_000)
    log.cut_torn_lines(tmp_path)
    assert path.read_bytes() == lines[0]


# The head


def head_at(operation: Operation, at: log.LinePosition) -> Head:
    return Head(at.log, at.end, operation.op, operation.hash, operation.ids)


def test_a_head_is_applied_only_at_the_very_end(tmp_path: Path) -> None:
    assert is_applied(Head(), tmp_path)
    write_logs(tmp_path, 2, 1)
    heads = [head_at(line.operation, at) for at, line in log.read_log(tmp_path)]
    assert [is_applied(head, tmp_path) for head in (Head(), *heads)] == [False, False, False, True]
    (tmp_path / "2026-03.jsonl").touch()
    assert is_applied(heads[-1], tmp_path)
    (tmp_path / "2026-03.jsonl").write_bytes(b"{")
    assert not is_applied(heads[-1], tmp_path)


def test_no_changed_byte_of_a_head_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "head"
    head_file.write_head(path, Head("2026-11.jsonl", 512, 7, "a" * 64, Ids("20261122", 3, 4, "2026-11")))
    content = path.read_bytes()
    for at in range(len(content)):
        for bit in range(8):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
            with pytest.raises(DataError):
                head_file.read_head(path)


def test_a_head_is_held_against_the_log(tmp_path: Path) -> None:
    lines = write_logs(tmp_path, 2, 1)
    heads = [head_at(line.operation, at) for at, line in log.read_log(tmp_path)]
    last = tmp_path / "2026-02.jsonl"
    for head in (Head(), *heads):
        assert head_file.is_in_log(head, tmp_path)
    for wrong in ({"end": heads[2].end - 1}, {"end": heads[2].end + 1}, {"hash": "0" * 64}, {"log": "2026-01.jsonl"}):
        assert not head_file.is_in_log(heads[2]._replace(**wrong), tmp_path)
    last.write_bytes(lines[2][:-1])
    assert not head_file.is_in_log(heads[2], tmp_path)
    last.unlink()
    assert not head_file.is_in_log(heads[2], tmp_path)


def test_only_months_are_logs(tmp_path: Path) -> None:
    write_logs(tmp_path, 1, 1)
    for name in ("backup.jsonl", "2026-02 (copy).jsonl", "2026-1.jsonl", "2026-02.jsonl~", "2026-02.jsonl.new"):
        (tmp_path / name).write_bytes(b"{}\n")
    assert head_file.list_logs(tmp_path) == ["2026-01.jsonl", "2026-02.jsonl"]


def test_a_head_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "head"
    assert head_file.read_head(path) is None
    for op in (1, 2):
        head = Head("2026-11.jsonl", 100 * op, op, "f" * 64, Ids("20261122", 3, 4, "2026-11"))
        head_file.write_head(path, head)
        assert head_file.read_head(path) == head
    assert [file.name for file in tmp_path.iterdir()] == ["head"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"{}", b"[]", b'{"ids":{"colour":1}}', b"\0" * 200, b'{"version":99}'),
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_a_head_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "head").write_bytes(content)
    with pytest.raises(DeskError):
        head_file.read_head(tmp_path / "head")
