"""The disk of the database is full: its process may no longer make files longer than they are.

Neo4j then takes the whole database out of service until it is restarted, as it should: reads fail too. There
is nothing to wait for but that; the API needs no restart of its own.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from graph_api.settings import Settings
from tests.chaos.clients import Log, at_work, served
from tests.chaos.history import assert_history
from tests.chaos.server import Server, server
from tests.conftest import Spare

ROOM: Final = 60_000
"""Bytes that the log of transactions may still grow by: a few writes."""

BACK_SECONDS: Final = 30.0

needs_limits = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="only Linux limits other processes"
)


@contextmanager
def full(spare: Spare) -> Iterator[None]:
    """Let no file of the server grow past where its log is about to be, as on a disk that is full."""
    logs = list((spare.home / "data" / "transactions" / "neo4j").glob("neostore.transaction.db.*"))
    length = max(log.stat().st_size for log in logs) + ROOM
    java = spare.java.pid
    before = resource.prlimit(java, resource.RLIMIT_FSIZE)
    resource.prlimit(java, resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.prlimit(java, resource.RLIMIT_FSIZE, before)


@needs_limits
async def test_a_full_disk_refuses_writes_loses_nothing_and_needs_no_restart_of_the_api(
    spare: Spare, chaotic: Settings, tmp_path: Path
) -> None:
    async with server(spare.connection, tmp_path) as api:
        async with at_work(api.address) as log:
            await served(log)
            with full(spare):
                await refused(api, log)
                written = len(log.acknowledged) + len(log.tags)
                await asyncio.sleep(2)
            assert len(log.acknowledged) + len(log.tags) == written, "nothing was said to be written"
            assert log.slowest < BACK_SECONDS
            await asyncio.to_thread(spare.kill)
            await asyncio.to_thread(spare.start)
            ready = await api.ready(within=BACK_SECONDS)
            back = await served(log)
        revision = await assert_history(api.address, chaotic, log)
    print(  # noqa: T201 - figures
        f"\n{len(log.acknowledged)} documents and {len(log.tags)} tags acknowledged, {dict(log.refusals)},"
        f" revision {revision}; ready {ready:.1f} s and all served {back:.1f} s after the restart"
    )
    assert log.refusals["UNAVAILABLE"] > 0


async def refused(api: Server, log: Log) -> None:
    """Wait until the disk is full; the process tells that it is not ready, and lives."""
    until = time.monotonic() + BACK_SECONDS
    while (await api.get("/readyz")).status_code == 200:
        assert time.monotonic() < until, f"still written: {len(log.acknowledged)}"
        await asyncio.sleep(0.1)
    assert (await api.get("/livez")).status_code == 200
