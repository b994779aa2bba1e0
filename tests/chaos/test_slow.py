"""The database answers half a second late, either way, and then as ever."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from graph_api.settings import Settings
from tests.chaos.clients import at_work, served
from tests.chaos.history import assert_history
from tests.chaos.proxy import Proxy
from tests.chaos.server import Server, server
from tests.conftest import Spare

SOAK: Final = "SLOW_SECONDS" in os.environ
SECONDS: Final = float(os.environ.get("SLOW_SECONDS", "10"))
BACK_SECONDS: Final = 5.0 if SOAK else 30.0
DELAY: Final = 0.5
TIMEOUT: Final = 6.0
GRACE: Final = 10.0


async def test_a_slow_database_makes_slow_answers_or_none_and_then_all_is_well(
    spare: Spare, chaotic: Settings, tmp_path: Path
) -> None:
    async with Proxy(spare.port).listening() as proxy:
        slowed = replace(spare.connection, uri=f"bolt://127.0.0.1:{proxy.port}")
        async with server(slowed, tmp_path, operation_timeout=TIMEOUT) as api:
            async with at_work(api.address) as log:
                await served(log)
                before, transactions = api.files, await api.metric("transactions")
                proxy.delay = DELAY
                most = await most_transactions(api)
                proxy.delay = 0.0
                back = await served(log)
                after = api.files
            await assert_history(api.address, chaotic, log)
    print(  # noqa: T201 - figures
        f"\n{transactions:.0f} transactions before, {most:.0f} at most; {before} files before, {after} after;"
        f" all served after {back:.1f} s, {dict(log.refusals)}, slowest {log.slowest:.1f} s"
    )
    assert log.slowest < TIMEOUT + GRACE + 2.0
    assert most <= 50
    assert after <= before + 10
    assert back < BACK_SECONDS


async def most_transactions(api: Server) -> float:
    """The most that were under way at once while it was slow."""
    most = 0.0
    async with asyncio.timeout(SECONDS + 30):
        for _ in range(int(SECONDS)):
            await asyncio.sleep(1)
            most = max(most, await api.metric("transactions"))
    return most
