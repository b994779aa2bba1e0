"""Columns: what a field gives for all objects of a list at once, as long as nothing about it is unusual.

The objects that it gives for all of them are one list again, so that a page of topics with what they require
takes as many steps as it has levels, however many topics it has. (After the columns of a database: Boncz,
Zukowski and Nes, MonetDB/X100: hyper-pipelining query execution, CIDR 2005.)

Where anything is unusual, a value to be awaited or an error, a column is None, and each object is executed by
itself instead: a resolver may be called again then, and has to give something new to await each time. What
had to be awaited is not tried again in the lists within.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from types import NoneType
from typing import Any, TypeAlias

from graphql import Executor, GraphQLEnumType, GraphQLList
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph_api.endpoint.execution.field import Field
from graph_api.endpoint.execution.resolving import ForMany
from graph_api.endpoint.execution.values import (
    BUILT_IN,
    Column,
    Composite,
    Many,
    Nothing,
    completion,
    nullable,
    usual,
)

ManyOf: TypeAlias = "Callable[[Composite], Many | None]"
"""What executes at once what the field selects of objects of a type, if anything does."""

_Read: TypeAlias = Column
"""Values of a field before anything is selected of them: each of the usual class, or null if it can be."""


def column(field: Field, name: str | None, resolve: ForMany | None, many_of: ManyOf) -> Column | None:
    """The column of a field that is the attribute `name`, or what `resolve` makes; None where it has none."""
    kind = nullable(field.definition.type)
    expected = usual(kind)
    fits = frozenset({expected} if kind is not field.definition.type else {expected, NoneType})
    if name is not None:
        read = _attributes(name, fits)
    elif resolve is not None:
        read = _resolved(field, resolve, fits)
    else:
        return None
    if kind in BUILT_IN or isinstance(kind, GraphQLEnumType):
        return _leaves(field, read)
    entry = nullable(kind.of_type) if isinstance(kind, GraphQLList) else kind
    many = many_of(entry) if isinstance(entry, Composite) else None
    if many is None:
        return None
    return _lists(read, many) if expected is list else _objects(read, many)


def _attributes(name: str, fits: frozenset[type]) -> _Read:
    read = attrgetter(name)

    def attributes(_executor: Executor[Any], sources: Sequence[Any]) -> list[Any] | None:
        values = [*map(read, sources)]
        return values if Nothing in fits or fits.issuperset(map(type, values)) else None

    return attributes


def _resolved(field: Field, resolve: ForMany, fits: frozenset[type]) -> _Read:
    def resolved(executor: Executor[Any], sources: Sequence[Any]) -> list[Any] | None:
        found = resolve(executor, field, sources)
        if isinstance(found, Awaitable):
            _note(executor, field, found)
            return None
        if type(found) is list and fits.issuperset(map(type, found)):
            return found
        values: list[Any] = []
        for value in found:
            if type(value) not in fits and (Nothing not in fits or executor.is_awaitable(value)):
                _note(executor, field, value)
                return None
            values.append(value)
        return values

    return resolved


def _note(executor: Executor[Any], field: Field, value: object) -> None:
    """Note of a value that does not fit if it has to be awaited, and close it: it is made again then."""
    if isinstance(value, Awaitable):
        executor.late.add(field)  # type: ignore[attr-defined]  # only a PlannedExecutor follows plans
        if callable(close := getattr(value, "close", None)):
            close()


def _leaves(field: Field, read: _Read) -> Column:
    complete = completion(field.definition.type, _nothing_selected)

    def leaves(executor: Executor[Any], sources: Sequence[Any]) -> list[Any] | None:
        values = read(executor, sources)
        return None if values is None else [complete(executor, field, value, None) for value in values]

    return leaves


def _objects(read: _Read, many: Many) -> Column:
    def objects(executor: Executor[Any], sources: Sequence[Any]) -> list[Any] | None:
        values = read(executor, sources)
        if values is None:
            return None
        there = [value for value in values if value is not None]
        made = many(executor, there) if there else []
        return made if made is None or len(made) == len(values) else _among(values, made)

    return objects


def _lists(read: _Read, many: Many) -> Column:
    def lists(executor: Executor[Any], sources: Sequence[Any]) -> list[Any] | None:
        values = read(executor, sources)
        if values is None:
            return None
        there = [value for value in values if value is not None] if None in values else values
        every = [*chain.from_iterable(there)]
        made = many(executor, every) if every else []
        if made is None:
            return None
        ends = accumulate(map(len, there), initial=0)
        parts = [made[start:end] for start, end in pairwise(ends)]
        return parts if there is values else _among(values, parts)

    return lists


def _among(values: Sequence[Any], made: Iterable[Any]) -> list[Any]:
    """What was made of those values that are there, in their places."""
    ahead = iter(made)
    return [None if value is None else next(ahead) for value in values]


def by_class(every: Mapping[type, Many]) -> Many:
    """What executes objects of several types at once, each by that of its class."""

    def many(executor: Executor[Any], sources: Sequence[Any]) -> list[Any] | None:
        places = defaultdict[type, list[int]](list)
        for place, source in enumerate(sources):
            places[type(source)].append(place)
        made: list[Any] = [None] * len(sources)
        for kind, at in places.items():
            alike = [sources[place] for place in at]
            told_apart = any(getattr(source, TYPE_CAST_ATTRIBUTE, None) is not None for source in alike)
            found = None if kind not in every or told_apart else every[kind](executor, alike)
            if found is None:
                return None
            for place, value in zip(at, found, strict=True):
                made[place] = value
        return made

    return many


def _nothing_selected(*_: object) -> Any:
    raise TypeError("Of a leaf nothing is selected.")
