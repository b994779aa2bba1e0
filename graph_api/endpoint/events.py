"""The execution of what is streamed: each event with a context of its own, and only so many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import ExecutionResult, GraphQLError, OperationType
from strawberry.utils.await_maybe import await_maybe

from graph_api.endpoint.execution import PlannedExecutor
from graph_api.endpoint.execution.parts import Making
from graph_api.endpoint.revision import at_once
from graph_api.errors import BadInput
from graph_api.telemetry.activity import parts_found

REMEMBERED_SECONDS: Final = 1.0
"""So long a shared answer is kept for subscribers who come to the same event a little later."""


@dataclass(slots=True)
class MadeFrom:
    """The revision that the last answer of an operation was made from; None while there is none."""

    revision: int | None = None
    told: bool = False

    def take(self, context: object) -> None:
        """Take it from the operation's context, unless an event has told it."""
        if not self.told:
            self.revision = getattr(context, "revision", None)


@dataclass(frozen=True, slots=True)
class Told:
    """The result of an event and its revision; `personal` tells whether it may depend on `asker`."""

    result: ExecutionResult
    revision: int | None
    personal: bool
    asker: Hashable


class Events:
    """The turns that all events of a process take, so that other requests come in between.

    Events that are the same for several subscribers are executed once. Operations take turns of their own
    to begin (`starts`): a thousand clients may come back together. It belongs to one event loop.
    """

    def __init__(self, at_once: int) -> None:
        self.starts = asyncio.Semaphore(at_once)
        self._turns = asyncio.Semaphore(at_once)
        self._shared: dict[Hashable, asyncio.Task[Told]] = {}

    async def execute(
        self, key: Hashable | None, asker: Hashable, work: Callable[[], Awaitable[Told]]
    ) -> Told:
        """What `work` tells, in its turn; with a key, that of the same work for another subscriber."""
        async with self._turns:
            await asyncio.sleep(0)
            if key is None:
                return await work()
            told = await self._once(key, work)
            if told.personal and told.asker != asker:
                told = await self._once((key, asker), work)
            return told

    async def _once(self, key: Hashable, work: Callable[[], Awaitable[Told]]) -> Told:
        # Shielded: whoever came first may leave while others wait for the same answer.
        return await asyncio.shield(self._shared.get(key) or self._begin(key, work))

    def _begin(self, key: Hashable, work: Callable[[], Awaitable[Told]]) -> asyncio.Task[Told]:
        async def run() -> Told:
            return await work()

        task = asyncio.create_task(run())
        self._shared[key] = task
        task.add_done_callback(lambda _: self._forget_later(key, task))
        return task

    def _forget_later(self, key: Hashable, task: asyncio.Task[Told]) -> None:
        if not task.cancelled():
            task.exception()  # whoever waits raises it; asked for here so that no warning follows
        asyncio.get_running_loop().call_later(REMEMBERED_SECONDS, self._shared.pop, key, None)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an operation's events are executed: the root value of operations that are streamed.

    `context` makes a new context; `asked` and `asker` are all that an answer may depend on. A context whose
    `personal` is False has not been asked who `asker` is.
    """

    context: Callable[[], object]
    events: Events
    asked: Hashable
    asker: Hashable
    made_from: MadeFrom = field(default_factory=MadeFrom, compare=False)

    def key(self, payload: object) -> Hashable | None:
        """What an answer to this event depends on, if the payload says so by its `event_key`."""
        event = getattr(payload, "event_key", None)
        return None if event is None else (self.asked, event)


class EventExecutor(PlannedExecutor):
    """Executes operations; each event of a subscription with loaders that have loaded nothing yet."""

    source: Source | None = None

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        """The executor, or the errors in the values of variables."""
        built = super().build(*args, **kwargs)
        if not isinstance(built, list):
            return built
        return [
            GraphQLError(error.message, error.nodes, original_error=BadInput(error.message))
            for error in built
        ]

    def build_per_event_executor(self, payload: Any) -> Any:
        """A copy for one event, which knows where to take its turn."""
        executor = super().build_per_event_executor(payload)
        if isinstance(self.root_value, Source):
            executor.source = self.root_value  # type: ignore[attr-defined]  # a copy of this very executor
        return executor

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result; that of an event in its turn."""
        if self.source is None:
            return self._execute_request(serially)
        return self._event(self.source)

    async def _event(self, source: Source) -> ExecutionResult:
        told = await source.events.execute(
            source.key(self.root_value), source.asker, lambda: self._told(source)
        )
        source.made_from.revision, source.made_from.told = told.revision, True
        return told.result

    async def _told(self, source: Source) -> Told:
        context = source.context()
        result = await at_once(context, self._execute_with)
        revision = getattr(context, "revision", None)
        return Told(result, revision, getattr(context, "personal", True), source.asker)

    def _execute_request(self, serially: bool | None) -> Any:
        if self.operation.operation is not OperationType.QUERY:
            return super().execute_operation(serially)
        return at_once(self.context_value, self._execute_with)

    async def _execute_with(self, context: object) -> ExecutionResult:
        """The result with this context; with another than its own, whatever this executor has met before."""
        executor: Any = self
        if context is not self.context_value:
            executor = super().build_per_event_executor(self.root_value)
            executor.context_value = context
        result = await await_maybe(PlannedExecutor.execute_operation(executor, False))
        making: Making | None = getattr(executor, "parts", None)
        if making is not None:
            parts_found(known=making.found, made=making.made)
        return result  # type: ignore[return-value]  # nothing is incremental


class UnplannedEventExecutor(EventExecutor):
    """The same, executed by graphql-core alone: it is slower, and nothing else is different."""

    planned = False
