"""Literals for the arguments of our API by chance: mostly such as find something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
)

ODD: Final = 0.05
"""How often a literal is one that finds nothing, or is none."""


@dataclass(frozen=True)
class Literals:
    """Writes literals. The ids and slugs are those that there are."""

    ids: Sequence[str]
    topics: Sequence[str]
    roadmaps: Sequence[str]

    def __call__(self, chance: Random, name: str, argument: GraphQLArgument) -> str:
        """A literal for an argument of this name."""
        return self._of(chance, name, argument.type)

    def _of(self, chance: Random, name: str, kind: GraphQLInputType, depth: int = 3) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self._of(chance, name, kind.of_type, depth)
        if isinstance(kind, GraphQLList):
            entries = [self._of(chance, name, kind.of_type, depth - 1) for _ in range(chance.randrange(3))]
            return f"[{', '.join(entries)}]"
        if isinstance(kind, GraphQLEnumType):
            names: list[str] = [*kind.values]
            return chance.choice(names)
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(chance, kind, depth)
        return json.dumps(self._scalar(chance, name, kind.name))

    def _object(self, chance: Random, kind: GraphQLInputObjectType, depth: int) -> str:
        given = []
        for name, each in kind.fields.items():
            required = isinstance(each.type, GraphQLNonNull) and each.default_value is Undefined
            if required or (depth > 0 and chance.random() < 0.4):
                given.append(f"{name}: {self._of(chance, name, each.type, depth - 1)}")
        return f"{{{', '.join(given)}}}"

    def _scalar(self, chance: Random, name: str, kind: str) -> Any:
        known: dict[str, Any] = {
            "Int": chance.randint(1, 4),
            "Float": chance.choice([0.5, 8, 20]),
            "Boolean": chance.random() < 0.5,
            "ID": chance.choice(self.ids),
            "Date": "2026-01-05",
        }
        if kind in known:
            return known[kind] if chance.random() > ODD else {"Int": -1, "Float": -2.0}.get(kind, known[kind])
        return self._text(chance, name)

    def _text(self, chance: Random, name: str) -> str:
        if chance.random() < ODD:
            return chance.choice(["nobody", "", "A B"])
        slugs = self.roadmaps if "roadmap" in name.lower() else self.topics
        texts = {
            "slug": chance.choice([*self.topics, *self.roadmaps, *self.roadmaps]),
            "text": chance.choice(["python", "cachng", "api"]),
            "title": "A Title",
            "summary": "What it is about.",
            "url": "https://example.org/",
        }
        return texts.get(name) or chance.choice(slugs)
