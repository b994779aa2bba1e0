"""How many operations a process executes at once: some wait their turn, and the rest is told to come back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple

from graph_api.endpoint.concurrency import ConcurrencyLimit
from graph_api.endpoint.request import Refused

SHARE: Final = 0.5
"""What part of a turn one may wait for where too much comes in."""

TOLERABLE: Final = 0.05
"""Seconds that one may wait in any case: who waits so briefly hardly notices."""

LONG: Final = 1.0
"""Seconds after which a turn is in nobody's way any more: it waits for something itself."""

RECENT: Final = 1 / 32
"""What the latest turn weighs in how long turns take."""


class Admission:
    """The turns of a process: first come, first served.

    At most `at_once` have one, less where that makes answers sooner (see `ConcurrencyLimit`); at most
    `waiting` wait for one, and none of these longer than `patience` seconds. It belongs to no event loop.
    A turn of more than LONG seconds counts among the `at_once`, but not for that limit: else a few who wait
    for a lock or search for long would keep everybody out.

    That is for bursts. A line that has not been empty for `burst` seconds is none: more comes in than can
    be done, and whoever waits for long only makes all others wait as long. From then on, until nobody had to
    be sent away for `burst` seconds, the turn goes to the last who has come, and those are sent away who have
    waited for longer than half a turn takes, and than is `tolerable`. So what is let in is answered soon,
    however much comes in. (After CoDel: Nichols and Jacobson, Controlling Queue Delay, 2012; and adaptive
    LIFO: Maurer, Fail at Scale, 2015.)
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
        self._limit = ConcurrencyLimit(at_once)
        self._most = waiting
        self._patience = patience
        self._burst = burst
        self._tolerable = tolerable
        self._at_once = at_once
        self._running = self._long = 0
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

    @property
    def limit(self) -> int:
        """How many may have one at present."""
        return self._limit.last

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn. Raises Refused with 503 when the line is full, or does not move."""
        if not self._line and self._is_free():
            self._running += 1
        elif len(self._line) < self._most:
            await self._wait()
        else:
            raise _overloaded()
        began, beside, is_long = _now(), self._running, False

        def lasts() -> None:
            nonlocal is_long
            is_long = True
            self._long += 1
            self._pass_on()

        timer = asyncio.get_running_loop().call_later(LONG, lasts)
        try:
            yield
        finally:
            timer.cancel()
            self._note(_now() - began, max(beside, self._running))
            self._running -= 1
            self._long -= is_long
            self._pass_on()

    def _note(self, seconds: float, beside: int) -> None:
        """Note how long a turn has taken, and how many had one at the same time."""
        self._turn = seconds if self._turn is None else self._turn + (seconds - self._turn) * RECENT
        self._limit.note(seconds, beside, _now())

    async def _wait(self) -> None:
        place = _Place(asyncio.get_running_loop().create_future(), _now())
        if not self._line:
            self._crowded = place.since
        self._line.append(place)
        try:
            async with asyncio.timeout(self._patience):
                admitted = await place.ready
        except BaseException as error:
            if place.ready.done() and not place.ready.cancelled() and place.ready.result():
                self._running -= 1  # it was our turn at the very moment in which we gave up
                self._pass_on()
            else:
                with suppress(ValueError):  # whoever passed on may have dropped it already
                    self._line.remove(place)
            if isinstance(error, TimeoutError):
                raise _overloaded() from None
            raise
        if not admitted:
            raise _overloaded()

    def _pass_on(self) -> None:
        """Give what turns there are to those in line who still wait, and not for too long."""
        lasting = self._is_lasting()
        if lasting:
            self._send_away(max(SHARE * (self._turn or 0.0), self._tolerable))
        while self._line and self._is_free():
            place = self._line.pop() if lasting else self._line.popleft()
            if not place.ready.done():
                place.ready.set_result(True)
                self._running += 1

    def _send_away(self, longest: float) -> None:
        """Send away who has waited for longer than so many seconds."""
        now = _now()
        while self._line and (self._line[0].ready.done() or now - self._line[0].since > longest):
            place = self._line.popleft()
            if not place.ready.done():
                place.ready.set_result(False)
                self._sent_away = now

    def _is_free(self) -> bool:
        """Whether there is a turn to be had."""
        most = self._limit.now(_now(), crowded=bool(self._line))
        return self._running < self._at_once and self._running - self._long < most

    def _is_lasting(self) -> bool:
        """Whether more comes in than can be done, and not only for a moment."""
        now = _now()
        return bool(self._line) and (now - self._crowded > self._burst or now - self._sent_away < self._burst)


class _Place(NamedTuple):
    """A place in the line, since when, and what tells whether it has become a turn.

    No error tells that it has not: its traceback would lead to who waits, and from there to it. Such a circle
    leaves all of the request to the collector of garbage, just where most requests are sent away.
    """

    ready: asyncio.Future[bool]
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
