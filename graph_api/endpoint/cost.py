"""What an operation costs: a plan made once of its document, priced with the variables of each request.

    cost of a field   its weight, and for each object that it gives: 1 and the cost of what is selected there
    objects           one; for a list, as many as the client asks for by `first` or `last`, or as assumed

A weight is 0 unless the schema says `@cost(weight: ...)`. A field with an argument `first` or `last` is read
in pages: the size is that of the list which it gives, or of each list of the connection which it gives. Any
other list is assumed to have ASSUMED entries, or what `@listSize` says: `assumed`, or as many as the argument
`by`. What introspection costs is counted, see `introspection.py`, and is the weight of its first field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Final, TypeAlias

from graph_api.endpoint.execution.parts import is_part, plain
from graph_api.endpoint.measures import MANY

PAGE: Final = 20
"""The size of a page where neither client nor schema gives one."""

ASSUMED: Final = 5
"""How many entries a list is assumed to have that is not read in pages."""

PRICES: Final = 8
"""So many prices of an operation are kept, by the sizes that its variables ask for."""

Values: TypeAlias = Mapping[str, Any]

Counts: TypeAlias = "Mapping[str, int | None]"
"""What the values of variables are as sizes; None for what is none."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many entries a client asks for: the first of `given`, numbers and names of variables, with a value.

    A variable's value is a number, or a list with as many entries.
    """

    given: tuple[int | str, ...] = ()
    default: int = PAGE

    def of(self, counts: Counts) -> int:
        """The size with these sizes of variables."""
        for each in self.given:
            count = counts[each] if isinstance(each, str) else max(0, each)
            if count is not None:
                return count
        return self.default


def _count(value: object) -> int | None:
    if isinstance(value, list):
        return len(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(0, int(value))
    return None


@dataclass(frozen=True, slots=True)
class Field:
    """A selected field.

    `pages` is the size of its list, or of those below; `counted` says how many objects it gives, None for as
    many as the page has that it stands in.
    """

    key: str
    weight: int
    is_object: bool
    counted: Size | None
    pages: Size | None
    below: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """A fragment with a name, spread here."""

    name: str


Part: TypeAlias = Field | Spread


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost apart from the size of the page that it stands in: `fixed`, and `each` for every entry of it."""

    fixed: int = 0
    each: int = 0

    def on(self, size: int) -> int:
        """The cost on a page of this size."""
        return min(MANY, self.fixed + self.each * size)


@dataclass(frozen=True, eq=False)
class Plan:
    """The cost of an operation, before its variables are known."""

    parts: tuple[Part, ...]
    fragments: Mapping[str, tuple[Part, ...]]
    defaults: Values
    _prices: dict[tuple[int | None, ...], int] = field(default_factory=dict)

    def price(self, variables: Values | None) -> int:
        """What it costs at the most; each fragment is priced once, and the same sizes seldom twice."""
        values = {**self.defaults, **(variables or {})}
        counts = {name: _count(values.get(name)) for name in self._sizes}
        asked = tuple(counts.values())
        found = self._prices.get(asked)
        if found is None:
            if len(self._prices) >= PRICES:
                del self._prices[next(iter(self._prices))]
            found = self._prices[asked] = self._priced(counts)
        return found

    def _priced(self, counts: Counts) -> int:
        priced: dict[str, Cost] = {}
        for name, parts in self.fragments.items():
            priced[name] = _price(parts, counts, priced)
        return _price(self.parts, counts, priced).on(PAGE)

    @cached_property
    def _sizes(self) -> tuple[str, ...]:
        """The names of all variables that sizes are made of."""
        every = chain(self.parts, *self.fragments.values())
        return tuple(dict.fromkeys(name for part in every for name in _named(part)))

    def actual(self, data: object) -> int:
        """The cost by the same rules, of the objects that an answer really has."""
        return _actual(self._merged(self.parts), data)

    def _merged(self, parts: Iterable[Part]) -> _Merged:
        together: dict[str, list[Field]] = {}
        for each in self._fields(parts):
            together.setdefault(each.key, []).append(each)
        return {
            key: (max(one.weight for one in same), self._merged(part for one in same for part in one.below))
            for key, same in together.items()
            if any(one.is_object or one.weight for one in same)
        }

    def _fields(self, parts: Iterable[Part]) -> Iterator[Field]:
        for part in parts:
            if isinstance(part, Field):
                yield part
            else:
                yield from self._fields(self.fragments[part.name])


_Merged: TypeAlias = "dict[str, tuple[int, _Merged]]"


def _named(part: Part) -> Iterator[str]:
    """The variables that the sizes of a field and of those below it are made of."""
    if isinstance(part, Field):
        given = chain.from_iterable(size.given for size in (part.counted, part.pages) if size is not None)
        yield from (each for each in given if isinstance(each, str))
        for below in part.below:
            yield from _named(below)


def _price(parts: Sequence[Part], counts: Counts, priced: Mapping[str, Cost]) -> Cost:
    fixed = each = 0
    for part in parts:
        if isinstance(part, Spread):
            cost = priced[part.name]
            fixed, each = fixed + cost.fixed, each + cost.each
            continue
        fixed += part.weight
        if not part.is_object:
            continue
        below = _price(part.below, counts, priced)
        one = 1 + below.on(part.pages.of(counts) if part.pages else PAGE)
        if part.counted is None:
            each += one
        else:
            fixed += one * part.counted.of(counts)
    return Cost(min(MANY, fixed), min(MANY, each))


def _actual(merged: _Merged, data: object) -> int:
    data = plain(data)
    if isinstance(data, list):
        return sum(_actual(merged, each) for each in data)
    if not isinstance(data, dict):
        return 0
    total = 0
    for key, (weight, below) in merged.items():
        if key in data:
            total += weight + _objects(data[key]) + (_actual(below, data[key]) if below else 0)
    return total


def _objects(value: object) -> int:
    if isinstance(value, list):
        return sum(_objects(each) for each in value)
    return isinstance(value, dict) or is_part(value)
