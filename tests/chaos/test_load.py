"""Twice as many requests as a server can serve: those that are let in are served in time, the rest is told.

LOAD_SECONDS is how long; `make soak` takes 600 and is strict. To compare settings on a quiet machine:

    LOAD_SECONDS=60 LOAD_SETTINGS=MAX_CONCURRENT=4 make test ARGS="-s tests/chaos/test_load.py"

LOAD_TIMES is another load than twice the capacity. `tests/chaos/load.py` says what is measured, and how.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any, Final

from graph_api.app import connect
from graph_api.knowledge.change import Document
from graph_api.neo4j_local import Connection
from tests.chaos.load import table
from tests.chaos.server import Server, server
from tests.conftest import ROOT, seed, settings_of

SOAK: Final = "LOAD_SECONDS" in os.environ
SECONDS: Final = float(os.environ.get("LOAD_SECONDS", "15"))
TIMES: Final = float(os.environ.get("LOAD_TIMES", "2"))
GIVEN: Final = dict(each.split("=") for each in os.environ.get("LOAD_SETTINGS", "").split(",") if each)
SLOWER: Final = 4.0 if SOAK else 8.0
"""How many times the p99 of one client the p99 of those let in may be; where others work too, more."""

GROWTH: Final = 1.1
PATIENCE: Final = 60.0
LONG_ENOUGH: Final = 2 * PATIENCE + 4 * SECONDS
"""Seconds after which a measurement has failed."""


async def test_twice_its_capacity_is_served_in_time_or_told_to_come_again(
    neo4j: Connection, seed_documents: list[Document], tmp_path: Path
) -> None:
    async with connect(settings_of(neo4j, neo4j_timeout=PATIENCE)) as database:
        await seed(database, seed_documents, name="seed")
    async with server(neo4j, tmp_path, **GIVEN) as api:
        report, memory = await loaded(api)
        assert (await api.get("/readyz")).status_code == 200
        print(f"\n{table(report)}")  # noqa: T201 - figures
        print(f"memory {memory[0] >> 20} MB at first, {max(memory) >> 20} MB at most; {GIVEN or 'defaults'}")  # noqa: T201 - figures
        assert "Traceback" not in api.told
    overloaded, alone = report["overloaded"], report["unloaded"]["all"]
    assert not any(part["first_faults"] for part in report.values() if isinstance(part, dict))
    assert overloaded["refused"].keys() <= {"429", "503"}
    assert overloaded["told"] == sum(overloaded["refused"].values()) > 0
    assert overloaded["rate"] > 0.5 * report["capacity"]["rate"], "it goes on working"
    assert overloaded["all"]["p99"] < SLOWER * alone["p99"]
    assert report["after"]["all"]["p50"] < 3 * alone["p50"], "it is as it was"
    half = len(memory) // 2
    assert max(memory[half:]) < GROWTH * max(memory[: half + 1]), "what it keeps has its bounds"


async def loaded(api: Server) -> tuple[dict[str, Any], list[int]]:
    """The report of the other process, and the server's memory in every second of too much load."""
    command = [sys.executable, "-m", "tests.chaos.load", api.address]
    command += [f"--seconds={SECONDS}", f"--times={TIMES}"]
    loading = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, cwd=ROOT)
    assert loading.stdout is not None
    watching, memory = None, list[int]()
    try:
        async with asyncio.timeout(LONG_ENOUGH):
            await loading.stdout.readline()
            watching = asyncio.create_task(watch(api, memory))
            told, faults = await loading.communicate()
    finally:
        if watching is not None:
            watching.cancel()
        if loading.returncode is None:
            loading.kill()
            await loading.wait()
    assert loading.returncode == 0, faults.decode()
    return json.loads(told.splitlines()[-1]), memory


async def watch(api: Server, memory: list[int]) -> None:
    """Note its memory, second by second."""
    while True:
        memory.append(api.memory)
        await asyncio.sleep(1)
