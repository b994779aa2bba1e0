"""The way of every operation, whatever brought it: its document, its price, its execution."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType, subscribe
from strawberry import Schema
from strawberry.execution.is_awaitable import optimized_is_awaitable

from graph_api.endpoint.documents import Documents, Priced
from graph_api.endpoint.events import EventExecutor, Source
from graph_api.endpoint.limits import DocumentLimits
from graph_api.endpoint.measures import Document
from graph_api.endpoint.rates import Rates, is_charged
from graph_api.endpoint.request import GraphQLRequest
from graph_api.endpoint.result import NotExecuted
from graph_api.endpoint.trusted import TrustedDocuments
from graph_api.telemetry.activity import costs, operation_known

Kinds: TypeAlias = Collection[OperationType]

_SUBSCRIPTION: Final = OperationType.SUBSCRIPTION
_ANY: Final = TrustedDocuments()


class NotAllowed(Exception):
    """An operation of a kind that does not come this way."""

    def __init__(self, kind: OperationType) -> None:
        super().__init__(f"This way is not for a {kind.value}.")
        self.kind = kind


class Rejected(Exception):
    """An operation that is not executed, and the errors that say why."""

    def __init__(self, errors: list[GraphQLError], shown: dict[str, Any]) -> None:
        super().__init__(*errors)
        self.result = NotExecuted(errors=errors, extensions=shown)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that is valid, within the limits and paid for."""

    asked: GraphQLRequest
    document: Document
    node: OperationDefinitionNode
    priced: Priced

    @property
    def lasts(self) -> bool:
        """Whether it is a subscription."""
        return self.node.operation is _SUBSCRIPTION

    def told(self, result: ExecutionResult) -> ExecutionResult:
        """A result with what the request's `extensions` ask for."""
        shown = _cost(self.asked, self.priced)
        if shown and not self.lasts:
            shown["cost"]["actual"] = self.priced.plan.actual(result.data)
        return ExecutionResult(result.data, result.errors, shown)  # others may be told the same result

    def failed(self, error: Exception) -> ExecutionResult:
        """The result where something failed before there was any."""
        return NotExecuted(errors=[_as_graphql(error)], extensions=_cost(self.asked, self.priced))


class Pipeline:
    """Executes the operations that are asked of a schema.

    Each goes the same steps: its document is found or parsed, and validated; it is priced, and charged where
    there are `rates`; then it is executed. What one of these refuses goes no further.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        limits: DocumentLimits | None = None,
        introspection: bool = True,
        trusted: TrustedDocuments = _ANY,
        rates: Rates | None = None,
        executor: type[EventExecutor] = EventExecutor,
    ) -> None:
        self._schema = schema._schema  # noqa: SLF001 - Strawberry has no public way to its core schema
        self._documents = Documents(self._schema, limits, introspection=introspection)
        self._trusted = trusted
        self._rates = rates
        self._executor = executor

    async def execute(self, asked: GraphQLRequest, context: object, kinds: Kinds) -> ExecutionResult:
        """What a query or a mutation comes to. Raises NotAllowed."""
        try:
            operation = await self.begin(asked, context, kinds)
        except Rejected as rejected:
            return rejected.result
        return await self.run(operation, context)

    async def begin(self, asked: GraphQLRequest, context: object, kinds: Kinds) -> Operation:
        """The operation that is asked, charged to its context. Raises Rejected, and NotAllowed."""
        priced = None
        try:
            document, node = await self._valid(asked, kinds)
            priced = self._documents.price(document, asked.operation_name, asked.variables)
            costs(priced.requested)
            self._documents.check(priced)
            if self._rates is not None and is_charged(context):
                context.spending = await self._rates.take(context.caller, priced.requested)
        except (Rejected, NotAllowed):
            raise
        except Exception as error:
            raise Rejected([_as_graphql(error)], _cost(asked, priced)) from error
        return Operation(asked, document, node, priced)

    async def _valid(self, asked: GraphQLRequest, kinds: Kinds) -> tuple[Document, OperationDefinitionNode]:
        self._trusted.check(asked.query)
        document = await self._documents.find(asked.query)
        node = document.operation(asked.operation_name)
        if node.operation not in kinds:
            raise NotAllowed(node.operation)
        operation_known(None if node.name is None else node.name.value, node.operation.value)
        if faults := self._documents.faults(document):
            raise Rejected(faults, {})
        return document, node

    async def run(self, operation: Operation, context: object, root: Source | None = None) -> ExecutionResult:
        """What an operation comes to that is no subscription."""
        asked = operation.asked
        try:
            executor = self._executor.build(
                self._schema,
                operation.document.node,
                root,
                context,
                asked.variables,
                asked.operation_name,
                is_awaitable=optimized_is_awaitable,
                hide_suggestions=not self._documents.suggests,
            )
            if isinstance(executor, list):
                return operation.told(ExecutionResult(errors=executor))
            result = executor.execute_operation()
            return operation.told(await result if isinstance(result, Awaitable) else result)
        except Exception as error:  # noqa: BLE001 - as above
            return operation.failed(error)

    async def subscribe(
        self, operation: Operation, context: object, source: Source
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The results of a subscription, one for each event. It takes its turn to begin."""
        failure: Exception | None = None
        try:
            async with source.events.starts:
                begun = self._subscribed(operation, context, source)
                results: Any = await begun if isinstance(begun, Awaitable) else begun
            if isinstance(results, ExecutionResult):
                yield NotExecuted(errors=results.errors, extensions=_cost(operation.asked, operation.priced))
                return
            async with aclosing(results):
                async for result in results:
                    yield operation.told(result)
        except Exception as error:  # noqa: BLE001 - as above
            failure = error
        if failure is not None:
            yield operation.told(ExecutionResult(errors=[_as_graphql(failure)]))

    def _subscribed(self, operation: Operation, context: object, source: Source) -> Any:
        return subscribe(
            self._schema,
            operation.document.node,
            source,
            context,
            operation.asked.variables,
            operation.asked.operation_name,
            executor_class=self._executor,
            hide_suggestions=not self._documents.suggests,
        )


def _cost(asked: GraphQLRequest, priced: Priced | None) -> dict[str, Any]:
    """What an operation costs, if the request's `extensions` ask for it: `{"cost": true}`."""
    if priced is None or (asked.extensions or {}).get("cost") is not True:
        return {}
    return {"cost": {"requested": priced.requested, "limit": priced.limit}}


def _as_graphql(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
