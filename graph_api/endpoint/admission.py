"""How many operations a process executes at once: some wait their turn, and the rest is told to come back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple

from graph_api.endpoint.request import Refused

RECENT: Final = 1 / 32
"""What the latest turn weighs in how long turns take."""

SHARE: Final = 0.5
"""What part of a turn one may wait for where too much comes in."""

TOLERABLE: Final = 0.1
"""Seconds that one may wait in any case: who waits so briefly hardly notices."""


class Admission:
    """The turns of a process: first come, first served.

    At most `at_once` have one, at most `waiting` wait for one, and none of these longer than `patience`
    seconds. It belongs to no event loop.

    That is for bursts. A line that has not been empty for `burst` seconds is none: more comes in than can
    be done, and whoever waits for long only makes all others wait as long. From then on those who have waited
    for longer than half a turn takes, and than is `tolerable`, are sent away when they would be next, until
    nobody has been for `burst` seconds. So what is let in is answered soon, however much comes in.
    (After CoDel: Nichols and Jacobson, Controlling Queue Delay, 2012; and Maurer, Fail at Scale, 2015.)
    """

    def __init__(
        self,
        *,
        at_once: int = 32,
        waiting: int = 128,
        patience: float = 5.0,
        burst: float = 2.0,
        tolerable: float = TOLERABLE,
    ) -> None:
        self._at_once = at_once
        self._most = waiting
        self._patience = patience
        self._burst = burst
        self._tolerable = tolerable
        self._running = 0
        self._line: deque[_Place] = deque()
        self._crowded = 0.0
        """Since when the line has not been empty; it means something while anybody waits."""
        self._sent_away = float("-inf")
        self._turn: float | None = None
        """How long turns take, about; None before the first has ended."""

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
        began = _now()
        try:
            yield
        finally:
            self._note(_now() - began)
            self._pass_on()

    def _note(self, seconds: float) -> None:
        """Note how long a turn has taken."""
        self._turn = seconds if self._turn is None else self._turn + (seconds - self._turn) * RECENT

    async def _wait(self) -> None:
        place = _Place(asyncio.get_running_loop().create_future(), _now())
        if not self._line:
            self._crowded = place.since
        self._line.append(place)
        try:
            async with asyncio.timeout(self._patience):
                await place.ready
        except BaseException as error:
            if place.ready.done() and not place.ready.cancelled() and place.ready.exception() is None:
                self._pass_on()  # it was our turn at the very moment in which we gave up
            else:
                with suppress(ValueError):  # whoever passed on may have dropped it already
                    self._line.remove(place)
            if isinstance(error, TimeoutError):
                raise _overloaded() from None
            raise

    def _pass_on(self) -> None:
        """Give a turn to the next in line who still waits, and not for too long, or let it be."""
        longest = self._longest()
        while self._line:
            place = self._line.popleft()
            if place.ready.done():
                continue
            if _now() - place.since > longest:
                self._sent_away = _now()
                place.ready.set_exception(_overloaded())
                continue
            place.ready.set_result(None)
            return
        self._running -= 1

    def _longest(self) -> float:
        """How long one may have waited who gets a turn now."""
        now = _now()
        lasting = bool(self._line) and now - self._crowded > self._burst
        if lasting or now - self._sent_away < self._burst:
            return max(SHARE * (self._turn or 0.0), self._tolerable)
        return self._patience


class _Place(NamedTuple):
    """A place in the line, since when, and what tells that it is ready."""

    ready: asyncio.Future[None]
    since: float


def _now() -> float:
    return asyncio.get_running_loop().time()


def _overloaded() -> Refused:
    return Refused(
        503,
        "Too many operations are under way; try again in a moment.",
        code="SERVICE_OVERLOADED",
        headers={"retry-after": "1"},
    )
