"""How late the event loop is: a sleeper that is woken late shows that something has held it up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from graph_api.telemetry.metrics import Metrics

EVERY: Final = 0.5


@asynccontextmanager
async def watched_loop(metrics: Metrics, *, every: float = EVERY) -> AsyncIterator[None]:
    """Measure it meanwhile."""
    task = asyncio.create_task(_watch(metrics, every))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _watch(metrics: Metrics, every: float) -> None:
    while True:
        due = time.perf_counter() + every
        await asyncio.sleep(every)
        metrics.lag.observe(max(0.0, time.perf_counter() - due))
