"""The database stops in the middle of everything, and later goes on: its connections live, and say nothing.

PAUSE_SECONDS is how long; `make soak` takes 30 and allows less time to come back.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graph_api.settings import Settings
from tests.chaos.clients import READ, WRITERS, Api, Log, at_work, served
from tests.chaos.history import assert_history
from tests.chaos.server import Server, server
from tests.conftest import Spare

SOAK: Final = "PAUSE_SECONDS" in os.environ
SECONDS: Final = float(os.environ.get("PAUSE_SECONDS", "8"))
BACK_SECONDS: Final = 5.0 if SOAK else 20.0
CROWD: Final = 40
AT_ONCE, QUEUED = 8, 8
TIMEOUT: Final = 3.0
GRACE: Final = 10.0
"""Seconds that a write, which cannot be ended any more, has beyond its timeout."""

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class Held:
    """What a server holds: files and sockets, transactions, bytes in memory."""

    files: int
    transactions: float
    memory: int

    @classmethod
    async def of(cls, api: Server) -> Held:
        return cls(api.files, await api.metric("transactions"), api.memory)

    def __str__(self) -> str:
        return f"{self.files} files, {self.transactions:.0f} transactions, {self.memory // MEGABYTE} MB"


@asynccontextmanager
async def crowd(base_url: str, log: Log) -> AsyncIterator[None]:
    """More readers than may wait at once."""

    async def ask(api: Api) -> None:
        while True:
            await api.ask(READ, slug=f"writer-{random.randrange(WRITERS)}")
            await asyncio.sleep(0.5)

    async with aclosing(Api(base_url, log)) as api:
        asking = [asyncio.create_task(ask(api)) for _ in range(CROWD)]
        try:
            yield
            assert not any(each.done() for each in asking), [each for each in asking if each.done()]
        finally:
            for each in asking:
                each.cancel()
            await asyncio.gather(*asking, return_exceptions=True)


async def test_a_database_that_pauses_is_waited_for_and_nothing_piles_up(
    spare: Spare, chaotic: Settings, tmp_path: Path
) -> None:
    limits = {"operation_timeout": TIMEOUT, "max_concurrent": AT_ONCE, "max_queued": QUEUED}
    async with server(spare.connection, tmp_path, **limits) as api:
        async with at_work(api.address) as log:
            await served(log)
            before = await Held.of(api)
            with spare.paused():
                async with crowd(api.address, log):
                    during = await watched(api)
            ready = await api.ready(within=BACK_SECONDS)
            back = await served(log)
        await settled(api)
        after = await Held.of(api)
        await assert_history(api.address, chaotic, log)
    figures = f"before: {before}\nat most: {during}\nafter: {after}\nready after {ready:.1f} s, "
    print(f"\n{figures}all served after {back:.1f} s, {dict(log.refusals)}, slowest {log.slowest:.1f} s")  # noqa: T201 - figures
    assert log.slowest < TIMEOUT + GRACE + 2.0
    assert log.refusals["SERVICE_OVERLOADED"] > 0
    assert log.refusals["TIMEOUT"] + log.refusals["UNAVAILABLE"] > 0
    assert during.transactions <= 4 * AT_ONCE
    assert during.files <= before.files + CROWD + 4 * AT_ONCE
    assert during.memory < before.memory + 50 * MEGABYTE
    assert after.transactions == 0
    assert after.files <= before.files
    assert after.memory < before.memory + 50 * MEGABYTE
    assert back < BACK_SECONDS


async def watched(api: Server) -> Held:
    """The most of everything that it holds while the database is away; it says that it is not ready."""
    most, until, states = await Held.of(api), time.monotonic() + SECONDS, set[int]()
    while time.monotonic() < until:
        states.add((await api.get("/readyz")).status_code)
        now = await Held.of(api)
        most = Held(
            max(most.files, now.files),
            max(most.transactions, now.transactions),
            max(most.memory, now.memory),
        )
        await asyncio.sleep(0.2)
    assert 503 in states
    assert (await api.get("/livez")).status_code == 200
    return most


async def settled(api: Server) -> None:
    """Wait until nothing is under way."""
    until = time.monotonic() + GRACE
    while await api.metric("transactions") > 0 and time.monotonic() < until:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.1)
