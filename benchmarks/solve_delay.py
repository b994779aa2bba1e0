"""Measures how long slow learning paths delay other requests; prints a Markdown table.

    python benchmarks/solve_delay.py [--seconds 10]

Starts a local Neo4j in a folder of its own and the API on a free port, imports a structure whose paths
take the whole deadline (set covers of 300 alternatives), and sends small requests every 5 ms: first alone,
then while four clients ask for slow paths all the time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import httpx

SMALL = {"query": "{ __typename }"}
SLOW = "query($goal: String!) { knowledge(goals: [$goal]) { path(deadlineMs: 2000) { optimal totalHours } } }"


def hard_roadmap(*, goals: int = 8, groups: int = 300, leaves: int = 300) -> str:
    """A roadmap file with `goals` topics, each a set cover of its own."""
    random = Random(7)
    lines = ["format: roadmap/1", "slug: hard", "title: Hard", "sections:", "  - slug: all", "    title: All"]
    lines.append("    topics:")
    lines += (
        f"      - {{slug: leaf-{leaf}, title: Leaf {leaf}, hours: {random.randint(1, 20)}}}"
        for leaf in range(leaves)
    )
    for goal in range(goals):
        lines += [f"      - slug: goal-{goal}", f"        title: Goal {goal}", "        requires:"]
        for _ in range(groups // 2):
            chosen = ", ".join(f"leaf-{leaf}" for leaf in sorted(random.sample(range(leaves), 5)))
            lines.append(f"          - any: [{chosen}]")
    return "\n".join(lines) + "\n"


async def small_requests(client: httpx.AsyncClient, seconds: float) -> list[float]:
    """Milliseconds of each small request."""
    taken = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        started = time.perf_counter()
        (await client.post("/graphql", json=SMALL)).raise_for_status()
        taken.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.005)
    return taken


async def slow_paths(client: httpx.AsyncClient, number: int, done: asyncio.Event) -> int:
    """Ask for slow paths until `done`; how many were answered."""
    answered = 0
    while not done.is_set():
        variables = {"goal": f"goal-{(number + answered) % 8}"}
        answer = (await client.post("/graphql", json={"query": SLOW, "variables": variables})).json()
        assert "errors" not in answer, answer
        answered += 1
    return answered


async def measure(base: str, seconds: float) -> None:
    """Print both rows."""
    async with httpx.AsyncClient(base_url=base, timeout=120) as client:
        await small_requests(client, 2)
        row("alone", await small_requests(client, seconds))
        done = asyncio.Event()
        slow = [asyncio.create_task(slow_paths(client, number, done)) for number in range(4)]
        await asyncio.sleep(1)
        row("beside 4 clients of slow paths", await small_requests(client, seconds))
        done.set()
        print(f"\n{sum(await asyncio.gather(*slow))} slow paths were answered meanwhile.")


def row(name: str, taken: list[float]) -> None:
    taken.sort()
    at = {share: taken[min(len(taken) - 1, int(share * len(taken)))] for share in (0.5, 0.95, 0.99)}
    figures = " | ".join(f"{value:.1f}" for value in (*at.values(), taken[-1]))
    print(f"| {name} | {len(taken)} | {figures} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "hard.yaml"
        seed.write_text(hard_roadmap())
        command = [sys.executable, "-m", "graph_api", "serve", "--seed", str(seed), "--port", str(port)]
        environment = os.environ | {"NEO4J_HOME": str(Path(folder) / "neo4j")}
        server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            while not ready(base):
                assert server.poll() is None, "The server ended."
                time.sleep(0.2)
            print("| small requests | number | median ms | p95 ms | p99 ms | max ms |")
            print("|---|---|---|---|---|---|")
            asyncio.run(measure(base, seconds))
        finally:
            server.terminate()
            server.wait(20)


def ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz").is_success
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
