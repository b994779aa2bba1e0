"""Operations of a schema by chance: aliases, fragments, merged fields, @skip and @include, all valid."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_composite_type,
)

SWITCHES: Final = ("on", "off", "other")
"""Variables of every operation, which switch fields on and off."""

Value: TypeAlias = Callable[[Random, str, GraphQLArgument], str]
"""A literal for an argument of this name."""

Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


class Chooser:
    """Writes operations; the same `chance` writes the same ones. `value` writes what arguments get."""

    def __init__(self, schema: GraphQLSchema, chance: Random, value: Value, *, most: int = 5) -> None:
        self._schema = schema
        self._chance = chance
        self._value = value
        self._most = most
        self._fragments: list[str] = []
        self._aliases = 0

    def operation(self, kind: str, root: GraphQLObjectType, depth: int) -> str:
        """A document with one operation and its fragments."""
        self._fragments, self._aliases = [], 0
        selected = self._selection(root, depth)
        declared = ", ".join(f"${name}: Boolean! = {str(name == 'on').lower()}" for name in SWITCHES)
        used = " ".join(f"{name}: __typename @include(if: ${name})" for name in SWITCHES)
        return "\n".join([f"{kind} ({declared}) {{ {used} ... {selected} }}", *self._fragments])

    def variables(self) -> dict[str, bool]:
        """Values for some of the variables."""
        return {name: self._chance.random() < 0.5 for name in SWITCHES if self._chance.random() < 0.5}

    def _selection(self, kind: Composite, depth: int) -> str:
        parts = [self._part(kind, depth) for _ in range(self._chance.randint(1, self._most))]
        return f"{{ {' '.join(parts)} }}"

    def _part(self, kind: Composite, depth: int) -> str:
        roll = self._chance.random()
        if isinstance(kind, GraphQLUnionType):
            return self._narrowed(kind, depth) if roll < 0.8 else "__typename"
        if isinstance(kind, GraphQLInterfaceType) and roll < 0.5:
            return self._narrowed(kind, depth)
        if roll < 0.08:
            return f"{self._alias()}: __typename{self._switch()}"
        if roll < 0.16:
            return f"...{self._switch()} {self._selection(kind, depth)}"
        if roll < 0.24:
            return self._spread(kind, depth)
        name, field = self._chance.choice([*kind.fields.items()])
        return self._field(name, field, depth)

    def _narrowed(self, kind: GraphQLInterfaceType | GraphQLUnionType, depth: int) -> str:
        chosen = self._chance.choice([*self._schema.get_possible_types(kind)])
        if self._chance.random() < 0.3:
            return self._spread(chosen, depth)
        return f"... on {chosen.name}{self._switch()} {self._selection(chosen, depth)}"

    def _spread(self, kind: Composite, depth: int) -> str:
        name = f"f{len(self._fragments)}"
        self._fragments.append("")  # takes its name before those inside of it
        place = len(self._fragments) - 1
        self._fragments[place] = f"fragment {name} on {kind.name} {self._selection(kind, depth)}"
        return f"...{name}{self._switch()}"

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        inner = get_named_type(field.type)
        if not is_composite_type(inner):
            return self._called(name, field) + self._switch()
        if depth <= 0:
            return f"{self._called(name, field)} {{ __typename }}"
        called = self._called(name, field)
        text = f"{called}{self._switch()} {self._selection(inner, depth - 1)}"
        if self._chance.random() < 0.15:
            text += f" {called} {self._selection(inner, depth - 1)}"
        return text

    def _called(self, name: str, field: GraphQLField) -> str:
        """A field by a name of its own if it takes arguments, so that no two are the same and differ."""
        given = []
        for argument, said in field.args.items():
            required = isinstance(said.type, GraphQLNonNull) and said.default_value is Undefined
            if required or self._chance.random() < 0.4:
                given.append(f"{argument}: {self._value(self._chance, argument, said)}")
        if given:
            return f"{self._alias()}: {name}({', '.join(given)})"
        return f"{self._alias()}: {name}" if self._chance.random() < 0.2 else name

    def _alias(self) -> str:
        self._aliases += 1
        return f"x{self._aliases}"

    def _switch(self) -> str:
        roll, name = self._chance.random(), self._chance.choice(SWITCHES)
        if roll < 0.06:
            return f" @include(if: ${name})"
        if roll < 0.12:
            return f" @skip(if: ${name})"
        return " @skip(if: false) @include(if: true)" if roll < 0.14 else ""
