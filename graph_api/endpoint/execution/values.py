"""Values of each type as the answer holds them; what is unusual, graphql-core completes.

A completion returns what the answer holds, or a coroutine of it, and raises as graphql-core does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from types import CoroutineType
from typing import Any, Final, NamedTuple, TypeAlias

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    Executor,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    GraphQLUnionType,
    Undefined,
)
from graphql.execution.executor import collect_iterator_awaitables
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from graph_api.endpoint.execution.field import Field, Handle, Place, path_of
from graph_api.endpoint.execution.pending import completed_later, gathered, resolved

DECLARED: Final = "strawberry-definition"
"""The extension of a type or field of graphql-core that names its origin."""

# Whether Strawberry was told another type of a value is asked of the attribute itself: it is asked hundreds
# of times for an answer, and a function in between is a call for each.

_AS_THEY_ARE: Final[dict[GraphQLScalarType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}
"""Values of exactly this class are their own answer."""

BUILT_IN: Final = (GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt, GraphQLFloat)


Do: TypeAlias = Callable[[Executor[Any], Any, Place], Any]
"""Executes what is selected of an object in a place: a dict, or a coroutine of one."""

Many: TypeAlias = "Callable[[Executor[Any], Sequence[Any]], list[dict[str, Any]] | None]"
"""Executes at once what is selected of all objects of a list; None when any must be executed by itself."""

Column: TypeAlias = "Callable[[Executor[Any], Sequence[Any]], list[Any] | None]"
"""What a field gives for all objects of a list, as it stands in their answers; None as there."""


class Selected(NamedTuple):
    """What executes what a field selects of objects of a type: for one, and for a list where that can be."""

    one: Do
    many: Many | None = None


Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
"""A type of which something is selected."""

Select: TypeAlias = "Callable[[Executor[Any], Field, Composite, int], Selected]"
"""Finds what executes what a field selects of so many objects of a type; of an abstract one, only of many."""


class Nothing:
    """The class of no value."""


def nullable(kind: GraphQLOutputType) -> GraphQLOutputType:
    """The type that a type is apart from being required."""
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def as_it_is(kind: GraphQLOutputType) -> type:
    """The class whose values stand in the answer as they are; Nothing if there is none."""
    inner = nullable(kind)
    return _AS_THEY_ARE.get(inner, Nothing) if isinstance(inner, GraphQLScalarType) else Nothing


def usual(kind: GraphQLOutputType) -> type:
    """The class that values of a type usually have: none of them is awaitable, nor an error."""
    inner = nullable(kind)
    if isinstance(inner, GraphQLList):
        return list
    if isinstance(inner, GraphQLObjectType):
        return _class_of(inner)
    if inner is GraphQLInt:
        return int
    return float if inner is GraphQLFloat else as_it_is(inner)


def _class_of(kind: GraphQLObjectType) -> type:
    declared = kind.extensions.get(DECLARED)
    if not isinstance(declared, StrawberryObjectDefinition) or declared.is_type_of is not None:
        return Nothing
    origin = declared.origin
    strange = issubclass(origin, Exception) or hasattr(origin, "__await__")
    return Nothing if strange else origin


def completion(kind: GraphQLOutputType, select: Select) -> Handle:
    """How values of a type are completed; `select` finds what executes what is selected of an object."""
    if isinstance(kind, GraphQLNonNull):
        return _required(completion(kind.of_type, select))
    if isinstance(kind, GraphQLList):
        return _list(kind, completion(kind.of_type, select), select)
    if isinstance(kind, GraphQLObjectType):
        return _object(kind, select)
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        return _abstract(kind, select)
    return _leaf(kind)


def completed_usual(kind: GraphQLOutputType, select: Select) -> Handle:
    """How values of exactly the class that is `usual` for a type are completed: none of them is null."""
    inner = nullable(kind)
    otherwise = completion(inner, select)
    if as_it_is(inner) is not Nothing:
        return given
    if not isinstance(inner, GraphQLObjectType):
        return otherwise
    told_apart = inner.is_type_of is not None

    def complete(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        if told_apart and getattr(value, TYPE_CAST_ATTRIBUTE, None) is not None:
            return otherwise(executor, field, value, place)
        return select(executor, field, inner, 1).one(executor, value, place)

    return complete


def given(_executor: Executor[Any], _field: Field, value: Any, _place: Place) -> Any:
    """The value itself."""
    return value


def _required(complete: Handle) -> Handle:
    def required(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        completed = complete(executor, field, value, place)
        if completed is None:
            raise TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
        return completed

    return required


def _leaf(kind: GraphQLLeafType) -> Handle:
    def complete(executor: Executor[Any], _field: Field, value: Any, _place: Place) -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        return executor.complete_leaf_value(kind, value)

    if kind is GraphQLInt:
        return _whole_number(complete)
    if kind is GraphQLFloat:
        return _number(complete)
    return complete if kind in BUILT_IN or isinstance(kind, GraphQLEnumType) else _awaited_leaf(complete)


def _whole_number(otherwise: Handle) -> Handle:
    def complete(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        if type(value) is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT:
            return value
        return otherwise(executor, field, value, place)

    return complete


def _number(otherwise: Handle) -> Handle:
    def complete(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        if type(value) is float and isfinite(value):
            return value
        return otherwise(executor, field, value, place)

    return complete


def _awaited_leaf(complete: Handle) -> Handle:
    """A scalar of somebody else, whose answer may have to be awaited."""

    async def awaited(value: Any) -> Any:
        return await value

    def completed(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        found = complete(executor, field, value, place)
        return awaited(found) if executor.is_awaitable(found) else found

    return completed


def _object(kind: GraphQLObjectType, select: Select) -> Handle:
    expected, told_apart = _class_of(kind), kind.is_type_of is not None

    def complete(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        if type(value) is expected and not (
            told_apart and getattr(value, TYPE_CAST_ATTRIBUTE, None) is not None
        ):
            return select(executor, field, kind, 1).one(executor, value, place)
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        if not told_apart:
            return select(executor, field, kind, 1).one(executor, value, place)
        info, path = field.info(executor, place), path_of(place)
        return executor.complete_object_value(kind, field.details, info, path, value, None)

    return complete


def _abstract(kind: GraphQLInterfaceType | GraphQLUnionType, select: Select) -> Handle:
    kinds: dict[GraphQLObjectType, Handle] = {}
    kinds_by_class: dict[type, Handle] = {}

    def as_object(executor: Executor[Any], field: Field, value: Any, place: Place, found: Any) -> Any:
        info = field.info(executor, place)
        concrete = executor.ensure_valid_runtime_type(found, kind, field.details, info, value)
        if concrete not in kinds:
            kinds[concrete] = _object(concrete, select)
        return kinds[concrete](executor, field, value, place)

    async def later(executor: Executor[Any], field: Field, value: Any, place: Place, found: Any) -> Any:
        completed = as_object(executor, field, value, place, await found)
        return await completed if type(completed) is CoroutineType else completed

    def complete(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        known = kinds_by_class.get(type(value))
        if known is not None and getattr(value, TYPE_CAST_ATTRIBUTE, None) is None:
            return known(executor, field, value, place)
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        apart = getattr(value, TYPE_CAST_ATTRIBUTE, None) is not None
        told = None if apart else told_by_class(executor, kind).get(type(value))
        if told is not None:
            kinds_by_class[type(value)] = kinds.setdefault(told, _object(told, select))
            return kinds[told](executor, field, value, place)
        found = (kind.resolve_type or executor.type_resolver)(value, field.info(executor, place), kind)
        if type(found) is not str and executor.is_awaitable(found):
            return later(executor, field, value, place, found)
        return as_object(executor, field, value, place, found)

    return complete


def told_by_class(
    executor: Executor[Any], kind: GraphQLInterfaceType | GraphQLUnionType
) -> dict[type, GraphQLObjectType]:
    """The types of an abstract one by the classes that alone tell them: Strawberry made it of this class, and
    no other. Whoever was told another type of a value is not meant."""
    possible = executor.schema.get_possible_types(kind)
    classes = Counter(map(_class_of, possible))
    return {
        expected: each
        for each in possible
        if (expected := _class_of(each)) is not Nothing
        and classes[expected] == 1
        and each.extensions[DECLARED].concrete_of is None
    }


def _list(kind: GraphQLList[Any], entry: Handle, select: Select) -> Handle:
    plain = as_it_is(kind.of_type)
    entries = _entries(kind.of_type, entry, select)

    def complete(executor: Executor[Any], field: Field, value: Any, place: Place) -> Any:
        if type(value) is list or type(value) is tuple:
            if plain is not Nothing and set(map(type, value)) <= {plain}:
                return list(value)
            return entries(executor, field, value, place)
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            return None
        info, path = field.info(executor, place), path_of(place)
        return executor.complete_list_value(kind, field.details, info, path, value, None)

    return complete


def _entries(kind: GraphQLOutputType, complete: Handle, select: Select) -> Handle:
    inner, entry = nullable(kind), _entry(kind, complete)
    objects = inner if isinstance(inner, Composite) else None

    def entries(executor: Executor[Any], field: Field, values: Any, place: Place) -> Any:
        selected = None if objects is None or not values else select(executor, field, objects, len(values))
        do, many = selected or (None, None)
        if many is not None and (found := many(executor, values)) is not None:
            return found
        results: list[Any] = []
        pending: list[int] = []
        ahead = iter(values)
        try:
            for index, value in enumerate(ahead):
                completed = entry(executor, field, value, (place, index, None), do)
                results.append(completed)
                if type(completed) is CoroutineType:
                    pending.append(index)
        except Exception:
            _settle(executor, [results[index] for index in pending], ahead)
            raise
        return gathered(results, pending) if pending else results

    return entries


def _entry(kind: GraphQLOutputType, complete: Handle) -> Callable[..., Any]:
    """What completes an entry of a list; `do`, where it is given, does so for objects of the usual class."""
    expected = usual(kind)
    told_apart = getattr(nullable(kind), "is_type_of", None) is not None

    def entry(executor: Executor[Any], field: Field, value: Any, place: Place, do: Do | None) -> Any:
        try:
            if type(value) is not expected:
                if executor.is_awaitable(value):
                    return resolved(executor, field, kind, complete, value, place)
                completed = complete(executor, field, value, place)
            elif do is None or (told_apart and getattr(value, TYPE_CAST_ATTRIBUTE, None) is not None):
                completed = complete(executor, field, value, place)
            else:
                completed = do(executor, value, place)
        except Exception as error:  # noqa: BLE001 - any error of a resolver is one of the answer
            field.failed(executor, error, kind, place)
            return None
        if type(completed) is CoroutineType:
            return completed_later(executor, field, kind, completed, place)
        return completed

    return entry


def _settle(executor: Executor[Any], pending: list[Any], ahead: Iterator[Any]) -> None:
    """Let what is under way, or would be, end by itself: the list it is for is not in the answer."""
    left = [*pending, *collect_iterator_awaitables(ahead, executor.is_awaitable)]
    if left:
        executor.settle_in_background(left)
