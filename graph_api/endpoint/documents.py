"""Parsed, measured and validated documents, kept for the next request that sends the same text."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph_api.endpoint.cost import Plan
from graph_api.endpoint.limits import DocumentLimits, LimitExceeded, list_entries
from graph_api.endpoint.measures import Document
from graph_api.endpoint.plans import plan
from graph_api.telemetry.activity import document_found

KEPT: Final = 512
MAX_ERRORS: Final = 2
"""After so many faults, validation looks for no others: each may repeat a large part of the document."""

_RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
"""Those of the specification, and Strawberry's."""


@dataclass(frozen=True, slots=True)
class Priced:
    """What an operation costs, known before it is executed: `requested` at the most, of `limit`."""

    requested: int
    limit: int
    plan: Plan


class Documents:
    """The documents that are asked of a schema: each is parsed, measured and validated once, within limits.

    Without `introspection` no client can read the schema, nor guess at it by what an error suggests.
    """

    def __init__(
        self, schema: GraphQLSchema, limits: DocumentLimits | None = None, *, introspection: bool = True
    ) -> None:
        self._schema = schema
        self._limits = limits or DocumentLimits()
        self._rules = _RULES if introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        self.suggests = introspection

    async def find(self, text: str) -> Document:
        """The document of a text. Raises GraphQLError, and LimitExceeded."""
        hits = _document.cache_info().hits
        document = _document(text, self._limits)
        known = _document.cache_info().hits > hits
        document_found(hit=known)
        if not known:
            await asyncio.sleep(0)  # others come first: to validate a new document takes even longer
        return document

    def faults(self, document: Document) -> list[GraphQLError]:
        """What is wrong with a document, at most MAX_ERRORS of it."""
        return _validated(self._schema, document, self._rules, self.suggests)

    def price(self, document: Document, name: str | None, variables: Mapping[str, Any] | None) -> Priced:
        """What the operation of this name, or the only one, costs. Raises LimitExceeded for long lists."""
        list_entries(variables, self._limits, besides=document.measures.list_entries)
        made = _plan(self._schema, document, name)
        return Priced(made.price(variables), self._limits.cost, made)

    def check(self, priced: Priced) -> None:
        """Raises LimitExceeded for what costs more than it may."""
        self._limits.check("cost", priced.requested)


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
        rules,
        max_errors=MAX_ERRORS,
        hide_suggestions=not suggest,
    )


@lru_cache(maxsize=KEPT)
def _plan(schema: GraphQLSchema, document: Document, name: str | None) -> Plan:
    return plan(schema, document, document.operation(name))
