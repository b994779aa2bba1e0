"""Writers and readers go on while the database is killed twice: nothing is lost, nothing is seen half-done.

CHAOS_SECONDS is about how long; `make soak` runs it for a minute.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final

from graph_api.app import create_app
from graph_api.settings import Settings
from tests.chaos.clients import Log, at_work, served
from tests.chaos.history import assert_history
from tests.conftest import Spare, serving

SECONDS: Final = float(os.environ.get("CHAOS_SECONDS", "20"))


async def test_nothing_is_lost_and_nothing_is_seen_half_done(spare: Spare, chaotic: Settings) -> None:
    with serving(create_app(chaotic)) as base_url:
        async with at_work(base_url) as log:
            await kill_twice(spare, log)
        revision = await assert_history(base_url, chaotic, log)
    assert log.refusals["UNAVAILABLE"] > 0, "it was noticed that the database was away"
    assert log.reads > 100
    assert len(log.acknowledged) > 10, "enough was written to lose; how much is the machine's affair"
    print(  # noqa: T201 - shown with -s, and when the test fails
        f"\n{len(log.acknowledged)} documents and {len(log.tags)} tags acknowledged, {log.reads} reads,"
        f" {log.refusals['UNAVAILABLE']} times unavailable, revision {revision}"
    )


async def kill_twice(spare: Spare, log: Log) -> None:
    """Kill the database twice; before, between and after, everybody is served for a fifth of the time."""
    await served(log)
    for _ in range(2):
        await asyncio.sleep(SECONDS / 5)
        await asyncio.to_thread(spare.kill)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(spare.start)
        await served(log)
    await asyncio.sleep(SECONDS / 5)
