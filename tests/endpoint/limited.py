"""A schema of lists, pages and weights, served within limits."""

from __future__ import annotations

from enum import Enum
from typing import Final

import httpx
import strawberry
from graphql import (
    SelectionSetNode,
)
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry import Schema

from graph_api.api.connection import Connection, Edge, First, Last
from graph_api.api.cost import Cost, ListSize
from graph_api.endpoint.http import GraphQLEndpoint
from graph_api.endpoint.limits import DocumentLimits
from graph_api.endpoint.pipeline import Pipeline
from graph_api.endpoint.tokens import Verifier
from graph_api.store.page import Entry, Slice
from tests.endpoint.conftest import over

Selections = SelectionSetNode


@strawberry.enum
class Colour(Enum):
    SCARLET = "scarlet"


@strawberry.input
class Filter:
    colour: Colour | None = None


@strawberry.type
class Tag:
    name: str = "tag"


@strawberry.type
class Item:
    @strawberry.field
    def name(self) -> str:
        return "item"

    @strawberry.field
    def item(self) -> Item:
        return Item()

    @strawberry.field(directives=[Cost(weight=50)])  # type: ignore[untyped-decorator]  # as in api/
    def heavy(self) -> Item:
        return Item()

    @strawberry.field(directives=[Cost(weight=7)])  # type: ignore[untyped-decorator]  # as in api/
    def sum(self, of: list[int], only: Filter | None = None, colour: Colour | None = None) -> int:
        return 0 if only or colour else sum(of)

    @strawberry.field(directives=[ListSize(assumed=3)])  # type: ignore[untyped-decorator]  # as in api/
    def tags(self) -> list[Tag]:
        return [Tag(), Tag()]

    @strawberry.field(directives=[ListSize(by="ids")])  # type: ignore[untyped-decorator]  # as in api/
    def each(self, ids: list[int]) -> list[Item]:
        return [Item() for _ in ids]

    @strawberry.field
    def best(self, first: int = 4) -> list[Item]:
        return [Item() for _ in range(min(first, 2))]

    @strawberry.field
    def items(self, first: First = None, last: Last = None) -> ItemConnection:
        entries = tuple(Entry(Item(), (number,)) for number in range(first or last or 20))
        part = Slice(entries, has_previous=False, has_next=False)
        return ItemConnection.of(part, ItemEdge, int)


@strawberry.type
class ItemEdge(Edge[Item]):
    @classmethod
    def node_of(cls, value: Item) -> Item:
        return value


@strawberry.type
class ItemConnection(Connection[Item, ItemEdge]):
    pass


@strawberry.type
class Query(Item):
    pass


SCHEMA: Final = Schema(query=Query)
CORE: Final = SCHEMA._schema
TYPES: Final = len(CORE.type_map)


def served(limits: DocumentLimits, *, introspection: bool = True) -> httpx.AsyncClient:
    pipeline = Pipeline(SCHEMA, limits=limits, introspection=introspection)
    endpoint = GraphQLEndpoint(pipeline, context=lambda *_: None, identify=Verifier(None).identify)
    return over(Starlette(routes=[Route("/graphql", endpoint)]))
