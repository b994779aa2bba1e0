"""How a field gets its value: by reading an attribute, or by calling whatever resolves it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Final, TypeAlias

from graphql import Executor, FieldNode, ListValueNode, ObjectValueNode, Undefined, VariableNode
from graphql.execution.values import get_argument_values
from strawberry import ID, Info, Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryList, StrawberryOptional, StrawberryType
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from graph_api.endpoint.execution.field import Field, Handle, Place
from graph_api.endpoint.execution.info import LazyInfo
from graph_api.endpoint.execution.values import DECLARED

Kept: TypeAlias = dict[Field, Mapping[str, Any]]
"""The arguments of fields that are the same for every parent, of one execution."""

ASKED: Final = 8
LONGEST: Final = 100
"""So many arguments of a field are kept from one execution to the next, of values with so many characters."""

ForMany: TypeAlias = "Callable[[Executor[Any], Field, Sequence[Any]], Iterable[Any] | Awaitable[Any]]"
"""Gives the values of a field of many sources, made one by one as they are taken, or all at once where the
field says how; or something to await. It raises what resolvers do, and LookupError where it is of no use."""

TOGETHER: Final = "together"
"""The key in the metadata of a field of Strawberry under which it says what resolves it for many sources."""

_BUILT_IN: Final = (str, int, float, bool, ID)
_UNCHANGING: Final = (str, int, float, bool, type(None), Enum)


def attribute(executor: Executor[Any], field: Field) -> str | None:
    """The name of the attribute that the field is, if it is nothing more than that."""
    declared, schema = _declared(field), _strawberry(executor)
    if declared is None or schema is None or not declared.is_basic_field or declared.is_subscription:
        return None
    converter = schema.schema_converter
    read = type(declared).get_result is StrawberryField.get_result and declared.default_resolver is getattr
    return declared.python_name if read and not converter.exception_handlers else None


def resolution(executor: Executor[Any], field: Field) -> Handle:
    """What makes the value of such fields, or an awaitable of it, of a source; it raises what resolvers do.

    A resolver of Strawberry that nothing surrounds is called itself.
    """
    declared, schema = _declared(field), _strawberry(executor)
    if declared is None or schema is None or not _alone(declared, schema.schema_converter):
        return _as_graphql_core
    resolver = declared.base_resolver
    assert resolver is not None  # noqa: S101 - _alone has seen it
    return _called(_Resolver.of(declared, resolver, schema.schema_converter))


def for_many(executor: Executor[Any], field: Field) -> ForMany | None:
    """What makes the values of such fields of many sources, if it is a resolver that may do so at once."""
    declared, schema = _declared(field), _strawberry(executor)
    if declared is None or schema is None or not _alone(declared, schema.schema_converter):
        return None
    resolver = declared.base_resolver
    assert resolver is not None  # noqa: S101 - _alone has seen it
    if inspect.iscoroutinefunction(resolver.wrapped_func):
        return None
    return _called_for_many(_Resolver.of(declared, resolver, schema.schema_converter))


def _declared(field: Field) -> StrawberryField | None:
    found = field.definition.extensions.get(DECLARED)
    return found if isinstance(found, StrawberryField) else None


def _strawberry(executor: Executor[Any]) -> Schema | None:
    found = getattr(executor.schema, "_strawberry_schema", None)
    return found if isinstance(found, Schema) else None


def _alone(declared: StrawberryField, converter: GraphQLCoreConverter) -> bool:
    resolver = declared.base_resolver
    return (
        resolver is not None
        and type(declared).get_result is StrawberryField.get_result
        and not declared.extensions
        and not declared.is_subscription
        and not converter.exception_handlers
        and converter.config.info_class is Info
        and callable(resolver.wrapped_func)
        and not inspect.isasyncgenfunction(resolver.wrapped_func)
    )


def _as_graphql_core(executor: Executor[Any], field: Field, source: Any, place: Place) -> Any:
    function = field.definition.resolve or executor.field_resolver
    info = field.info(executor, place)
    return function(source, info, **_arguments(executor, field))


def _arguments(executor: Executor[Any], field: Field) -> dict[str, Any]:
    """The arguments by graphql-core's names. Raises GraphQLError."""
    node = field.details[0].node
    if not field.definition.args and not node.arguments:
        return {}
    return get_argument_values(
        field.definition, node, executor.variable_values, None, executor.hide_suggestions
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Resolver:
    """A resolver as Strawberry calls it: the source by position, or by any of `sources`; the info by name."""

    function: Callable[..., Any]
    declared: StrawberryField
    converter: GraphQLCoreConverter
    by_position: bool
    sources: tuple[str, ...]
    info: str | None
    plain: Mapping[str, str] | None
    """The names in Python of its arguments by those in GraphQL, if Strawberry gives each as it is, or a list
    of such values as another list."""

    @classmethod
    def of(
        cls, declared: StrawberryField, resolver: StrawberryResolver[Any], converter: GraphQLCoreConverter
    ) -> _Resolver:
        assert callable(resolver.wrapped_func)  # noqa: S101 - _alone has seen it
        named = (resolver.parent_parameter, resolver.root_parameter)
        told = resolver.info_parameter
        return cls(
            resolver.wrapped_func,
            declared,
            converter,
            resolver.self_parameter is not None,
            tuple(each.name for each in named if each is not None),
            None if told is None else told.name,
            _plain(declared, converter),
        )

    @property
    def is_method(self) -> bool:
        """Whether it takes a source, and nothing else."""
        takes = bool(self.sources or self.declared.arguments or self.info is not None)
        return self.by_position and not takes

    def named(self, executor: Executor[Any], field: Field, place: Place) -> dict[str, Any]:
        """What it is called with by name, besides the source. Raises what arguments do."""
        declared, told = self.declared, self.info
        if not declared.arguments:
            return {} if told is None else {told: LazyInfo(executor, field, place, declared)}
        kept: Kept = executor.kept  # type: ignore[attr-defined]  # only a PlannedExecutor follows plans
        given = kept.get(field)
        if given is None:
            given = _made(executor, field, self, LazyInfo(executor, field, place, declared))
        return {**given} if told is None else {**given, told: LazyInfo(executor, field, place, declared)}

    def converted(self, given: dict[str, Any], info: Info[Any, Any]) -> dict[str, Any]:
        """The arguments by their names in Python, as values of Strawberry's types."""
        names = self.plain
        if names is not None:
            return {
                names[name]: [*value] if isinstance(value, list) else value for name, value in given.items()
            }
        converter = self.converter
        return convert_arguments(
            given, self.declared.arguments, converter.scalar_registry, converter.config, info
        )


def _plain(declared: StrawberryField, converter: GraphQLCoreConverter) -> dict[str, str] | None:
    names: dict[str, str] = {}
    for argument in declared.arguments:
        kind = _there(argument.type)
        if isinstance(kind, StrawberryList):
            kind = _there(kind.of_type)
        if kind not in _BUILT_IN:
            return None
        names[converter.config.name_converter.from_argument(argument)] = argument.python_name
    return names


def _there(kind: StrawberryType | type) -> StrawberryType | type:
    """The type of a value that is not null."""
    while isinstance(kind, StrawberryOptional):
        kind = kind.of_type
    return kind


def _called(resolver: _Resolver) -> Handle:
    function, by_position, sources = resolver.function, resolver.by_position, resolver.sources

    def resolve(executor: Executor[Any], field: Field, source: Any, place: Place) -> Any:
        try:
            named = resolver.named(executor, field, place)
        except Exception:  # noqa: BLE001 - it is raised again, where Strawberry raises it
            return _as_graphql_core(executor, field, source, place)
        if sources:
            named |= dict.fromkeys(sources, source)
        return function(source, **named) if by_position else function(**named)

    def alone(_executor: Executor[Any], _field: Field, source: Any, _place: Place) -> Any:
        return function(source)

    return alone if resolver.is_method else resolve


def _called_for_many(resolver: _Resolver) -> ForMany:
    function, sources, declared = resolver.function, resolver.sources, resolver.declared
    together: Callable[..., Any] | None = declared.metadata.get(TOGETHER)

    def resolve(
        executor: Executor[Any], field: Field, every: Sequence[Any]
    ) -> Iterable[Any] | Awaitable[Any]:
        named = resolver.named(executor, field, None)
        kept: Kept = executor.kept  # type: ignore[attr-defined]  # as there
        if declared.arguments and field not in kept:
            raise LookupError("Each source has arguments of its own.")
        if together is not None:
            return together(every, **named)  # type: ignore[no-any-return]  # nobody knows more of it
        if not resolver.by_position:
            return (function(**named, **dict.fromkeys(sources, source)) for source in every)
        if sources:
            return (function(source, **named, **dict.fromkeys(sources, source)) for source in every)
        return map(partial(function, **named) if named else function, every)

    return resolve


def _made(
    executor: Executor[Any], field: Field, resolver: _Resolver, info: Info[Any, Any]
) -> Mapping[str, Any]:
    """The arguments of a field, kept for its other parents where all values are such that none can change."""
    kept: Kept = executor.kept  # type: ignore[attr-defined]  # as there
    coerced = executor.variable_values.coerced
    values = tuple([coerced.get(name, Undefined) for name in field.variables])
    brief = all(map(_is_brief, values))
    if brief and (known := field.asked.get(values)) is not None:
        kept[field] = known
        return known
    given = _arguments(executor, field)
    made = resolver.converted(given, info)
    if all(isinstance(each, _UNCHANGING) for each in given.values()):
        kept[field] = made
        if brief:
            _remember(field, values, made)
    return made


def _is_brief(value: object) -> bool:
    """Whether a value can be kept with its document: it is small, and equal to none of another meaning.

    A variable has one type, so that 1, 1.0 and true are never values of the same.
    """
    return value is Undefined or (isinstance(value, _UNCHANGING) and len(str(value)) <= LONGEST)


def _remember(field: Field, values: Hashable, made: Mapping[str, Any]) -> None:
    if len(field.asked) >= ASKED:
        del field.asked[next(iter(field.asked))]
    field.asked[values] = made


def variables_of(node: FieldNode) -> tuple[str, ...]:
    """The names of all variables in the arguments of a field."""
    found: list[str] = []
    values = [argument.value for argument in node.arguments or ()]
    while values:
        match values.pop():
            case VariableNode(name=name):
                found.append(name.value)
            case ListValueNode(values=inner):
                values += inner
            case ObjectValueNode(fields=inner):
                values += [each.value for each in inner]
    return tuple(sorted(set(found)))
