"""Selections: fields of one object, in the order of the document."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from types import CoroutineType
from typing import Any, Final, TypeAlias

from graphql import Executor, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_subfields

from graph_api.endpoint.execution.field import Field, Handle, Place, Step
from graph_api.endpoint.execution.parts import Making, Shape
from graph_api.endpoint.execution.pending import completed_later, gathered, resolved
from graph_api.endpoint.execution.resolving import attribute, resolution, variables_of
from graph_api.endpoint.execution.values import (
    DECLARED,
    Known,
    Nothing,
    Select,
    as_it_is,
    completion,
    usual,
)
from graph_api.endpoint.pieces import in_pieces

Recipe: TypeAlias = tuple[str | None, type, Handle]
"""What a step needs to know of a field that the schema already says."""

_RECIPES: Final = "roadmap-graph-recipes"
"""The extension of a schema that keeps its recipes, by the type and name of a field."""


def steps(executor: Executor[Any], parent: GraphQLObjectType, fields: GroupedFieldSet) -> tuple[Step, ...]:
    """What is to be done for each object of a type of which these fields are selected."""
    recipes: dict[Hashable, Recipe] = executor.schema.extensions.setdefault(_RECIPES, {})
    made = (_step(executor, recipes, parent, key, details) for key, details in fields.items())
    return tuple(step for step in made if step is not None)


def select(made: tuple[Step, ...], executor: Executor[Any], source: Any, place: Place) -> Any:
    """The answer for an object, all of its fields at once: a dict, or a coroutine of one."""
    results: dict[str, Any] = {}
    pending: list[str] = []
    try:
        for key, name, as_is, answer, field in made:
            value = source
            if name is not None:
                try:
                    value = getattr(source, name)
                except Exception as error:  # noqa: BLE001 - an error that is a value is one of the answer
                    value = error
                if type(value) is as_is:
                    results[key] = value
                    continue
            results[key] = value = answer(executor, field, value, place)
            if type(value) is CoroutineType:
                pending.append(key)
    except Exception:
        if pending:
            executor.settle_in_background([results[key] for key in pending])
        raise
    return gathered(results, pending) if pending else results


def select_serially(made: tuple[Step, ...], executor: Executor[Any], source: Any, place: Place) -> Any:
    """The answer for an object, one field after the other: a dict, or a coroutine of one."""
    results: dict[str, Any] = {}
    for number, step in enumerate(made, start=1):
        value = results[step[0]] = _one(step, executor, source, place)
        if type(value) is CoroutineType:
            return _rest(results, step[0], made[number:], executor, source, place)
    return results


async def _rest(
    results: dict[str, Any],
    key: str,
    made: tuple[Step, ...],
    executor: Executor[Any],
    source: Any,
    place: Place,
) -> dict[str, Any]:
    results[key] = await results[key]
    for step in made:
        value = _one(step, executor, source, place)
        results[step[0]] = await value if type(value) is CoroutineType else value
    return results


def _one(step: Step, executor: Executor[Any], source: Any, place: Place) -> Any:
    _, name, _, answer, field = step
    if name is None:
        return answer(executor, field, source, place)
    try:
        value = getattr(source, name)
    except Exception as error:  # noqa: BLE001 - an error that is a value is one of the answer
        value = error
    return answer(executor, field, value, place)


def _step(
    executor: Executor[Any],
    recipes: dict[Hashable, Recipe],
    parent: GraphQLObjectType,
    key: str,
    details: FieldDetailsList,
) -> Step | None:
    name = details[0].node.name.value
    definition = executor.schema.get_field(parent, name)
    if definition is None:
        return None
    field = Field(key, parent, definition, details, variables_of(details[0].node))
    recipe = recipes.get((parent, name))
    if recipe is None:
        recipe = recipes[parent, name] = _recipe(executor, field)
    return (key, *recipe, field)


def _recipe(executor: Executor[Any], field: Field) -> Recipe:
    if field.name == "__typename":
        return None, Nothing, _typename
    kind = field.definition.type
    name = attribute(executor, field)
    if name is not None:
        return name, as_it_is(kind), _answer(field, _given)
    return None, Nothing, _answer(field, resolution(executor, field))


def _typename(_executor: Executor[Any], field: Field, _source: Any, _place: Place) -> str:
    return field.parent.name


def _given(_executor: Executor[Any], _field: Field, value: Any, _place: Place) -> Any:
    return value


def _answer(like: Field, resolve: Handle) -> Handle:
    """The answers of all fields that are the same in the schema as this one."""
    typename, kind = like.parent.name, like.definition.type
    complete, expected = completion(kind, Select(_selected, _each_selected)), usual(kind)

    def answer(executor: Executor[Any], field: Field, source: Any, parent: Place) -> Any:
        place = (parent, field.key, typename)
        try:
            value = resolve(executor, field, source, place)
            if type(value) is not expected and executor.is_awaitable(value):
                return resolved(executor, field, kind, complete, value, place)
            completed = complete(executor, field, value, place)
            if type(completed) is CoroutineType:
                return completed_later(executor, field, kind, completed, place)
        except Exception as error:  # noqa: BLE001 - any error of a resolver is one of the answer
            field.failed(executor, error, kind, place)
            return None
        return completed

    return answer


def _selected(
    executor: Executor[Any], field: Field, kind: GraphQLObjectType, source: Any, place: Place
) -> Any:
    made, shape = _selection(executor, field, kind)
    if kind.name.startswith("__"):
        return in_pieces(kind, partial(select, made, executor, source, place))
    making: Making | None = executor.parts  # type: ignore[attr-defined]  # only a PlannedExecutor follows plans
    if shape is not None and making is not None and _is_of_many(place):
        return _part(made, shape, making, executor, source, place)
    return select(made, executor, source, place)


def _each_selected(executor: Executor[Any], field: Field, kind: GraphQLObjectType) -> Known:
    made, shape = _selection(executor, field, kind)
    if kind.name.startswith("__"):
        return partial(_selected, executor, field, kind)
    making: Making | None = executor.parts  # type: ignore[attr-defined]  # as there
    if shape is not None and making is not None:
        return partial(_part, made, shape, making, executor)
    return partial(select, made, executor)


def _selection(
    executor: Executor[Any], field: Field, kind: GraphQLObjectType
) -> tuple[tuple[Step, ...], Shape | None]:
    selected = field.selected.get(kind)
    if selected is None:
        made = steps(executor, kind, _subfields(executor, field, kind))
        selected = field.selected[kind] = (made, _shape(executor, field, kind))
    return selected


def _part(
    made: tuple[Step, ...], shape: Shape, making: Making, executor: Executor[Any], source: Any, place: Place
) -> Any:
    make = partial(select, made, executor, source, place)
    return making.part(shape, source.part_name, make, executor.collected_errors.errors)


def _is_of_many(place: Place) -> bool:
    """Whether a place is in a list: what stands alone is nearly all of an answer, which is kept whole."""
    while place is not None:
        if place[2] is None:
            return True
        place = place[0]
    return False


def _shape(executor: Executor[Any], field: Field, kind: GraphQLObjectType) -> Shape | None:
    """The shape of a part, where objects of this type have a `part_name` that says all that they are."""
    declared = kind.extensions.get(DECLARED)
    if not hasattr(getattr(declared, "origin", None), "part_name"):
        return None
    return Shape.of(kind.name, [each.node for each in field.details], executor.spelled)  # type: ignore[attr-defined]  # as there


def _subfields(executor: Executor[Any], field: Field, kind: GraphQLObjectType) -> GroupedFieldSet:
    return collect_subfields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        executor.operation,
        kind,
        field.details,
        executor.hide_suggestions,
    ).grouped_field_set
