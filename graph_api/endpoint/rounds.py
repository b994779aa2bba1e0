"""Rounds of the event loop: one execution begins in each, so that whoever waits for the database is heard."""

from __future__ import annotations

import asyncio
from collections import deque


class Rounds:
    """Lets executions begin one a round, in the order in which they come. It belongs to one event loop.

    An execution of what is in memory takes a millisecond or two and never waits. If all that have come begin
    in one round, it lasts as long as all of them; and to read from the database takes many rounds. So nobody
    waits longer for an answer from memory, and for one from the database much less.
    """

    def __init__(self) -> None:
        self._line: deque[asyncio.Future[None]] = deque()
        self._begun = False

    async def turn(self) -> None:
        """Wait for a round in which no other execution begins: no longer than this one, if it is free."""
        if not self._begun:
            self._begin()
            return
        place = asyncio.get_running_loop().create_future()
        self._line.append(place)
        await place

    def _begin(self) -> None:
        self._begun = True
        asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """In the next round: call the next of the line, who begins in the one after it."""
        while self._line:
            place = self._line.popleft()
            if not place.done():
                place.set_result(None)
                self._begin()
                return
        self._begun = False
