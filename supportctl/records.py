"""The base class for plain typed data; the records themselves are declared in the rooms that use them.

Every command waits for the classes that it imports, some forty of them. A Record takes 0.01 ms to declare, a
NamedTuple 0.1 ms, a dataclass 0.4 ms. So:

- a Record is the rule for what a command loads at its start: configuration, tickets, queries, options;
- a NamedTuple is for a few values that callers unpack or compare as a tuple, and for what is made by the
  hundred thousand and only read (an address, the content of a message);
- a dataclass with slots is for what only reading mail, intake and `check` load, above all for state that changes.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any, Self, dataclass_transform

#: Values by the names of columns: what an operation finds, and what is written as one row or one JSON object.
Row = dict[str, object]


@dataclass_transform(frozen_default=True)
class Record:
    """Values by name: each annotation of the class declares one, in order, and may give its default.

    A default that is a list is copied for each record. Records are equal if they are of one class and all values are
    equal. A record is frozen unless its class is declared with `frozen=False`; then its values can be set, and no
    others. Raises AttributeError for every other assignment, TypeError for values that do not match the class.
    """

    _fields: tuple[str, ...]
    _names: Set[str]
    _field_defaults: dict[str, Any]
    _is_frozen: bool

    def __init_subclass__(cls, *, frozen: bool = True) -> None:
        cls._is_frozen = frozen
        cls._fields = tuple(cls.__annotations__)
        cls._names = frozenset(cls._fields)
        cls._field_defaults = {name: vars(cls)[name] for name in cls._fields if name in vars(cls)}

    def __init__(self, *values: Any, **named: Any) -> None:
        own = self.__dict__
        own.update(zip(self._fields, values))  # noqa: B905 - too many are an error below
        own.update(named)
        if len(own) < len(self._fields):
            for name, value in self._field_defaults.items():
                own.setdefault(name, value.copy() if isinstance(value, list) else value)
        if own.keys() != self._names or len(values) > len(own):
            raise TypeError(f"{type(self).__name__} has {', '.join(self._fields)}, not {values} and {named}")

    if not TYPE_CHECKING:  # to a type checker that sees these, every name can be set

        def __setattr__(self, name: str, value: object) -> None:
            if self._is_frozen:
                raise AttributeError(f"{type(self).__name__} is frozen: {name} can't be set")
            if name not in self._names:
                raise AttributeError(f"{type(self).__name__} has {', '.join(self._fields)}, not {name}")
            self.__dict__[name] = value

        def __delattr__(self, name: str) -> None:
            raise AttributeError(f"{type(self).__name__}: {name} can't be deleted")

    def _replace(self, **changed: Any) -> Self:
        """A new record with some values changed."""
        return type(self)(**{**self.__dict__, **changed})

    def __copy__(self) -> Self:
        """A shallow copy, made in a tenth of the time that `copy` takes without this; lists are shared."""
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def _asdict(self) -> dict[str, Any]:
        """The values by name."""
        return {name: self.__dict__[name] for name in self._fields}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self._asdict().values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({values})"
