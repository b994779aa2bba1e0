"""Operations whose answers are streamed, by WebSocket or as server-sent events: what both have in common."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias, cast

import orjson
from graphql import GraphQLError
from starlette.requests import HTTPConnection
from strawberry import Schema
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph_api.endpoint.events import EventExecutor, Events, Source, Starts
from graph_api.endpoint.observation import Observer
from graph_api.endpoint.presentation import present
from graph_api.endpoint.request import GraphQLRequest, Refused
from graph_api.endpoint.revision import Revisions, least_revision, reached, stamped
from graph_api.endpoint.tokens import Identity

MakeContext: TypeAlias = Callable[[HTTPConnection, Identity | None], object]

_READS: Final = (OperationType.QUERY, OperationType.SUBSCRIPTION)
_ALL: Final = (*_READS, OperationType.MUTATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What streams may take of a process.

    init_seconds      how long a new socket may take to say who it is
    send_seconds      how long a reader may leave a message unread
    keepalive_seconds how often a stream without events shows that it is alive
    operations        how many operations a socket may have under way
    streams           how many operations all sockets and event streams may have under way
    events_at_once    how many events are executed at the same time
    """

    init_seconds: float = 3.0
    send_seconds: float = 10.0
    keepalive_seconds: float = 12.0
    operations: int = 100
    streams: int = 5000
    events_at_once: int = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers to an operation. `refused` says that nothing was executed: errors are all of it."""

    body: dict[str, Any]
    refused: bool = False

    @classmethod
    def refusal(cls, message: str, *, code: str) -> Answer:
        """The answer that says why there is none."""
        return cls({"errors": [{"message": message, "extensions": {"code": code}}]}, refused=True)


class Streams:
    """The streamed operations of a process, of all its connections together.

    `context` makes what the resolvers see: once for the operation and once more for each of its events. With
    `revisions` clients may say which one they have seen.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        context: MakeContext,
        limits: Limits | None = None,
        observer: Observer | None = None,
        revisions: Callable[[HTTPConnection], Revisions] | None = None,
    ) -> None:
        if not issubclass(schema.execution_context_class, EventExecutor) or Starts not in schema.extensions:
            raise TypeError("The schema must be executed by an EventExecutor, and have the extension Starts.")
        self.limits = limits or Limits()
        self._observer = observer or Observer()
        self._schema = schema
        self._context = context
        self._revisions = revisions
        self._running = 0
        self._events: Events | None = None

    def refusal(self, message: str, *, code: str) -> Answer:
        """The answer to an operation that is not begun."""
        self._observer.metrics.refused([code])
        return Answer.refusal(message, code=code)

    async def answers(
        self, asked: GraphQLRequest, connection: HTTPConnection, identity: Identity | None
    ) -> AsyncGenerator[Answer, None]:
        """The answers to an operation. To close it is to cancel what it does."""
        if self._running >= self.limits.streams:
            full = "This server has no room for another stream."
            yield self.refusal(full, code="TOO_MANY_OPERATIONS")
            return
        if self._events is None or not self._running:
            self._events = Events(self.limits.events_at_once)  # nobody waits, perhaps in another event loop
        self._running += 1
        activity = self._observer.stream(asked.query, connection, identity)
        try:
            if self._revisions is not None and (least := least_revision(None, asked.extensions)):
                await reached(self._revisions(connection), least)
            source = Source(partial(self._context, connection, identity), self._events, _key(asked), identity)
            async with aclosing(self._results(asked, source)) as results:
                async for result in results:
                    answer = _answer(asked, result, source.made_from.revision)
                    activity.answered(answer.body, executed=not answer.refused)
                    yield answer
                    activity.enter()  # each event may be asked for by another task
        except Refused as refused:
            yield self.refusal(str(refused), code=refused.code)
        finally:
            self._running -= 1
            self._observer.ended(activity)

    async def _results(self, asked: GraphQLRequest, source: Source) -> AsyncGenerator[ExecutionResult, None]:
        context = source.context()
        results = await self._schema.stream(
            asked.query,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            context_value=context,
            root_value=source,
            allowed_operation_types=_READS if asked.reads_only else _ALL,
            operation_extensions=asked.extensions,
        )
        failed: GraphQLError | None = None
        try:
            async with aclosing(results):
                async for result in results:
                    source.made_from.take(context)
                    yield cast("ExecutionResult", result)  # nothing of ours is delivered in increments
        except GraphQLError as error:
            failed = error
        except Exception as error:  # noqa: BLE001 - what an extension raises; it is presented as any other
            failed = GraphQLError(str(error), original_error=error)
        if failed is not None:
            yield PreExecutionError(data=None, errors=[failed])


def executed(result: ExecutionResult) -> bool:
    """Whether execution began: what fails before that has no data and no error with a path."""
    if isinstance(result, PreExecutionError):
        return False
    return result.data is not None or any(error.path is not None for error in result.errors or ())


def body(result: ExecutionResult) -> dict[str, Any]:
    """A result as JSON values."""
    shown: dict[str, Any] = {}
    if result.errors:
        # The source of a subscription fails with a path, which nothing has that is only prepared.
        prepared = not isinstance(result, PreExecutionError) or any(error.path for error in result.errors)
        shown["errors"] = present(result.errors, executed=prepared)
    if executed(result):
        shown["data"] = result.data
    if result.extensions:
        shown["extensions"] = result.extensions
    return shown


def no_operation(asked: GraphQLRequest) -> GraphQLError:
    """The error of a document without the operation that is asked for."""
    name = f' named "{asked.operation_name}"' if asked.operation_name else ""
    return GraphQLError(f"The document has no operation{name}.")


def _answer(asked: GraphQLRequest, result: ExecutionResult, revision: int | None) -> Answer:
    causes = [error.original_error for error in result.errors or ()]
    if any(isinstance(cause, InvalidOperationTypeError) for cause in causes):
        return Answer.refusal("A mutation needs POST.", code="METHOD_NOT_ALLOWED")
    if any(isinstance(cause, CannotGetOperationTypeError | MissingQueryError) for cause in causes):
        result = PreExecutionError(data=None, errors=[no_operation(asked)])
    return Answer(stamped(body(result), revision), refused=not executed(result))


def _key(asked: GraphQLRequest) -> tuple[object, ...]:
    return asked.query, asked.operation_name, orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
