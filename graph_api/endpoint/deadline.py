"""How long an operation may take, and what becomes of one that takes longer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from graph_api.endpoint.request import Refused
from graph_api.errors import OutOfTime

T = TypeVar("T")

UNWIND_SECONDS: Final = 1.0


class Ending(Protocol):
    """What an operation does elsewhere, in a database for example."""

    def end(self) -> bool:
        """End all of it; False, and nothing ends, when only waiting can tell what it comes to."""


Scope: TypeAlias = Callable[[], AbstractContextManager[Ending]]
"""Makes an ending for whatever is begun within."""


class Deadline:
    """Ends operations after `seconds`, with everything that they have begun within their `scope`.

    One that can no longer be ended, because it is writing, has `grace` seconds more to tell what it came to,
    and goes on by itself after that.
    """

    def __init__(self, seconds: float, *, scope: Scope | None = None, grace: float = 10.0) -> None:
        self._seconds = seconds
        self._scope = scope or _nothing
        self._grace = grace
        self._left: set[asyncio.Task[Any]] = set()

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `work` returns. Raises Refused with 504 when it does not in time."""
        with self._scope() as ending:
            task = _begun(work())
        if task.done():
            return task.result()
        try:
            await asyncio.wait({task}, timeout=self._seconds)
            if task.done():
                return task.result()
            if ending.end():
                await self._cancel(task)
                raise _late("The operation took too long and was ended; nothing was written.")
            await asyncio.wait({task}, timeout=self._grace)
            if task.done():
                return task.result()
            raise _late("The operation takes too long; look again before you repeat it: it may yet be made.")
        finally:
            if not task.done():
                self._leave(task, cancel=ending.end())

    async def _cancel(self, task: asyncio.Task[T]) -> None:
        task.cancel()
        await asyncio.wait({task}, timeout=UNWIND_SECONDS)

    def _leave(self, task: asyncio.Task[T], *, cancel: bool) -> None:
        """Let it come to its end alone."""
        self._left.add(task)
        task.add_done_callback(self._forget)
        if cancel:
            task.cancel()

    def _forget(self, task: asyncio.Task[T]) -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # nobody waits for it; asked for here so that no warning follows


if sys.version_info >= (3, 12):

    def _begun(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that is at work already: what waits for nothing is done at once, in this round."""
        return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)

else:

    def _begun(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        return asyncio.create_task(work)


@asynccontextmanager
async def within(seconds: float, scope: Scope) -> AsyncIterator[None]:
    """The deadline of what is streamed: what takes longer is ended. Raises OutOfTime.

    What is writing is not ended: its client waits, or leaves.
    """
    with scope() as ending:
        until = asyncio.timeout(None)
        over = asyncio.get_running_loop().call_later(seconds, _end, ending, until)
        try:
            async with until:
                yield
        except TimeoutError:
            if until.expired():
                raise OutOfTime from None
            raise
        finally:
            over.cancel()


def _end(ending: Ending, until: asyncio.Timeout) -> None:
    if ending.end():
        until.reschedule(asyncio.get_running_loop().time())


class _Nothing:
    def end(self) -> bool:
        return True


def _nothing() -> AbstractContextManager[Ending]:
    return nullcontext(_Nothing())


def _late(message: str) -> Refused:
    return Refused(504, message, code=OutOfTime.code)
