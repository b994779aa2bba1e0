"""What introspection costs: it depends on nothing but the schema, so it is counted and not guessed.

It is counted without being executed. All things that a selected field gives (types, fields, arguments) are
taken together, each with the number of times that it is given: a type to which a thousand ways lead is
looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    StringValueNode,
    is_abstract_type,
)

from graph_api.endpoint.measures import MANY

ENOUGH: Final = 100_000
"""Nobody counts on past this cost; it is MANY then."""

_ROOTS: Final = {
    "queryType": "query_type",
    "mutationType": "mutation_type",
    "subscriptionType": "subscription_type",
}
_ONE: Final = {"type": "type", "ofType": "of_type"}
_SEVERAL: Final = {"fields": "fields", "args": "args", "enumValues": "values"}

Things: TypeAlias = "dict[int, int]"
"""How often each thing is given, by its number in the index."""


@dataclass(frozen=True, slots=True)
class Index:
    """The things of a schema by number (0 is the schema), and what fields of introspection give of each."""

    given: Mapping[str, Mapping[int, tuple[int, ...]]]
    types: Mapping[str, int]


def introspection_cost(
    schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], node: FieldNode
) -> int:
    """The cost of what is selected below __schema or __type: 1 for each object, and each of its fields.

    A __type whose name is a variable may be any: it is counted as all of them.
    """
    found = _index(schema)
    counter = _Counter(found, fragments)
    counter.count(_begin(found, node), node.selection_set)
    return counter.total if counter.total <= ENOUGH else MANY


def _begin(index: Index, node: FieldNode) -> Things:
    if node.name.value == "__schema":
        return {0: 1}
    [name] = [said.value for said in node.arguments or ()]
    if not isinstance(name, StringValueNode):
        return dict.fromkeys(index.types.values(), 1)
    return {index.types[name.value]: 1} if name.value in index.types else {}


class _Counter:
    def __init__(self, index: Index, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.total = 0
        self._given = index.given
        self._fragments = fragments

    def count(self, things: Things, selected: SelectionSetNode | None) -> None:
        """Add what is selected of these things."""
        times = sum(things.values())
        for node in self._fields(selected):
            self.total += times
            if node.selection_set and self.total <= ENOUGH:
                below = self._below(things, node.name.value)
                self.total += sum(below.values())
                self.count(below, node.selection_set)

    def _below(self, things: Things, field: str) -> Things:
        given = self._given.get(field, {})
        found: Things = {}
        for thing, times in things.items():
            for each in given.get(thing, ()):
                found[each] = found.get(each, 0) + times
        return found

    def _fields(self, selected: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fields(self._fragments[node.name.value].selection_set)
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set)


@lru_cache(maxsize=8)
def _index(schema: GraphQLSchema) -> Index:
    numbers, things = {id(schema): 0}, [schema]
    given: dict[str, dict[int, tuple[int, ...]]] = {}
    for number, thing in enumerate(things):  # which grow meanwhile
        for field, found in _all_given(schema, thing):
            for each in found:
                if numbers.setdefault(id(each), len(things)) == len(things):
                    things.append(each)
            given.setdefault(field, {})[number] = tuple(numbers[id(each)] for each in found)
    return Index(given, {name: numbers[id(each)] for name, each in schema.type_map.items()})


def _all_given(schema: GraphQLSchema, thing: Any) -> Iterator[tuple[str, list[Any]]]:
    """What each field of introspection gives of a thing of the schema, where it gives any object."""
    if thing is schema:
        yield "types", list(schema.type_map.values())
        yield "directives", list(schema.directives)
        yield from ((field, _present([getattr(schema, name)])) for field, name in _ROOTS.items())
        return
    yield from ((field, _present([getattr(thing, name, None)])) for field, name in _ONE.items())
    for field, name in _SEVERAL.items():
        several = getattr(thing, name, None)
        if isinstance(several, Mapping):
            inside = isinstance(thing, GraphQLInputObjectType)
            yield "inputFields" if inside else field, list(several.values())
    yield "interfaces", list(getattr(thing, "interfaces", ()))
    if is_abstract_type(thing):
        yield "possibleTypes", list(schema.get_possible_types(thing))


def _present(things: Iterable[Any]) -> list[Any]:
    return [each for each in things if each is not None]
