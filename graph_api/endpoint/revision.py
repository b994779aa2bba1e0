"""Answers of one revision: a query is executed again when what it read has changed meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol, Self, TypeVar, runtime_checkable

from graph_api.telemetry.activity import repeated

T = TypeVar("T")

TRIES: Final = 3


@runtime_checkable
class OneRevision(Protocol):
    """A context that knows whether all that was read through it belongs to one revision."""

    async def holds(self) -> bool:
        """Whether all that was read through it is of one revision."""

    def again(self) -> Self:
        """A context of the same request that has not read anything yet."""

    async def alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns while nothing can change."""


async def at_once(context: object, execute: Callable[[object], Awaitable[T]]) -> T:
    """What executing a query gives, with a context that knows its revision; with any other it is simply run.

    After TRIES times in which a change came in between, the changes are made to wait.
    """
    if not isinstance(context, OneRevision):
        return await execute(context)
    for _ in range(TRIES):
        result = await execute(context)
        if await context.holds():
            return result
        repeated()
        context = context.again()
    return await context.alone(lambda: execute(context))
