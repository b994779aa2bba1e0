"""The schema: the root types, put together once."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry
from strawberry.extensions import SchemaExtension

from graph_api.api.query import Query
from graph_api.api.roadmap import Roadmap, Section
from graph_api.api.topic import Topic


def build_schema(extensions: Sequence[type[SchemaExtension]] = ()) -> strawberry.Schema:
    """The executable schema with these extensions of its execution."""
    return strawberry.Schema(query=Query, types=[Roadmap, Section, Topic], extensions=list(extensions))
