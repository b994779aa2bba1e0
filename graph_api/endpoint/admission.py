"""How many operations a process executes at once: some wait their turn, and the rest is told to come back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from graph_api.endpoint.request import Refused


class Admission:
    """The turns of a process: first come, first served.

    At most `at_once` have one, at most `waiting` wait for one, and none of these longer than `patience`
    seconds. It belongs to no event loop.
    """

    def __init__(self, *, at_once: int = 32, waiting: int = 128, patience: float = 5.0) -> None:
        self._at_once = at_once
        self._most = waiting
        self._patience = patience
        self._running = 0
        self._line: deque[asyncio.Future[None]] = deque()

    @property
    def running(self) -> int:
        """How many have a turn."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return len(self._line)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn. Raises Refused with 503 when the line is full, or does not move."""
        if self._running < self._at_once and not self._line:
            self._running += 1
        elif len(self._line) < self._most:
            await self._wait()
        else:
            raise _overloaded()
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._line.append(place)
        try:
            async with asyncio.timeout(self._patience):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self._pass_on()  # it was our turn at the very moment in which we gave up
            else:
                with suppress(ValueError):  # whoever passed on may have dropped it already
                    self._line.remove(place)
            if isinstance(error, TimeoutError):
                raise _overloaded() from None
            raise

    def _pass_on(self) -> None:
        """Give a turn to the next in line who still waits, or let it be."""
        while self._line:
            place = self._line.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._running -= 1


def _overloaded() -> Refused:
    return Refused(
        503,
        "Too many operations are under way; try again in a moment.",
        code="SERVICE_OVERLOADED",
        headers={"retry-after": "1"},
    )
