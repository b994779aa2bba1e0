"""Parsed, measured and validated documents, kept for the next request that sends the same text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    get_variable_values,
    parse,
    validate,
)
from strawberry.extensions import DisableIntrospection, SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from graph_api.endpoint.cost import Plan
from graph_api.endpoint.limits import DocumentLimits, LimitExceeded, list_entries
from graph_api.endpoint.measures import Document
from graph_api.endpoint.plans import plan
from graph_api.errors import BadInput
from graph_api.telemetry.activity import document_found

KEPT: Final = 512
MAX_ERRORS: Final = 2
"""After so many faults, validation looks for no others: each may repeat a large part of the document."""

_COST: Final = "roadmap_graph_cost"
_RULES: Final = (MaybeNullValidationRule, OneOfInputValidationRule)
"""Strawberry's own, which it adds to those of the execution context."""

Extension: TypeAlias = "type[SchemaExtension] | Callable[[], SchemaExtension]"


def extensions(*, introspection: bool, limits: DocumentLimits | None = None) -> tuple[Extension, ...]:
    """The extensions that every schema of ours runs with.

    Without `introspection` no client can read the schema, nor guess at it by what an error suggests.
    """
    documents = partial(Documents, limits or DocumentLimits(), suggest=introspection)
    return (documents,) if introspection else (DisableIntrospection, documents)


@dataclass(frozen=True, slots=True)
class Priced:
    """What an operation costs, known before it is executed: `requested` at the most, of `limit`."""

    requested: int
    limit: int
    plan: Plan


def cost_of(context: ExecutionContext) -> Priced | None:
    """What the operation under way costs; None before it is validated."""
    found: Priced | None = getattr(context, _COST, None)
    return found


class Documents(SchemaExtension):
    """Looks a document up before it is parsed, measured and validated, and prices its operation.

    It refuses what is past a limit, and a document with several operations of which the request names none.
    """

    def __init__(self, limits: DocumentLimits, *, suggest: bool = True) -> None:
        self._limits = limits
        self._suggest = suggest
        self._document: Document | None = None

    async def on_parse(self) -> AsyncIterator[None]:
        """Take the document from the cache, or parse it into it."""
        context = self.execution_context
        named = context.operation_name  # once there is a document, its first operation's name stands in
        hits = _document.cache_info().hits
        self._document = _document(context.query or "", self._limits)
        known = _document.cache_info().hits > hits
        document_found(hit=known)
        if not known:
            await asyncio.sleep(0)  # others come first: to validate a new document takes even longer
        context.graphql_document = self._document.node
        if len(self._document.operations) > 1 and named is None:
            raise GraphQLError("The document has several operations; name one in operationName.")
        yield

    def on_validate(self) -> Iterator[None]:
        """Take the verdict from the cache, or validate; then look at what depends on the variables."""
        context = self.execution_context
        assert self._document is not None  # noqa: S101 - on_parse has set it
        schema = context.schema._schema  # noqa: SLF001 - Strawberry has no public way to its core schema
        rules = tuple(context.validation_rules)
        errors = _validated(schema, self._document, rules, self._suggest)
        context.pre_execution_errors = errors or self._look_at_variables(schema, self._document)
        yield

    def get_results(self) -> dict[str, Any]:
        """The cost, if the request's `extensions` ask for it: `{"cost": true}`."""
        context = self.execution_context
        asked = (context.operation_extensions or {}).get("cost") is True
        priced = cost_of(context)
        if not asked or priced is None:
            return {}
        shown = {"requested": priced.requested, "limit": priced.limit}
        if context.result is not None and context.operation_type is not OperationType.SUBSCRIPTION:
            shown["actual"] = priced.plan.actual(context.result.data)
        return {"cost": shown}

    def _look_at_variables(self, schema: GraphQLSchema, document: Document) -> list[GraphQLError]:
        context, limits = self.execution_context, self._limits
        [operation] = _named(document, context.operation_name)
        try:
            list_entries(context.variables, limits, besides=document.measures.list_entries)
            made = _plan(schema, document, context.operation_name)
            priced = Priced(made.price(context.variables), limits.cost, made)
            setattr(context, _COST, priced)
            limits.check("cost", priced.requested)
        except LimitExceeded as error:
            return [GraphQLError(str(error), original_error=error)]
        return [] if self._suggest else self._faults(schema, operation)

    def _faults(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> list[GraphQLError]:
        """What is wrong with the variables, said without names of the schema that fit better."""
        definitions = operation.variable_definitions or ()
        given = self.execution_context.variables or {}
        found = get_variable_values(schema, definitions, given, hide_suggestions=True)
        errors = found if isinstance(found, list) else []
        return [
            GraphQLError(error.message, error.nodes, original_error=BadInput(error.message))
            for error in errors
        ]


def _named(document: Document, name: str | None) -> list[OperationDefinitionNode]:
    """The operation of this name; without a name, the only one."""
    return [each for each in document.operations if name is None or (each.name and each.name.value == name)][
        :1
    ]


@lru_cache(maxsize=KEPT)
def _document(query: str, limits: DocumentLimits) -> Document:
    limits.check("source_length", len(query))
    try:
        node = parse(query, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLSyntaxError as error:
        raise _aborted(error, limits) from None
    _unlink(node)
    document = Document.of(node)
    limits.check_measures(document.measures)
    limits.check("repeats", document.repeats)  # now that it has only so many fields
    return document


def _unlink(node: DocumentNode) -> None:
    """Let go of the order of its tokens: a circle, which would stay in memory when the document goes.

    Nodes keep the tokens at their ends, with their places.
    """
    token = None if node.loc is None else node.loc.start_token
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following


def _aborted(error: GraphQLSyntaxError, limits: DocumentLimits) -> Exception:
    """The error that fits a document which cannot be parsed: it may only be too long or too deep for that."""
    if "nested too deeply" in error.message:
        return LimitExceeded("depth", allowed=limits.depth)
    if error.message.endswith("Parsing aborted."):
        return LimitExceeded("tokens", allowed=limits.tokens)
    return error


@lru_cache(maxsize=KEPT)
def _validated(
    schema: GraphQLSchema,
    document: Document,
    rules: tuple[type[ASTValidationRule], ...],
    suggest: bool,
) -> list[GraphQLError]:
    return validate(
        schema,
        document.node,
        (*rules, *_RULES),
        max_errors=MAX_ERRORS,
        hide_suggestions=not suggest,
    )


@lru_cache(maxsize=KEPT)
def _plan(schema: GraphQLSchema, document: Document, name: str | None) -> Plan:
    return plan(schema, document, *_named(document, name))
