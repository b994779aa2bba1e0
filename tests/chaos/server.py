"""`graph-api serve` as a process of its own, looked at from outside: what it answers, holds and takes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Final

import httpx
import pytest

from graph_api.neo4j_local import Connection
from graph_api.neo4j_local.process import Process
from tests.conftest import ROOT, SECRET, told_address

START_SECONDS: Final = 60.0
END_SECONDS: Final = 40.0
LOOK_SECONDS: Final = 0.05
NUMBERS: Final = count()
OURS: Final = ("API_", "AUTH_", "FEED_", "MAX_", "NEO4J_", "OPERATION", "QUEUE_", "RATE_", "REQUIRE_")


class Server:
    """A running server. Sizes are in bytes, times in seconds."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @cached_property
    def address(self) -> str:
        """Where it answers. Raises ValueError before it has told."""
        if (address := told_address(self.told)) is None:
            raise ValueError
        return address

    @property
    def told(self) -> str:
        """What it has logged so far."""
        return self._log.read_text("utf-8")

    @property
    def memory(self) -> int:
        """What it has in memory."""
        return Process.named(self.process.pid).memory or 0

    @property
    def files(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    @property
    def processor(self) -> float:
        """How long it has used processors."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(each) for each in fields[11:13]) / os.sysconf("SC_CLK_TCK")

    async def get(self, path: str) -> httpx.Response:
        """What it answers there, on a connection of its own."""
        async with httpx.AsyncClient(base_url=self.address, timeout=START_SECONDS) as http:
            return await http.get(path)

    async def metric(self, name: str) -> float:
        """A metric without labels."""
        lines = (await self.get("/metrics")).text.splitlines()
        [value] = [line.split()[1] for line in lines if line.startswith(f"graph_api_{name} ")]
        return float(value)

    async def ready(self, *, within: float = START_SECONDS) -> float:
        """Wait until it is ready; the seconds that this took."""
        since = time.monotonic()
        while time.monotonic() < since + within:
            assert self.process.poll() is None, self.told
            with suppress(ValueError, httpx.TransportError):  # it has not told its address, or is away
                if (await self.get("/readyz")).status_code == 200:
                    return time.monotonic() - since
            await asyncio.sleep(LOOK_SECONDS)
        pytest.fail(f"It is not ready: {self.told}")

    def terminate(self) -> None:
        """Ask it to end, as a supervisor does."""
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Its exit code, as soon as it has ended."""
        try:
            return await asyncio.to_thread(self.process.wait, END_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.fail(f"It went on for {END_SECONDS} s: {self.told}")


@asynccontextmanager
async def server(connection: Connection, folder: Path, **settings: object) -> AsyncIterator[Server]:
    """A server over this database, ready; `settings` are its variables in small letters."""
    log = folder / f"serve-{next(NUMBERS)}.log"
    process = _start(log, {**_database(connection), **settings})
    try:
        served = Server(process, log)
        await served.ready()
        yield served
    finally:
        await asyncio.to_thread(_end, process)


def _start(log: Path, settings: Mapping[str, object]) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    environment |= {"AUTH_SECRET": SECRET, "METRICS": "true"}
    environment |= {name.upper(): str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "graph_api", "serve", "--port", "0"]
    with log.open("wb") as told:
        return subprocess.Popen(command, stdout=told, stderr=told, cwd=ROOT, env=environment)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    process.kill()
    process.wait()


def _database(connection: Connection) -> dict[str, object]:
    return {
        "neo4j_uri": connection.uri,
        "neo4j_user": connection.user,
        "neo4j_password": connection.password,
    }
