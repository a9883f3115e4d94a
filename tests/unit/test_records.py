"""A record is what its annotations say: no value is lost, none comes from nowhere, none is shared."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from supportctl.records import Record


class Point(Record):
    x: int
    y: int = 0
    names: list[str] = []  # noqa: RUF012 - each has its own, which is what is tested


class Other(Record):
    x: int
    y: int = 0
    names: list[str] = []  # noqa: RUF012 - as above


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        ((), {"y": 1}),
        ((1, 2, [], 4), {}),
        ((1,), {"z": 1}),
        ((), {"y": 1, "z": 1}),
        ((), {"names": [], "z": 1}),
    ],
)
def test_what_does_not_fit_is_no_record(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Point has x, y, names"):
        Point(*values, **named)


def test_values_come_by_place_by_name_or_by_default() -> None:
    assert vars(Point(1)) == {"x": 1, "y": 0, "names": []}
    assert Point(1, 2, ["a"]) == Point(names=["a"], y=2, x=1)
    assert list(vars(Point(1, names=["a"]))) == ["x", "names", "y"]
    assert list(Point(y=3, x=1)._asdict()) == ["x", "y", "names"]


def test_a_list_is_shared_with_nobody() -> None:
    first, second = Point(1), Point(1)
    first.names.append("a")
    assert (second.names, Point(1).names) == ([], [])


class Counter(Record, frozen=False):
    name: str
    count: int = 0

    @property
    def label(self) -> str:
        return f"{self.name}: {self.count}"


def test_what_is_frozen_stays_as_it_is_made() -> None:
    point = Point(1)
    for name in ("x", "names", "z", "_fields"):
        with pytest.raises(AttributeError, match=f"Point is frozen: {name} can't be set"):
            setattr(point, name, 2)
    assert point == Point(1)


def test_only_what_a_record_has_can_be_set() -> None:
    counter = Counter("mails")
    counter.count = 3
    assert (counter, counter.label) == (Counter("mails", 3), "mails: 3")
    for name in ("cuont", "label", "_names"):
        with pytest.raises(AttributeError, match=f"Counter has name, count, not {name}"):
            setattr(counter, name, 4)
    assert vars(counter) == {"name": "mails", "count": 3}


@pytest.mark.parametrize("record", [Point(1), Counter("mails")])
def test_nothing_can_be_deleted(record: Record) -> None:
    for name in vars(record):
        with pytest.raises(AttributeError, match="can't be deleted"):
            delattr(record, name)


def test_a_copy_can_be_changed_as_the_first_could() -> None:
    counter = copy.copy(Counter("mails", 3))
    counter.count += 1
    assert counter == pickle.loads(pickle.dumps(counter)) == copy.deepcopy(counter) == Counter("mails", 4)


def test_equal_is_equal_in_all_and_of_one_class() -> None:
    assert Point(1) == Point(1, 0)
    assert Point(1) != Point(1, 1)
    assert Point(1) != Other(1)
    assert Point(1) != (1, 0, [])
    assert hash(Point(1, 2, ())) == hash(Point(1, 2, ()))  # type: ignore[arg-type]  # what can be hashed


def test_another_one() -> None:
    point = Point(1, 2, ["a"])
    assert point._replace(y=3) == Point(1, 3, ["a"])
    assert point == Point(1, 2, ["a"])
    with pytest.raises(TypeError):
        point._replace(z=3)
    assert pickle.loads(pickle.dumps(point)) == point
    assert repr(point) == "Point(x=1, y=2, names=['a'])"
