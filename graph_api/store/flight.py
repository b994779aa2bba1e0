"""One run for all who ask at once, and none of them gets a result from before it may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from graph_api.store.operation import apart

T = TypeVar("T")


@dataclass(eq=False)
class _Run(Generic[T]):
    """A run under way; `began` is when its work was begun, None before."""

    task: asyncio.Task[T]
    began: float | None = None


class Flight(Generic[T]):
    """Runs of one piece of work, shared by all who can do with the same one."""

    def __init__(self, work: Callable[[float], Awaitable[T]]) -> None:
        """`work` is given the time at which it begins, as `time.monotonic` tells it."""
        self._work = work
        self._run: _Run[T] | None = None

    async def result(self, *, since: float) -> T:
        """The result of a run that began at `since` or later. Raises what the work raises.

        One who gives up does not end the run for the others.
        """
        while True:
            run = self._run
            if run is None or run.task.done():
                run = self._start()
            found = await asyncio.shield(run.task)
            if run.began is not None and run.began >= since:
                return found

    def begin(self) -> None:
        """Let a run be under way, for whoever comes."""
        if self._run is None or self._run.task.done():
            self._start()

    def _start(self) -> _Run[T]:
        async def work() -> T:
            run.began = time.monotonic()
            return await self._work(run.began)

        with apart():
            run = self._run = _Run(asyncio.create_task(work()))
        run.task.add_done_callback(self._ended)
        return run

    def _ended(self, task: asyncio.Task[T]) -> None:
        if self._run is not None and self._run.task is task:
            self._run = None
        if not task.cancelled():
            task.exception()  # whoever waits raises it; asked for here so that no warning follows
