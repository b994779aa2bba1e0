"""The end of an operation: all that it does in the database is ended at once, except a commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from graph_api.errors import OutOfTime


class Operation:
    """What is done in the database for one request, by whichever of its tasks.

    It can be ended until it is *sealed*: from the moment in which a write is sent off to be committed,
    nobody could tell what it came to if they did not wait for it.
    """

    def __init__(self) -> None:
        self._steps: set[asyncio.Timeout] = set()
        self._over = self._sealed = False

    def end(self) -> bool:
        """End every step under way and refuse all that follow; False, and nothing ends, once it is sealed."""
        if self._sealed:
            return False
        self._over = True
        now = asyncio.get_running_loop().time()
        for step in self._steps:
            step.reschedule(now)
        return True

    def seal(self) -> None:
        """Let nothing be ended any more. Raises OutOfTime when it has been."""
        if self._over:
            raise OutOfTime
        self._sealed = True

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """Do something that `end` may cut short. Raises OutOfTime then."""
        if self._over:
            raise OutOfTime
        until = asyncio.timeout(None)
        try:
            async with until:
                self._steps.add(until)
                try:
                    yield
                finally:
                    self._steps.discard(until)
        except TimeoutError:
            if until.expired():
                raise OutOfTime from None
            raise


_CURRENT: ContextVar[Operation | None] = ContextVar("operation", default=None)


def current() -> Operation:
    """The operation that the caller is a part of; outside of any, one that nobody ends."""
    return _CURRENT.get() or Operation()


@contextmanager
def operation() -> Iterator[Operation]:
    """An operation, of which everything is a part that is begun within."""
    one = Operation()
    before = _CURRENT.set(one)
    try:
        yield one
    finally:
        _CURRENT.reset(before)


@contextmanager
def apart() -> Iterator[None]:
    """What is begun within is part of no operation: others wait for it too."""
    before = _CURRENT.set(None)
    try:
        yield
    finally:
        _CURRENT.reset(before)
