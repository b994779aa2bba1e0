"""Operations whose answers are streamed, by WebSocket or as server-sent events: what both have in common."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import orjson
from graphql import ExecutionResult, OperationType
from starlette.requests import HTTPConnection

from graph_api.endpoint.events import Events, Source
from graph_api.endpoint.observation import Observer
from graph_api.endpoint.pipeline import NotAllowed, Operation, Pipeline, Rejected
from graph_api.endpoint.request import GraphQLRequest, Refused
from graph_api.endpoint.result import body, executed
from graph_api.endpoint.revision import Revisions, least_revision, reached, stamped
from graph_api.endpoint.tokens import Identity
from graph_api.errors import OutOfTime

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
    def of(cls, result: ExecutionResult, revision: int | None) -> Answer:
        """The answer that tells a result."""
        return cls(stamped(body(result), revision), refused=not executed(result))

    @classmethod
    def refusal(cls, message: str, *, code: str) -> Answer:
        """The answer that says why there is none."""
        return cls({"errors": [{"message": message, "extensions": {"code": code}}]}, refused=True)


class Streams:
    """The streamed operations of a process, of all its connections together.

    `context` makes what the resolvers see: once for the operation and once more for each of its events.
    Queries and mutations are executed within a `deadline`; subscriptions may last. With `revisions` clients
    may say which one they have seen.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        context: MakeContext,
        deadline: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        limits: Limits | None = None,
        observer: Observer | None = None,
        revisions: Callable[[HTTPConnection], Revisions] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._observer = observer or Observer()
        self._pipeline = pipeline
        self._deadline = deadline
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
            async with aclosing(self._answers(asked, source)) as answers:
                async for answer in answers:
                    activity.answered(answer.body, executed=not answer.refused)
                    yield answer
                    activity.enter()  # each event may be asked for by another task
        except Refused as refused:
            yield self.refusal(str(refused), code=refused.code)
        finally:
            self._running -= 1
            self._observer.ended(activity)

    async def _answers(self, asked: GraphQLRequest, source: Source) -> AsyncGenerator[Answer, None]:
        context, refused = source.context(), None
        try:
            operation = await self._pipeline.begin(asked, context, _READS if asked.reads_only else _ALL)
        except NotAllowed:
            refused = Answer.refusal("A mutation needs POST.", code="METHOD_NOT_ALLOWED")
        except Rejected as rejected:
            refused = Answer.of(rejected.result, None)
        if refused is not None:
            yield refused
            return
        results = (self._pipeline.subscribe if operation.lasts else self._once)(operation, context, source)
        async with aclosing(results):
            async for result in results:
                source.made_from.take(context)
                yield Answer.of(result, source.made_from.revision)

    async def _once(
        self, operation: Operation, context: object, source: Source
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The result of a query or a mutation, in its turn and in time."""
        try:
            async with self._deadline(), source.events.starts:
                result = await self._pipeline.run(operation, context, source)
        except OutOfTime as error:
            result = operation.failed(error)
        yield result


def _key(asked: GraphQLRequest) -> tuple[object, ...]:
    return asked.query, asked.operation_name, orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
