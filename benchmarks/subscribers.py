"""Measures how long an event takes to reach every one of many subscribers; prints a Markdown table.

    python benchmarks/subscribers.py [--sockets 1000] [--rounds 10]

Starts a local Neo4j in a folder of its own and two replicas of the API over the seed, opens the sockets at
the first one from this process, and changes a topic through either of them again and again. Times run from
the answer to the write to the last subscriber's message; beside, small requests show what others notice.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import jwt
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

SECRET = secrets.token_hex(32)
SEED = Path(__file__).parents[1] / "seed"
REVISION = "subscription ($since: Int) { catalogueChanged(since: $since) { revision } }"
PAGE = (
    'subscription ($since: Int) { roadmapChanged(slug: "backend-developer", since: $since)'
    " { revision roadmap { title sections { title } } } }"
)
WRITE = 'mutation ($t: String!) { updateTopic(input: {slug: "redis", title: $t}) { revision } }'


def token(subject: str, role: str) -> str:
    name = "roadmap-graph-api"
    claims = {"sub": subject, "roles": [role], "iss": name, "aud": name, "exp": int(time.time()) + 3600}
    return jwt.encode(claims, SECRET, "HS256")


async def subscribe(
    stack: AsyncExitStack, port: int, query: str, revision: int, *, learner: str | None
) -> ClientConnection:
    """A socket with one subscription, which has begun: it has told of the newest revision."""
    client = await stack.enter_async_context(
        connect(
            f"ws://127.0.0.1:{port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            compression=None,
            open_timeout=60,
            ping_interval=None,
        )
    )
    payload = {"authorization": f"Bearer {token(learner, 'learner')}"} if learner else {}
    await client.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
    await client.recv()
    variables = {"since": revision - 1}
    asked = {"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}}
    await client.send(orjson.dumps(asked).decode())
    await heard(client, revision)
    return client


async def heard(client: ClientConnection, revision: int) -> float:
    """When a subscriber has been told of a revision."""
    while True:
        message: dict[str, Any] = orjson.loads(await client.recv())
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        [change] = message["payload"]["data"].values()
        if change["revision"] >= revision:
            return time.perf_counter()


async def small_requests(http: httpx.AsyncClient, until: asyncio.Event) -> list[float]:
    """Milliseconds of each small request."""
    taken = []
    while not until.is_set():
        began = time.perf_counter()
        (await http.post("/graphql", json={"query": "{ __typename }"})).raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.01)
    return taken


async def one_round(
    clients: list[ClientConnection], there: httpx.AsyncClient, revision: int
) -> tuple[int, float]:
    """The revision of a write, and milliseconds from its answer to the last message."""
    waiting = [asyncio.create_task(heard(client, revision + 1)) for client in clients]
    headers = {"authorization": f"Bearer {token('editor', 'editor')}"}
    variables = {"t": f"Redis {secrets.token_hex(4)}"}
    answer = await there.post("/graphql", json={"query": WRITE, "variables": variables}, headers=headers)
    answered = time.perf_counter()
    written = answer.json()["data"]["updateTopic"]["revision"]
    assert written == revision + 1, answer.text
    last = max(await asyncio.gather(*waiting))
    return written, max(0.0, last - answered) * 1000


async def measure(
    name: str, query: str, ports: tuple[int, int], options: argparse.Namespace, *, known: bool
) -> None:
    """Print a row: subscribers at the first port, told apart if they are known; writes at the second."""
    here, there = (httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) for port in ports)
    async with AsyncExitStack() as stack, here, there:
        answer = await here.post("/graphql", json={"query": "{ catalogue { revision } }"})
        revision, taken = answer.json()["data"]["catalogue"]["revision"], []
        clients: list[ClientConnection] = []
        for start in range(0, options.sockets, 50):
            some = range(start, min(start + 50, options.sockets))
            names = [f"ada-{number}" if known else None for number in some]
            opening = (subscribe(stack, ports[0], query, revision, learner=name) for name in names)
            clients += await asyncio.gather(*opening)
        done = asyncio.Event()
        small = asyncio.create_task(small_requests(here, done))
        for _ in range(options.rounds):
            revision, last = await one_round(clients, there, revision)
            taken.append(last)
            await asyncio.sleep(0.3)
        done.set()
        others = max(await small)
    print(f"| {name} | {median(taken):.0f} | {max(taken):.0f} | {others:.0f} |", flush=True)


async def measure_all(one: int, two: int, options: argparse.Namespace) -> None:
    print(
        "| 1,000 subscribers of | median ms | worst ms | slowest small request ms |".replace(
            "1,000", f"{options.sockets:,}"
        )
    )
    print("|---|---|---|---|")
    await measure("`catalogueChanged { revision }`", REVISION, (one, one), options, known=False)
    await measure("the same, each with a token of its own", REVISION, (one, one), options, known=True)
    await measure("a roadmap and its sections", PAGE, (one, one), options, known=False)
    await measure("the same, each with a token of its own", PAGE, (one, one), options, known=True)
    await measure("the same, written by the other replica", PAGE, (one, two), options, known=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environment = os.environ | {"NEO4J_HOME": str(Path(folder) / "neo4j"), "AUTH_SECRET": SECRET}
        ports = [stack.enter_context(serving(environment)) for _ in range(2)]
        asyncio.run(measure_all(ports[0], ports[1], options))


class serving:  # noqa: N801 - used like a function
    """A replica: a process of its own, and its port."""

    def __init__(self, environment: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port: int = probe.getsockname()[1]
        command = [sys.executable, "-m", "graph_api", "serve", "--seed", str(SEED), "--port", str(self._port)]
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def __enter__(self) -> int:
        while not self._ready():
            assert self._process.poll() is None, "The server ended."
            time.sleep(0.2)
        return self._port

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self._port}/readyz").is_success
        except httpx.TransportError:
            return False


if __name__ == "__main__":
    main()
