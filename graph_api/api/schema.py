"""The schema: the root types, put together once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from graphql import Executor, GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext

from graph_api.api.mutations import Mutation
from graph_api.api.query import Query
from graph_api.api.roadmap import Roadmap, Section
from graph_api.api.subscription import Subscription
from graph_api.api.topic import Topic


class Schema(strawberry.Schema):
    """A schema that leaves its errors to whoever presents them."""

    runner: type[SchemaExtensionsRunner] = SchemaExtensionsRunner
    """What runs the extensions of an operation."""

    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> SchemaExtensionsRunner:
        """That of one operation."""
        return self.runner(execution_context, extensions)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: a client's mistake is no event, and what is masked is logged with its id."""


def build_schema(
    extensions: Sequence[type[SchemaExtension] | Callable[[], SchemaExtension]] = (),
    *,
    executor: type[Executor[Any]] | None = None,
    runner: type[SchemaExtensionsRunner] = SchemaExtensionsRunner,
) -> strawberry.Schema:
    """The executable schema with these extensions of its execution, by an executor if it needs its own."""
    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Roadmap, Section, Topic],
        extensions=list(extensions),
        execution_context_class=executor,
    )
    schema.runner = runner
    return schema
