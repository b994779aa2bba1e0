"""Parsed and validated documents, kept for the next request that sends the same text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
)
from strawberry.extensions import DisableIntrospection, SchemaExtension
from strawberry.schema.schema import validate_document

MAX_TOKENS: Final = 4000
KEPT: Final = 512


def extensions(*, introspection: bool) -> tuple[type[SchemaExtension], ...]:
    """The extensions that every schema of ours runs with; without `introspection` no client can read it."""
    return (Documents,) if introspection else (DisableIntrospection, Documents)


class Documents(SchemaExtension):
    """Looks a document up before it is parsed and validated.

    It also refuses a document with several operations when the request names none of them.
    """

    def on_parse(self) -> Iterator[None]:
        """Take the document from the cache, or parse it into it."""
        context = self.execution_context
        named = context.operation_name  # once there is a document, its first operation's name stands in
        context.graphql_document = _parsed(context.query or "")
        operations = [
            node for node in context.graphql_document.definitions if isinstance(node, OperationDefinitionNode)
        ]
        if len(operations) > 1 and named is None:
            raise GraphQLError("The document has several operations; name one in operationName.")
        yield

    def on_validate(self) -> Iterator[None]:
        """Take the verdict from the cache, or validate."""
        context = self.execution_context
        assert context.graphql_document is not None  # noqa: S101 - on_parse has set it
        context.pre_execution_errors = _validated(
            context.schema._schema,  # noqa: SLF001 - Strawberry has no public way to its core schema
            context.graphql_document,
            tuple(context.validation_rules),
        )
        yield


@lru_cache(maxsize=KEPT)
def _parsed(query: str) -> DocumentNode:
    return parse(query, max_tokens=MAX_TOKENS)


@lru_cache(maxsize=KEPT)
def _validated(
    schema: GraphQLSchema, document: DocumentNode, rules: tuple[type[ASTValidationRule], ...]
) -> list[GraphQLError]:
    return validate_document(schema, document, rules)
