"""Selections: fields of one object, in the order of the document."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from types import CoroutineType
from typing import Any, Final, Literal, TypeAlias

from graphql import Executor, GraphQLList, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_subfields

from graph_api.endpoint.execution.columns import by_class, column
from graph_api.endpoint.execution.field import Field, Handle, Place, Step
from graph_api.endpoint.execution.parts import Making, Shape
from graph_api.endpoint.execution.pending import completed_later, gathered, resolved
from graph_api.endpoint.execution.resolving import attribute, for_many, resolution, variables_of
from graph_api.endpoint.execution.unrolled import LONGEST, is_leaf, unrolled, unrolled_many
from graph_api.endpoint.execution.values import (
    DECLARED,
    Column,
    Composite,
    Do,
    Many,
    Nothing,
    Selected,
    as_it_is,
    completed_usual,
    completion,
    given,
    nullable,
    told_by_class,
    usual,
)
from graph_api.endpoint.pieces import in_pieces

Recipe: TypeAlias = tuple[str | None, type, Handle]
"""What a step needs to know of a field that the schema already says."""

WORTH: Final = 20
"""A selection that is done so many times is written out as a function."""

_RECIPES: Final = "roadmap-graph-recipes"
"""The extension of a schema that keeps its recipes, by the type and name of a field."""


def steps(
    executor: Executor[Any],
    parent: GraphQLObjectType,
    fields: GroupedFieldSet,
    above: Field | None = None,
) -> tuple[Step, ...]:
    """What is to be done for each object of a type of which these fields are selected, by `above`."""
    made = (_step(executor, parent, key, details, above) for key, details in fields.items())
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
    parent: GraphQLObjectType,
    key: str,
    details: FieldDetailsList,
    above: Field | None,
) -> Step | None:
    name = details[0].node.name.value
    definition = executor.schema.get_field(parent, name)
    if definition is None:
        return None
    many = (above is not None and above.many) or isinstance(nullable(definition.type), GraphQLList)
    inside = (above is not None and above.inside) or _has_part_name(parent)
    field = Field(key, parent, definition, details, variables_of(details[0].node), many, inside)
    recipes: dict[Hashable, Recipe] = executor.schema.extensions.setdefault(_RECIPES, {})
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
        return name, as_it_is(kind), _answer(field, given)
    return None, Nothing, _answer(field, resolution(executor, field))


def _typename(_executor: Executor[Any], field: Field, _source: Any, _place: Place) -> str:
    return field.parent.name


def _answer(like: Field, resolve: Handle) -> Handle:
    """The answers of all fields that are the same in the schema as this one."""
    typename, kind = like.parent.name, like.definition.type
    complete, complete_expected = completion(kind, _selected), completed_usual(kind, _selected)
    expected = usual(kind)

    def answer(executor: Executor[Any], field: Field, source: Any, parent: Place) -> Any:
        place = (parent, field.key, typename)
        try:
            value = resolve(executor, field, source, place)
            if type(value) is expected:
                completed = complete_expected(executor, field, value, place)
            elif executor.is_awaitable(value):
                return resolved(executor, field, kind, complete, value, place)
            else:
                completed = complete(executor, field, value, place)
            if type(completed) is CoroutineType:
                return completed_later(executor, field, kind, completed, place)
        except Exception as error:  # noqa: BLE001 - any error of a resolver is one of the answer
            field.failed(executor, error, kind, place)
            return None
        return completed

    return answer


class Selection:
    """What is selected of the objects of a type: first done step by step, later by functions of its own.

    `shape` is that of the part of an answer that it makes, if it makes any. Once it is done by functions,
    `has_parts` tells whether any are made within, which are looked for one by one, and `resolved` which
    fields within are asked of many objects at once.
    """

    __slots__ = ("_kind", "_left", "_made", "_many", "_steps", "has_parts", "resolved", "shape")

    def __init__(self, kind: Composite, made: tuple[Step, ...], shape: Shape | None) -> None:
        self._kind = kind
        self._steps = made
        self._left = WORTH
        self._made: Selected | None = None
        if isinstance(kind, GraphQLObjectType) and kind.name.startswith("__"):
            self._made = Selected(partial(_in_pieces, kind, made))
        self._many: Many | Literal[False] | None = False
        self.has_parts = False
        self.resolved = set[Field]()
        self.shape = shape

    def made(self, executor: Executor[Any], field: Field, times: int) -> Selected:
        """What executes it for the field that selects it: for one object, or for all of a list.

        It is about to be done so many times.
        """
        if self._made is None:
            self._left -= times
            if self._left > 0:
                return Selected(partial(select, self._steps))
            do = unrolled(self._steps) or partial(select, self._steps)
            self._made = Selected(do, self.many(executor, field))
        return self._made

    def many(self, executor: Executor[Any], field: Field) -> Many | None:
        """What executes it for all objects of a list, with all that is selected within, if anything does."""
        if self._many is False:
            self._many = None
            if isinstance(self._kind, GraphQLObjectType):
                self._many = self._many_objects(executor, self._kind)
            else:
                kinds = told_by_class(executor, self._kind).items()
                within = {expected: self._within(executor, field, kind) for expected, kind in kinds}
                self._many = by_class({expected: many for expected, many in within.items() if many})
        return self._many

    def _many_objects(self, executor: Executor[Any], kind: GraphQLObjectType) -> Many | None:
        if not 0 < len(self._steps) <= LONGEST or kind.name.startswith("__"):
            return None
        columns: list[Column | None] = []
        for _, name, _, _, field in self._steps:
            if is_leaf(field, name):
                columns.append(None)
                continue
            found = column(field, name, for_many(executor, field), partial(self._within, executor, field))
            if found is None:
                return None
            if name is None:
                self.resolved.add(field)
            columns.append(found)
        return unrolled_many(kind, self._steps, columns)

    def _within(self, executor: Executor[Any], field: Field, kind: Composite) -> Many | None:
        selection = _selection(executor, field, kind)
        many = selection.many(executor, field)
        self.has_parts |= selection.has_parts or selection.shape is not None
        self.resolved |= selection.resolved
        return many


def _selection(executor: Executor[Any], field: Field, kind: Composite) -> Selection:
    """What a field selects of objects of a type; of an abstract one, nothing but what it does of each."""
    found = field.selected.get(kind)
    if found is None:
        made: tuple[Step, ...] = ()
        shape = None
        if isinstance(kind, GraphQLObjectType):
            made = steps(executor, kind, _subfields(executor, field, kind), field)
            shape = _shape(executor, field, kind)
        found = field.selected[kind] = Selection(kind, made, shape)
    return found


def _selected(executor: Executor[Any], field: Field, kind: Composite, times: int) -> Selected:
    """What executes what a field selects of so many objects of a type."""
    found = field.selected.get(kind) or _selection(executor, field, kind)
    made = found.made(executor, field, times)
    making: Making | None = executor.parts  # type: ignore[attr-defined]  # only a PlannedExecutor follows plans
    if making is not None and found.shape is not None:
        return Selected(partial(_part, made.one, found.shape, making))
    late: set[Field] = executor.late  # type: ignore[attr-defined]  # as above
    apart = making is not None and found.has_parts
    return Selected(made.one) if apart or not late.isdisjoint(found.resolved) else made


def _part(do: Do, shape: Shape, making: Making, executor: Executor[Any], source: Any, place: Place) -> Any:
    make = partial(do, executor, source, place)
    return making.part(shape, source.part_name, make, executor.collected_errors.errors)


def _shape(executor: Executor[Any], field: Field, kind: GraphQLObjectType) -> Shape | None:
    """The shape of the part that is made of such an object, if any is.

    What stands alone is nearly all of an answer, which is kept whole; and what lies inside of a part is too
    little: to look for it takes longer than to make it.
    """
    if field.inside or not field.many or not _has_part_name(kind):
        return None
    return Shape.of(kind.name, [each.node for each in field.details], executor.spelled)  # type: ignore[attr-defined]  # as there


def _in_pieces(
    kind: GraphQLObjectType, made: tuple[Step, ...], executor: Executor[Any], source: Any, place: Place
) -> Any:
    return in_pieces(kind, partial(select, made, executor, source, place))


def _has_part_name(kind: GraphQLObjectType) -> bool:
    """Whether objects of a type have a `part_name`, which says all that they are."""
    return hasattr(getattr(kind.extensions.get(DECLARED), "origin", None), "part_name")


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
