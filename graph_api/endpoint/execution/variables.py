"""Values of variables: usual ones are taken as they are, all others graphql-core coerces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    DocumentNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    Undefined,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

from graph_api.endpoint.execution.beside import Beside

Fits: TypeAlias = Callable[[Any], bool]
"""Whether a value, which is not null, stands for itself."""


def _whole(value: Any) -> bool:
    return type(value) is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT


_FITS: Final[dict[GraphQLInputType, Fits]] = {
    GraphQLString: lambda value: type(value) is str,
    GraphQLID: lambda value: type(value) is str,
    GraphQLBoolean: lambda value: type(value) is bool,
    GraphQLInt: _whole,
}
_ENTRIES: Final[dict[GraphQLInputType, type]] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}
"""The class of usual entries of a list."""


_kept: Final[Beside[Variables]] = Beside()


class _Expected(NamedTuple):
    """A variable of an operation."""

    signature: GraphQLVariableSignature
    may_be_left_out: bool
    may_be_null: bool
    fits: Fits

    @classmethod
    def of(cls, signature: GraphQLVariableSignature) -> _Expected | None:
        kind = signature.type
        required = isinstance(kind, GraphQLNonNull)
        fits = _fits(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)
        return fits and cls(signature, not required and signature.default is None, not required, fits)


def _fits(kind: GraphQLInputType) -> Fits | None:
    if not isinstance(kind, GraphQLList):
        return _FITS.get(kind)
    entry = _ENTRIES.get(kind.of_type.of_type if isinstance(kind.of_type, GraphQLNonNull) else kind.of_type)
    return entry and (lambda value: type(value) is list and {*map(type, value)} <= {entry})


class Variables:
    """The variables of an operation: what is the same for every request is worked out once.

    `document` is that of the operation, with an operation that has none.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self.schema = schema
        self.operation = operation
        bare = OperationDefinitionNode(
            operation=operation.operation,
            name=operation.name,
            directives=operation.directives,
            selection_set=operation.selection_set,
            loc=operation.loc,
        )
        definitions = [bare if each is operation else each for each in document.definitions]
        self.document = DocumentNode(definitions=tuple(definitions), loc=document.loc)
        found: list[_Expected | None] = []
        for node in operation.variable_definitions or ():
            signature = get_variable_signature(schema, node)
            found.append(None if isinstance(signature, GraphQLError) else _Expected.of(signature))
        self._expected = [each for each in found if each is not None]
        self._usual = len(self._expected) == len(found)

    def values(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The values as graphql-core makes them of these; None where it has to look at any itself."""
        if not self._usual:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, may_be_left_out, may_be_null, fits in self._expected:
            name = signature.name
            value = given.get(name, Undefined)
            if value is Undefined:
                if not may_be_left_out:
                    return None
                sources[name] = VariableValueSource(signature)
                continue
            if not (may_be_null if value is None else fits(value)):
                return None
            sources[name] = VariableValueSource(signature, value)
            coerced[name] = [*value] if type(value) is list else value
        return VariableValues(sources, coerced)


def variables_of(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Variables | None:
    """Those of the operation that is executed; None for a document without it, or with others beside it."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1:
        return None
    [operation] = operations
    if name is not None and (operation.name is None or operation.name.value != name):
        return None
    found = _kept.get(document)
    if found is None or found.schema is not schema:
        found = Variables(schema, document, operation)
        _kept.keep(document, found)
    return found
