"""Walks a schema: for every field a query that reaches it, through a list of parents where there is one."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
)

Arguments: TypeAlias = Mapping[str, Any]
"""Values by the name of an argument, or by 'Type.field(argument)'."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one type to the next: a field, or with `field` None the narrowing to a possible type."""

    parent: str
    field: str | None
    target: str
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A field of an object type, and the shortest way to its parents. `many`: it leads through a list."""

    parent: str
    field: str
    way: tuple[Step, ...]
    many: bool

    @property
    def name(self) -> str:
        """How people say it."""
        return f"{self.parent}.{self.field}"


def _lists(field: GraphQLField) -> bool:
    kind = field.type
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)


def _steps(schema: GraphQLSchema, kind: GraphQLNamedType) -> Iterator[Step]:
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        yield from (Step(kind.name, None, each.name) for each in schema.get_possible_types(kind))
    if isinstance(kind, GraphQLObjectType):
        for name, field in kind.fields.items():
            target = get_named_type(field.type)
            if is_composite_type(target):
                yield Step(kind.name, name, target.name, _lists(field))


def _ways(schema: GraphQLSchema, closed: Container[str]) -> dict[tuple[str, bool], tuple[Step, ...]]:
    """The shortest way from the query root to each type, without a list and through at least one."""
    assert schema.query_type is not None
    start = (schema.query_type.name, False)
    ways: dict[tuple[str, bool], tuple[Step, ...]] = {start: ()}
    ahead = deque([start])
    while ahead:
        here = ahead.popleft()
        for step in _steps(schema, schema.type_map[here[0]]):
            there = (step.target, here[1] or step.is_list)
            if there not in ways and f"{step.parent}.{step.field}" not in closed:
                ways[there] = (*ways[here], step)
                ahead.append(there)
    return ways


def places(schema: GraphQLSchema, *, closed: Container[str] = ()) -> list[Place]:
    """Every field of every object type that a query can reach; no way leads on through `closed` fields."""
    ways = _ways(schema, closed)
    found = []
    for name, kind in sorted(schema.type_map.items()):
        if not isinstance(kind, GraphQLObjectType) or name.startswith("__"):
            continue
        many = (name, True) in ways
        way = ways.get((name, many))
        if way is not None:
            found += [Place(name, field, way, many) for field in kind.fields]
    return found


PARENT: Final = "parent"


def query(schema: GraphQLSchema, place: Place, arguments: Arguments) -> str:
    """A query for a field of all its parents, each of which also says `PARENT`."""
    field = _object(schema, place.parent).fields[place.field]
    inner = "{ __typename }" if is_composite_type(get_named_type(field.type)) else ""
    text = f"{PARENT}: __typename {_call(place.parent, place.field, field, arguments)} {inner}"
    for step in reversed(place.way):
        if step.field is None:
            text = f"... on {step.target} {{ {text} }}"
        else:
            called = _object(schema, step.parent).fields[step.field]
            text = f"{_call(step.parent, step.field, called, arguments)} {{ {text} }}"
    return f"{{ {text} }}"


def _object(schema: GraphQLSchema, name: str) -> GraphQLObjectType:
    kind = schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def _call(parent: str, name: str, field: GraphQLField, arguments: Arguments) -> str:
    given = []
    for argument, said in field.args.items():
        value = arguments.get(f"{parent}.{name}({argument})", arguments.get(argument))
        if value is not None:
            given.append(f"{argument}: {json.dumps(value)}")
        else:
            assert not (isinstance(said.type, GraphQLNonNull) and said.default_value is ...), argument
    return f"{name}({', '.join(given)})" if given else name


def parents(answer: object) -> int:
    """How many parents an answer holds."""
    if isinstance(answer, dict):
        return (PARENT in answer) + sum(map(parents, answer.values()))
    return sum(map(parents, answer)) if isinstance(answer, list) else 0
